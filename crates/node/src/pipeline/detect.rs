//! From matches to signals: which rules made one, about whom, what speaks against it, and the windows of correlation rules.

use super::{
    again,
    cases::{self, Cases, batch},
    normalise::Entry,
    store::move_cursor,
};
use crate::{
    detection::{LiveDetection, RuleFailure},
    wal::Position,
};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use bailiwick_detect::{Detection, Fired, Hit, RateLimit, Rates, Rule, RuleSet, RuleState, WindowHit, Windows, ids};
use bailiwick_event::{Entity, Record};
use sqlx::{Any, QueryBuilder, Row};
use std::{collections::HashMap, sync::Arc};

/// Events a signal names at most, the newest.
const SIGNAL_EVENTS: usize = 50;
/// Signals written in one transaction, about.
const SLICE: usize = 2_000;
/// What is said of a signal on an entity that never scores.
const NEVER_SCORES: &str = "nothing it is about scores";
const HOUR_US: i64 = 3_600_000_000;
/// Hours that counts of rules are kept by; older ones are summed up.
const HOURS_KEPT: i64 = 8 * 24;

/// A rule matched, about some entities.
pub(super) struct Match {
    pub(super) id: String,
    pub(super) rule: Arc<Rule>,
    /// Receipt time of the event that completed it, in microseconds.
    pub(super) created: i64,
    pub(super) event_time: i64,
    pub(super) event_id: String,
    pub(super) event_ids: Vec<String>,
    pub(super) matched: Vec<(String, String)>,
    pub(super) message: String,
    /// What its signals weigh before their entities' criticality.
    pub(super) severity: u32,
    pub(super) quiet_us: Option<i64>,
    pub(super) prototype: bool,
    pub(super) subjects: Vec<Subject>,
}

/// What a signal is made about.
pub(super) struct Subject {
    pub(super) entity: Entity,
    pub(super) signal_id: String,
    pub(super) severity: u32,
    /// Why the signal does not count, before repetitions are looked for.
    pub(super) reasons: Vec<String>,
    /// The exceptions among the reasons.
    pub(super) exceptions: Vec<String>,
}

/// What a group of entries does to signals and windows.
#[derive(Default)]
pub(super) struct Prepared {
    pub(super) matches: Vec<Match>,
    new_hits: Vec<WindowHit>,
    stale_hits: Vec<WindowHit>,
    counts: HashMap<(String, i64), Counted>,
    /// Events that are detected on again.
    again: Vec<String>,
}

/// What a rule did in an hour.
#[derive(Clone, Copy, Default)]
struct Counted {
    hits: i64,
    signals: i64,
}

/// The detection state of one workspace.
pub(super) struct Detector {
    db: Db,
    live: Arc<LiveDetection>,
    detection: Arc<Detection>,
    shared_windows: Windows,
    own_windows: Option<(Arc<RuleSet>, Windows)>,
    rates: Rates,
    cases: Cases,
    detected: Position,
    /// Slices of the present group that are committed.
    done: usize,
    summed_hour: i64,
}

impl Detector {
    /// Takes the windows and the rates back from the store.
    pub(super) async fn load(db: Db, live: Arc<LiveDetection>, detected: Position) -> Result<Self, Refusal> {
        let detection = live.current();
        let mut shared_windows = Windows::new(detection.shared());
        let mut own_windows = detection.own().map(|own| (Arc::clone(own), Windows::new(own)));
        let rows = sqlx::query("select rule, group_key, time, event, value from window_hit order by rowid").fetch_all(db.pool()).await?;
        let hits = rows.into_iter().map(hit).collect::<Result<Vec<_>, sqlx::Error>>()?;
        if let Some((own, windows)) = &mut own_windows {
            windows.restore(own, hits.iter().filter(|hit| own.rule(&hit.rule_id).is_some()).cloned());
        }
        shared_windows.restore(detection.shared(), hits);
        let cases = Cases::load(&db).await?;
        let rates = rates(&db).await?;
        Ok(Self { db, live, detection, shared_windows, own_windows, rates, cases, detected, done: 0, summed_hour: 0 })
    }

