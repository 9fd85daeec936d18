//! What follows from the delegations that reach a customer: one pure function.

use bailiwick_api::{CustomerId, DelegationId, GroupId, Role, UserId};

/// Whom a delegation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// One customer.
    Customer(CustomerId),
    /// Everybody in a group.
    Group(GroupId),
    /// Everybody, future ones included.
    All,
}

/// A delegation, as the rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) id: DelegationId,
    pub(crate) user: UserId,
    pub(crate) subject: Subject,
    /// None denies.
    pub(crate) role: Option<Role>,
    pub(crate) expires_us: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) by: UserId,
    pub(crate) by_email: String,
}

impl Decision {
    /// Whether it has not ended.
    pub(crate) fn holds(&self, now_us: i64) -> bool {
        self.expires_us.is_none_or(|at| at > now_us)
    }
}

/// What follows for one person and one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effective<'a> {
    /// The role; none is no grant.
    pub(crate) role: Option<Role>,
    /// Until when that role stands; none for ever, or without a role.
    pub(crate) ends_us: Option<i64>,
    /// The delegation that decides: the one that gives the role, or that denies.
    pub(crate) by: Option<&'a Decision>,
}

/// The highest role of the delegations that hold now, never more than `own`; a delegation that denies wins over all. `own` is the person's
/// role at the console, none while they are disabled. Of delegations that give the same role the one that lasts longest decides.
pub(crate) fn effective<'a>(own: Option<Role>, reaching: &[&'a Decision], now_us: i64) -> Effective<'a> {
    let holding = || reaching.iter().copied().filter(|decision| decision.holds(now_us));
    let lasts = |decision: &&Decision| (decision.expires_us.unwrap_or(i64::MAX), std::cmp::Reverse(decision.id.clone()));
    if let Some(denies) = holding().filter(|decision| decision.role.is_none()).max_by_key(lasts) {
        return Effective { role: None, ends_us: None, by: Some(denies) };
    }
    let capped = |decision: &Decision| decision.role.min(own);
    let best = holding().max_by_key(|decision| (capped(decision), lasts(decision)));
    match best {
        Some(gives) if capped(gives).is_some() => Effective { role: capped(gives), ends_us: gives.expires_us, by: Some(gives) },
        gives => Effective { role: None, ends_us: None, by: gives },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_000;

    fn decision(number: usize, role: Option<Role>, expires_us: Option<i64>) -> Decision {
        let (id, user, by) = (DelegationId(format!("delegation-{number}")), UserId::from("ana"), UserId::from("ada"));
        Decision { id, user, subject: Subject::All, role, expires_us, reason: None, by, by_email: "ada@mssp.example".into() }
    }

    fn roles() -> impl Strategy<Value = Option<Role>> {
        prop_oneof![Just(None), Just(Some(Role::Viewer)), Just(Some(Role::Analyst)), Just(Some(Role::Administrator))]
    }

    fn decisions() -> impl Strategy<Value = Vec<Decision>> {
        let one = (roles(), prop_oneof![Just(None), (NOW - 3..NOW + 4).prop_map(Some)]);
        prop::collection::vec(one, 0..6).prop_map(|all| all.into_iter().enumerate().map(|(n, (role, ends))| decision(n, role, ends)).collect())
    }

    proptest! {
        /// Said once more in the plainest words, for every moment from now on until the role is said to end.
        #[test]
        fn the_role_is_the_highest_that_holds_unless_one_denies_and_stands_until_it_ends(all in decisions(), own in roles()) {
            let reaching: Vec<&Decision> = all.iter().collect();
            let said = effective(own, &reaching, NOW);
            let plain = |now: i64| {
                let live: Vec<_> = all.iter().filter(|d| d.expires_us.is_none_or(|at| at > now)).collect();
                if live.iter().any(|d| d.role.is_none()) { None } else { live.iter().filter_map(|d| d.role).max().min(own) }
            };
            prop_assert_eq!(said.role, plain(NOW));
            prop_assert!(said.role <= own);
            if said.role.is_some() {
                let ends = said.ends_us.unwrap_or(NOW + 100);
                for now in NOW..ends {
                    prop_assert_eq!(plain(now), said.role, "at {} of {}", now, ends);
                }
                prop_assert!(said.ends_us.is_none_or(|at| at > NOW && plain(at) != said.role));
            }
        }

        /// One more delegation with a role never takes anything; one more that denies leaves nothing.
        #[test]
        fn a_further_role_never_takes_and_a_further_denial_always_does(all in decisions(), own in roles(), role in roles()) {
            let before = effective(own, &all.iter().collect::<Vec<_>>(), NOW).role;
            let more: Vec<Decision> = all.iter().cloned().chain([decision(99, role, None)]).collect();
            let after = effective(own, &more.iter().collect::<Vec<_>>(), NOW).role;
            if role.is_some() { prop_assert!(after >= before) } else { prop_assert_eq!(after, None) }
        }

        /// In which order they are read does not matter.
        #[test]
        fn order_does_not_matter(all in decisions(), own in roles()) {
            let forth: Vec<&Decision> = all.iter().collect();
            let back: Vec<&Decision> = all.iter().rev().collect();
            prop_assert_eq!(effective(own, &forth, NOW), effective(own, &back, NOW));
        }
    }
}
