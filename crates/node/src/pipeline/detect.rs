//! From matches to signals: which rules made one, about whom, and the windows of correlation rules.

use super::{cases, normalise::Entry, store::move_cursor};
use crate::wal::Position;
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use bailiwick_detect::{
    Fired, Hit, Rule, RuleSet, WindowHit, Windows,
    correlate::{EntityKey, Policy},
    ids,
};
use bailiwick_event::{Entity, Record};
use sqlx::Row;
use std::sync::Arc;

/// Events a signal names at most, the newest.
const SIGNAL_EVENTS: usize = 50;
/// Matches written in one transaction.
const SLICE: usize = 200;

/// A rule matched, about some entities.
pub(super) struct Match {
    pub(super) id: String,
    pub(super) rule: Arc<Rule>,
    pub(super) entities: Vec<Entity>,
    /// Receipt time of the event that completed it, in microseconds.
    pub(super) created: i64,
    pub(super) event_time: i64,
    pub(super) event_id: String,
    pub(super) event_ids: Vec<String>,
    pub(super) matched: Vec<(String, String)>,
    pub(super) message: String,
}

impl Match {
    /// Whom signals are made about: everything that scores, or else the first entity there is.
    pub(super) fn subjects(&self) -> impl Iterator<Item = (&Entity, EntityKey)> {
        let scoring = self.entities.iter().any(|e| e.scores);
        let taken = move |(at, entity): &(usize, &Entity)| if scoring { entity.scores } else { *at == 0 };
        self.entities.iter().enumerate().filter(taken).map(|(_, entity)| (entity, EntityKey::from(entity)))
    }
}

/// What a group of entries does to signals and windows.
#[derive(Default)]
pub(super) struct Prepared {
    pub(super) matches: Vec<Match>,
    new_hits: Vec<WindowHit>,
    stale_hits: Vec<WindowHit>,
}

/// The detection state of one workspace.
pub(super) struct Detector {
    db: Db,
    rules: Arc<RuleSet>,
    windows: Windows,
    policy: Policy,
    detected: Position,
}

impl Detector {
    /// Takes the windows back from the store.
    pub(super) async fn load(db: Db, rules: Arc<RuleSet>, detected: Position) -> Result<Self, Refusal> {
        let mut windows = Windows::new(&rules);
        let rows = sqlx::query("select rule, group_key, time, event, value from window_hit order by rowid").fetch_all(db.pool()).await?;
        let hits = rows.into_iter().map(hit).collect::<Result<Vec<_>, sqlx::Error>>()?;
        windows.restore(&rules, hits);
        Ok(Self { db, rules, windows, policy: Policy::default(), detected })
    }

    /// Up to where signals are made.
    pub(super) fn detected(&self) -> Position {
        self.detected
    }

    /// Works entries that were not detected before; moves the windows in memory. To be committed once, however often that is tried.
    pub(super) fn prepare(&mut self, entries: &[Entry]) -> Prepared {
        let mut prepared = Prepared::default();
        for entry in entries.iter().filter(|e| e.end > self.detected && !e.hits.is_empty()) {
            let record = &entry.record;
            let alerts = entry.hits.iter().filter(|hit| hit.rule.alerts);
            prepared.matches.extend(alerts.map(|hit| of_hit(entry, record, hit)));
            let observed = self.windows.observe(&self.rules, record, &entry.hits, &entry.row.id);
            prepared.new_hits.extend(observed.new_hits);
            prepared.stale_hits.extend(observed.stale_hits);
            prepared.matches.extend(observed.fired.into_iter().map(|fired| of_fired(entry, record, fired)));
        }
        prepared
    }

    /// Writes signals and investigations, then windows and the cursor `detected`. Nothing to write is no transaction: working the same
    /// entries again would find nothing again.
    pub(super) async fn commit(&mut self, prepared: &Prepared, end: Position, now_us: i64) -> Result<(), Refusal> {
        if !prepared.matches.is_empty() || !prepared.new_hits.is_empty() {
            // In slices, so that nobody waits long for the database. A slice that is worked again finds its signals there and does nothing.
            for slice in prepared.matches.chunks(SLICE) {
                let mut tx = self.db.begin().await?;
                cases::apply(&mut tx, &self.policy, slice, now_us).await?;
                tx.commit().await?;
            }
            let mut tx = self.db.begin().await?;
            write_windows(&mut tx, prepared).await?;
            move_cursor(&mut tx, "detected", end).await?;
            tx.commit().await?;
        }
        self.detected = self.detected.max(end);
        Ok(())
    }

    /// Forgets what no window and no quiet period needs any more.
    pub(super) async fn prune(&mut self, tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
        for (rule, before) in self.windows.expired_before(&self.rules, now_us) {
            sqlx::query("delete from window_hit where rule = $1 and time <= $2").bind(rule).bind(before).execute(&mut **tx).await?;
        }
        cases::prune(tx, &self.policy, now_us).await
    }
}

fn hit(row: sqlx::any::AnyRow) -> Result<WindowHit, sqlx::Error> {
    let value: String = row.try_get("value")?;
    Ok(WindowHit {
        rule_id: row.try_get("rule")?,
        group: row.try_get("group_key")?,
        time_us: row.try_get("time")?,
        value: (!value.is_empty()).then_some(value),
        event_id: row.try_get("event")?,
    })
}

async fn write_windows(tx: &mut Tx, prepared: &Prepared) -> Result<(), Refusal> {
    let insert = "insert into window_hit (rule, group_key, time, event, value) values ($1, $2, $3, $4, $5) on conflict do nothing";
    let delete = "delete from window_hit where rule = $1 and group_key = $2 and time = $3 and event = $4 and value = $5";
    let inserts = prepared.new_hits.iter().map(|hit| (insert, hit));
    let deletes = prepared.stale_hits.iter().map(|hit| (delete, hit));
    for (text, hit) in inserts.chain(deletes) {
        sqlx::query(text)
            .bind(&hit.rule_id)
            .bind(&hit.group)
            .bind(hit.time_us)
            .bind(&hit.event_id)
            .bind(hit.value.as_deref().unwrap_or_default())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

fn of_hit(entry: &Entry, record: &Record, hit: &Hit) -> Match {
    Match {
        id: ids::match_id(&entry.row.id, &hit.rule.id),
        rule: Arc::clone(&hit.rule),
        entities: record.entities.clone(),
        created: entry.received,
        event_time: record.time.timestamp_micros(),
        event_id: entry.row.id.clone(),
        event_ids: vec![entry.row.id.clone()],
        matched: hit.matched.clone(),
        message: record.message.clone(),
    }
}

fn of_fired(entry: &Entry, record: &Record, fired: Fired) -> Match {
    let mut event_ids = fired.event_ids;
    event_ids.drain(..event_ids.len().saturating_sub(SIGNAL_EVENTS));
    let mut matched = fired.group;
    matched.push(("count".to_owned(), fired.count.to_string()));
    Match {
        id: ids::match_id(&entry.row.id, &fired.rule.id),
        message: format!("{}: {} within the window, last: {}", fired.rule.title, fired.count, record.message),
        rule: fired.rule,
        entities: fired.entities,
        created: entry.received,
        event_time: record.time.timestamp_micros(),
        event_id: entry.row.id.clone(),
        event_ids,
        matched,
    }
}
