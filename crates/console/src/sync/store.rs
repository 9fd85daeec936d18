//! Rows of `sync`, `sync_module` and `sync_run`. A sync is taken up and put down by conditional updates, so that there is one at a time
//! whoever asks and wherever it runs.

use super::{
    RUNS,
    machine::{Outcome, Standing, View},
    take::Taken,
};
use crate::{access::Seen, links::store::read_kind, store::word};
use bailiwick_api::{CustomerId, LinkKind, NodeId, SyncModule, SyncModuleName, SyncRun, SyncState, SyncSummary, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};
use std::collections::HashMap;

macro_rules! select {
    ($rest:literal) => {
        concat!("select customer_id, state, due, started, finished, items, failed, code, detail, since, consecutive, last_success from sync ", $rest)
    };
}

/// A customer whose sync is due.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) customer: CustomerId,
    pub(super) node: NodeId,
    pub(super) workspace: WorkspaceId,
    pub(super) link: LinkKind,
}

/// When one looks, and since when what is at work is given up; microseconds UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) now_us: i64,
    pub(super) abandoned_us: i64,
}

/// A row for every customer that has none yet. By the schedule, for no person.
const ENLIST: &str = "insert into sync (customer_id, state, again, due, items, failed, consecutive) \
                      select id, 'NEVER', 0, $1, 0, '[]', 0 from customers where state = 'ACTIVE' and not exists (select 1 from sync s where s.customer_id = customers.id) \
                      on conflict (customer_id) do nothing";

pub(super) async fn enlist(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    sqlx::query(ENLIST).bind(now_us).execute(&mut **tx).await?;
    Ok(())
}

/// The same; costs a look while there is nobody new.
pub(super) async fn enlist_new(db: &Db, now_us: i64) -> Result<(), Refusal> {
    let text = "select id from customers where state = 'ACTIVE' and not exists (select 1 from sync s where s.customer_id = customers.id) limit 1";
    if sqlx::query(text).fetch_optional(db.pool()).await?.is_some() {
        sqlx::query(ENLIST).bind(now_us).execute(db.pool()).await?;
    }
    Ok(())
}

/// What was at work when the console stopped.
pub(super) async fn resume(db: &Db, now_us: i64) -> Result<(), Refusal> {
    sqlx::query("update sync set state = 'QUEUED', due = $1 where state = 'RUNNING'").bind(now_us).execute(db.pool()).await?;
    Ok(())
}

/// Customers whose time has come, the longest waiting first. By the schedule, for no person.
pub(super) async fn due(db: &Db, times: Times, limit: i64) -> Result<Vec<Job>, Refusal> {
    let text = "select s.customer_id, c.node, c.workspace, n.kind from sync s join customers c on c.id = s.customer_id join node_links n on n.node = c.node \
                where c.state = 'ACTIVE' and ((s.due <= $1 and s.state <> 'RUNNING') or (s.state = 'RUNNING' and s.started < $2)) \
                order by s.due, s.customer_id limit $3";
    let rows = sqlx::query(text).bind(times.now_us).bind(times.abandoned_us).bind(limit).fetch_all(db.pool()).await?;
    let job = |row: &AnyRow| {
        let (customer, node, workspace) = (CustomerId(row.try_get(0)?), NodeId(row.try_get(1)?), WorkspaceId(row.try_get(2)?));
        Ok(Job { customer, node, workspace, link: read_kind(&row.try_get::<String, _>(3)?)? })
    };
    rows.iter().map(job).collect()
}

/// Takes a sync up; false when somebody else did, or it is not due any more.
pub(super) async fn claim(db: &Db, job: &Job, times: Times) -> Result<bool, Refusal> {
    let text = "update sync set state = 'RUNNING', started = $2, again = 0 where customer_id = $1 \
                and ((state <> 'RUNNING' and due <= $2) or (state = 'RUNNING' and started < $3))";
    let query = sqlx::query(text).bind(job.customer.as_str()).bind(times.now_us).bind(times.abandoned_us);
    Ok(query.execute(db.pool()).await?.rows_affected() == 1)
}

