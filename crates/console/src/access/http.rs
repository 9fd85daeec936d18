//! Why do I see, or not see, each customer.

use super::{Action, Actor, reach};
use crate::federation;
use axum::{Json as Answer, extract::State};
use bailiwick_api::{Access, CustomerId, List, Problem, SkipReason};
use bailiwick_chassis::{
    Refusal,
    extract::{NoParams, Query},
};
use std::collections::{HashMap, HashSet};

/// Every customer, whether this person reaches it, and why not. The nodes are asked, live, whether they know the person; of a node that
/// does not answer, what it last confirmed counts. Customers whose names are not for this person are one entry with a count.
#[utoipa::path(get, path = "/api/v1/me/access", operation_id = "my_access", tag = "me", responses((status = 200, body = List<Access>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn access(State(state): State<crate::State>, actor: Actor, Query(NoParams {}): Query<NoParams>) -> Result<Answer<List<Access>>, Refusal> {
    let reach = reach(&state, &actor, Action::ViewInvestigations, None).await?;
    let (_, scope) = federation::open_counts(&state, &reach).await;
    let denied: HashMap<CustomerId, SkipReason> =
        scope.skipped.into_iter().filter_map(|skipped| Some((skipped.customer?.id, skipped.reason))).collect();
    let silent: HashSet<CustomerId> = scope.failed.into_iter().map(|failed| failed.customer.id).collect();
    let asked = reach.grants.iter().map(|grant| {
        let id = &grant.customer().id;
        let unconfirmed = silent.contains(id) && !grant.is_confirmed();
        let reason = denied.get(id).copied().or(unconfirmed.then_some(SkipReason::NoRole));
        Access { customer: Some(grant.customer().clone()), count: 1, allowed: reason.is_none(), reason }
    });
    let left_out = reach.skipped.iter().map(|s| Access { customer: s.customer.clone(), count: s.count, allowed: false, reason: Some(s.reason) });
    let mut data: Vec<_> = asked.chain(left_out).collect();
    data.sort_by_cached_key(|access| access.customer.as_ref().map_or((1, String::new()), |c| (0, c.name.to_lowercase())));
    Ok(Answer(List { data }))
}
