//! Sources in a workspace's database. Counters in the table are what is stored; what is still on its way is added when shown.

use super::{MAX_ROWS, MAX_SOURCES};
use crate::{
    access::{Action, WorkspaceGrant},
    licences,
};
use bailiwick_api::{CollectorId, LicenceResource, NewSource, Source, SourceId};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Any, Row, any::AnyRow, query::Query};

const ACTIONS: &[Action] = &[Action::ManageSources];

/// What a key leaves behind.
pub(super) struct KeyMark<'a> {
    pub(super) digest: &'a str,
    pub(super) hint: &'a str,
}

/// Makes a source; gives how many there are then.
pub(super) async fn add(grant: &WorkspaceGrant, id: &SourceId, new: &NewSource, key: KeyMark<'_>, now_us: i64) -> Result<u64, Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let row = sqlx::query("select count(*) as n, count(deleted) as gone from source").fetch_one(&mut *tx).await?;
    let (all, gone): (i64, i64) = (row.try_get("n")?, row.try_get("gone")?);
    let (all, live) = (all.unsigned_abs(), (all - gone).unsigned_abs());
    if live >= MAX_SOURCES {
        return Err(Refusal::conflict("TOO_MANY_SOURCES", format!("a workspace has at most {MAX_SOURCES} sources")));
    }
    if all >= MAX_ROWS {
        return Err(Refusal::conflict("TOO_MANY_SOURCES", format!("a workspace has at most {MAX_ROWS} sources, deleted ones included")));
    }
    licences::store::refuse_more(&mut tx, LicenceResource::Sources, live).await?;
    collector_exists(&mut tx, new.collector.as_ref()).await?;
    let text = "insert into source (name, name_key, source_category, format, tier, collector, host, parser, cse, syslog_tcp, syslog_udp,
                                    syslog_tls, allowed, client_certificate, enabled, id, key_digest, key_hint, created)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16, $17, $18)";
    let allowed = serde_json::to_string(&new.allowed).map_err(Refusal::internal)?;
    let added = settings(sqlx::query(text), new, &allowed).bind(id.as_str()).bind(key.digest).bind(key.hint).bind(now_us);
    taken(added.execute(&mut *tx).await)?;
    tx.commit().await?;
    Ok(live + 1)
}

/// Changes a source to what `to` makes of it; nobody changes it in between.
pub(super) async fn update(
    grant: &WorkspaceGrant,
    id: &SourceId,
    to: impl FnOnce(&Source) -> Result<(NewSource, bool), Refusal>,
) -> Result<(), Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let row = sqlx::query("select * from source where id = $1 and deleted is null").bind(id.as_str()).fetch_optional(&mut *tx).await?;
    let (to, enabled) = to(&source(&row.ok_or_else(Refusal::not_found)?)?)?;
    collector_exists(&mut tx, to.collector.as_ref()).await?;
    let text = "update source set name = $1, name_key = $2, source_category = $3, format = $4, tier = $5, collector = $6, host = $7, parser = $8,
                                  cse = $9, syslog_tcp = $10, syslog_udp = $11, syslog_tls = $12, allowed = $13, client_certificate = $14,
                                  enabled = $15 where id = $16 and deleted is null";
    let allowed = serde_json::to_string(&to.allowed).map_err(Refusal::internal)?;
    let done = settings(sqlx::query(text), &to, &allowed).bind(i64::from(enabled)).bind(id.as_str()).execute(&mut *tx).await;
    taken(done)?;
    Ok(tx.commit().await?)
}

/// Gives a source another key. The digest of the one before is kept, to tell who still uses it.
pub(super) async fn set_key(grant: &WorkspaceGrant, id: &SourceId, key: KeyMark<'_>) -> Result<(), Refusal> {
    let text = "update source set previous_digest = key_digest, key_digest = $1, key_hint = $2 where id = $3 and deleted is null";
    let done = sqlx::query(text).bind(key.digest).bind(key.hint).bind(id.as_str()).execute(grant.demand(ACTIONS)?.db().pool()).await;
    taken(done)
}

/// Deletes a source; gives how many are left. Its row stays, under a name that nobody can give.
pub(super) async fn remove(grant: &WorkspaceGrant, id: &SourceId, now_us: i64) -> Result<u64, Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let done = sqlx::query("update source set deleted = $1, enabled = 0, name_key = $2 where id = $3 and deleted is null")
        .bind(now_us)
        .bind(format!("\u{1}{id}"))
        .bind(id.as_str())
        .execute(&mut *tx)
        .await;
    taken(done)?;
    let row = sqlx::query("select count(*) as n from source where deleted is null").fetch_one(&mut *tx).await?;
    tx.commit().await?;
    Ok(row.try_get::<i64, _>("n")?.unsigned_abs())
}