/// Puts a sync down: how it stands, each module, and a line in its history. Nothing when the customer is gone or it was taken up anew.
pub(super) async fn finish(db: &Db, job: &Job, started_us: i64, view: View, chance: f64, outcome: Outcome, modules: &[Taken]) -> Result<(), Refusal> {
    let mut tx = db.begin().await?;
    let id = job.customer.as_str();
    let row = sqlx::query(select!("where customer_id = $1 and state = 'RUNNING' and started = $2")).bind(id).bind(started_us);
    let Some(row) = row.fetch_optional(&mut *tx).await? else { return Ok(()) };
    let after = read(&row)?.1.finish(outcome, view, chance);
    let text = "update sync set state = $3, due = case when again = 1 then $4 else $5 end, again = 0, finished = $4, items = $6, failed = $7, \
                code = $8, detail = $9, since = $10, consecutive = $11, last_success = $12 \
                where customer_id = $1 and state = 'RUNNING' and started = $2";
    let failed = serde_json::to_string(&after.failed).map_err(Refusal::internal)?;
    let done = sqlx::query(text)
        .bind(id)
        .bind(started_us)
        .bind(after.state.as_str())
        .bind(view.now_us)
        .bind(after.due)
        .bind(i64::from(after.items))
        .bind(&failed)
        .bind(after.code.clone())
        .bind(after.detail.clone())
        .bind(after.since)
        .bind(i64::from(after.consecutive))
        .bind(after.last_success)
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    for module in modules {
        write_module(&mut tx, id, module, view.now_us).await?;
    }
    let items = if after.state == SyncState::Failed { 0 } else { after.items };
    let text = "insert into sync_run (customer_id, started, finished, state, items, failed, code, detail) values ($1, $2, $3, $4, $5, $6, $7, $8) \
                on conflict (customer_id, started) do nothing";
    let query = sqlx::query(text).bind(id).bind(started_us).bind(view.now_us).bind(after.state.as_str()).bind(i64::from(items));
    query.bind(&failed).bind(after.code).bind(after.detail).execute(&mut *tx).await?;
    let text = "delete from sync_run where customer_id = $1 and started not in \
                (select started from sync_run where customer_id = $1 order by started desc limit $2)";
    sqlx::query(text).bind(id).bind(RUNS).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

async fn write_module(tx: &mut Tx, customer: &str, module: &Taken, now_us: i64) -> Result<(), Refusal> {
    let text = "insert into sync_module (customer_id, name, state, code, detail, last_success, value) values ($1, $2, $3, $4, $5, $6, $7) \
                on conflict (customer_id, name) do update set state = excluded.state, code = excluded.code, detail = excluded.detail, \
                last_success = coalesce(excluded.last_success, sync_module.last_success), value = coalesce(excluded.value, sync_module.value)";
    let state = if module.reason.is_none() { SyncState::Ok } else { SyncState::Failed };
    sqlx::query(text)
        .bind(customer)
        .bind(module.name.as_str())
        .bind(state.as_str())
        .bind(module.reason.as_ref().map(|reason| reason.code.clone()))
        .bind(module.reason.as_ref().map(|reason| reason.detail.clone()))
        .bind(module.reason.is_none().then_some(now_us))
        .bind(module.value.clone())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Puts a sync first in the line, unless it is at work.
pub(super) async fn queue(tx: &mut Tx, seen: &Seen, now_us: i64) -> Result<(), Refusal> {
    let text = "update sync set state = 'QUEUED', due = $2 where customer_id = $1 and state <> 'RUNNING'";
    sqlx::query(text).bind(seen.customer().id.as_str()).bind(now_us).execute(&mut **tx).await?;
    Ok(())
}

macro_rules! again {
    ($rest:literal) => {
        concat!(
            "update sync set again = case when state = 'RUNNING' then 1 else again end, due = case when state = 'RUNNING' then due else $1 end, ",
            "state = case when state = 'RUNNING' then state else 'QUEUED' end ",
            $rest
        )
    };
}

/// The same, and once more when it is at work. By rules of this crate that held the caller's proof.
pub(super) async fn again(db: &Db, customer: &CustomerId, now_us: i64) -> Result<(), Refusal> {
    sqlx::query(again!("where customer_id = $2")).bind(now_us).bind(customer.as_str()).execute(db.pool()).await?;
    Ok(())
}

/// The same of every customer.
pub(super) async fn again_all(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    sqlx::query(again!("")).bind(now_us).execute(&mut **tx).await?;
    Ok(())
}

/// What failed at a node is due now. By the background look at nodes.
pub(super) async fn retry_node(db: &Db, node: &NodeId, now_us: i64) -> Result<(), Refusal> {
    let text = "update sync set due = $2 where state = 'FAILED' and due > $2 and customer_id in (select id from customers where node = $1)";
    sqlx::query(text).bind(node.as_str()).bind(now_us).execute(db.pool()).await?;
    Ok(())
}

/// How one stands.
pub(super) async fn summary(db: &Db, seen: &Seen, view: View) -> Result<SyncSummary, Refusal> {
    let row = sqlx::query(select!("where customer_id = $1")).bind(seen.customer().id.as_str()).fetch_optional(db.pool()).await?;
    Ok(match row {
        Some(row) => read(&row)?.1.shown(view),
        None => never(view.now_us).shown(view),
    })
}

/// How one or all stand; whoever asks leaves out those that are not for the person.
pub(super) async fn summaries(db: &Db, only: Option<&CustomerId>, view: View) -> Result<HashMap<CustomerId, SyncSummary>, Refusal> {
    let query = sqlx::query(select!("where ($1 = '' or customer_id = $1)")).bind(only.map_or("", CustomerId::as_str).to_owned());
    let rows = query.fetch_all(db.pool()).await?;
    rows.iter().map(|row| read(row).map(|(id, standing)| (id, standing.shown(view)))).collect()
}

/// A customer that was added a moment ago.
pub(super) fn never(now_us: i64) -> Standing {
    Standing {
        state: SyncState::Never,
        due: now_us,
        started: None,
        finished: None,
        items: 0,
        failed: Vec::new(),
        code: None,
        detail: None,
        since: None,
        consecutive: 0,
        last_success: None,
    }
}

fn read(row: &AnyRow) -> Result<(CustomerId, Standing), Refusal> {
    let standing = Standing {
        state: word(&row.try_get::<String, _>(1)?)?,
        due: row.try_get(2)?,
        started: row.try_get(3)?,
        finished: row.try_get(4)?,
        items: count(row, 5)?,
        failed: names(row, 6)?,
        code: row.try_get(7)?,
        detail: row.try_get(8)?,
        since: row.try_get(9)?,
        consecutive: count(row, 10)?,
        last_success: row.try_get(11)?,
    };
    Ok((CustomerId(row.try_get(0)?), standing))
}

fn count(row: &AnyRow, column: usize) -> Result<u32, Refusal> {
    u32::try_from(row.try_get::<i64, _>(column)?).map_err(Refusal::internal)
}

fn names(row: &AnyRow, column: usize) -> Result<Vec<SyncModuleName>, Refusal> {
    serde_json::from_str(&row.try_get::<String, _>(column)?).map_err(Refusal::internal)
}

/// The last runs, newest first.
pub(super) async fn runs(db: &Db, seen: &Seen) -> Result<Vec<SyncRun>, Refusal> {
    let text = "select started, finished, state, items, failed, code, detail from sync_run where customer_id = $1 order by started desc limit $2";
    let rows = sqlx::query(text).bind(seen.customer().id.as_str()).bind(RUNS).fetch_all(db.pool()).await?;
    let run = |row: &AnyRow| {
        Ok(SyncRun {
            started: from_us(row.try_get(0)?),
            finished: from_us(row.try_get(1)?),
            state: word(&row.try_get::<String, _>(2)?)?,
            items: count(row, 3)?,
            failed: names(row, 4)?,
            code: row.try_get(5)?,
            detail: row.try_get(6)?,
        })
    };
    rows.iter().map(run).collect()
}

/// A module with what is kept of it.
pub(super) struct ModuleRow {
    pub(super) module: SyncModule,
    pub(super) value: Option<String>,
}

/// Every module that was ever synced.
pub(super) async fn modules(db: &Db, seen: &Seen) -> Result<HashMap<SyncModuleName, ModuleRow>, Refusal> {
    let text = "select name, state, code, detail, last_success, value from sync_module where customer_id = $1";
    let rows = sqlx::query(text).bind(seen.customer().id.as_str()).fetch_all(db.pool()).await?;
    let one = |row: &AnyRow| {
        let name: SyncModuleName = word(&row.try_get::<String, _>(0)?)?;
        let module = SyncModule {
            name,
            state: word(&row.try_get::<String, _>(1)?)?,
            code: row.try_get(2)?,
            detail: row.try_get(3)?,
            last_success: row.try_get::<Option<i64>, _>(4)?.map(from_us),
        };
        Ok((name, ModuleRow { module, value: row.try_get(5)? }))
    };
    rows.iter().map(one).collect()
}

/// What is kept of one module of one customer. By a sync at work, for no person.
pub(super) async fn value(db: &Db, customer: &CustomerId, name: SyncModuleName) -> Result<Option<String>, Refusal> {
    Ok(values(db, name, Some(customer)).await?.pop().map(|(_, value, _)| value))
}

/// What is kept of one module and when it was told, of one customer or of all; whoever asks leaves out those that are not for the person.
pub(super) async fn values(db: &Db, name: SyncModuleName, only: Option<&CustomerId>) -> Result<Vec<(CustomerId, String, i64)>, Refusal> {
    let text = "select customer_id, value, coalesce(last_success, 0) from sync_module \
                where name = $1 and value is not null and ($2 = '' or customer_id = $2)";
    let query = sqlx::query(text).bind(name.as_str()).bind(only.map_or("", CustomerId::as_str).to_owned());
    let rows = query.fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok((CustomerId(row.try_get(0)?), row.try_get(1)?, row.try_get(2)?))).collect()
}