    /// Up to where signals are made.
    pub(super) fn detected(&self) -> Position {
        self.detected
    }

    /// Works entries that were not detected before; moves the windows in memory. To be committed once, however often that is tried.
    pub(super) fn prepare(&mut self, entries: &[Entry]) -> Prepared {
        self.adopt();
        self.done = 0;
        let mut prepared = Prepared::default();
        let detected = self.detected;
        for entry in entries.iter().filter(|e| e.end > detected && !e.hits.is_empty()) {
            self.prepare_entry(entry, &entry.record, &mut prepared);
        }
        prepared
    }

    /// The same for records of events that failed when they came; those that were detected on already are left out.
    pub(super) async fn prepare_again(&mut self, entries: &[Entry]) -> Result<Prepared, Refusal> {
        let known = self.redetected(entries).await?;
        self.adopt();
        self.done = 0;
        let mut prepared = Prepared::default();
        for entry in entries.iter().filter(|entry| !known.contains(&entry.row.id)) {
            self.prepare_entry(entry, &entry.record, &mut prepared);
            prepared.again.push(entry.row.id.clone());
        }
        Ok(prepared)
    }

    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    /// Writes signals and investigations, then windows, counts and the cursor `detected`. Nothing to write is no transaction: working the
    /// same entries again would find nothing again.
    pub(super) async fn commit(&mut self, prepared: &Prepared, end: Position, now_us: i64) -> Result<(), Refusal> {
        let failures = self.live.failures();
        if !prepared.is_empty() || !failures.is_empty() {
            // In slices, so that nobody waits long for the database. A slice that is worked again finds its signals there and does nothing.
            for (at, slice) in slices(&prepared.matches).enumerate().skip(self.done) {
                let mut tx = self.db.begin().await?;
                let applied = self.cases.apply(&mut tx, &self.detection, slice, now_us).await;
                if let Err(refusal) = applied {
                    self.cases.doubt();
                    return Err(refusal);
                }
                self.committed(tx).await?;
                self.done = at + 1;
            }
            let mut tx = self.db.begin().await?;
            write_windows(&mut tx, prepared).await?;
            write_counts(&mut tx, prepared).await?;
            write_failures(&mut tx, &failures, now_us).await?;
            again::mark(&mut tx, &prepared.again, now_us).await?;
            move_cursor(&mut tx, "detected", end).await?;
            tx.commit().await?;
            self.live.written(&failures);
        }
        self.done = 0;
        self.detected = self.detected.max(end);
        Ok(())
    }

    /// Whether a throttle held signals back since this was last asked.
    pub(super) fn took_held(&mut self) -> bool {
        self.cases.took_held()
    }

    /// Forgets what no window, no quiet period and no count needs any more.
    pub(super) async fn prune(&mut self, tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
        let mut expired = self.shared_windows.expired_before(self.detection.shared(), now_us);
        if let Some((own, windows)) = &mut self.own_windows {
            expired.extend(windows.expired_before(own, now_us));
        }
        for (rule, before) in expired {
            sqlx::query("delete from window_hit where rule = $1 and time <= $2").bind(rule).bind(before).execute(&mut **tx).await?;
        }
        let hour = now_us.div_euclid(HOUR_US);
        if hour != self.summed_hour {
            sum_up_counts(tx, hour - HOURS_KEPT).await?;
            self.summed_hour = hour;
        }
        cases::prune(tx, now_us).await
    }

    /// A failed commit may have been done all the same; then what it wrote must be found again.
    async fn committed(&mut self, tx: Tx) -> Result<(), Refusal> {
        let done = tx.commit().await;
        if done.is_err() {
            self.cases.doubt();
        }
        Ok(done?)
    }

