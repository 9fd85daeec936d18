//! The chain of everything that must hold for a person to see a customer, and what to do about the link that is missing.

use super::{Action, Reach, permits, store};
use crate::{
    State,
    grants::{Decision, Decisions, Whose, effective},
    sync,
};
use bailiwick_api::{
    Access, AccessLink, AccessStep, CustomerId, CustomerRef, FailCode, GrantState, Health, Role, Scope, SkipReason, SyncState, SyncSummary, User,
    UserState,
};
use bailiwick_chassis::{Refusal, clock::from_us};
use std::collections::HashMap;

/// What is asked about: the least anybody wants of a customer.
const WANTED: Action = Action::ViewInvestigations;

/// Everything the console holds about a person and customers.
pub(super) struct Facts {
    user: User,
    now_us: i64,
    decisions: Decisions,
    pub(super) customers: Vec<Known>,
    syncs: HashMap<CustomerId, SyncSummary>,
}

/// What the console holds about a person and one customer.
pub(super) struct Known {
    pub(super) customer: CustomerRef,
    /// It is not on its way out.
    pub(super) active: bool,
    pub(super) grant: Option<KnownGrant>,
    pub(super) health: Option<(Health, i64, Option<String>)>,
}

/// A grant as it stands.
pub(super) struct KnownGrant {
    pub(super) desired: Option<Role>,
    pub(super) applied: Option<Role>,
    pub(super) state: GrantState,
    pub(super) detail: Option<String>,
    pub(super) updated_us: i64,
}

/// What the node said to the person's own question, just now.
#[derive(Clone, Copy)]
enum Heard<'a> {
    /// It answered for them.
    Answered,
    /// It did not, for a reason of its own.
    Skipped(SkipReason),
    /// It did not answer.
    Silent(FailCode, &'a str),
    /// Nobody asked it.
    NotAsked,
}

/// Reads everything there is to say about a person and every customer, or one.
pub(super) async fn facts(state: &State, user: &User, only: Option<&CustomerId>) -> Result<Facts, Refusal> {
    let customers = store::known(&state.db, &user.id, only).await?;
    let mut connection = state.db.pool().acquire().await?;
    let whose = only.map_or(Whose::Person(&user.id), |customer| Whose::Both(&user.id, customer));
    let decisions = Decisions::read(&mut connection, whose).await?;
    drop(connection);
    let syncs = sync::summaries(state, only).await?;
    Ok(Facts { user: user.clone(), now_us: state.clock.now_us(), decisions, customers, syncs })
}

/// What the person was told who asked for themselves.
pub(super) fn live(facts: &Facts, reach: &Reach, scope: &Scope) -> Vec<Access> {
    let by_id: HashMap<&CustomerId, &Known> = facts.customers.iter().map(|known| (&known.customer.id, known)).collect();
    let skipped: HashMap<_, _> = scope.skipped.iter().filter_map(|skipped| Some((&skipped.customer.as_ref()?.id, skipped.reason))).collect();
    let failed: HashMap<_, _> = scope.failed.iter().map(|failed| (&failed.customer.id, failed)).collect();
    let asked = reach.grants.iter().filter_map(|grant| {
        let known = by_id.get(&grant.customer().id)?;
        let id = &known.customer.id;
        let heard = match (skipped.get(id), failed.get(id)) {
            (Some(reason), _) => Heard::Skipped(*reason),
            (None, Some(failed)) => Heard::Silent(failed.code, &failed.message),
            (None, None) => Heard::Answered,
        };
        let unconfirmed = matches!(heard, Heard::Silent(..)) && !grant.is_confirmed();
        let reason = skipped.get(id).copied().or(unconfirmed.then_some(SkipReason::NoRole));
        // A node that says nothing leaves it to what the console knows.
        let silent = reason.is_none() && matches!(heard, Heard::Silent(..));
        Some(entry(facts, known, heard, (!silent).then_some(reason)))
    });
    let left_out = reach.skipped.iter().map(|skipped| match skipped.customer.as_ref().and_then(|customer| by_id.get(&customer.id)) {
        Some(known) => entry(facts, known, Heard::NotAsked, Some(Some(skipped.reason))),
        None => hidden(facts, skipped.count, skipped.reason),
    });
    sorted(asked.chain(left_out).collect())
}

/// What the console knows by itself.
pub(super) fn known(facts: &Facts) -> Vec<Access> {
    sorted(facts.customers.iter().map(|known| entry(facts, known, Heard::NotAsked, None)).collect())
}

fn sorted(mut data: Vec<Access>) -> Vec<Access> {
    data.sort_by_cached_key(|access| access.customer.as_ref().map_or((1, String::new()), |c| (0, c.name.to_lowercase())));
    data
}

