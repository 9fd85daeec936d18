//! Agreeing to a console by its code: look at who asks for what, and enrol.

use super::store::{self, ConsoleLink};
use crate::{State, access::WorkspaceGrant, enrolments};
use bailiwick_api::{Enrolment, LinkInfo, LinkOffer, VERSION};
use bailiwick_chassis::Refusal;
use bailiwick_link::{EnrolmentCode, LinkError, LinkKey, Met, Want};
use http::StatusCode;
use std::time::Duration;

/// How long the console may take to make the customer.
const ENROL: Duration = Duration::from_secs(10);
/// How long the answer to who agreed waits for the link to stand, so that it can say so.
const STANDS: Duration = Duration::from_secs(3);

/// What an enrolled console can do, in the customer's words.
const MAY: [&str; 5] = [
    "name technicians of the MSSP and their roles here; you see each on the page Access and can revoke any of them",
    "let these technicians read investigations, signals, rules and the records behind them",
    "let technicians with the role analyst or above work investigations and search logs",
    "read health, volumes and counters of this workspace, and set its licence",
    "nothing else: no sources, keys, parsers or rules, and no workspace but this one",
];

/// Who asks for what; the code is not used up.
pub(super) async fn preview(state: &State, grant: &WorkspaceGrant, code: &str) -> Result<LinkOffer, Refusal> {
    let code = read(code)?;
    let met = meet(state, &code, Want::Look { code: code.id.clone() }).await?;
    let (console, console_name, console_version) = (met.console.clone(), met.name.clone(), met.version.clone());
    let offer = met.look(&code.key).await.map_err(|error| refused(&error))?;
    Ok(LinkOffer {
        console,
        console_name,
        console_version,
        address: code.address.to_string(),
        fingerprint: code.fingerprint.to_string(),
        customer: offer.customer,
        workspace_name: grant.workspace().name().to_owned(),
        expires_time: offer.expires_time,
        may: MAY.iter().map(|line| (*line).to_owned()).collect(),
    })
}

/// Uses the code up and enrols the workspace. Everything that can be refused here is found before the console hears the code.
pub(super) async fn enrol(state: &State, grant: &WorkspaceGrant, code: &str) -> Result<LinkInfo, Refusal> {
    let code = read(code)?;
    let met = meet(state, &code, Want::Enrol { code: code.id.clone() }).await?;
    let (console, console_name) = (met.console.clone(), met.name.clone());
    enrolments::refuse_other(grant, &console).await?;
    let now_us = state.clock().now_us();
    let fresh = LinkKey::generate().map_err(Refusal::internal)?;
    let link = ConsoleLink { console, console_name, address: code.address.clone(), fingerprint: code.fingerprint, key: fresh };
    let link = store::prepare(state.db(), &link, now_us).await?;
    let workspace = grant.workspace();
    let enrolment = Enrolment {
        node: state.id().clone(),
        region: state.region().to_owned(),
        version: VERSION.into(),
        workspace: workspace.id().clone(),
        workspace_name: workspace.name().to_owned(),
    };
    let enrolled = met.enrol(&code.key, &link.key, enrolment, ENROL).await.map_err(|error| refused(&error))?;
    enrolments::put(grant, &link.console, &link.console_name, &enrolled.assertion_key, true, now_us).await?;
    store::agree(state.db(), &link.console, workspace.id(), now_us).await?;
    state.links().changed.notify_one();
    wait(state, &link).await;
    let links = super::list(state, workspace.id()).await?;
    links.into_iter().find(|info| info.console == link.console).ok_or_else(|| Refusal::internal("a link just made is gone"))
}

/// Which console a code is of, for the audit; empty when it is no code.
pub(super) fn address(code: &str) -> String {
    code.parse::<EnrolmentCode>().map(|code| code.address.to_string()).unwrap_or_default()
}

/// Waits a little for the link to stand.
async fn wait(state: &State, link: &ConsoleLink) {
    let stands = async {
        while state.links().standing().get(&link.console).is_none_or(|standing| standing.connected_us.is_none()) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let _not_yet = tokio::time::timeout(STANDS, stands).await;
}

async fn meet(state: &State, code: &EnrolmentCode, want: Want) -> Result<Met, Refusal> {
    let met = async { state.links().dialler.open(&code.address).await?.greet(want, &code.fingerprint).await };
    met.await.map_err(|error| refused(&error))
}

fn read(code: &str) -> Result<EnrolmentCode, Refusal> {
    code.parse().map_err(|error| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "CODE_INVALID").field("code").detail(format!("code: {error}")))
}

/// Why there is no link, as the administrator hears it: the console's own code where it refused.
fn refused(error: &LinkError) -> Refusal {
    let detail = match error {
        LinkError::Refused { detail, .. } => detail.clone(),
        other => other.to_string(),
    };
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.code()).field("code").detail(format!("code: {detail}"))
}
