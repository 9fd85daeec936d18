//! Saved searches in a workspace's database.

use super::{MAX_OWN, MAX_SEARCHES};
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{Assignee, NewSavedSearch, SavedKind, SavedSearch};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};
use http::StatusCode;
use sqlx::{Row, any::AnyRow};

const ACTIONS: &[Action] = &[Action::ViewInvestigations];

const SELECT: &str = "select s.id, s.kind, s.name, s.body, s.owner, s.shared, s.created, s.updated, t.name as owner_name \
                      from saved_search s left join technician t on t.email = s.owner";

/// The person's own and the shared ones, by name.
pub(super) async fn list(grant: &WorkspaceGrant, kind: Option<SavedKind>) -> Result<Vec<SavedSearch>, Refusal> {
    let text = format!("{SELECT} where (s.owner = $1 or s.shared = 1) and ($2 = '' or s.kind = $2) order by s.id limit {MAX_SEARCHES}");
    let kind = kind.map_or("", SavedKind::as_str);
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(grant.actor()).bind(kind).fetch_all(grant.demand(ACTIONS)?.db().pool()).await?;
    let mut found = rows.iter().map(|row| read(row, grant.actor())).collect::<Result<Vec<_>, _>>()?;
    found.sort_by_cached_key(|search| (search.name.to_lowercase(), search.id.clone()));
    Ok(found)
}

/// Keeps a search.
pub(super) async fn add(grant: &WorkspaceGrant, id: &str, new: &NewSavedSearch, now_us: i64) -> Result<SavedSearch, Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let row = sqlx::query("select count(*) as n, coalesce(sum(case when owner = $1 then 1 else 0 end), 0) as own from saved_search")
        .bind(grant.actor())
        .fetch_one(&mut *tx)
        .await?;
    let (all, own): (i64, i64) = (row.try_get("n")?, row.try_get("own")?);
    if own >= MAX_OWN || all >= MAX_SEARCHES {
        let detail = format!("at most {MAX_OWN} saved searches of one person and {MAX_SEARCHES} of a workspace; delete one first");
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY").detail(detail));
    }
    let text = "insert into saved_search (id, kind, name, body, owner, shared, created, updated) values ($1, $2, $3, $4, $5, $6, $7, $7)";
    sqlx::query(text)
        .bind(id)
        .bind(new.kind.as_str())
        .bind(&new.name)
        .bind(serde_json::to_string(&new.body).map_err(Refusal::internal)?)
        .bind(grant.actor())
        .bind(i64::from(new.shared))
        .bind(now_us)
        .execute(&mut *tx)
        .await?;
    let made = find(&mut tx, grant, id).await?;
    tx.commit().await?;
    Ok(made)
}

/// Changes one's own search.
pub(super) async fn change(
    grant: &WorkspaceGrant,
    id: &str,
    change: impl FnOnce(SavedSearch) -> Result<NewSavedSearch, Refusal>,
    now_us: i64,
) -> Result<SavedSearch, Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    let new = change(own(&mut tx, grant, id).await?)?;
    sqlx::query("update saved_search set name = $2, body = $3, shared = $4, updated = $5 where id = $1")
        .bind(id)
        .bind(&new.name)
        .bind(serde_json::to_string(&new.body).map_err(Refusal::internal)?)
        .bind(i64::from(new.shared))
        .bind(now_us)
        .execute(&mut *tx)
        .await?;
    let changed = find(&mut tx, grant, id).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Lets go of one's own search.
pub(super) async fn remove(grant: &WorkspaceGrant, id: &str) -> Result<(), Refusal> {
    let mut tx = grant.demand(ACTIONS)?.db().begin().await?;
    own(&mut tx, grant, id).await?;
    sqlx::query("delete from saved_search where id = $1").bind(id).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// One that this person sees.
async fn find(tx: &mut Tx, grant: &WorkspaceGrant, id: &str) -> Result<SavedSearch, Refusal> {
    let text = format!("{SELECT} where s.id = $1 and (s.owner = $2 or s.shared = 1)");
    let row = sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).bind(grant.actor()).fetch_optional(&mut **tx).await?;
    read(&row.ok_or_else(Refusal::not_found)?, grant.actor())
}

/// One that this person may change.
async fn own(tx: &mut Tx, grant: &WorkspaceGrant, id: &str) -> Result<SavedSearch, Refusal> {
    let found = find(tx, grant, id).await?;
    if found.mine { Ok(found) } else { Err(Refusal::new(StatusCode::FORBIDDEN, "NOT_OWNER").detail("only its owner changes a saved search")) }
}

fn read(row: &AnyRow, reader: &str) -> Result<SavedSearch, Refusal> {
    let owner: String = row.try_get("owner")?;
    Ok(SavedSearch {
        id: row.try_get("id")?,
        kind: row.try_get::<String, _>("kind")?.parse().map_err(Refusal::internal)?,
        name: row.try_get("name")?,
        body: serde_json::from_str(&row.try_get::<String, _>("body")?).map_err(Refusal::internal)?,
        mine: owner == reader,
        owner: Assignee { email: owner, name: row.try_get::<Option<String>, _>("owner_name")?.unwrap_or_default() },
        shared: row.try_get::<i64, _>("shared")? != 0,
        created_time: from_us(row.try_get("created")?),
        updated_time: from_us(row.try_get("updated")?),
    })
}
