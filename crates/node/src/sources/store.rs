//! Sources in a workspace's database. Counters in the table are what is stored; what is still on its way is added when shown.

use super::MAX_SOURCES;
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{NewSource, Source, SourceId};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Db};
use sqlx::{Row, any::AnyRow};

const ACTIONS: &[Action] = &[Action::ManageSources];

/// What a key leaves behind.
pub(super) struct KeyMark<'a> {
    pub(super) digest: &'a str,
    pub(super) hint: &'a str,
}

pub(super) async fn add(grant: &WorkspaceGrant, id: &SourceId, new: &NewSource, key: KeyMark<'_>, now_us: i64) -> Result<(), Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let count: i64 = sqlx::query("select count(*) as n from source").fetch_one(&mut *tx).await?.try_get("n")?;
    if count >= MAX_SOURCES {
        return Err(Refusal::conflict("TOO_MANY_SOURCES", format!("a workspace has at most {MAX_SOURCES} sources")));
    }
    let added = sqlx::query(
        "insert into source (id, name, name_key, source_category, format, tier, syslog_tcp, enabled, key_digest, key_hint, created,
                             syslog_udp, syslog_tls, allowed, client_certificate)
         values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(id.as_str())
    .bind(&new.name)
    .bind(new.name.to_lowercase())
    .bind(&new.source_category)
    .bind(new.format.as_str())
    .bind(new.tier.as_str())
    .bind(new.syslog_tcp.as_deref())
    .bind(key.digest)
    .bind(key.hint)
    .bind(now_us)
    .bind(new.syslog_udp.as_deref())
    .bind(new.syslog_tls.as_deref())
    .bind(serde_json::to_string(&new.allowed).map_err(Refusal::internal)?)
    .bind(new.client_certificate.as_deref())
    .execute(&mut *tx)
    .await;
    match added {
        Err(error) if Db::is_unique_violation(&error) => Err(Refusal::conflict("NAME_TAKEN", "name: a source has this name").field("name")),
        other => {
            other?;
            Ok(tx.commit().await?)
        }
    }
}

pub(super) async fn set_key(grant: &WorkspaceGrant, id: &SourceId, key: KeyMark<'_>) -> Result<(), Refusal> {
    let done = sqlx::query("update source set key_digest = $1, key_hint = $2 where id = $3")
        .bind(key.digest)
        .bind(key.hint)
        .bind(id.as_str())
        .execute(grant.demand(ACTIONS)?.db().pool())
        .await?;
    if done.rows_affected() == 0 { Err(Refusal::not_found()) } else { Ok(()) }
}

pub(super) async fn set_enabled(grant: &WorkspaceGrant, id: &SourceId, enabled: bool) -> Result<(), Refusal> {
    let done = sqlx::query("update source set enabled = $1 where id = $2")
        .bind(i64::from(enabled))
        .bind(id.as_str())
        .execute(grant.demand(ACTIONS)?.db().pool())
        .await?;
    if done.rows_affected() == 0 { Err(Refusal::not_found()) } else { Ok(()) }
}

const LIST: &str = "select id, name, source_category, format, tier, syslog_tcp, enabled, key_hint, created, stored, failed, bytes, dropped, last_seen
                    from source order by name_key";

/// Every source by name, as the table has it.
pub(super) async fn list(grant: &WorkspaceGrant) -> Result<Vec<Source>, Refusal> {
    let rows = sqlx::query(LIST).fetch_all(grant.demand(ACTIONS)?.db().pool()).await?;
    rows.iter().map(source).collect()
}

fn source(row: &AnyRow) -> Result<Source, Refusal> {
    let word = |name: &str| row.try_get::<String, _>(name);
    let count = |name: &str| row.try_get::<i64, _>(name).map(|n| u64::try_from(n).unwrap_or_default());
    Ok(Source {
        id: SourceId(word("id")?),
        name: word("name")?,
        source_category: word("source_category")?,
        format: word("format")?.parse().map_err(Refusal::internal)?,
        tier: word("tier")?.parse().map_err(Refusal::internal)?,
        syslog_tcp: row.try_get("syslog_tcp")?,
        syslog_error: None,
        enabled: row.try_get::<i64, _>("enabled")? != 0,
        key_hint: word("key_hint")?,
        stored: count("stored")?,
        failed: count("failed")?,
        bytes: count("bytes")?,
        dropped: count("dropped")?,
        last_seen: row.try_get::<Option<i64>, _>("last_seen")?.map(from_us),
        created_time: from_us(row.try_get("created")?),
    })
}
