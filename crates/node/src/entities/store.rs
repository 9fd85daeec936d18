//! Entities and their settings in a workspace's database.

use super::{MAX_PATTERNS, MAX_SETTINGS};
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{EntityRef, EntityRow, EntitySetting};
use bailiwick_chassis::{Refusal, clock::from_us};
use bailiwick_detect::Detection;
use bailiwick_event::Entity;
use sqlx::{Any, QueryBuilder, Row, any::AnyRow};

const WRITE: &[Action] = &[Action::ManageDetection];
const READ: &[Action] = &[Action::ManageDetection, Action::ViewInvestigations];

/// Which entities, and where to begin.
pub(super) struct Wanted<'a> {
    pub(super) kind: Option<&'a str>,
    /// Text in the value, lower case.
    pub(super) text: Option<String>,
    /// The last one of the page before: when it was seen, and its place.
    pub(super) after: Option<(i64, i64)>,
    pub(super) rows: i64,
}

/// Entities with their place, last seen first.
pub(super) async fn list(grant: &WorkspaceGrant, detection: &Detection, wanted: &Wanted<'_>) -> Result<Vec<((i64, i64), EntityRow)>, Refusal> {
    let mut query =
        QueryBuilder::<Any>::new("select entity_type, entity_value, first_seen, last_seen, signals, rowid as place from entity where 1 = 1");
    if let Some(kind) = wanted.kind {
        query.push(" and entity_type = ").push_bind(kind.to_owned());
    }
    if let Some(text) = &wanted.text {
        query.push(" and instr(lower(entity_value), ").push_bind(text.clone()).push(") > 0");
    }
    if let Some((seen, place)) = wanted.after {
        query.push(" and (last_seen < ").push_bind(seen).push(" or (last_seen = ").push_bind(seen).push(" and rowid < ").push_bind(place).push("))");
    }
    query.push(" order by last_seen desc, rowid desc limit ").push_bind(wanted.rows);
    let rows = query.build().fetch_all(grant.demand(READ)?.db().pool()).await?;
    rows.iter().map(|row| entity(row, detection)).collect()
}

fn entity(row: &AnyRow, detection: &Detection) -> Result<((i64, i64), EntityRow), Refusal> {
    let (kind, value): (String, String) = (row.try_get("entity_type")?, row.try_get("entity_value")?);
    let known = Entity { kind: kind.parse().map_err(Refusal::internal)?, value: value.clone(), scores: true };
    let effect = detection.entity(&known);
    let last: i64 = row.try_get("last_seen")?;
    let shown = EntityRow {
        entity: EntityRef { kind, value },
        first_seen: from_us(row.try_get("first_seen")?),
        last_seen: from_us(last),
        signals: u64::try_from(row.try_get::<i64, _>("signals")?).unwrap_or_default(),
        criticality: effect.criticality.map(ToString::to_string),
        suppressed: effect.suppressed,
    };
    Ok(((last, row.try_get("place")?), shown))
}

/// The settings after one, by kind and value.
pub(super) async fn settings(grant: &WorkspaceGrant, after: (&str, &str), rows: i64) -> Result<Vec<EntitySetting>, Refusal> {
    let text = "select entity_type, pattern, criticality, suppressed, notes from entity_setting \
                where entity_type > $1 or (entity_type = $1 and pattern > $2) order by entity_type, pattern limit $3";
    let rows = sqlx::query(text).bind(after.0).bind(after.1).bind(rows).fetch_all(grant.demand(READ)?.db().pool()).await?;
    let setting = |row: &AnyRow| {
        Ok(EntitySetting {
            kind: row.try_get("entity_type")?,
            value: row.try_get("pattern")?,
            criticality: row.try_get("criticality")?,
            suppressed: row.try_get::<i64, _>("suppressed")? != 0,
            notes: row.try_get("notes")?,
        })
    };
    rows.iter().map(setting).collect()
}

/// Writes a setting; one that says nothing is taken away.
pub(super) async fn set(grant: &WorkspaceGrant, setting: &EntitySetting, now_us: i64) -> Result<(), Refusal> {
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    sqlx::query("delete from entity_setting where entity_type = $1 and pattern = $2")
        .bind(&setting.kind)
        .bind(&setting.value)
        .execute(&mut *tx)
        .await?;
    if setting.criticality.is_none() && !setting.suppressed {
        return Ok(tx.commit().await?);
    }
    let text = "select count(*) as n, coalesce(sum(case when pattern like '%*%' or pattern like '%?%' then 1 else 0 end), 0) as patterns from entity_setting";
    let counted = sqlx::query(text).fetch_one(&mut *tx).await?;
    let pattern = setting.value.contains(['*', '?']);
    if counted.try_get::<i64, _>("n")? >= MAX_SETTINGS || (pattern && counted.try_get::<i64, _>("patterns")? >= MAX_PATTERNS) {
        let detail = format!("a workspace has at most {MAX_SETTINGS} settings of entities, {MAX_PATTERNS} of them patterns");
        return Err(Refusal::conflict("TOO_MANY_SETTINGS", detail));
    }
    let text = "insert into entity_setting (entity_type, pattern, criticality, suppressed, notes, changed, changed_by) \
                values ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query(text)
        .bind(&setting.kind)
        .bind(&setting.value)
        .bind(setting.criticality.as_deref())
        .bind(i64::from(setting.suppressed))
        .bind(&setting.notes)
        .bind(now_us)
        .bind(grant.actor())
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}
