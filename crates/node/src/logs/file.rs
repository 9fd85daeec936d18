//! What matches as a file of comma-separated values, and what is around one event.

use super::{check_number, check_query};
use crate::{
    State,
    access::{Action, AtWorkspace, WorkspaceGrant},
    audit, exports,
};
use axum::{
    Json,
    body::Body,
    extract::State as With,
    response::{IntoResponse, Response},
};
use bailiwick_api::{EventRow, LogContext, LogExport, LogHistogram, LogSearch, Surroundings};
use bailiwick_chassis::{
    Refusal,
    extract::{Json as Read, Query},
    table,
};
use chrono::SecondsFormat;
use futures_util::{StreamExt, stream};
use http::{StatusCode, header};
use std::{
    io,
    time::{Duration, Instant},
};

const MAX_ROWS: u32 = 100_000;
const PAGE: u32 = 1_000;
const MAX_AROUND: u32 = 200;
const ID_BYTES: usize = 200;
/// How long a file may take; who reads slower gets one that ends in an error.
const TIME: Duration = Duration::from_secs(600);
/// Letters of what was searched for that the workspace's own audit keeps.
const TOLD: usize = 200;

const COLUMNS: [&str; 15] = [
    "event_time",
    "receipt_time",
    "id",
    "source",
    "source_category",
    "record_type",
    "reason_code",
    "reason",
    "vendor",
    "product",
    "parser",
    "event_code",
    "message",
    "ecs",
    "raw",
];

/// The events of the same source around one.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/logs/context", tag = "logs", request_body = LogContext,
               params(("workspace" = String, Path), AtWorkspace), responses((status = 200, body = Surroundings)))]
pub(crate) async fn context(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
    Read(ask): Read<LogContext>,
) -> Result<Json<Surroundings>, Refusal> {
    let work = async {
        for (field, number) in [("before", ask.before), ("after", ask.after)] {
            check_number(field, number.filter(|number| *number > 0), MAX_AROUND)?;
        }
        if ask.event.is_empty() || ask.event.len() > ID_BYTES {
            return Err(Refusal::invalid("INVALID_INPUT", "event", "event: the id of an event"));
        }
        grant.demand(&[Action::SearchLogs])?.around(&ask).await
    };
    audit::audited(&state, &grant, "logs.context", &ask.event, work).await.map(Json)
}

/// Everything that matches as comma-separated values, newest first. EXPORT_OFF (403) until the workspace's administrator allows files;
/// EXPORT_TOO_LARGE (400) with `matched` when more match than asked for. A file that does not end well, ends in the middle of the transfer.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/logs/export", tag = "logs", request_body = LogExport,
               params(("workspace" = String, Path), AtWorkspace), responses((status = 200, content((String = "text/csv")))))]
pub(crate) async fn export(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
    Read(ask): Read<LogExport>,
) -> Result<Response, Refusal> {
    let subject: String = ask.query.chars().take(TOLD).collect();
    audit::audited(&state, &grant, "logs.export", &subject, begin(&grant, &ask)).await?;
    let name = "attachment; filename=\"logs.csv\"";
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((head, Body::from_stream(slices(grant, ask))).into_response())
}

/// Refuses what cannot become a file, before any of it is sent.
async fn begin(grant: &WorkspaceGrant, ask: &LogExport) -> Result<(), Refusal> {
    check_number("limit", ask.limit, MAX_ROWS)?;
    check_query(&ask.query, ask.from, ask.to)?;
    let workspace = grant.demand(&[Action::SearchLogs])?;
    if !exports::store::read(workspace.db()).await?.allowed {
        let detail = "the customer's administrator has not allowed files of this workspace's data";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "EXPORT_OFF").detail(detail));
    }
    let count = LogHistogram { query: ask.query.clone(), from: ask.from, to: ask.to, buckets: Some(1) };
    let (matched, limit) = (workspace.histogram(&count).await?.total, ask.limit.unwrap_or(MAX_ROWS));
    if matched > u64::from(limit) {
        let detail = format!("limit: {matched} rows match and at most {limit} become a file; narrow the search");
        return Err(Refusal::invalid("EXPORT_TOO_LARGE", "limit", detail).matched(matched));
    }
    Ok(())
}

/// Where a file is.
enum At {
    Heading,
    Page(Option<String>),
    End,
}

fn slices(grant: WorkspaceGrant, ask: LogExport) -> impl stream::Stream<Item = Result<Vec<u8>, io::Error>> + Send {
    let ends = Instant::now() + TIME;
    stream::try_unfold((grant, ask, At::Heading), move |(grant, ask, at)| async move {
        let cursor = match at {
            At::Heading => {
                let heading = table::rows([COLUMNS]).map_err(broken)?;
                return Ok(Some((heading, (grant, ask, At::Page(None)))));
            }
            At::Page(cursor) => cursor,
            At::End => return Ok(None),
        };
        if Instant::now() > ends {
            return Err(io::Error::other("the file was read too slowly"));
        }
        let search = LogSearch { query: ask.query.clone(), from: ask.from, to: ask.to, limit: Some(PAGE), cursor };
        let page = grant.workspace().search(&search).await.map_err(broken)?;
        let text = table::rows(page.data.iter().map(cells)).map_err(broken)?;
        let next = page.next.map_or(At::End, |next| At::Page(Some(next)));
        Ok(Some((text, (grant, ask, next))))
    })
    .fuse()
}

fn broken(refusal: Refusal) -> io::Error {
    io::Error::other(refusal.code().to_owned())
}

fn cells(row: &EventRow) -> [String; 15] {
    let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        time(row.event_time),
        time(row.receipt_time),
        row.id.clone(),
        row.source.clone(),
        row.source_category.clone(),
        row.record_type.clone(),
        maybe(&row.reason_code),
        maybe(&row.reason),
        maybe(&row.vendor),
        maybe(&row.product),
        maybe(&row.parser),
        maybe(&row.event_code),
        row.message.clone(),
        row.ecs.to_string(),
        row.raw.clone(),
    ]
}
