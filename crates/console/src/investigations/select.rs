//! What acts on everything that a list would show: the list's own filter, without its pages.

use super::{ListParams, Wanted};
use crate::{
    State,
    access::{Action, Actor, Reach},
};
use bailiwick_api::RowFilter;
use bailiwick_chassis::{Refusal, extract::parse_json};
use serde_json::{Map, Value};

/// Whom to ask, and for what.
pub(crate) struct Selection {
    pub(crate) reach: Reach,
    pub(crate) filter: RowFilter,
}

/// Reads a filter as the list reads its body, and finds whom it is about.
pub(crate) async fn select(state: &State, actor: &Actor, action: Action, filter: Map<String, Value>) -> Result<Selection, Refusal> {
    let params: ListParams = parse_json(Value::Object(filter).to_string().as_bytes())?;
    let wanted = Wanted::try_from(params)?;
    Ok(Selection { reach: wanted.reach_for(state, actor, action).await?, filter: wanted.rows })
}