    /// Goes on with the rules as they are now.
    fn adopt(&mut self) {
        let now = self.live.current();
        if Arc::ptr_eq(&now, &self.detection) {
            return;
        }
        let before = std::mem::replace(&mut self.detection, now);
        for rule in before.rules().filter(|rule| before.setting(&rule.id).state == RuleState::Failed && self.detection.runs(&rule.id)) {
            self.rates.forget(&rule.id);
        }
        self.own_windows = match (self.detection.own(), self.own_windows.take()) {
            (None, _) => None,
            (Some(own), Some((old, mut windows))) => {
                if !Arc::ptr_eq(own, &old) {
                    windows.adopt(&old, own);
                }
                Some((Arc::clone(own), windows))
            }
            (Some(own), None) => Some((Arc::clone(own), Windows::new(own))),
        };
        self.cases.forget_states();
    }

    fn prepare_entry(&mut self, entry: &Entry, record: &Record, prepared: &mut Prepared) {
        let hour = entry.received.div_euclid(HOUR_US);
        let mut feeding = Vec::new();
        for hit in &entry.hits {
            // A rule may have been set aside since, even by the hit before.
            if !self.detection.runs(&hit.rule.id) {
                continue;
            }
            prepared.counts.entry((hit.rule.id.clone(), hour)).or_default().hits += 1;
            let excepting = self.detection.excepting_record(&hit.rule, record, &[], entry.received);
            let excepted: Vec<(String, String)> = excepting.iter().map(|exception| (exception.id.clone(), exception.name.clone())).collect();
            // What is excepted is no match of the rule, so it completes no correlation either.
            if excepted.is_empty() && self.feeds(&hit.rule.id) {
                feeding.push(hit.clone());
            }
            if hit.rule.alerts {
                let made = of_hit(entry, record, &hit.rule, &hit.matched);
                self.add(made, &record.entities, &excepted, hour, prepared);
            }
        }
        if !feeding.is_empty() {
            self.observe(entry, record, &feeding, hour, prepared);
        }
    }

    /// Moves the windows of correlations, and adds what they completed.
    fn observe(&mut self, entry: &Entry, record: &Record, feeding: &[Hit], hour: i64, prepared: &mut Prepared) {
        let mut fired = Vec::new();
        let own = self.own_windows.as_mut().map(|(own, windows)| (&**own, windows));
        for (rules, windows) in std::iter::once((&**self.detection.shared(), &mut self.shared_windows)).chain(own) {
            let observed = windows.observe(rules, record, feeding, &entry.row.id);
            prepared.new_hits.extend(observed.new_hits);
            prepared.stale_hits.extend(observed.stale_hits);
            fired.extend(observed.fired);
        }
        for fired in fired {
            if !self.detection.runs(&fired.rule.id) {
                continue;
            }
            prepared.counts.entry((fired.rule.id.clone(), hour)).or_default().hits += 1;
            let excepting = self.detection.excepting_record(&fired.rule, record, &fired.entities, entry.received);
            let excepted: Vec<(String, String)> = excepting.iter().map(|exception| (exception.id.clone(), exception.name.clone())).collect();
            let (made, entities) = of_fired(entry, record, fired);
            self.add(made, &entities, &excepted, hour, prepared);
        }
    }

    fn feeds(&self, rule_id: &str) -> bool {
        self.detection.shared().feeds(rule_id) || self.detection.own().is_some_and(|own| own.feeds(rule_id))
    }

    /// Adds a match with its signals, unless its rule makes too many of them.
    fn add(&mut self, mut made: Match, entities: &[Entity], excepted: &[(String, String)], hour: i64, prepared: &mut Prepared) {
        let setting = self.detection.setting(&made.rule.id);
        made.severity = self.detection.severity(&made.rule);
        made.quiet_us = setting.quiet_us;
        made.prototype = setting.state == RuleState::Prototype;
        for entity in subjects(entities) {
            let subject = subject(&self.detection, &made, entity, excepted);
            made.subjects.push(subject);
        }
        let signals = u32::try_from(made.subjects.len()).unwrap_or(u32::MAX);
        if let Err(reason) = self.rates.count(&made.rule.id, made.created, signals) {
            self.live.set_aside(&made.rule.id, &reason, &made.message);
            self.detection = self.live.current();
            return;
        }
        prepared.counts.entry((made.rule.id.clone(), hour)).or_default().signals += i64::from(signals);
        prepared.matches.push(made);
    }
}

