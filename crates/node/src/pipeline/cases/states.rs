//! What deciding needs to know about entities, read for many at once and kept from one slice to the next.

use super::batch;
use bailiwick_chassis::{Refusal, sql::Tx};
use bailiwick_detect::{
    Level,
    correlate::{EntityKey, EntityState, NameWeight, OpenInvestigation, PastSignal, Policy, Priority, Quiet},
};
use sqlx::{Any, QueryBuilder, Row, any::AnyRow};
use std::collections::{BTreeMap, HashMap, HashSet};

/// States by entity.
pub(super) type States = HashMap<EntityKey, EntityState>;

/// Reads the states of these entities, which `states` does not hold yet.
pub(super) async fn load(tx: &mut Tx, states: &mut States, policy: &Policy, keys: &[EntityKey], now_us: i64) -> Result<(), Refusal> {
    for part in batch::parts(keys) {
        for key in part {
            states.insert(key.clone(), EntityState { forgot_us: now_us, ..EntityState::default() });
        }
        signals(tx, states, policy, part, now_us).await?;
        quiet(tx, states, part).await?;
        open(tx, states, part).await?;
    }
    Ok(())
}

/// A query over some entities: `wanted` holds them, to be joined.
fn wanted(keys: &[EntityKey], select: &str) -> QueryBuilder<Any> {
    let mut query = QueryBuilder::<Any>::new("with wanted (kind, value) as (");
    query.push_values(keys, |mut row, key| {
        row.push_bind(key.kind.as_str()).push_bind(key.value.as_str());
    });
    query.push(") ").push(select);
    query
}

fn key(row: &AnyRow) -> Result<EntityKey, Refusal> {
    Ok(EntityKey { kind: row.try_get::<String, _>("kind")?.parse().map_err(Refusal::internal)?, value: row.try_get("value")? })
}

async fn signals(tx: &mut Tx, states: &mut States, policy: &Policy, keys: &[EntityKey], now_us: i64) -> Result<(), Refusal> {
    let select = "select wanted.kind, wanted.value, s.id, s.name, s.rule, s.severity, s.level, s.created, s.match_id \
                  from wanted cross join signal s on s.entity_type = wanted.kind and s.entity_value = wanted.value \
                  where s.suppressed is null and s.investigation is null and s.prototype = 0 and s.unlinked = 0 and s.created > ";
    let mut query = wanted(keys, select);
    query.push_bind(now_us - policy.window_us()).push(" order by s.created");
    for row in query.build().fetch_all(&mut **tx).await? {
        let Some(state) = states.get_mut(&key(&row)?) else { continue };
        state.signals.push(PastSignal {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            rule_id: row.try_get("rule")?,
            severity: u32::try_from(row.try_get::<i64, _>("severity")?).unwrap_or_default(),
            level: Level::parse(&row.try_get::<String, _>("level")?).unwrap_or(Level::Medium),
            time_us: row.try_get("created")?,
            suppressed: false,
            prototype: false,
            investigation: None,
            match_id: row.try_get("match_id")?,
        });
    }
    for key in keys {
        if let Some(state) = states.get_mut(key) {
            state.forget(policy, now_us);
        }
    }
    Ok(())
}

async fn quiet(tx: &mut Tx, states: &mut States, keys: &[EntityKey]) -> Result<(), Refusal> {
    let select = "select wanted.kind, wanted.value, q.name, q.first, q.last, q.first_signal, q.idle \
                  from wanted cross join quiet q on q.entity_type = wanted.kind and q.entity_value = wanted.value";
    for row in wanted(keys, select).build().fetch_all(&mut **tx).await? {
        let Some(state) = states.get_mut(&key(&row)?) else { continue };
        let period = Quiet {
            first_us: row.try_get("first")?,
            last_us: row.try_get("last")?,
            first_signal: row.try_get("first_signal")?,
            idle_us: row.try_get("idle")?,
        };
        state.quiet.insert(row.try_get("name")?, period);
    }
    Ok(())
}

async fn open(tx: &mut Tx, states: &mut States, keys: &[EntityKey]) -> Result<(), Refusal> {
    // What was merged away stands for the one it was merged into; one of its own comes first.
    let select = "select wanted.kind, wanted.value, i.id, i.priority, i.priority_by_hand \
                  from wanted cross join investigation about on about.entity_type = wanted.kind and about.entity_value = wanted.value \
                  join investigation i on i.id = coalesce(about.merged_into, about.id) \
                  where i.status <> 'CLOSED' order by about.merged_into is not null, i.created, i.id";
    let mut seen = HashSet::new();
    for row in wanted(keys, select).build().fetch_all(&mut **tx).await? {
        let entity = key(&row)?;
        if !seen.insert(entity.clone()) {
            continue;
        }
        let id: String = row.try_get("id")?;
        let open = OpenInvestigation {
            names: names(tx, &id).await?,
            priority: Priority::parse(word(row.try_get("priority")?)).unwrap_or_default(),
            priority_by_hand: row.try_get::<i64, _>("priority_by_hand")? != 0,
            id,
        };
        if let Some(state) = states.get_mut(&entity) {
            state.open = Some(open);
        }
    }
    Ok(())
}

async fn names(tx: &mut Tx, investigation: &str) -> Result<BTreeMap<String, NameWeight>, Refusal> {
    let text = "select name, max(severity) as severity, max(level = 'critical') as critical from signal where investigation = $1 group by name";
    let mut names = BTreeMap::new();
    for name in sqlx::query(text).bind(investigation).fetch_all(&mut **tx).await? {
        let severity = u32::try_from(name.try_get::<i64, _>("severity")?).unwrap_or_default();
        names.insert(name.try_get("name")?, NameWeight { severity, critical: name.try_get::<i64, _>("critical")? != 0 });
    }
    Ok(names)
}

/// The word of a priority's rank.
pub(super) fn word(rank: i64) -> &'static str {
    let at = usize::try_from(rank).unwrap_or_default();
    bailiwick_api::Priority::ALL.get(at).copied().unwrap_or(bailiwick_api::Priority::Unspecified).as_str()
}
