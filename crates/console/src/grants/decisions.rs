//! The delegations that reach customers, read at once for one person, one customer or everybody, and looked up without asking again.

use super::effective::{Decision, Subject};
use crate::store::word;
use bailiwick_api::{CustomerId, DelegationId, GroupId, GroupRef, UserId, Via};
use bailiwick_chassis::{Refusal, clock::from_us};
use sqlx::{AnyConnection, Row, any::AnyRow};
use std::collections::HashMap;

/// Whose delegations.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose<'a> {
    /// One person's.
    Person(&'a UserId),
    /// Those that reach one customer.
    Customer(&'a CustomerId),
    /// Those of one person that reach one customer.
    Both(&'a UserId, &'a CustomerId),
    /// Everybody's.
    Everybody,
}

impl Whose<'_> {
    fn user(&self) -> &str {
        match self {
            Self::Person(user) | Self::Both(user, _) => user.as_str(),
            Self::Customer(_) | Self::Everybody => "",
        }
    }

    fn customer(&self) -> &str {
        match self {
            Self::Customer(customer) | Self::Both(_, customer) => customer.as_str(),
            Self::Person(_) | Self::Everybody => "",
        }
    }
}

/// One person's, by whom they name.
#[derive(Debug, Default)]
struct Own {
    all: Option<Decision>,
    groups: HashMap<GroupId, Decision>,
    customers: HashMap<CustomerId, Decision>,
}

/// Delegations, and the groups of the customers they reach.
#[derive(Debug, Default)]
pub(crate) struct Decisions {
    by_user: HashMap<UserId, Own>,
    groups_of: HashMap<CustomerId, Vec<GroupId>>,
    names: HashMap<GroupId, String>,
}

impl Decisions {
    /// Reads them.
    pub(crate) async fn read(connection: &mut AnyConnection, whose: Whose<'_>) -> Result<Self, Refusal> {
        let mut read = Self::default();
        let text = "select d.id, d.user_id, d.customer_id, d.group_id, d.role, d.expires, d.reason, d.delegated_by, b.email from delegations d \
                    join users b on b.id = d.delegated_by where ($1 = '' or d.user_id = $1) and ($2 = '' or d.subject = $2 or d.subject = 'all' \
                    or d.group_id in (select group_id from group_members where customer_id = $2))";
        let query = sqlx::query(text).bind(whose.user().to_owned()).bind(whose.customer().to_owned());
        for row in query.fetch_all(&mut *connection).await? {
            read.take(decision(&row)?);
        }
        let text = "select m.group_id, m.customer_id, g.name from group_members m join customer_groups g on g.id = m.group_id \
                    where ($1 = '' or m.group_id in (select group_id from delegations where user_id = $1)) and ($2 = '' or m.customer_id = $2)";
        let query = sqlx::query(text).bind(whose.user().to_owned()).bind(whose.customer().to_owned());
        for row in query.fetch_all(&mut *connection).await? {
            let (group, customer) = (GroupId(row.try_get(0)?), CustomerId(row.try_get(1)?));
            read.names.entry(group.clone()).or_insert(row.try_get(2)?);
            read.groups_of.entry(customer).or_default().push(group);
        }
        Ok(read)
    }

    fn take(&mut self, decision: Decision) {
        let own = self.by_user.entry(decision.user.clone()).or_default();
        match decision.subject.clone() {
            Subject::All => own.all = Some(decision),
            Subject::Group(group) => drop(own.groups.insert(group, decision)),
            Subject::Customer(customer) => drop(own.customers.insert(customer, decision)),
        }
    }

    /// Everybody who was delegated anything.
    pub(crate) fn people(&self) -> impl Iterator<Item = &UserId> {
        self.by_user.keys()
    }

    /// A person's that reach a customer, ended ones included.
    pub(crate) fn reaching(&self, user: &UserId, customer: &CustomerId) -> Vec<&Decision> {
        let Some(own) = self.by_user.get(user) else { return Vec::new() };
        let groups = self.groups_of.get(customer).into_iter().flatten().filter_map(|group| own.groups.get(group));
        own.customers.get(customer).into_iter().chain(groups).chain(&own.all).collect()
    }

    /// A delegation as part of a grant.
    pub(crate) fn via(&self, decision: &Decision) -> Via {
        let group = match &decision.subject {
            Subject::Group(id) => Some(GroupRef { id: id.clone(), name: self.names.get(id).cloned().unwrap_or_default() }),
            Subject::Customer(_) | Subject::All => None,
        };
        Via {
            id: decision.id.clone(),
            all: decision.subject == Subject::All,
            group,
            role: decision.role,
            deny: decision.role.is_none(),
            expires_time: decision.expires_us.map(from_us),
            reason: decision.reason.clone(),
            by: decision.by_email.clone(),
        }
    }
}

fn decision(row: &AnyRow) -> Result<Decision, Refusal> {
    let (customer, group) = (row.try_get::<Option<String>, _>(2)?, row.try_get::<Option<String>, _>(3)?);
    let subject = match (customer, group) {
        (Some(customer), _) => Subject::Customer(CustomerId(customer)),
        (None, Some(group)) => Subject::Group(GroupId(group)),
        (None, None) => Subject::All,
    };
    Ok(Decision {
        id: DelegationId(row.try_get(0)?),
        user: UserId(row.try_get(1)?),
        subject,
        role: row.try_get::<Option<String>, _>(4)?.map(|text| word(&text)).transpose()?,
        expires_us: row.try_get(5)?,
        reason: row.try_get(6)?,
        by: UserId(row.try_get(7)?),
        by_email: row.try_get(8)?,
    })
}
