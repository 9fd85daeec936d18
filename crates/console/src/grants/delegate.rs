//! What administrators decide: delegating, and taking delegations back. A decision, the grants that follow and the line in the audit are one
//! transaction.

use super::{
    decisions::{Decisions, Whose},
    delegations::{self, Decided},
    effective::{Subject, effective},
    follow::{self, Cause},
    store, tell,
};
use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    customers, groups, users,
};
use bailiwick_api::{CustomerId, Delegation, DelegationId, Grant, GroupId, NewDelegations, NewGrant, Role, UserId, UserState};
use bailiwick_chassis::{Refusal, sql::Tx};
use chrono::{DateTime, Utc};
use http::StatusCode;
use std::collections::{BTreeSet, HashSet};

/// People one call may name.
const MAX_PEOPLE: usize = 100;
/// Customers one call may name.
const MAX_CUSTOMERS: usize = 2_000;
/// Groups one call may name.
const MAX_GROUPS: usize = 500;
/// Delegations one call may make.
const MAX_MADE: usize = 20_000;
/// Delegations a console may have.
const MAX_DELEGATIONS: i64 = 500_000;

const MAX_REASON: usize = 500;

/// A form that was looked at.
struct Form {
    users: Vec<UserId>,
    subjects: Vec<Subject>,
    expires_us: Option<i64>,
    reason: Option<String>,
}

/// Delegates: every person times every subject, or nothing.
pub(super) async fn many(state: &State, actor: &Actor, new: &NewDelegations) -> Result<Vec<Delegation>, Refusal> {
    let form = checked(new, state.clock.now())?;
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    follow::take_turn(&mut tx).await?;
    let people = all_known(&mut tx, &form).await?.join(", ");
    let decided = Decided { role: new.role, expires_us: form.expires_us, reason: form.reason.as_deref(), by: actor.user(), now_us };
    delegations::put(&mut tx, &form.users, &form.subjects, decided).await?;
    if delegations::count(&mut tx).await? > MAX_DELEGATIONS {
        let refusal = Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY");
        return Err(refusal.detail(format!("delegations: at most {MAX_DELEGATIONS}; delegate groups or all instead of customers one by one")));
    }
    let anew: HashSet<CustomerId> = form.subjects.iter().filter_map(named).cloned().collect();
    let cause = Cause { by: Some(actor.user()), anew: Some(&anew), now_us };
    let (mut changed, mut made) = (follow::Changed::new(), Vec::new());
    for user in &form.users {
        changed.extend(follow::person(&mut tx, user, cause).await?);
        made.extend(delegations::decided_at(&mut tx, user, &form.subjects, now_us).await?);
    }
    let who = format!("{}: {people}", new.role.map_or("denied", Role::as_str));
    for subject in &form.subjects {
        let act = Act { verb: "delegation.add", subject, who: &who, reason: form.reason.as_deref() };
        act.record(&mut tx, actor, now_us).await?;
    }
    tx.commit().await?;
    tell(state, &changed);
    Ok(made)
}

/// Delegates one customer to one person, without end, or takes that back.
pub(super) async fn one(state: &State, actor: &Actor, new: &NewGrant) -> Result<Grant, Refusal> {
    let now_us = state.clock.now_us();
    let user = users::find(&state.db, &new.user).await?;
    let user = user.ok_or_else(|| Refusal::invalid("UNKNOWN_USER", "user", "user: nobody has this id"))?;
    if customers::find(&state.db, &new.customer).await?.is_none() {
        return Err(Refusal::invalid("UNKNOWN_CUSTOMER", "customer", "customer: none has this id"));
    }
    let mut tx = state.db.begin().await?;
    follow::take_turn(&mut tx).await?;
    let verb = if new.role.is_some() {
        if user.state == UserState::Disabled {
            return Err(disabled("user", &user.email));
        }
        let decided = Decided { role: new.role, expires_us: None, reason: None, by: actor.user(), now_us };
        delegations::put(&mut tx, std::slice::from_ref(&new.user), &[Subject::Customer(new.customer.clone())], decided).await?;
        refuse_denied(&mut tx, new, now_us).await?;
        "grant.set"
    } else {
        if !delegations::remove_named(&mut tx, &new.user, &new.customer).await? {
            return Err(nothing_named(&mut tx, new).await?);
        }
        "grant.remove"
    };
    let anew: HashSet<CustomerId> = new.role.map(|_| new.customer.clone()).into_iter().collect();
    let cause = Cause { by: Some(actor.user()), anew: Some(&anew), now_us };
    let changed = follow::person(&mut tx, &new.user, cause).await?;
    let who = new.role.map_or_else(|| user.email.clone(), |role| format!("{role}: {}", user.email));
    let act = Act { verb, subject: &Subject::Customer(new.customer.clone()), who: &who, reason: None };
    act.record(&mut tx, actor, now_us).await?;
    let grant = store::one(&mut tx, new, &user.email, now_us).await?;
    tx.commit().await?;
    tell(state, &changed);
    Ok(grant)
}

