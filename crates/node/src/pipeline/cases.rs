//! Signals and investigations: what [`bailiwick_detect::correlate`] decides, written in the caller's transaction.

use super::detect::Match;
use crate::rules;
use bailiwick_chassis::{Refusal, sql::Tx};
use bailiwick_detect::{
    Level, Rule,
    correlate::{Decision, EntityKey, EntityState, NameWeight, NewSignal, OpenInvestigation, Opening, PastSignal, Policy, Priority, Quiet, decide},
    ids,
};
use bailiwick_event::Entity;
use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

/// Who the history names when nobody's hand was in it.
const CORRELATION: &str = "correlation";
const NEVER_SCORES: &str = "nothing it is about scores";

type States = HashMap<EntityKey, EntityState>;

/// Writes the signals of matches and what they do to investigations.
pub(super) async fn apply(tx: &mut Tx, policy: &Policy, matches: &[Match], now_us: i64) -> Result<(), Refusal> {
    let mut states = States::new();
    let mut rules = BTreeSet::new();
    for one in matches {
        if rules.insert(one.rule.id.as_str()) {
            keep_rule(tx, &one.rule).await?;
        }
        for (_, key) in one.subjects() {
            if let Entry::Vacant(place) = states.entry(key) {
                let state = load(tx, policy, place.key(), now_us).await?;
                place.insert(state);
            }
        }
        apply_match(tx, policy, &mut states, one).await?;
    }
    Ok(())
}

/// Quiet periods that ended long ago are of no use.
pub(super) async fn prune(tx: &mut Tx, policy: &Policy, now_us: i64) -> Result<(), Refusal> {
    let before = now_us - i64::from(policy.quiet_cap_hours) * 3_600_000_000;
    sqlx::query("delete from quiet where last < $1").bind(before).execute(&mut **tx).await?;
    Ok(())
}

async fn apply_match(tx: &mut Tx, policy: &Policy, states: &mut States, one: &Match) -> Result<(), Refusal> {
    let mut scoring = Vec::new();
    for (entity, key) in one.subjects() {
        let signal = new_signal(one, key);
        if insert(tx, one, entity, &signal.id).await? && entity.scores {
            scoring.push(signal);
        }
    }
    let quieted: Vec<(EntityKey, String)> = scoring.iter().map(|s| (s.entity.clone(), s.name.clone())).collect();
    for decision in decide(policy, states, scoring) {
        write(tx, one, decision).await?;
    }
    for (key, name) in quieted {
        if let Some(quiet) = states.get(&key).and_then(|state| state.quiet.get(&name)) {
            keep_quiet(tx, &key, &name, quiet).await?;
        }
    }
    Ok(())
}

fn new_signal(one: &Match, entity: EntityKey) -> NewSignal {
    NewSignal {
        id: ids::signal_id(&one.event_id, &one.rule.id, entity.kind.as_str(), &entity.value),
        name: one.rule.title.clone(),
        rule_id: one.rule.id.clone(),
        severity: one.rule.severity,
        level: one.rule.level,
        time_us: one.created,
        prototype: false,
        match_id: one.id.clone(),
        entity,
    }
}

