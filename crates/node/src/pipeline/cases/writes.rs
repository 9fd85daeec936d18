//! What a slice writes: signals, quiet periods and entities many at a time; investigations, of which there are few, one by one.

use super::{
    batch,
    states::word,
    throttle::{self, Held},
};
use crate::{
    investigations::store::recount_signals,
    meters::SignalTally,
    pipeline::detect::{Match, Subject},
};
use bailiwick_chassis::{Refusal, sql::Tx};
use bailiwick_detect::correlate::{EntityKey, Opening, Priority, Quiet};
use sqlx::{Any, QueryBuilder, Row};
use std::collections::{BTreeMap, HashMap};

/// Who the history names when nobody's hand was in it.
const CORRELATION: &str = "correlation";

/// A signal as it will stand.
pub(super) struct SignalRow<'a> {
    pub(super) of: &'a Match,
    pub(super) about: &'a Subject,
    pub(super) suppressed: Option<String>,
    pub(super) investigation: Option<String>,
}

/// What happens to investigations, in order.
pub(super) enum Change<'a> {
    Opened(&'a Match, Box<Opening>),
    Joined(&'a Match, String),
    Raised(&'a Match, String, Priority),
}

/// Everything a slice writes.
#[derive(Default)]
pub(super) struct Writes<'a> {
    pub(super) signals: Vec<SignalRow<'a>>,
    pub(super) changes: Vec<Change<'a>>,
    pub(super) quiet: HashMap<(EntityKey, String), Quiet>,
    /// What throttles held back.
    pub(super) held: Vec<Held>,
}

/// What all signals of a match share, as text.
struct Shared {
    event_ids: String,
    matched: String,
    tags: String,
}

impl Writes<'_> {
    pub(super) async fn write(&self, tx: &mut Tx) -> Result<(), Refusal> {
        self.write_signals(tx).await?;
        self.write_changes(tx).await?;
        self.write_quiet(tx).await?;
        self.write_entities(tx).await?;
        self.write_exceptions(tx).await?;
        throttle::write(tx, &self.held).await
    }

    async fn write_signals(&self, tx: &mut Tx) -> Result<(), Refusal> {
        let mut shared: Vec<(&Match, Shared)> = Vec::new();
        let mut places = Vec::with_capacity(self.signals.len());
        let mut tally = SignalTally::default();
        for signal in &self.signals {
            tally.add(signal.of.event_time, signal.of.prototype, signal.suppressed.is_some());
            if shared.last().is_none_or(|(last, _)| !std::ptr::eq(*last, signal.of)) {
                shared.push((signal.of, texts(signal.of)));
            }
            places.push((signal, shared.len() - 1));
        }
        for part in batch::parts(&places) {
            let mut query = QueryBuilder::<Any>::new(
                "insert into signal (id, rule, name, level, severity, base_severity, entity_type, entity_value, match_id, created, event_time, \
                 event_ids, matched, message, tags, suppressed, investigation, prototype) ",
            );
            query.push_values(part, |mut row, (signal, at)| {
                let (of, about, texts) = (signal.of, signal.about, &shared[*at].1);
                row.push_bind(about.signal_id.as_str()).push_bind(of.rule.id.as_str()).push_bind(of.rule.title.as_str());
                row.push_bind(of.rule.level.as_str()).push_bind(i64::from(about.severity)).push_bind(i64::from(of.severity));
                row.push_bind(about.entity.kind.as_str()).push_bind(about.entity.value.as_str()).push_bind(of.id.as_str());
                row.push_bind(of.created).push_bind(of.event_time).push_bind(texts.event_ids.as_str()).push_bind(texts.matched.as_str());
                row.push_bind(of.message.as_str()).push_bind(texts.tags.as_str()).push_bind(signal.suppressed.as_deref());
                row.push_bind(signal.investigation.as_deref()).push_bind(i64::from(of.prototype));
            });
            query.build().execute(&mut **tx).await?;
        }
        tally.write(tx).await
    }

    async fn write_changes(&self, tx: &mut Tx) -> Result<(), Refusal> {
        let mut touched: BTreeMap<&str, i64> = BTreeMap::new();
        for change in &self.changes {
            let (id, of) = match change {
                Change::Opened(of, opening) => {
                    open(tx, of, opening).await?;
                    (opening.investigation_id.as_str(), of)
                }
                Change::Joined(of, id) => {
                    history(tx, id, of.created, "signal", None, Some(&of.rule.title)).await?;
                    (id.as_str(), of)
                }
                Change::Raised(of, id, priority) => {
                    raise(tx, of, id, *priority).await?;
                    (id.as_str(), of)
                }
            };
            let at = touched.entry(id).or_insert(of.created);
            *at = of.created.max(*at);
        }
        for (id, at) in touched {
            recount_signals(tx, id, at).await?;
        }
        Ok(())
    }

    async fn write_quiet(&self, tx: &mut Tx) -> Result<(), Refusal> {
        let rows: Vec<(&(EntityKey, String), &Quiet)> = self.quiet.iter().collect();
        for part in batch::parts(&rows) {
            let mut query = QueryBuilder::<Any>::new("insert into quiet (name, entity_type, entity_value, first, last, first_signal, idle) ");
            query.push_values(part, |mut row, ((key, name), quiet)| {
                row.push_bind(name.as_str()).push_bind(key.kind.as_str()).push_bind(key.value.as_str()).push_bind(quiet.first_us);
                row.push_bind(quiet.last_us).push_bind(quiet.first_signal.as_str()).push_bind(quiet.idle_us);
            });
            query.push(
                " on conflict (entity_type, entity_value, name) do update set first = excluded.first, last = excluded.last, \
                 first_signal = excluded.first_signal, idle = excluded.idle",
            );
            query.build().execute(&mut **tx).await?;
        }
        Ok(())
    }

    async fn write_entities(&self, tx: &mut Tx) -> Result<(), Refusal> {
        let mut seen: HashMap<EntityKey, (i64, i64, i64)> = HashMap::new();
        for signal in &self.signals {
            let at = signal.of.created;
            let entity = seen.entry(EntityKey::from(&signal.about.entity)).or_insert((at, at, 0));
            *entity = (entity.0.min(at), entity.1.max(at), entity.2 + 1);
        }
        let rows: Vec<_> = seen.into_iter().collect();
        for part in batch::parts(&rows) {
            let mut query = QueryBuilder::<Any>::new("insert into entity (entity_type, entity_value, first_seen, last_seen, signals) ");
            query.push_values(part, |mut row, (key, (first, last, signals))| {
                row.push_bind(key.kind.as_str()).push_bind(key.value.as_str()).push_bind(*first).push_bind(*last).push_bind(*signals);
            });
            query.push(
                " on conflict (entity_type, entity_value) do update set first_seen = min(entity.first_seen, excluded.first_seen), \
                 last_seen = max(entity.last_seen, excluded.last_seen), signals = entity.signals + excluded.signals",
            );
            query.build().execute(&mut **tx).await?;
        }
        Ok(())
    }

    async fn write_exceptions(&self, tx: &mut Tx) -> Result<(), Refusal> {
        let mut hits: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for signal in &self.signals {
            for exception in &signal.about.exceptions {
                let hit = hits.entry(exception).or_insert((0, signal.of.created));
                *hit = (hit.0 + 1, hit.1.max(signal.of.created));
            }
        }
        for (id, (count, last)) in hits {
            let text = "update exception set hits = hits + $1, last_hit = max(coalesce(last_hit, $2), $2) where id = $3";
            sqlx::query(text).bind(count).bind(last).bind(id).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

fn texts(of: &Match) -> Shared {
    let matched: Vec<_> = of.matched.iter().map(|(field, value)| serde_json::json!({"field": field, "value": value})).collect();
    let json = |value: serde_json::Value| value.to_string();
    Shared { event_ids: json(of.event_ids.clone().into()), matched: json(matched.into()), tags: json(of.rule.tags.clone().into()) }
}

async fn open(tx: &mut Tx, of: &Match, opening: &Opening) -> Result<(), Refusal> {
    let id = &opening.investigation_id;
    let text = "insert into investigation (id, version, title, status, priority, disposition, source, entity_type, entity_value, created, updated, opened_by) \
                values ($1, 1, $2, 'OPEN', $3, 'UNDECIDED', 'ALERT', $4, $5, $6, $6, $7) on conflict do nothing";
    sqlx::query(text)
        .bind(id)
        .bind(&opening.title)
        .bind(opening.priority as i64)
        .bind(opening.entity.kind.as_str())
        .bind(&opening.entity.value)
        .bind(of.created)
        .bind(&of.rule.id)
        .execute(&mut **tx)
        .await?;
    history(tx, id, of.created, "opened", None, Some(&opening.title)).await?;
    // Everything of these matches that counts and is in no investigation: what was scored, and siblings on entities nobody looked at.
    for one_match in &opening.matches {
        let text = "update signal set investigation = $1 where match_id = $2 and suppressed is null and investigation is null and prototype = 0 \
                    and unlinked = 0";
        sqlx::query(text).bind(id).bind(one_match).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn raise(tx: &mut Tx, of: &Match, id: &str, priority: Priority) -> Result<(), Refusal> {
    let row = sqlx::query("select priority from investigation where id = $1").bind(id).fetch_one(&mut **tx).await?;
    let rank: i64 = row.try_get("priority")?;
    // Never lowered, whoever raised it meanwhile.
    if rank >= priority as i64 {
        return Ok(());
    }
    let before = word(rank);
    let text = "update investigation set priority = $1, version = version + 1 where id = $2";
    sqlx::query(text).bind(priority as i64).bind(id).execute(&mut **tx).await?;
    history(tx, id, of.created, "priority", Some(before), Some(priority.as_str())).await
}

async fn history(tx: &mut Tx, investigation: &str, at: i64, field: &str, from: Option<&str>, to: Option<&str>) -> Result<(), Refusal> {
    let text = "insert into history (investigation, time, actor, field, value_from, value_to) values ($1, $2, $3, $4, $5, $6)";
    sqlx::query(text).bind(investigation).bind(at).bind(CORRELATION).bind(field).bind(from).bind(to).execute(&mut **tx).await?;
    Ok(())
}
