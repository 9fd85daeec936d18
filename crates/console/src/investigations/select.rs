//! What acts on everything that a list would show: the list's own filter, without its pages.

use super::ListParams;
use crate::{
    State,
    access::{Action, Actor, Reach},
};
use bailiwick_api::{CustomerName, RowFilter, WorkspaceId};
use bailiwick_chassis::{Refusal, extract::parse_json};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Whom to ask, and for what.
pub(crate) struct Selection {
    pub(crate) reach: Reach,
    pub(crate) filter: RowFilter,
    /// What nodes have to know of customers to answer.
    pub(crate) names: BTreeMap<WorkspaceId, CustomerName>,
}

/// Reads a filter as the list reads its body, and finds whom it is about.
pub(crate) async fn select(state: &State, actor: &Actor, action: Action, filter: Map<String, Value>) -> Result<Selection, Refusal> {
    let params: ListParams = parse_json(Value::Object(filter).to_string().as_bytes())?;
    let wanted = params.wanted(&state.seal)?;
    let reach = wanted.reach_for(state, actor, action).await?;
    let names = wanted.names(reach.grants.iter().map(|grant| (grant.workspace().clone(), grant.customer().clone())));
    Ok(Selection { reach, filter: wanted.rows, names })
}