/// Inserts a signal; false when it is there already, so that nothing is decided twice.
async fn insert(tx: &mut Tx, one: &Match, entity: &Entity, id: &str) -> Result<bool, Refusal> {
    let json = |value: &serde_json::Value| value.to_string();
    let matched: Vec<_> = one.matched.iter().map(|(field, value)| serde_json::json!({"field": field, "value": value})).collect();
    let text = "insert into signal (id, rule, name, level, severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched, \
                message, tags, suppressed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict do nothing";
    let done = sqlx::query(text)
        .bind(id)
        .bind(&one.rule.id)
        .bind(&one.rule.title)
        .bind(one.rule.level.as_str())
        .bind(i64::from(one.rule.severity))
        .bind(entity.kind.as_str())
        .bind(&entity.value)
        .bind(&one.id)
        .bind(one.created)
        .bind(one.event_time)
        .bind(json(&one.event_ids.clone().into()))
        .bind(json(&matched.into()))
        .bind(&one.message)
        .bind(json(&one.rule.tags.clone().into()))
        .bind((!entity.scores).then_some(NEVER_SCORES))
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn write(tx: &mut Tx, one: &Match, decision: Decision) -> Result<(), Refusal> {
    match decision {
        Decision::Keep { .. } => Ok(()),
        Decision::Suppress { signal, reason } => {
            sqlx::query("update signal set suppressed = $1 where id = $2").bind(reason).bind(signal).execute(&mut **tx).await?;
            Ok(())
        }
        Decision::Join { signal, investigation, raise } => join(tx, one, &signal, &investigation, raise).await,
        Decision::Open(opening) => open(tx, one, &opening).await,
    }
}

async fn join(tx: &mut Tx, one: &Match, signal: &str, investigation: &str, raise: Option<Priority>) -> Result<(), Refusal> {
    attach(tx, signal, investigation).await?;
    history(tx, investigation, one.created, "signal", None, Some(&one.rule.title)).await?;
    if let Some(priority) = raise {
        let row = sqlx::query("select priority from investigation where id = $1").bind(investigation).fetch_one(&mut **tx).await?;
        let before = word(row.try_get("priority")?);
        let text = "update investigation set priority = $1, version = version + 1 where id = $2";
        sqlx::query(text).bind(priority as i64).bind(investigation).execute(&mut **tx).await?;
        history(tx, investigation, one.created, "priority", Some(before), Some(priority.as_str())).await?;
    }
    recount(tx, investigation, one.created).await
}

async fn open(tx: &mut Tx, one: &Match, opening: &Opening) -> Result<(), Refusal> {
    let id = &opening.investigation_id;
    let text = "insert into investigation (id, version, title, status, priority, disposition, source, entity_type, entity_value, created, updated) \
                values ($1, 1, $2, 'OPEN', $3, 'UNDECIDED', 'ALERT', $4, $5, $6, $6) on conflict do nothing";
    sqlx::query(text)
        .bind(id)
        .bind(&opening.title)
        .bind(opening.priority as i64)
        .bind(opening.entity.kind.as_str())
        .bind(&opening.entity.value)
        .bind(one.created)
        .execute(&mut **tx)
        .await?;
    history(tx, id, one.created, "opened", None, Some(&opening.title)).await?;
    for signal in &opening.signals {
        attach(tx, signal, id).await?;
    }
    // Siblings on entities that were not loaded: they belong to the same matches.
    for one_match in &opening.matches {
        let text = "update signal set investigation = $1 where match_id = $2 and investigation is null and suppressed is null";
        sqlx::query(text).bind(id).bind(one_match).execute(&mut **tx).await?;
    }
    recount(tx, id, one.created).await
}

async fn attach(tx: &mut Tx, signal: &str, investigation: &str) -> Result<(), Refusal> {
    let text = "update signal set investigation = $1 where id = $2 and investigation is null";
    sqlx::query(text).bind(investigation).bind(signal).execute(&mut **tx).await?;
    Ok(())
}

/// Counts and times follow from the signals; `updated` never goes back.
async fn recount(tx: &mut Tx, investigation: &str, at: i64) -> Result<(), Refusal> {
    let text = "update investigation set signal_count = (select count(*) from signal where investigation = $1), \
                first_alert = (select min(created) from signal where investigation = $1), \
                latest_alert = (select max(created) from signal where investigation = $1), updated = max(updated, $2) where id = $1";
    sqlx::query(text).bind(investigation).bind(at).execute(&mut **tx).await?;
    Ok(())
}

async fn history(tx: &mut Tx, investigation: &str, at: i64, field: &str, from: Option<&str>, to: Option<&str>) -> Result<(), Refusal> {
    let text = "insert into history (investigation, time, actor, field, value_from, value_to) values ($1, $2, $3, $4, $5, $6)";
    sqlx::query(text).bind(investigation).bind(at).bind(CORRELATION).bind(field).bind(from).bind(to).execute(&mut **tx).await?;
    Ok(())
}

/// The rule as it was when it matched, so that a signal can always be explained.
async fn keep_rule(tx: &mut Tx, rule: &Rule) -> Result<(), Refusal> {
    let body = serde_json::to_string(&rules::info(rule)).map_err(Refusal::internal)?;
    let text = "insert into rule (id, body) values ($1, $2) on conflict (id) do update set body = excluded.body";
    sqlx::query(text).bind(&rule.id).bind(body).execute(&mut **tx).await?;
    Ok(())
}

async fn keep_quiet(tx: &mut Tx, key: &EntityKey, name: &str, quiet: &Quiet) -> Result<(), Refusal> {
    let text = "insert into quiet (name, entity_type, entity_value, first, last, first_signal) values ($1, $2, $3, $4, $5, $6) \
                on conflict (name, entity_type, entity_value) do update set first = excluded.first, last = excluded.last, first_signal = excluded.first_signal";
    sqlx::query(text)
        .bind(name)
        .bind(key.kind.as_str())
        .bind(&key.value)
        .bind(quiet.first_us)
        .bind(quiet.last_us)
        .bind(&quiet.first_signal)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What deciding needs to know about an entity.
async fn load(tx: &mut Tx, policy: &Policy, key: &EntityKey, now_us: i64) -> Result<EntityState, Refusal> {
    Ok(EntityState { signals: load_signals(tx, policy, key, now_us).await?, quiet: load_quiet(tx, key).await?, open: load_open(tx, key).await? })
}

async fn load_signals(tx: &mut Tx, policy: &Policy, key: &EntityKey, now_us: i64) -> Result<Vec<PastSignal>, Refusal> {
    let text = "select id, name, rule, severity, level, created, match_id from signal where entity_type = $1 and entity_value = $2 and created > $3 \
                and suppressed is null and investigation is null order by created desc limit $4";
    let limit = i64::try_from(bailiwick_detect::correlate::MAX_SIGNALS).unwrap_or(i64::MAX);
    let query = sqlx::query(text).bind(key.kind.as_str()).bind(&key.value).bind(now_us - policy.window_us()).bind(limit);
    let mut signals = Vec::new();
    for row in query.fetch_all(&mut **tx).await? {
        signals.push(PastSignal {
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
    signals.reverse();
    Ok(signals)
}

async fn load_quiet(tx: &mut Tx, key: &EntityKey) -> Result<HashMap<String, Quiet>, Refusal> {
    let text = "select name, first, last, first_signal from quiet where entity_type = $1 and entity_value = $2";
    let rows = sqlx::query(text).bind(key.kind.as_str()).bind(&key.value).fetch_all(&mut **tx).await?;
    let quiet = |row: sqlx::any::AnyRow| -> Result<_, sqlx::Error> {
        let period = Quiet { first_us: row.try_get("first")?, last_us: row.try_get("last")?, first_signal: row.try_get("first_signal")? };
        Ok((row.try_get("name")?, period))
    };
    Ok(rows.into_iter().map(quiet).collect::<Result<_, _>>()?)
}

async fn load_open(tx: &mut Tx, key: &EntityKey) -> Result<Option<OpenInvestigation>, Refusal> {
    let text = "select id, priority, priority_by_hand from investigation where entity_type = $1 and entity_value = $2 and status <> 'CLOSED' \
                order by created, id limit 1";
    let Some(row) = sqlx::query(text).bind(key.kind.as_str()).bind(&key.value).fetch_optional(&mut **tx).await? else { return Ok(None) };
    let id: String = row.try_get("id")?;
    let text = "select name, max(severity) as severity, max(level = 'critical') as critical from signal where investigation = $1 group by name";
    let mut names = BTreeMap::new();
    for name in sqlx::query(text).bind(&id).fetch_all(&mut **tx).await? {
        let severity = u32::try_from(name.try_get::<i64, _>("severity")?).unwrap_or_default();
        names.insert(name.try_get("name")?, NameWeight { severity, critical: name.try_get::<i64, _>("critical")? != 0 });
    }
    let priority = word(row.try_get("priority")?);
    Ok(Some(OpenInvestigation {
        id,
        priority: Priority::parse(priority).unwrap_or_default(),
        priority_by_hand: row.try_get::<i64, _>("priority_by_hand")? != 0,
        names,
    }))
}

/// The word of a priority's rank.
fn word(rank: i64) -> &'static str {
    let at = usize::try_from(rank).unwrap_or_default();
    bailiwick_api::Priority::ALL.get(at).copied().unwrap_or(bailiwick_api::Priority::Unspecified).as_str()
}
