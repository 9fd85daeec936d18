//! The record of answers, for the workspace's administrator: page by page, and as a file.

use super::store::{self, Wanted};
use crate::{State, access::WorkspaceGrant, audit};
use axum::{
    Json,
    body::Body,
    extract::State as With,
    response::{IntoResponse, Response},
};
use bailiwick_api::{AnswerRecord, Paged};
use bailiwick_chassis::{
    Refusal,
    extract::{Query, QueryParams},
};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use http::header;
use serde::Deserialize;
use std::io;
use utoipa::IntoParams;

const DEFAULT: u32 = 200;
const MOST: u32 = 500;
/// Records a file reads at once.
const SLICE: i64 = 1_000;

/// Which answers; criteria are ANDed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerParams {
    /// Mail address of the person.
    email: Option<String>,
    /// What was asked, as it stands in the records.
    kind: Option<String>,
    /// Start, included.
    from: Option<DateTime<Utc>>,
    /// End, excluded.
    to: Option<DateTime<Utc>>,
    /// Records a page, 1 to 500, 200 unless told.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for AnswerParams {
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// Which answers go into the file.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerFile {
    /// Mail address of the person.
    email: Option<String>,
    /// What was asked, as it stands in the records.
    kind: Option<String>,
    /// Start, included.
    from: Option<DateTime<Utc>>,
    /// End, excluded.
    to: Option<DateTime<Utc>>,
}

impl QueryParams for AnswerFile {}

/// Every answer this node gave a console about the workspace, newest first: who asked, when, what kind, how many rows.
#[utoipa::path(get, path = "/api/v1/answers", tag = "audit", params(AnswerParams), responses((status = 200, body = Paged<AnswerRecord>)))]
pub(crate) async fn list(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(params): Query<AnswerParams>,
) -> Result<Json<Paged<AnswerRecord>>, Refusal> {
    let AnswerParams { email, kind, from, to, limit, cursor } = params;
    let limit = limit.unwrap_or(DEFAULT);
    if limit == 0 || limit > MOST {
        return Err(Refusal::invalid("INVALID_INPUT", "limit", format!("limit: 1 to {MOST}")));
    }
    let wrong = |_| Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: not one this node made");
    let before = cursor.map(|text| text.parse::<i64>().map_err(wrong)).transpose()?;
    let wanted = Wanted { email, kind, from, to, before };
    let mut data = store::list(state.db(), &grant, &wanted, i64::from(limit) + 1).await?;
    let more = data.len() > limit as usize;
    data.truncate(limit as usize);
    let next = data.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(Paged { data, next }))
}

/// The same as a file, a JSON document a line, newest first; itself a line of the audit. A file that does not end well, ends in the middle of
/// the transfer.
#[utoipa::path(get, path = "/api/v1/answers/export", tag = "audit", params(AnswerFile), responses((status = 200, content((String = "application/x-ndjson")))))]
pub(crate) async fn export(With(state): With<State>, grant: WorkspaceGrant, Query(params): Query<AnswerFile>) -> Result<Response, Refusal> {
    let AnswerFile { email, kind, from, to } = params;
    let wanted = Wanted { email, kind, from, to, before: None };
    let begin = store::list(state.db(), &grant, &wanted, 1);
    audit::audited(&state, &grant, "answers.export", "", async { begin.await.map(drop) }).await?;
    let slices = stream::try_unfold((state, grant, wanted, false), |(state, grant, mut wanted, ended)| async move {
        if ended {
            return Ok(None);
        }
        let read = store::list(state.db(), &grant, &wanted, SLICE).await;
        let records = read.map_err(|refusal| io::Error::other(refusal.code().to_owned()))?;
        let Some(last) = records.last() else { return Ok(None) };
        wanted.before = Some(last.id);
        let ended = i64::try_from(records.len()).unwrap_or(SLICE) < SLICE;
        let mut text = Vec::new();
        for record in &records {
            serde_json::to_writer(&mut text, record).map_err(io::Error::other)?;
            text.push(b'\n');
        }
        Ok::<_, io::Error>(Some((text, (state, grant, wanted, ended))))
    });
    let name = "attachment; filename=\"answers.ndjson\"";
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson"), (header::CONTENT_DISPOSITION, name)], Body::from_stream(slices.fuse())).into_response())
}