/// Takes a delegation back.
pub(super) async fn remove(state: &State, actor: &Actor, id: &DelegationId) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    follow::take_turn(&mut tx).await?;
    let (user, subject) = delegations::remove(&mut tx, id).await?.ok_or_else(Refusal::not_found)?;
    let changed = follow::person(&mut tx, &user, Cause { by: Some(actor.user()), anew: None, now_us }).await?;
    let who = users::find_in(&mut tx, &user).await?.map(|user| user.email).unwrap_or_default();
    let act = Act { verb: "delegation.remove", subject: &subject, who: &who, reason: None };
    act.record(&mut tx, actor, now_us).await?;
    tx.commit().await?;
    tell(state, &changed);
    Ok(())
}

/// Looks at what needs no table.
fn checked(new: &NewDelegations, now: DateTime<Utc>) -> Result<Form, Refusal> {
    let users = listed("users", Some(&new.users), MAX_PEOPLE)?;
    let customers = listed("customers", new.customers.as_deref(), MAX_CUSTOMERS)?;
    let groups = listed("groups", new.groups.as_deref(), MAX_GROUPS)?;
    let of_groups = groups.into_iter().map(Subject::Group);
    let subjects: Vec<Subject> = customers.into_iter().map(Subject::Customer).chain(of_groups).chain(new.all.then_some(Subject::All)).collect();
    if subjects.is_empty() {
        return Err(Refusal::invalid("INVALID_INPUT", "customers", "customers: name customers or groups, or say `all`"));
    }
    if users.len() * subjects.len() > MAX_MADE {
        let detail = format!("users: at most {MAX_MADE} delegations in one call; delegate groups or all instead of customers one by one");
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY").field("users").detail(detail));
    }
    if new.role.is_some() == new.deny {
        return Err(Refusal::invalid("INVALID_INPUT", "role", "role: say either `role` or `deny`"));
    }
    if new.expires_time.is_some_and(|at| at <= now) {
        return Err(Refusal::invalid("EXPIRES_INVALID", "expires_time", "expires_time: this is over already"));
    }
    let reason = new.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON || reason.chars().any(|c| c.is_control() && c != '\n')) {
        return Err(Refusal::invalid("REASON_INVALID", "reason", format!("reason: 1 to {MAX_REASON} characters, no control characters")));
    }
    Ok(Form { users, subjects, expires_us: new.expires_time.map(|at| at.timestamp_micros()), reason: reason.map(str::to_owned) })
}

/// A list without what is named twice. One that is there and empty names nobody, which is no decision.
fn listed<T: Clone + Ord>(field: &str, list: Option<&[T]>, most: usize) -> Result<Vec<T>, Refusal> {
    let Some(list) = list else { return Ok(Vec::new()) };
    if list.is_empty() || list.len() > most {
        return Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: 1 to {most}; an empty list does not mean all")));
    }
    Ok(list.iter().cloned().collect::<BTreeSet<T>>().into_iter().collect())
}

/// Whether everybody and everything that is named is there; the people's addresses.
async fn all_known(tx: &mut Tx, form: &Form) -> Result<Vec<String>, Refusal> {
    let mut people = Vec::with_capacity(form.users.len());
    for id in &form.users {
        let unknown = || Refusal::invalid("UNKNOWN_USER", "users", format!("users: nobody has the id {}", short(id.as_str())));
        let user = users::find_in(tx, id).await?.ok_or_else(unknown)?;
        if user.state == UserState::Disabled {
            return Err(disabled("users", &user.email));
        }
        people.push(user.email);
    }
    let customers: Vec<&CustomerId> = form.subjects.iter().filter_map(named).collect();
    if let Some(id) = customers::unknown_of(tx, &customers).await? {
        return Err(Refusal::invalid("UNKNOWN_CUSTOMER", "customers", format!("customers: none has the id {}", short(id.as_str()))));
    }
    let group = |subject: &Subject| if let Subject::Group(group) = subject { Some(group.clone()) } else { None };
    for id in form.subjects.iter().filter_map(group) {
        if groups::name_in(tx, &id).await?.is_none() {
            return Err(unknown_group(&id));
        }
    }
    Ok(people)
}

fn unknown_group(id: &GroupId) -> Refusal {
    Refusal::invalid("UNKNOWN_GROUP", "groups", format!("groups: none has the id {}", short(id.as_str())))
}

fn disabled(field: &str, email: &str) -> Refusal {
    Refusal::conflict("USER_DISABLED", format!("{field}: {email} is disabled; enable them first")).field(field)
}

