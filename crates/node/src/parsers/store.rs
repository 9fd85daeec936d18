//! Uploaded parsers in a workspace's database.

use super::MAX_PARSERS;
use crate::{
    access::{Action, WorkspaceGrant},
    audit,
};
use bailiwick_api::{NewParser, NextParser, ParserState};
use bailiwick_chassis::{Refusal, sql::Db};
use http::StatusCode;
use sqlx::{Row as _, any::AnyRow};

const ACTIONS: &[Action] = &[Action::ManageParsers];

/// An uploaded parser as the table has it.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) state: ParserState,
    pub(super) why: Option<String>,
    pub(super) sample: Option<String>,
    pub(super) version: i64,
    pub(super) source: String,
    pub(super) next: Option<(i64, String)>,
    pub(super) changed: i64,
    pub(super) changed_by: String,
}

/// Every uploaded parser by name. Without a grant: the workspace's own pipeline asks.
pub(super) async fn all(db: &Db) -> Result<Vec<Row>, Refusal> {
    let rows = sqlx::query("select * from parser order by name").fetch_all(db.pool()).await?;
    rows.iter().map(row).collect()
}

/// Every uploaded parser by name.
pub(super) async fn list(grant: &WorkspaceGrant) -> Result<Vec<Row>, Refusal> {
    all(grant.demand(ACTIONS)?.db()).await
}

/// How many sources insist on each parser; deleted ones do not.
pub(super) async fn sources(grant: &WorkspaceGrant) -> Result<Vec<(String, u64)>, Refusal> {
    let text = "select parser, count(*) as sources from source where parser is not null and deleted is null group by parser";
    let rows = sqlx::query(text).fetch_all(grant.demand(ACTIONS)?.db().pool()).await?;
    let pair = |row: &AnyRow| Ok((row.try_get("parser")?, u64::try_from(row.try_get::<i64, _>("sources")?).unwrap_or_default()));
    rows.iter().map(pair).collect()
}

/// One uploaded parser; none when there is no such.
pub(super) async fn find(grant: &WorkspaceGrant, name: &str) -> Result<Option<Row>, Refusal> {
    let query = sqlx::query("select * from parser where name = $1").bind(name);
    query.fetch_optional(grant.demand(ACTIONS)?.db().pool()).await?.as_ref().map(row).transpose()
}

pub(super) async fn add(grant: &WorkspaceGrant, new: &NewParser, now_us: i64) -> Result<(), Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let count: i64 = sqlx::query("select count(*) as n from parser").fetch_one(&mut *tx).await?.try_get("n")?;
    if count >= MAX_PARSERS {
        return Err(Refusal::conflict("TOO_MANY_PARSERS", format!("a workspace has at most {MAX_PARSERS} parsers of its own")));
    }
    let added = sqlx::query(
        "insert into parser (name, description, state, version, source, created, changed, changed_by) values ($1, $2, $3, 1, $4, $5, $6, $7)",
    )
    .bind(&new.name)
    .bind(&new.description)
    .bind(ParserState::Draft.as_str())
    .bind(&new.source)
    .bind(now_us)
    .bind(now_us)
    .bind(grant.actor())
    .execute(&mut *tx)
    .await;
    match added {
        Err(error) if Db::is_unique_violation(&error) => {
            Err(Refusal::conflict("NAME_TAKEN", "name: a parser has this name; PUT gives it a new version").field("name"))
        }
        other => {
            other?;
            Ok(tx.commit().await?)
        }
    }
}

