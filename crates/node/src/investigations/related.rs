//! What else was going on around the same host, user or address.

use super::store::{self, Named};
use crate::access::WorkspaceGrant;
use bailiwick_api::{EntityRef, RelatedRow};
use bailiwick_chassis::Refusal;
use sqlx::{Any, QueryBuilder, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Investigations in an answer.
const MAX_RELATED: usize = 50;
/// Entities of an investigation that are looked at, those of most signals first.
const MAX_ENTITIES: i64 = 20;
/// Shared entities that are named.
const MAX_SHARED: usize = 10;

/// Investigations about an entity of this one or with signals about one, newest change first, at most 50.
pub(super) async fn related(grant: &WorkspaceGrant, named: &Named, id: &str) -> Result<Vec<RelatedRow>, Refusal> {
    let db = grant.demand(store::READ)?.db();
    let own = sqlx::query("select entity_type, entity_value from investigation where id = $1").bind(id).fetch_optional(db.pool()).await?;
    let own = own.ok_or_else(Refusal::not_found)?;
    let kind: Option<String> = own.try_get("entity_type")?;
    let mut entities: BTreeSet<EntityRef> =
        kind.zip(own.try_get("entity_value")?).map(|(kind, value)| EntityRef { kind, value }).into_iter().collect();
    let text = "select entity_type, entity_value from signal where investigation = $1 and entity_type in ('hostname', 'username', 'ip') \
                group by entity_type, entity_value order by count(*) desc, entity_value limit $2";
    for row in sqlx::query(text).bind(id).bind(MAX_ENTITIES).fetch_all(db.pool()).await? {
        entities.insert(EntityRef { kind: row.try_get("entity_type")?, value: row.try_get("entity_value")? });
    }
    if entities.is_empty() {
        return Ok(Vec::new());
    }
    let mut shared: BTreeMap<String, Vec<EntityRef>> = BTreeMap::new();
    for entity in &entities {
        let text = "select id from investigation where entity_type = $1 and entity_value = $2 and id <> $3 \
                    union select investigation from signal where entity_value = $2 and entity_type = $1 and investigation is not null \
                    and investigation <> $3 limit 200";
        let rows = sqlx::query(text).bind(&entity.kind).bind(&entity.value).bind(id).fetch_all(db.pool()).await?;
        for row in rows {
            let with = shared.entry(row.try_get("id")?).or_default();
            if with.len() < MAX_SHARED {
                with.push(entity.clone());
            }
        }
    }
    rows(grant, named, shared).await
}

async fn rows(grant: &WorkspaceGrant, named: &Named, mut shared: BTreeMap<String, Vec<EntityRef>>) -> Result<Vec<RelatedRow>, Refusal> {
    if shared.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<Any>::new(format!("select {} from investigation where id in (", store::COLUMNS));
    let mut list = query.separated(", ");
    for id in shared.keys() {
        list.push_bind(id.clone());
    }
    list.push_unseparated(") order by updated desc, id limit ").push_bind_unseparated(i64::try_from(MAX_RELATED).unwrap_or(i64::MAX));
    let found = query.build().fetch_all(grant.demand(store::READ)?.db().pool()).await?;
    let related = |row: &sqlx::any::AnyRow| {
        let id: String = row.try_get("id")?;
        Ok(RelatedRow { investigation: named.row(row)?, shared: shared.remove(&id).unwrap_or_default() })
    };
    found.iter().map(related).collect()
}
