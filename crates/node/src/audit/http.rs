//! Reading the workspace's audit, checking that nobody changed it, and taking it along.

use crate::{
    State,
    access::{Action, WorkspaceGrant},
};
use axum::{
    Json,
    body::Body,
    extract::State as With,
    response::{IntoResponse, Response},
};
use bailiwick_api::{AuditCheck, AuditEntry, AuditFormat, AuditModule, Paged};
use bailiwick_chassis::{
    Refusal,
    audit::{self as chained, Criteria, Export, Filter, Whom},
    extract::{Query, QueryParams},
};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use http::header;
use serde::Deserialize;
use std::{io, time::Duration};
use utoipa::IntoParams;

/// How long a walk of the chain may take.
const WALK: Duration = Duration::from_secs(20);

/// Which lines; criteria are ANDed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditParams {
    /// Who: a mail address or a user name as it stands in the lines.
    actor: Option<String>,
    /// Part of the product.
    #[param(inline)]
    module: Option<AuditModule>,
    /// What, as it stands in the lines.
    verb: Option<String>,
    /// `ok`, the code of a refusal, or `refused` for all but `ok`.
    outcome: Option<String>,
    /// Start, included.
    from: Option<DateTime<Utc>>,
    /// End, excluded.
    to: Option<DateTime<Utc>>,
    /// Lines a page, 1 to 500, 200 unless told.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for AuditParams {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// Which lines, and how they are written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportParams {
    /// Who: a mail address or a user name as it stands in the lines.
    actor: Option<String>,
    /// Part of the product.
    #[param(inline)]
    module: Option<AuditModule>,
    /// What, as it stands in the lines.
    verb: Option<String>,
    /// `ok`, the code of a refusal, or `refused` for all but `ok`.
    outcome: Option<String>,
    /// Start, included.
    from: Option<DateTime<Utc>>,
    /// End, excluded.
    to: Option<DateTime<Utc>>,
    /// How lines are written: `ndjson` unless told.
    #[param(inline)]
    format: Option<AuditFormat>,
}

impl QueryParams for ExportParams {}

/// From where to walk.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckParams {
    /// Id of a line up to which the chain was walked before; from the first line unless told.
    after: Option<i64>,
}

impl QueryParams for CheckParams {
    const NUMBERS: &'static [&'static str] = &["after"];
}

/// The workspace's audit, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditParams), responses((status = 200, body = Paged<AuditEntry>)))]
pub(crate) async fn list(grant: WorkspaceGrant, Query(params): Query<AuditParams>) -> Result<Json<Paged<AuditEntry>>, Refusal> {
    let db = grant.demand(&[Action::ViewAudit])?.db();
    let limit = chained::limit(params.limit)?;
    let AuditParams { actor, module, verb, outcome, from, to, cursor, .. } = params;
    // Every line of a workspace is its own.
    let filter = Filter::new(db, &Whom::Everybody, &Criteria { actor, module, verb, outcome, from, to, ..Criteria::default() }).await?;
    chained::page(db, &filter, limit, cursor.as_deref()).await.map(Json)
}

/// Walks the chain of hashes, as far as there is time, and tells the first line that was changed or is not there.
#[utoipa::path(get, path = "/api/v1/audit/verify", tag = "audit", params(CheckParams), responses((status = 200, body = AuditCheck)))]
pub(crate) async fn verify(grant: WorkspaceGrant, Query(params): Query<CheckParams>) -> Result<Json<AuditCheck>, Refusal> {
    let workspace = grant.demand(&[Action::ViewAudit])?;
    chained::check(workspace.db(), params.after, WALK).await.map(Json)
}

/// Every line that is wanted, oldest first, as a file; itself a line of the audit. A file that does not end well, ends in the middle of the
/// transfer.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit", params(ExportParams), responses((status = 200, content((String = "application/x-ndjson"), (String = "text/csv")))))]
pub(crate) async fn export(With(state): With<State>, grant: WorkspaceGrant, Query(params): Query<ExportParams>) -> Result<Response, Refusal> {
    let db = grant.demand(&[Action::ViewAudit])?.db();
    let ExportParams { actor, module, verb, outcome, from, to, format } = params;
    let filter = Filter::new(db, &Whom::Everybody, &Criteria { actor, module, verb, outcome, from, to, ..Criteria::default() }).await?;
    let file = Export::begin(db, format.unwrap_or_default()).await?;
    super::audited(&state, &grant, "audit.export", "", async { Ok(()) }).await?;
    let (kind, name) = file.kind();
    // The grant keeps the workspace open while it is read.
    let slices = stream::try_unfold((grant, filter, file), |(grant, filter, mut file)| async move {
        let slice = slice(&grant, &filter, &mut file).await.map_err(|refusal| io::Error::other(refusal.code().to_owned()))?;
        Ok::<_, io::Error>(slice.map(|text| (text, (grant, filter, file))))
    });
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], Body::from_stream(slices.fuse())).into_response())
}

/// The next lines as text.
async fn slice(grant: &WorkspaceGrant, filter: &Filter, file: &mut Export) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(entries) = file.next(grant.workspace().db(), filter).await? else { return Ok(None) };
    file.write(&entries).map(Some)
}