/// A draft gets the new text at once; a parser that was in use keeps its own beside the next.
pub(super) async fn replace(grant: &WorkspaceGrant, name: &str, next: &NextParser, now_us: i64) -> Result<(), Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let found = sqlx::query("select state, version, next_version from parser where name = $1").bind(name).fetch_optional(&mut *tx).await?;
    let Some(found) = found else { return Err(Refusal::not_found()) };
    let last = found.try_get::<Option<i64>, _>("next_version")?.unwrap_or(found.try_get("version")?);
    let text = if found.try_get::<String, _>("state")? == ParserState::Draft.as_str() {
        "update parser set version = $1, source = $2, description = coalesce($3, description), changed = $4, changed_by = $5 where name = $6"
    } else {
        "update parser set next_version = $1, next_source = $2, description = coalesce($3, description), changed = $4, changed_by = $5 where name = $6"
    };
    sqlx::query(text)
        .bind(last + 1)
        .bind(&next.source)
        .bind(next.description.as_deref())
        .bind(now_us)
        .bind(grant.actor())
        .bind(name)
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Puts the next version in use, if there is one, or the one there is.
pub(super) async fn enable(grant: &WorkspaceGrant, name: &str, now_us: i64) -> Result<(), Refusal> {
    let text =
        "update parser set state = $1, why = null, sample = null, version = coalesce(next_version, version), source = coalesce(next_source, source),
                next_version = null, next_source = null, changed = $2, changed_by = $3 where name = $4";
    change(grant, name, ParserState::Enabled, text, now_us).await
}

pub(super) async fn disable(grant: &WorkspaceGrant, name: &str, now_us: i64) -> Result<(), Refusal> {
    let text = "update parser set state = $1, why = null, sample = null, changed = $2, changed_by = $3 where name = $4";
    change(grant, name, ParserState::Disabled, text, now_us).await
}

async fn change(grant: &WorkspaceGrant, name: &str, state: ParserState, text: &'static str, now_us: i64) -> Result<(), Refusal> {
    let query = sqlx::query(text).bind(state.as_str()).bind(now_us).bind(grant.actor()).bind(name);
    let done = query.execute(grant.demand(ACTIONS)?.db().pool()).await?;
    if done.rows_affected() == 0 { Err(Refusal::not_found()) } else { Ok(()) }
}

/// Deletes a parser no source insists on; one that takes the place of a shipped parser may always go.
pub(super) async fn remove(grant: &WorkspaceGrant, name: &str, shipped: bool) -> Result<(), Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let users: i64 =
        sqlx::query("select count(*) as n from source where parser = $1 and deleted is null").bind(name).fetch_one(&mut *tx).await?.try_get("n")?;
    if users > 0 && !shipped {
        let detail = format!("{users} sources insist on this parser; give them another first");
        return Err(Refusal::new(StatusCode::CONFLICT, "PARSER_IN_USE").detail(detail));
    }
    let done = sqlx::query("delete from parser where name = $1").bind(name).execute(&mut *tx).await?;
    if done.rows_affected() == 0 {
        return Err(Refusal::not_found());
    }
    Ok(tx.commit().await?)
}

/// Sets a parser aside that is in use; by the node itself, and noted in the audit.
pub(super) async fn set_aside(db: &Db, name: &str, why: &str, sample: &str, now_us: i64) -> Result<(), Refusal> {
    let mut tx = db.begin().await?;
    let done = sqlx::query("update parser set state = $1, why = $2, sample = $3, changed = $4, changed_by = 'node' where name = $5 and state = $6")
        .bind(ParserState::SetAside.as_str())
        .bind(why)
        .bind(Some(sample).filter(|sample| !sample.is_empty()))
        .bind(now_us)
        .bind(name)
        .bind(ParserState::Enabled.as_str())
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() > 0 {
        audit::by_node(&mut tx, now_us, "parser.set_aside", name).await?;
    }
    Ok(tx.commit().await?)
}

fn row(row: &AnyRow) -> Result<Row, Refusal> {
    let next_version: Option<i64> = row.try_get("next_version")?;
    let next_source: Option<String> = row.try_get("next_source")?;
    Ok(Row {
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        state: row.try_get::<String, _>("state")?.parse().map_err(Refusal::internal)?,
        why: row.try_get("why")?,
        sample: row.try_get("sample")?,
        version: row.try_get("version")?,
        source: row.try_get("source")?,
        next: next_version.zip(next_source),
        changed: row.try_get("changed")?,
        changed_by: row.try_get("changed_by")?,
    })
}