/// One customer. `said` is why the person was, or was not, left out of an answer; without one the chain decides.
fn entry(facts: &Facts, known: &Known, heard: Heard<'_>, said: Option<Option<SkipReason>>) -> Access {
    let links = chain(facts, known, heard);
    let missing = links.iter().find(|step| step.ok == Some(false)).map(|step| step.link);
    let (allowed, reason) = match said {
        Some(reason) => (reason.is_none(), reason),
        // A node that does not answer takes nobody's role.
        None => (missing.is_none_or(|link| link == AccessLink::Node), missing.and_then(|link| word(facts, link))),
    };
    Access { customer: Some(known.customer.clone()), count: 1, allowed, reason, missing, links }
}

/// Customers whose names are not for who asks.
fn hidden(facts: &Facts, count: u32, reason: SkipReason) -> Access {
    let delegation = no(AccessLink::Delegation, "no delegation reaches these customers", "ask an administrator to delegate them");
    let links = vec![person(facts), console_role(facts), delegation];
    Access { customer: None, count, allowed: false, reason: Some(reason), missing: Some(AccessLink::Delegation), links }
}

/// The reason a scope gives for a link that is missing.
fn word(facts: &Facts, link: AccessLink) -> Option<SkipReason> {
    match link {
        AccessLink::Person if facts.user.state == UserState::Disabled => Some(SkipReason::NoGrant),
        AccessLink::Delegation => Some(SkipReason::NoGrant),
        AccessLink::RolePermits | AccessLink::WorkspaceRole => Some(SkipReason::NoRole),
        AccessLink::Relationship => Some(SkipReason::RelationshipRevoked),
        AccessLink::Person | AccessLink::ConsoleRole | AccessLink::Customer | AccessLink::Node => None,
    }
}

/// Every link, in order. Those that hang on a role that is not there are not known.
fn chain(facts: &Facts, known: &Known, heard: Heard<'_>) -> Vec<AccessStep> {
    let reaching = facts.decisions.reaching(&facts.user.id, &known.customer.id);
    let role = effective(Some(facts.user.role), &reaching, facts.now_us).role;
    vec![
        person(facts),
        console_role(facts),
        customer(known),
        delegation(facts, &reaching),
        role_permits(facts, role),
        workspace_role(known, role, heard),
        relationship(facts, known, heard),
        node(known, heard),
    ]
}

fn person(facts: &Facts) -> AccessStep {
    let who = &facts.user.email;
    match facts.user.state {
        UserState::Active => yes(AccessLink::Person, format!("{who} can sign in")),
        UserState::Invited => {
            no(AccessLink::Person, format!("{who} has not set a password yet"), "make a new link and have them open it within seven days")
        }
        UserState::Disabled => no(AccessLink::Person, format!("{who} is disabled"), "enable them"),
    }
}

fn console_role(facts: &Facts) -> AccessStep {
    let role = facts.user.role;
    if permits(role, WANTED) {
        return yes(AccessLink::ConsoleRole, format!("{role} at the console"));
    }
    no(AccessLink::ConsoleRole, format!("{role} at the console may not {}", WANTED.as_str()), "give them another role at the console")
}

fn customer(known: &Known) -> AccessStep {
    if known.active {
        return yes(AccessLink::Customer, "registered");
    }
    no(AccessLink::Customer, "on its way out: it was deleted", "undo the deletion while there is time")
}

fn delegation(facts: &Facts, reaching: &[&Decision]) -> AccessStep {
    let holding: Vec<&Decision> = reaching.iter().copied().filter(|decision| decision.holds(facts.now_us)).collect();
    let list = |decisions: &[&Decision]| decisions.iter().map(|decision| told(facts, decision)).collect::<Vec<_>>().join("; ");
    if let Some(denies) = holding.iter().find(|decision| decision.role.is_none()) {
        return no(AccessLink::Delegation, told(facts, denies), "take the delegation back that denies");
    }
    if !holding.is_empty() {
        return yes(AccessLink::Delegation, list(&holding));
    }
    if reaching.is_empty() {
        return no(AccessLink::Delegation, "no delegation reaches this customer", "delegate the customer, a group it is in, or all");
    }
    no(AccessLink::Delegation, list(reaching), "delegate it anew, with a later end or none")
}

/// A delegation in words.
fn told(facts: &Facts, decision: &Decision) -> String {
    let via = facts.decisions.via(decision);
    let of = match (via.all, via.group) {
        (true, _) => "all customers".to_owned(),
        (false, Some(group)) => format!("the group {}", group.name),
        (false, None) => "this customer".to_owned(),
    };
    let what = decision.role.map_or_else(|| format!("denied {of}"), |role| format!("{role} on {of}"));
    let ends = match decision.expires_us {
        Some(at) if at <= facts.now_us => format!(", expired {}", stamp(at)),
        Some(at) => format!(", until {}", stamp(at)),
        None => String::new(),
    };
    let reason = decision.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{what}{ends}, by {}{reason}", decision.by_email)
}

