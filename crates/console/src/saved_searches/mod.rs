//! Saved searches, kept in the workspace they are about: what somebody searches for is the customer's. One over many customers is kept at
//! the primary, the MSSP's own workspace; where there is none, or the person does not work there, the answer says so.

pub mod http;

use crate::{
    State,
    access::{self, Action, Actor, CustomerGrant},
    audit::{self, Line},
    customers, federation,
};
use ::http::{Method, StatusCode};
use bailiwick_api::CustomerId;
use bailiwick_chassis::Refusal;
use bailiwick_client::{Act, NodeClient};
use serde::{Serialize, de::DeserializeOwned};

/// Stands in a path for the primary, whichever customer that is.
const PRIMARY: &str = "primary";

/// The customer whose searches are asked for.
async fn enter(state: &State, actor: &Actor, id: &CustomerId) -> Result<CustomerGrant, Refusal> {
    if id.as_str() != PRIMARY {
        return access::enter(state, actor, Action::ViewInvestigations, id).await;
    }
    let none = |why: &str| Refusal::conflict("NO_PRIMARY", format!("a view over many customers is kept at the primary, and {why}"));
    let primary = customers::primary(&state.db).await?.ok_or_else(|| none("there is none"))?;
    match access::enter(state, actor, Action::ViewInvestigations, &primary).await {
        Err(refusal) if matches!(refusal.status(), StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) => Err(none("you have no access to it")),
        other => other,
    }
}

/// Passes a call about saved searches to the node.
async fn pass<B: Serialize + Sync, T: DeserializeOwned>(
    state: &State,
    grant: &CustomerGrant,
    (method, noun): (&Method, &str),
    body: Option<&B>,
) -> Result<T, Refusal> {
    let (at, deadline) = ((grant.workspace(), grant.role()), state.pace.change_deadline);
    let act = Act { method, noun, deadline };
    let call = |client: NodeClient, caller| async move { client.act(&caller, at, act, body).await };
    federation::call(state, grant, call).await.map_err(|trouble| trouble.refusal(grant.customer()))
}

/// Writes down how a change ended; never what the search is.
async fn noted<T>(state: &State, grant: &CustomerGrant, verb: &str, outcome: Result<T, Refusal>) -> Result<T, Refusal> {
    let word = outcome.as_ref().map_or_else(Refusal::code, |_| audit::OK);
    audit::record(state, Line { actor: grant.actor().email(), verb, customer: Some(&grant.customer().id), outcome: word }).await?;
    outcome
}