impl Prepared {
    fn is_empty(&self) -> bool {
        self.matches.is_empty() && self.new_hits.is_empty() && self.counts.is_empty()
    }
}

/// Whom signals are made about: everything that scores, or else the first entity there is.
fn subjects(entities: &[Entity]) -> impl Iterator<Item = &Entity> {
    let scoring = entities.iter().any(|e| e.scores);
    entities.iter().enumerate().filter(move |(at, entity)| if scoring { entity.scores } else { *at == 0 }).map(|(_, entity)| entity)
}

/// One signal of a match. A rule on trial is excepted from nothing.
fn subject(detection: &Detection, made: &Match, entity: &Entity, excepted: &[(String, String)]) -> Subject {
    let signal_id = ids::signal_id(&made.event_id, &made.rule.id, entity.kind.as_str(), &entity.value);
    let effect = detection.entity(entity);
    let severity = effect.criticality.map_or(made.severity, |criticality| criticality.adjust(made.severity));
    let (mut reasons, mut exceptions) = (Vec::new(), Vec::new());
    if !made.prototype {
        let of_entity = detection.excepting_entity(&made.rule, entity, made.created);
        let of_entity = of_entity.iter().map(|exception| (exception.id.clone(), exception.name.clone()));
        for (id, name) in excepted.iter().cloned().chain(of_entity) {
            reasons.push(format!("exception:{id} {name}"));
            exceptions.push(id);
        }
        if effect.suppressed {
            reasons.push(format!("entity:{}-{}", entity.kind, entity.value));
        }
        if !entity.scores {
            reasons.push(NEVER_SCORES.to_owned());
        }
    }
    Subject { entity: entity.clone(), signal_id, severity, reasons, exceptions }
}

/// Matches in parts of about [`SLICE`] signals.
fn slices(matches: &[Match]) -> impl Iterator<Item = &[Match]> {
    let mut left = matches;
    std::iter::from_fn(move || {
        let mut signals = 0;
        let fits = |one: &&Match| {
            signals += one.subjects.len();
            signals <= SLICE
        };
        let count = left.iter().take_while(fits).count().max(1).min(left.len());
        let (slice, rest) = left.split_at(count);
        left = rest;
        (!slice.is_empty()).then_some(slice)
    })
}