/// One source as the table has it, deleted ones too.
pub(super) async fn get(grant: &WorkspaceGrant, id: &SourceId) -> Result<Source, Refusal> {
    let db = grant.demand(ACTIONS)?.db();
    let row = sqlx::query("select * from source where id = $1").bind(id.as_str()).fetch_optional(db.pool()).await?;
    source(&row.ok_or_else(Refusal::not_found)?)
}

/// Sources by name as the table has them, strictly after a place (folded name, id): those there are, or those deleted.
pub(super) async fn list(grant: &WorkspaceGrant, deleted: bool, after: Option<&(String, String)>, rows: usize) -> Result<Vec<Source>, Refusal> {
    let db = grant.demand(ACTIONS)?.db();
    let by_name = "select * from source where deleted is null and ($1 is null or name_key > $1 or (name_key = $1 and id > $2)) \
                   order by name_key, id limit $3";
    // The key of a deleted source is its id.
    let by_id = "select * from source where deleted is not null and ($1 is null or id > $2) order by id limit $3";
    let rows = sqlx::query(if deleted { by_id } else { by_name })
        .bind(after.map(|(name, _)| name.as_str()))
        .bind(after.map(|(_, id)| id.as_str()))
        .bind(i64::try_from(rows).unwrap_or(i64::MAX))
        .fetch_all(db.pool())
        .await?;
    rows.iter().map(source).collect()
}

type AnyQuery<'q> = Query<'q, Any, sqlx::any::AnyArguments>;

/// Binds what `$1` to `$14` stand for in the two texts above.
fn settings<'q>(query: AnyQuery<'q>, new: &'q NewSource, allowed: &'q str) -> AnyQuery<'q> {
    query
        .bind(&new.name)
        .bind(new.name.to_lowercase())
        .bind(&new.source_category)
        .bind(new.format.as_str())
        .bind(new.tier.as_str())
        .bind(new.collector.as_ref().map(CollectorId::as_str))
        .bind(new.host.as_deref())
        .bind(new.parser.as_deref())
        .bind(i64::from(new.cse))
        .bind(new.syslog_tcp.as_deref())
        .bind(new.syslog_udp.as_deref())
        .bind(new.syslog_tls.as_deref())
        .bind(allowed)
        .bind(new.client_certificate.as_deref())
}

async fn collector_exists(tx: &mut Tx, collector: Option<&CollectorId>) -> Result<(), Refusal> {
    let Some(id) = collector else { return Ok(()) };
    let found = sqlx::query("select 1 as one from collector where id = $1").bind(id.as_str()).fetch_optional(&mut **tx).await?;
    found.map(|_| ()).ok_or_else(|| Refusal::invalid("INVALID_INPUT", "collector", "collector: there is none with this id"))
}

fn taken(done: Result<sqlx::any::AnyQueryResult, sqlx::Error>) -> Result<(), Refusal> {
    match done {
        Err(error) if Db::is_unique_violation(&error) => Err(Refusal::conflict("NAME_TAKEN", "name: a source has this name").field("name")),
        Ok(result) if result.rows_affected() == 0 => Err(Refusal::not_found()),
        other => Ok(other.map(|_| ())?),
    }
}

fn source(row: &AnyRow) -> Result<Source, Refusal> {
    let word = |name: &str| row.try_get::<String, _>(name);
    let count = |name: &str| row.try_get::<i64, _>(name).map(|n| u64::try_from(n).unwrap_or_default());
    let time = |name: &str| row.try_get::<Option<i64>, _>(name).map(|at| at.map(from_us));
    Ok(Source {
        id: SourceId(word("id")?),
        name: word("name")?,
        source_category: word("source_category")?,
        format: word("format")?.parse().map_err(Refusal::internal)?,
        tier: word("tier")?.parse().map_err(Refusal::internal)?,
        collector: row.try_get::<Option<String>, _>("collector")?.map(CollectorId),
        host: row.try_get("host")?,
        parser: row.try_get("parser")?,
        cse: row.try_get::<i64, _>("cse")? != 0,
        syslog_tcp: row.try_get("syslog_tcp")?,
        syslog_udp: row.try_get("syslog_udp")?,
        syslog_tls: row.try_get("syslog_tls")?,
        syslog_error: None,
        allowed: serde_json::from_str(&word("allowed")?).map_err(Refusal::internal)?,
        client_certificate: row.try_get("client_certificate")?,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        key_hint: word("key_hint")?,
        received: count("received")?,
        stored: count("stored")?,
        failed: count("failed")?,
        dropped: count("dropped")?,
        bytes: count("bytes")?,
        last_seen: time("last_seen")?,
        open_issues: 0,
        worst_issue: None,
        created_time: from_us(row.try_get("created")?),
        deleted_time: time("deleted")?,
    })
}
