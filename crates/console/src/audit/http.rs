//! Reading the audit, checking that nobody changed it, and taking it along.

use super::{Line, OK, store};
use crate::access::{self, Actor};
use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bailiwick_api::{AuditCheck, AuditEntry, AuditFormat, AuditModule, Paged, Problem};
use bailiwick_chassis::{
    Refusal,
    audit::{self as chained, Criteria, Export, Filter},
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
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    /// Who: a mail address as it stands in the lines.
    actor: Option<String>,
    /// On which customer, by id; `provider` for lines of no customer.
    customer: Option<String>,
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
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// Who: a mail address as it stands in the lines.
    actor: Option<String>,
    /// On which customer, by id; `provider` for lines of no customer.
    customer: Option<String>,
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
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct CheckParams {
    /// Id of a line up to which the chain was walked before; from the first line unless told.
    after: Option<i64>,
}

impl QueryParams for CheckParams {
    const NUMBERS: &'static [&'static str] = &["after"];
}

/// The audit, newest first. Administrators read every line; analysts and viewers those of customers they hold a grant on, and never what
/// the provider did for itself.
///
/// Codes: UNKNOWN_PARAMETER, INVALID_INPUT, CURSOR_INVALID (400).
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "list_audit", tag = "audit", params(AuditParams), responses((status = 200, body = Paged<AuditEntry>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, actor: Actor, Query(params): Query<AuditParams>) -> Result<Answer<Paged<AuditEntry>>, Refusal> {
    let limit = chained::limit(params.limit)?;
    let AuditParams { actor: by, customer, module, verb, outcome, from, to, cursor, .. } = params;
    let wanted = Criteria { actor: by, module, verb, outcome, from, to, ..Criteria::default() };
    let filter = seen(&state, &actor, customer.as_deref(), &wanted).await?;
    let mut page = chained::page(&state.db, &filter, limit, cursor.as_deref()).await?;
    store::name(&state.db, &mut page.data).await?;
    Ok(Answer(page))
}

/// Walks the chain of hashes, as far as there is time, and tells the first line that was changed or is not there.
///
/// Codes: UNKNOWN_PARAMETER, INVALID_INPUT (400).
#[utoipa::path(get, path = "/api/v1/audit/verify", operation_id = "verify_audit", tag = "audit", params(CheckParams), responses((status = 200, body = AuditCheck), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn verify(State(state): State<crate::State>, Query(params): Query<CheckParams>) -> Result<Answer<AuditCheck>, Refusal> {
    Ok(Answer(chained::check(&state.db, params.after, WALK).await?))
}

/// Every line that is wanted and may be read, oldest first, as a file; itself a line of the audit. A file that does not end well, ends in the
/// middle of the transfer.
///
/// Codes: UNKNOWN_PARAMETER, INVALID_INPUT (400).
#[utoipa::path(get, path = "/api/v1/audit/export", operation_id = "export_audit", tag = "audit", params(ExportParams), responses((status = 200, content((String = "application/x-ndjson"), (String = "text/csv"))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn export(State(state): State<crate::State>, actor: Actor, Query(params): Query<ExportParams>) -> Result<Response, Refusal> {
    let ExportParams { actor: by, customer, module, verb, outcome, from, to, format } = params;
    let wanted = Criteria { actor: by, module, verb, outcome, from, to, ..Criteria::default() };
    // What cannot be meant is refused before anything is sent.
    seen(&state, &actor, customer.as_deref(), &wanted).await?;
    let file = Export::begin(&state.db, format.unwrap_or_default()).await?;
    super::record(&state, Line { actor: actor.email(), verb: "audit.export", customer: None, outcome: OK }).await?;
    let (kind, name) = file.kind();
    let slices = stream::try_unfold((state, actor, file), move |(state, actor, mut file)| {
        let (customer, wanted) = (customer.clone(), wanted.clone());
        async move {
            let slice = slice(&state, &actor, &mut file, customer.as_deref(), &wanted)
                .await
                .map_err(|refusal| io::Error::other(refusal.code().to_owned()))?;
            Ok::<_, io::Error>(slice.map(|text| (text, (state, actor, file))))
        }
    });
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], Body::from_stream(slices.fuse())).into_response())
}

/// The next lines as text. Whose may be read is decided anew each time: what is taken away is not in the rest of the file.
async fn slice(
    state: &crate::State,
    actor: &Actor,
    file: &mut Export,
    customer: Option<&str>,
    wanted: &Criteria,
) -> Result<Option<Vec<u8>>, Refusal> {
    let filter = seen(state, actor, customer, wanted).await?;
    let Some(mut entries) = file.next(&state.db, &filter).await? else { return Ok(None) };
    store::name(&state.db, &mut entries).await?;
    file.write(&entries).map(Some)
}

/// What is wanted of what the person may read.
async fn seen(state: &crate::State, actor: &Actor, customer: Option<&str>, wanted: &Criteria) -> Result<Filter, Refusal> {
    let sight = access::sight(state, actor).await?;
    Filter::new(&state.db, &sight.whom(customer), wanted).await
}