fn role_permits(facts: &Facts, role: Option<Role>) -> AccessStep {
    match role {
        None => unknown(AccessLink::RolePermits, "there is no role"),
        Some(role) if permits(role, WANTED) => {
            let work = if permits(role, Action::SearchLogs) { "sees and works investigations and searches logs" } else { "sees investigations" };
            yes(AccessLink::RolePermits, format!("{role}: {work}"))
        }
        Some(role) => no(AccessLink::RolePermits, format!("{role} may not {}", WANTED.as_str()), format!("raise the role of {}", facts.user.email)),
    }
}

fn workspace_role(known: &Known, role: Option<Role>, heard: Heard<'_>) -> AccessStep {
    let link = AccessLink::WorkspaceRole;
    let restore = "the customer's administrator restores them on the node's pages; then delegate the customer anew";
    let Some(grant) = known.grant.as_ref().filter(|grant| grant.desired.is_some() && role.is_some()) else {
        return unknown(link, "there is nothing to be known at the workspace");
    };
    let since = stamp(grant.updated_us);
    let why = grant.detail.as_deref().unwrap_or("it is under way");
    match (heard, grant.state, grant.applied) {
        (Heard::Answered, ..) => yes(link, "the workspace knows the role, as it just said"),
        (_, GrantState::Refused, _) => no(link, format!("the customer's administrator revoked them; known since {since}"), restore),
        (Heard::Skipped(SkipReason::NoRole), ..) => no(link, "the workspace knows no role, as it just said; it is told once more", restore),
        (_, GrantState::Applied, applied) => yes(link, format!("{} at the workspace, confirmed {since}", applied.map_or("a role", Role::as_str))),
        (_, GrantState::Pending, Some(applied)) => yes(link, format!("{applied} at the workspace; a change waits since {since}: {why}")),
        (_, GrantState::Pending, None) => no(
            link,
            format!("not at the workspace yet, waits since {since}: {why}"),
            "the node is told as soon as it answers; look at the customer's health",
        ),
    }
}

fn relationship(facts: &Facts, known: &Known, heard: Heard<'_>) -> AccessStep {
    let link = AccessLink::Relationship;
    let revoked = |detail: &str| no(link, detail, "the customer's administrator enrols the workspace with this console again");
    match heard {
        Heard::Answered | Heard::Skipped(SkipReason::NoRole) => return yes(link, "the workspace hears this console, as it just said"),
        Heard::Skipped(SkipReason::RelationshipRevoked) => return revoked("the customer ended or suspended the relationship, as the node just said"),
        Heard::Skipped(_) | Heard::Silent(..) | Heard::NotAsked => {}
    }
    match facts.syncs.get(&known.customer.id) {
        Some(sync) if sync.code.as_deref() == Some("NOT_ENROLLED") => revoked("the workspace did not accept this console at the last sync"),
        Some(sync) if matches!(sync.state, SyncState::Ok | SyncState::Partial) => {
            let at = sync.last_success.map(|at| format!(" {}", at.format("%Y-%m-%d %H:%M:%S UTC"))).unwrap_or_default();
            yes(link, format!("the workspace heard this console at the last sync{at}"))
        }
        _ => unknown(link, "the workspace did not answer lately"),
    }
}

fn node(known: &Known, heard: Heard<'_>) -> AccessStep {
    let link = AccessLink::Node;
    let see = "look at the customer's health: it says since when and what to try";
    match (heard, &known.health) {
        (Heard::Answered | Heard::Skipped(_), _) => yes(link, "the node just answered"),
        (Heard::Silent(code, message), Some((Health::Down, since, _))) => {
            no(link, format!("{}: {message}; down since {}", code.as_str(), stamp(*since)), see)
        }
        (Heard::Silent(code, message), _) => no(link, format!("{}: {message}", code.as_str()), see),
        (Heard::NotAsked, Some((Health::Up | Health::Degraded, since, _))) => yes(link, format!("the node answers since {}", stamp(*since))),
        (Heard::NotAsked, Some((Health::Down, since, detail))) => {
            let why = detail.as_deref().unwrap_or("it does not answer");
            no(link, format!("down since {}: {why}", stamp(*since)), see)
        }
        (Heard::NotAsked, _) => unknown(link, "nobody has asked the node yet"),
    }
}

fn stamp(at_us: i64) -> String {
    from_us(at_us).format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn yes(link: AccessLink, detail: impl Into<String>) -> AccessStep {
    AccessStep { link, ok: Some(true), detail: Some(detail.into()), remedy: None }
}

fn no(link: AccessLink, detail: impl Into<String>, remedy: impl Into<String>) -> AccessStep {
    AccessStep { link, ok: Some(false), detail: Some(detail.into()), remedy: Some(remedy.into()) }
}

fn unknown(link: AccessLink, detail: impl Into<String>) -> AccessStep {
    AccessStep { link, ok: None, detail: Some(detail.into()), remedy: None }
}