/// What rules made in the last 24 hours; what came before a rule was last changed does not count against it.
async fn rates(db: &Db) -> Result<Rates, Refusal> {
    let mut rates = Rates::new(RateLimit::default());
    let text = "select h.rule, h.hour, h.signals from rule_hour h left join rule_setting s on s.rule = h.rule \
                where h.hour > (select max(hour) - 24 from rule_hour) and (s.changed is null or h.hour * 3600000000 >= s.changed) order by h.hour";
    for row in sqlx::query(text).fetch_all(db.pool()).await? {
        let (rule, hour, signals): (String, i64, i64) = (row.try_get("rule")?, row.try_get("hour")?, row.try_get("signals")?);
        rates.restore(&rule, hour.saturating_mul(HOUR_US), u32::try_from(signals).unwrap_or(u32::MAX));
    }
    Ok(rates)
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
    for part in batch::parts(&prepared.new_hits) {
        let mut query = QueryBuilder::<Any>::new("insert into window_hit (rule, group_key, time, event, value) ");
        query.push_values(part, |mut row, hit| {
            row.push_bind(hit.rule_id.as_str()).push_bind(hit.group.as_str()).push_bind(hit.time_us).push_bind(hit.event_id.as_str());
            row.push_bind(hit.value.as_deref().unwrap_or_default());
        });
        query.push(" on conflict do nothing").build().execute(&mut **tx).await?;
    }
    let delete = "delete from window_hit where rule = $1 and group_key = $2 and time = $3 and event = $4 and value = $5";
    for hit in &prepared.stale_hits {
        let query = sqlx::query(delete).bind(&hit.rule_id).bind(&hit.group).bind(hit.time_us).bind(&hit.event_id);
        query.bind(hit.value.as_deref().unwrap_or_default()).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn write_counts(tx: &mut Tx, prepared: &Prepared) -> Result<(), Refusal> {
    let mut counts: Vec<(&(String, i64), &Counted)> = prepared.counts.iter().collect();
    counts.sort_unstable_by_key(|(key, _)| *key);
    for part in batch::parts(&counts) {
        let mut query = QueryBuilder::<Any>::new("insert into rule_hour (rule, hour, hits, signals) ");
        query.push_values(part, |mut row, ((rule, hour), counted)| {
            row.push_bind(rule.as_str()).push_bind(*hour).push_bind(counted.hits).push_bind(counted.signals);
        });
        query.push(" on conflict (rule, hour) do update set hits = rule_hour.hits + excluded.hits, signals = rule_hour.signals + excluded.signals");
        query.build().execute(&mut **tx).await?;
    }
    Ok(())
}

async fn sum_up_counts(tx: &mut Tx, before: i64) -> Result<(), Refusal> {
    let sum = "insert into rule_hour (rule, hour, hits, signals) \
               select rule, -1, sum(hits), sum(signals) from rule_hour where hour >= 0 and hour < $1 group by rule \
               on conflict (rule, hour) do update set hits = rule_hour.hits + excluded.hits, signals = rule_hour.signals + excluded.signals";
    sqlx::query(sum).bind(before).execute(&mut **tx).await?;
    sqlx::query("delete from rule_hour where hour >= 0 and hour < $1").bind(before).execute(&mut **tx).await?;
    Ok(())
}

async fn write_failures(tx: &mut Tx, failures: &[RuleFailure], now_us: i64) -> Result<(), Refusal> {
    let text = "insert into rule_setting (rule, state, reason, sample, failed, changed, changed_by) values ($1, 'failed', $2, $3, $4, $4, 'node') \
                on conflict (rule) do update set state = excluded.state, reason = excluded.reason, sample = excluded.sample, \
                failed = excluded.failed, changed = excluded.changed, changed_by = excluded.changed_by";
    for failure in failures {
        let query = sqlx::query(text).bind(&failure.rule_id).bind(&failure.reason).bind(&failure.sample).bind(now_us);
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

fn of_hit(entry: &Entry, record: &Record, rule: &Arc<Rule>, matched: &[(String, String)]) -> Match {
    Match {
        id: ids::match_id(&entry.row.id, &rule.id),
        rule: Arc::clone(rule),
        created: entry.received,
        event_time: record.time.timestamp_micros(),
        event_id: entry.row.id.clone(),
        event_ids: vec![entry.row.id.clone()],
        matched: matched.to_vec(),
        message: record.message.clone(),
        severity: 0,
        quiet_us: None,
        prototype: false,
        subjects: Vec::new(),
    }
}

fn of_fired(entry: &Entry, record: &Record, fired: Fired) -> (Match, Vec<Entity>) {
    let mut event_ids = fired.event_ids;
    event_ids.drain(..event_ids.len().saturating_sub(SIGNAL_EVENTS));
    let mut matched = fired.group;
    matched.push(("count".to_owned(), fired.count.to_string()));
    let message = format!("{}: {} within the window, last: {}", fired.rule.title, fired.count, record.message);
    let plain = of_hit(entry, record, &fired.rule, &[]);
    (Match { event_ids, matched, message, ..plain }, fired.entities)
}
