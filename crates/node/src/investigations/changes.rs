//! What changed since a place in the feed. Triggers stamp every change when it is written, under the database's write lock (migration 0027); a
//! change is seen when it is committed, which may be a little later. So a feed that has come to its end goes back by [`UNSETTLED_US`] before it
//! goes on: what was under way is told then, and what was told in between is told again.

use super::{
    federated::{check_limit, record},
    store::{COLUMNS, Named},
};
use crate::{
    State,
    access::{self, AT_ONCE, Asked, Asserted, NoQuery, QueueGrant},
    answers::answer,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{AskChanges, ChangeAnswers, ChangedRow, FeedPosition, WorkspaceAnswer};
use bailiwick_chassis::{
    Refusal,
    clock::{Clock, SystemClock},
    extract::Json as Body,
    sql::Db,
};
use futures_util::{StreamExt, stream};
use sqlx::Row;

/// How long a change may be under way between its stamp and its commit.
const UNSETTLED_US: i64 = 5_000_000;

/// Investigations of several workspaces that changed since, oldest change first; every change at least once.
#[utoipa::path(post, path = "/api/v1/federated/changes", tag = "investigations", request_body = AskChanges,
               responses((status = 200, body = ChangeAnswers)))]
pub(crate) async fn changes(
    With(state): With<State>,
    asserted: Asserted,
    _: NoQuery,
    Body(ask): Body<AskChanges>,
) -> Result<Json<ChangeAnswers>, Refusal> {
    check_limit(ask.limit)?;
    // The database stamps with the machine's clock, whatever the node's is.
    let settled = SystemClock.now_us() - UNSETTLED_US;
    let asked = access::federated_queues(&state, &asserted, &ask.workspaces).await?;
    let (at, question) = (&state, &ask);
    let one = |asked: Asked<QueueGrant>| answer(at, asked, "investigations.changes", move |grant| async move { changed(at, &grant, question).await });
    let parts: Vec<WorkspaceAnswer<(u64, Vec<ChangedRow>)>> = stream::iter(asked.into_iter().map(one)).buffered(AT_ONCE).collect().await;
    let (mut workspaces, mut rows) = (Vec::with_capacity(parts.len()), Vec::new());
    for WorkspaceAnswer { workspace, skipped, error, answer } in parts {
        let count = answer.map(|(count, changed)| {
            rows.extend(changed);
            count
        });
        workspaces.push(WorkspaceAnswer { workspace, skipped, error, answer: count });
    }
    rows.sort_by(|a, b| a.changed.cmp(&b.changed).then_with(|| a.row.rrn.cmp(&b.row.rrn)));
    let more = cut(&mut rows, ask.limit as usize);
    let missing = workspaces.iter().any(|one| one.error.is_some());
    let floor = ask.position.floor.unwrap_or(settled).min(if missing { ask.position.after } else { i64::MAX });
    let position = next(ask.position, rows.last().map(|last| last.changed), floor, more);
    let shown: Vec<_> = rows.iter().map(|one| one.row.clone()).collect();
    record(&state, &asserted, "investigations.changes", &workspaces, &shown).await?;
    Ok(Json(ChangeAnswers { workspaces, rows, position, floor, more }))
}

/// Cuts to `limit`, but never between changes of one moment. True when something was cut off.
fn cut(rows: &mut Vec<ChangedRow>, limit: usize) -> bool {
    let Some(last) = rows.get(limit.saturating_sub(1)).map(|last| last.changed) else { return false };
    let keep = rows.partition_point(|row| row.changed <= last);
    let more = rows.len() > keep;
    rows.truncate(keep);
    more
}

/// Where to go on. In the middle: after the last one told. At the end: back to what was settled when this began, so that nothing under way is
/// passed over. While a workspace is missing, its changes are told with the others' again.
fn next(from: FeedPosition, last: Option<i64>, floor: i64, more: bool) -> FeedPosition {
    match last {
        Some(last) if more => FeedPosition { after: last, floor: Some(floor) },
        last => {
            let end = last.unwrap_or(from.after).min(floor);
            // Never to before what was asked for at first.
            FeedPosition { after: if from.floor.is_none() { end.max(from.after) } else { end }, floor: None }
        }
    }
}

async fn changed(state: &State, grant: &QueueGrant, ask: &AskChanges) -> Result<(u64, Vec<ChangedRow>), Refusal> {
    if grant.view(state).await?.changed <= ask.position.after {
        return Ok((0, Vec::new()));
    }
    let grant = grant.open(state).await?;
    let named = Named::new(state.region(), &grant);
    let db = grant.workspace().db();
    let count = sqlx::query("select count(*) as n from investigation where changed > $1").bind(ask.position.after).fetch_one(db.pool()).await?;
    let count = u64::try_from(count.try_get::<i64, _>("n")?).unwrap_or_default();
    Ok((count, if count == 0 { Vec::new() } else { rows(db, &named, ask).await? }))
}

/// One more than asked, so that the last may be seen to have followers. Within a workspace no two changes have the same stamp.
async fn rows(db: &Db, named: &Named, ask: &AskChanges) -> Result<Vec<ChangedRow>, Refusal> {
    let text = format!("select {COLUMNS}, changed from investigation where changed > $1 order by changed, id limit $2");
    let limit = i64::from(ask.limit) + 1;
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(ask.position.after).bind(limit).fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok(ChangedRow { changed: row.try_get("changed")?, row: named.row(row)? })).collect()
}
