//! What people do to a case. The node decides and keeps everything; the console finds it, proves who asks, writes down that somebody did, and
//! passes the answer on.

use super::{
    is_named_right,
    one::{self, Entered},
};
use crate::{
    State,
    access::CustomerGrant,
    audit,
    federation::{self, Failure, Trouble},
};
use bailiwick_api::{Investigation, InvestigationRow, List, NewInvestigation, Related, RelatedRow, SetFields};
use bailiwick_chassis::Refusal;
use bailiwick_client::{NodeClient, case_noun};
use http::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, time::Duration};

/// For reads of what is at hand.
const READ: Duration = Duration::from_secs(5);
/// For what a node may have to look for.
pub(super) const LOOK: Duration = Duration::from_secs(15);

/// Whether a body is sent.
pub(super) const NOTHING: Option<&()> = None;

/// Writes down that somebody did something to a customer's case, whatever came of it.
pub(super) async fn told<T>(state: &State, grant: &CustomerGrant, verb: &str, work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let outcome = work.await;
    let code = outcome.as_ref().map_or_else(|refusal| refusal.code().to_owned(), |_| audit::OK.to_owned());
    let line = audit::Line { actor: grant.actor().email(), verb, customer: Some(&grant.customer().id), outcome: &code };
    audit::record(state, line).await?;
    outcome
}

/// Does something to a case at its node.
pub(super) async fn act<B: Serialize + Sync, T: DeserializeOwned + Send>(
    state: &State,
    entered: &Entered,
    verb: &str,
    (method, rest): (Method, &[&str]),
    body: Option<&B>,
) -> Result<T, Refusal> {
    told(state, entered.grant(), verb, ask(state, entered, (method, rest), body, state.pace.change_deadline.max(LOOK))).await
}

/// The same for an answer that is the case itself.
pub(super) async fn act_on_row<B: Serialize + Sync>(
    state: &State,
    entered: &Entered,
    verb: &str,
    to: (Method, &[&str]),
    body: Option<&B>,
) -> Result<Investigation, Refusal> {
    let row: InvestigationRow = act(state, entered, verb, to, body).await?;
    entered.with_customer(row)
}

/// Reads something of a case.
pub(super) async fn read<T: DeserializeOwned + Send>(state: &State, entered: &Entered, rest: &[&str], query: &str) -> Result<T, Refusal> {
    let noun = case_noun(entered.id(), rest);
    let ask = |client: NodeClient, caller| async move { client.read(&caller, entered.at(), &noun, query, READ).await };
    federation::call(state, entered.grant(), ask).await.map_err(|trouble| entered.refusal(trouble))
}

async fn ask<B: Serialize + Sync, T: DeserializeOwned + Send>(
    state: &State,
    entered: &Entered,
    (method, rest): (Method, &[&str]),
    body: Option<&B>,
    deadline: Duration,
) -> Result<T, Refusal> {
    let noun = case_noun(entered.id(), rest);
    let ask = |client: NodeClient, caller| async move { client.work(&caller, entered.at(), (method, &noun), body, deadline).await };
    match federation::call(state, entered.grant(), ask).await {
        Ok(answer) => Ok(answer),
        Err(Trouble::Refused(problem)) if problem.current.is_some() => Err(one::lost_race(entered, *problem)),
        Err(trouble) => Err(entered.refusal(trouble)),
    }
}

/// Sets fields of a case, whatever its version unless one is given.
pub(super) async fn set_fields(state: &State, entered: &Entered, mut set: SetFields) -> Result<Investigation, Refusal> {
    let work = async {
        if let Some(Some(asked)) = &set.assignee {
            set.assignee = Some(Some(one::assignee(state, entered.grant(), &asked.email).await?));
        }
        let row: InvestigationRow = ask(state, entered, (Method::PUT, &["fields"]), Some(&set), state.pace.change_deadline).await?;
        entered.with_customer(row)
    };
    told(state, entered.grant(), "investigation.update", work).await
}

/// Opens a case of a customer.
pub(super) async fn create(state: &State, grant: &CustomerGrant, mut new: NewInvestigation) -> Result<Investigation, Refusal> {
    let work = async {
        if let Some(asked) = &new.assignee {
            new.assignee = Some(one::assignee(state, grant, &asked.email).await?);
        }
        let (new, at) = (&new, (grant.workspace(), grant.role()));
        let ask = |client: NodeClient, caller| async move { client.ask(&caller, at, "investigations", new, LOOK).await };
        let answer: Result<InvestigationRow, Trouble> = federation::call(state, grant, ask).await;
        let row = answer.map_err(|trouble| trouble.refusal(grant.customer()))?;
        of_customer(grant, row)
    };
    told(state, grant, "investigation.create", work).await
}

/// A row of this customer, whichever it is.
fn of_customer(grant: &CustomerGrant, row: InvestigationRow) -> Result<Investigation, Refusal> {
    let customer = grant.customer();
    if is_named_right(&row, customer) && row.workspace == *grant.workspace() {
        Ok(Investigation { customer: customer.clone(), row })
    } else {
        Err(Failure::version().refusal(customer))
    }
}

/// Merges a case into another; answers with the one that stays.
pub(super) async fn merge(state: &State, entered: &Entered, merge: &bailiwick_api::Merge) -> Result<Investigation, Refusal> {
    let row: InvestigationRow = act(state, entered, "investigation.merge", (Method::POST, &["merge"]), Some(merge)).await?;
    of_customer(entered.grant(), row)
}

/// Cases of the same customer that share an entity.
pub(super) async fn related(state: &State, entered: &Entered) -> Result<List<Related>, Refusal> {
    let found: List<RelatedRow> = read(state, entered, &["related"], "").await?;
    let customer = |related: RelatedRow| {
        let Investigation { customer, row } = of_customer(entered.grant(), related.investigation)?;
        Ok(Related { customer, related: RelatedRow { investigation: row, shared: related.shared } })
    };
    Ok(List { data: found.data.into_iter().map(customer).collect::<Result<_, Refusal>>()? })
}

/// A problem of the console's own about what was sent.
pub(super) fn wrong(field: &str, why: impl Into<String>) -> Refusal {
    Refusal::invalid("INVALID_INPUT", field, format!("{field}: {}", why.into()))
}
