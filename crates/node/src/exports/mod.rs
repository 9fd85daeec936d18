//! Cases as files, for people (PDF) and for programs (JSON), made at the node. Off until the workspace's administrator allows it: a file is out of
//! everybody's hands.

pub(crate) mod http;
mod pdf;
pub(crate) mod store;

use crate::{
    access::{Action, WorkspaceGrant},
    attachments, comments, evidence,
    investigations::store::{self as cases, Named},
};
use ::http::StatusCode;
use bailiwick_api::{CaseExport, CaseFormat};
use bailiwick_chassis::{Refusal, clock::from_us};

/// Comments of a file.
const MAX_COMMENTS: usize = 1_000;
/// Log rows of a file.
const MAX_EVIDENCE: usize = 500;

/// Writes a case as a file.
pub(crate) async fn write(grant: &WorkspaceGrant, named: &Named, id: &str, format: CaseFormat, now_us: i64) -> Result<Vec<u8>, Refusal> {
    let workspace = grant.demand(&[Action::ViewInvestigations])?;
    if !store::read(workspace.db()).await?.allowed {
        let detail = "the customer's administrator has not allowed to export cases of this workspace";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "EXPORT_OFF").detail(detail));
    }
    let detail = cases::detail(grant, named, id).await?;
    let export = CaseExport {
        exported_time: from_us(now_us),
        exported_by: grant.actor().to_owned(),
        workspace_name: workspace.name().to_owned(),
        investigation: detail.investigation,
        signals: detail.signals,
        comments: comments::store::page(grant, id, MAX_COMMENTS, None).await?.data,
        attachments: attachments::store::of_investigation(workspace.db(), id, grant.reads_internal()).await?,
        evidence: evidence::store::page(grant, id, MAX_EVIDENCE, None).await?.data,
        history: detail.history,
    };
    let made = tokio::task::spawn_blocking(move || match format {
        CaseFormat::Json => serde_json::to_vec_pretty(&export).map_err(|error| error.to_string()),
        CaseFormat::Pdf => pdf::document(&export),
    });
    made.await.map_err(Refusal::internal)?.map_err(Refusal::internal)
}