/// A role that cannot follow because a group or all is denied is refused instead of saved for nothing.
async fn refuse_denied(tx: &mut Tx, new: &NewGrant, now_us: i64) -> Result<(), Refusal> {
    let decisions = Decisions::read(tx, Whose::Both(&new.user, &new.customer)).await?;
    let reaching = decisions.reaching(&new.user, &new.customer);
    let denies = effective(new.role, &reaching, now_us).by.filter(|decision| decision.role.is_none());
    let Some(denies) = denies else { return Ok(()) };
    let via = decisions.via(denies);
    let of = via.group.map_or_else(|| "all customers".to_owned(), |group| format!("the group {}", group.name));
    Err(Refusal::conflict("DENIED", format!("a delegation of {of} denies this customer; take it back first")))
}

/// Why there is no delegation of this customer to take back.
async fn nothing_named(tx: &mut Tx, new: &NewGrant) -> Result<Refusal, Refusal> {
    let decisions = Decisions::read(tx, Whose::Both(&new.user, &new.customer)).await?;
    if decisions.reaching(&new.user, &new.customer).is_empty() {
        return Ok(Refusal::not_found());
    }
    let detail = "customer: the role follows from a delegation of a group or of all; take that one back, or deny this customer";
    Ok(Refusal::conflict("DELEGATED_OTHERWISE", detail).field("customer"))
}

fn named(subject: &Subject) -> Option<&CustomerId> {
    if let Subject::Customer(customer) = subject { Some(customer) } else { None }
}

fn short(id: &str) -> String {
    id.chars().take(60).collect()
}

/// What was decided about whom, for the audit.
struct Act<'a> {
    verb: &'a str,
    subject: &'a Subject,
    who: &'a str,
    reason: Option<&'a str>,
}

impl Act<'_> {
    async fn record(&self, tx: &mut Tx, actor: &Actor, now_us: i64) -> Result<(), Refusal> {
        let who = match self.subject {
            Subject::Customer(_) => self.who.to_owned(),
            Subject::Group(group) => format!("{} · group {}", self.who, groups::name_in(tx, group).await?.unwrap_or_default()),
            Subject::All => format!("{} · all customers", self.who),
        };
        let line = Line { actor: actor.email(), verb: self.verb, customer: named(self.subject), outcome: audit::OK }.about(&who);
        match self.reason {
            Some(reason) => audit::record_in(tx, line.because(reason), now_us).await,
            None => audit::record_in(tx, line, now_us).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> NewDelegations {
        NewDelegations { users: vec!["ana".into()], all: true, role: Some(Role::Analyst), ..NewDelegations::default() }
    }

    #[test]
    fn a_form_says_which_field_is_wrong_and_an_empty_list_is_none() {
        let now: DateTime<Utc> = "2026-01-02T03:04:05Z".parse().unwrap();
        let some = |count: usize| Some((0..count).map(|n| CustomerId(format!("cus-{n}"))).collect::<Vec<_>>());
        let cases = [
            (NewDelegations { users: Vec::new(), ..good() }, "INVALID_INPUT", "users"),
            (NewDelegations { users: (0..101).map(|n| UserId(format!("user-{n}"))).collect(), ..good() }, "INVALID_INPUT", "users"),
            (NewDelegations { customers: some(0), ..good() }, "INVALID_INPUT", "customers"),
            (NewDelegations { customers: some(2001), ..good() }, "INVALID_INPUT", "customers"),
            (NewDelegations { groups: Some(Vec::new()), ..good() }, "INVALID_INPUT", "groups"),
            (NewDelegations { all: false, ..good() }, "INVALID_INPUT", "customers"),
            (NewDelegations { deny: true, ..good() }, "INVALID_INPUT", "role"),
            (NewDelegations { role: None, ..good() }, "INVALID_INPUT", "role"),
            (NewDelegations { expires_time: Some(now), ..good() }, "EXPIRES_INVALID", "expires_time"),
            (NewDelegations { reason: Some("x".repeat(501)), ..good() }, "REASON_INVALID", "reason"),
        ];
        for (new, code, field) in cases {
            let problem = checked(&new, now).err().unwrap().problem();
            assert_eq!((problem.code.as_str(), problem.field.as_deref()), (code, Some(field)), "{new:?}");
        }
        let many = NewDelegations { users: (0..100).map(|n| UserId(format!("user-{n}"))).collect(), customers: some(300), ..good() };
        assert_eq!(checked(&many, now).err().unwrap().code(), "TOO_MANY");
        let twice = NewDelegations { users: vec!["ana".into(), "ana".into()], customers: some(3), ..good() };
        let form = checked(&twice, now).ok().unwrap();
        assert_eq!((form.users.len(), form.subjects.len()), (1, 4));
    }
}
