//! One investigation: read and changed at the node that owns it, which its RRN names. The node decides; the console finds it,
//! proves who asks, and tells whose the answer is.

use super::{is_named_right, store};
use crate::{
    State,
    access::{self, Action, Actor, CustomerGrant, permits},
    audit,
    federation::{self, Failure, Trouble},
};
use bailiwick_api::{
    Assignee, CustomerInvestigation, EventRow, Investigation, InvestigationPatch, InvestigationRow, List, Problem, Role, Rrn, RuleInfo, WorkspaceId,
};
use bailiwick_chassis::Refusal;
use std::time::Duration;

/// For one read of rows at hand.
const READ: Duration = Duration::from_secs(5);
/// For records, which a node may have to look for.
const RECORDS: Duration = Duration::from_secs(15);

/// An investigation a person may act on.
pub(super) struct Entered {
    grant: CustomerGrant,
    rrn: Rrn,
}

/// Finds the customer that owns an investigation. Malformed, unknown and foreign are the same 404.
pub(super) async fn enter(state: &State, actor: &Actor, action: Action, rrn: &str) -> Result<Entered, Refusal> {
    let rrn: Rrn = rrn.parse().map_err(|_| Refusal::not_found())?;
    let grant = access::enter_workspace(state, actor, action, &rrn).await?;
    Ok(Entered { grant, rrn })
}

impl Entered {
    /// The grant it was found by.
    pub(super) fn grant(&self) -> &CustomerGrant {
        &self.grant
    }

    /// The part of a node's path for something of it.
    pub(super) fn noun(&self, noun: &str) -> String {
        format!("investigations/{}/{noun}", bailiwick_client::segment(&self.rrn.id))
    }

    /// Id within the workspace.
    pub(super) fn id(&self) -> &str {
        &self.rrn.id
    }

    pub(super) fn at(&self) -> (&WorkspaceId, Role) {
        (self.grant.workspace(), self.grant.role())
    }

    pub(super) fn refusal(&self, trouble: Trouble) -> Refusal {
        trouble.refusal(self.grant.customer())
    }

    /// The row with its customer; a node that answers about another investigation is not understood.
    pub(super) fn with_customer(&self, row: InvestigationRow) -> Result<Investigation, Refusal> {
        let customer = self.grant.customer();
        if row.rrn == self.rrn.to_string() && is_named_right(&row, customer) {
            Ok(Investigation { customer: customer.clone(), row })
        } else {
            Err(Failure::version().refusal(customer))
        }
    }
}

/// Everything about it.
pub(super) async fn get(state: &State, entered: &Entered) -> Result<CustomerInvestigation, Refusal> {
    let read = |client: bailiwick_client::NodeClient, caller| async move { client.investigation(&caller, entered.at(), &entered.rrn.id, READ).await };
    let detail = federation::call(state, &entered.grant, read).await.map_err(|trouble| entered.refusal(trouble))?;
    Ok(CustomerInvestigation {
        investigation: entered.with_customer(detail.investigation)?,
        signals: detail.signals,
        history: detail.history,
        may_edit: permits(entered.grant.role(), Action::EditInvestigations),
    })
}

/// Changes it at the node and writes down that somebody did, whatever came of it.
pub(super) async fn update(state: &State, entered: &Entered, patch: InvestigationPatch) -> Result<Investigation, Refusal> {
    let outcome = change(state, entered, patch).await;
    let code = outcome.as_ref().map_or_else(|refusal| refusal.code().to_owned(), |_| audit::OK.to_owned());
    let customer = Some(&entered.grant.customer().id);
    let line = audit::Line { actor: entered.grant.actor().email(), verb: "investigation.update", customer, outcome: &code };
    audit::record(state, line).await?;
    outcome
}

async fn change(state: &State, entered: &Entered, mut patch: InvestigationPatch) -> Result<Investigation, Refusal> {
    if let Some(Some(asked)) = &patch.assignee {
        patch.assignee = Some(Some(assignee(state, &entered.grant, &asked.email).await?));
    }
    let (patch, deadline) = (&patch, state.pace.change_deadline);
    let write = |client: bailiwick_client::NodeClient, caller| async move {
        client.update_investigation(&caller, entered.at(), &entered.rrn.id, patch, deadline).await
    };
    match federation::call(state, &entered.grant, write).await {
        Ok(row) => entered.with_customer(row),
        Err(Trouble::Refused(problem)) if problem.status == 409 => Err(lost_race(entered, *problem)),
        Err(trouble) => Err(entered.refusal(trouble)),
    }
}

/// Who loses a race gets the current row, in the shape every row has here.
pub(super) fn lost_race(entered: &Entered, mut problem: Problem) -> Refusal {
    let row = problem.current.take().and_then(|row| serde_json::from_value::<InvestigationRow>(row).ok());
    let current = row.and_then(|row| entered.with_customer(row).ok());
    let refusal = Refusal::from(problem);
    match current {
        Some(current) => refusal.current(&current),
        None => refusal,
    }
}

pub(super) async fn assignee(state: &State, grant: &CustomerGrant, email: &str) -> Result<Assignee, Refusal> {
    let known = assignees(state, grant).await?;
    let found = known.into_iter().find(|known| known.email.to_lowercase() == email.trim().to_lowercase());
    found.ok_or_else(|| Refusal::invalid("ASSIGNEE_UNKNOWN", "assignee", "assignee: nobody with that address may work on this customer"))
}

/// Who may be assigned: technicians of the workspace who hold a grant here.
pub(super) async fn assignees(state: &State, grant: &CustomerGrant) -> Result<Vec<Assignee>, Refusal> {
    let at = (grant.workspace(), grant.role());
    let read = |client: bailiwick_client::NodeClient, caller| async move { client.assignees(&caller, at, READ).await };
    let mut list = federation::call(state, grant, read).await.map_err(|trouble| trouble.refusal(grant.customer()))?.data;
    let granted = store::granted(&state.db, grant).await?;
    list.retain(|assignee| granted.contains(&assignee.email.to_lowercase()));
    Ok(list)
}

/// The records behind one of its signals.
pub(super) async fn records(state: &State, entered: &Entered, signal: &str) -> Result<List<EventRow>, Refusal> {
    let read =
        |client: bailiwick_client::NodeClient, caller| async move { client.records(&caller, entered.at(), &entered.rrn.id, signal, RECORDS).await };
    federation::call(state, &entered.grant, read).await.map_err(|trouble| entered.refusal(trouble))
}

/// A rule behind one of its signals.
pub(super) async fn rule(state: &State, entered: &Entered, rule: &str) -> Result<RuleInfo, Refusal> {
    let read = |client: bailiwick_client::NodeClient, caller| async move { client.rule(&caller, entered.at(), rule, READ).await };
    federation::call(state, &entered.grant, read).await.map_err(|trouble| entered.refusal(trouble))
}
