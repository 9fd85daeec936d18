//! The windows of correlation rules: what matched lately, per rule and group, by the events' own time.
//!
//! A sliding window of length `span` that ends at the newest match of its group holds the matches of `(newest - span, newest]`. A
//! tumbling one holds those of the newest's own span since 1970, a session those that followed each other within the gap, for `span`
//! at most. A match that comes late but still falls inside is put where it belongs; an older one is counted and dropped. When the condition
//! becomes true the correlation fires, once: it stays quiet while the condition still holds at each further match, and may
//! fire again after a match at which it did not hold, or after a pause as long as the window.
//!
//! The whole state follows from the matches that [`observe`](Windows::observe) returns: a node stores those rows with its
//! cursor and hands them to [`restore`](Windows::restore). Nothing else has to be kept. Memory is bounded per group and per
//! rule, and what is dropped is counted.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use bailiwick_event::{Entity, EntityKind, Record};

use crate::correlation::{Correlation, Kind, Shape};
use crate::{Hit, Rule, RuleSet};

/// The most groups one rule follows at a time; the longest quiet go first.
pub const MAX_GROUPS: usize = 20_000;
/// The most events a fired correlation names, the newest.
pub const MAX_FIRED_EVENTS: usize = 100;

/// A match inside a window: one row of a workspace's store. Rule, group, value and event together name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WindowHit {
    /// The correlation rule.
    pub rule_id: String,
    /// The values of its `group-by` fields: a JSON array of lower-case texts.
    pub group: String,
    /// The event's own time, in microseconds since 1970.
    pub time_us: i64,
    /// What a `value_count` counts; for the other types the id of the rule that matched.
    pub value: Option<String>,
    /// The event.
    pub event_id: String,
}

/// A correlation whose condition became true.
#[derive(Debug, Clone)]
pub struct Fired {
    /// The correlation rule. One that does not `alert` only feeds other correlations and is never reported.
    pub rule: Arc<Rule>,
    /// The `group-by` fields and their values, as the completing record has them.
    pub group: Vec<(String, String)>,
    /// Events, values or rules in the window: exact up to what the condition asks for.
    pub count: u64,
    /// The time of the oldest match in the window, in microseconds.
    pub first_us: i64,
    /// The time of the newest, in microseconds.
    pub last_us: i64,
    /// The events of the window, oldest first, at most the newest [`MAX_FIRED_EVENTS`].
    pub event_ids: Vec<String>,
    /// The scoring entities of the completing record, and the group-by values that are one.
    pub entities: Vec<Entity>,
}

/// What a record did to the windows.
#[derive(Debug, Default)]
pub struct Observed {
    /// Rows to store.
    pub new_hits: Vec<WindowHit>,
    /// Rows no longer needed; keeping them is harmless.
    pub stale_hits: Vec<WindowHit>,
    /// What became true.
    pub fired: Vec<Fired>,
}

/// What was not counted, since the windows were made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Matches older than their group's window.
    pub late: u64,
    /// Matches of a record that lacks a `group-by` or counted field.
    pub ungrouped: u64,
    /// Matches pushed out of a full group before their time.
    pub crowded: u64,
    /// Groups given up because a rule followed too many.
    pub groups: u64,
}

/// The windows of one workspace.
#[derive(Debug, Default)]
pub struct Windows {
    rules: HashMap<String, HashMap<String, Window>>,
    dropped: Dropped,
}

#[derive(Debug, Clone)]
struct Kept {
    time_us: i64,
    value: Option<String>,
    event_id: String,
}

/// The `group-by` fields of a record and their values.
type Group = Vec<(String, String)>;

/// One group of one rule, matches in the order of time.
#[derive(Debug, Default)]
struct Window {
    kept: Vec<Kept>,
    newest_us: i64,
    satisfied: bool,
}

impl Windows {
    /// Empty windows for the correlations of `rules`.
    #[must_use]
    pub fn new(rules: &RuleSet) -> Self {
        let ids = rules.correlations().iter().map(|correlation| correlation.rule.id.clone());
        Self { rules: ids.map(|id| (id, HashMap::new())).collect(), dropped: Dropped::default() }
    }

    /// Goes on with another set of rules: the windows of correlations that stand in both as the same text are kept, of others forgotten.
    pub fn adopt(&mut self, before: &RuleSet, after: &RuleSet) {
        let same = |rule: &Arc<Rule>| before.rule(&rule.id).is_some_and(|old| old.source == rule.source);
        let mut kept =
            |rule: &Arc<Rule>| (rule.id.clone(), if same(rule) { self.rules.remove(&rule.id).unwrap_or_default() } else { HashMap::new() });
        let rules = after.correlations().iter().map(|correlation| kept(&correlation.rule)).collect();
        self.rules = rules;
    }

    /// Takes stored rows back, in the order they were stored. Rows of rules that no longer run are ignored.
    pub fn restore(&mut self, rules: &RuleSet, hits: impl IntoIterator<Item = WindowHit>) {
        let by_id: HashMap<&str, &Correlation> = rules.correlations().iter().map(|c| (c.rule.id.as_str(), c)).collect();
        for hit in hits {
            let Some(correlation) = by_id.get(hit.rule_id.as_str()) else { continue };
            let kept = Kept { time_us: hit.time_us, value: hit.value, event_id: hit.event_id };
            let window = self.rules.entry(hit.rule_id).or_default().entry(hit.group).or_default();
            window.put_back(correlation, kept);
        }
    }

    /// Counts what was dropped so far.
    #[must_use]
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// The number of matches held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.rules.values().flat_map(HashMap::values).map(|window| window.kept.len()).sum()
    }

    /// Takes the hits of one record. `event_id` names the event it came from; each event must be observed once.
    pub fn observe(&mut self, rules: &RuleSet, record: &Record, hits: &[Hit], event_id: &str) -> Observed {
        let mut observed = Observed::default();
        let mut matched: Vec<&str> = hits.iter().map(|hit| hit.rule.id.as_str()).collect();
        let mut next: BTreeSet<usize> = matched.iter().flat_map(|id| rules.fed_by(id)).copied().collect();
        let mut fired: HashSet<&str> = HashSet::new();
        while let Some(at) = next.pop_first() {
            let Some(correlation) = rules.correlations().get(at) else { continue };
            // A correlation feeds a count once per firing, but a sequence for as long as its condition holds.
            let counts = matches!(correlation.kind, Kind::EventCount | Kind::ValueCount(_));
            let bases: Vec<usize> = (matched.iter())
                .filter(|id| !counts || fired.contains(**id) || rules.rule(id).is_none_or(|rule| !rule.correlation))
                .filter_map(|id| correlation.position(id))
                .collect();
            let held = self.feed(correlation, record, &bases, event_id, &mut observed);
            if let Some(newly) = held {
                let id = correlation.rule.id.as_str();
                matched.push(id);
                if newly {
                    fired.insert(id);
                }
                next.extend(rules.fed_by(id));
            }
        }
        observed
    }

    /// Drops what is older than two windows, counted from the newest match of its rule or from `now_us`, whichever is
    /// earlier: a group that lags behind the others by a window has ended. Gives, per rule, the time before which stored rows must
    /// be deleted in the same transaction, so that a restart finds what memory holds.
    pub fn expired_before(&mut self, rules: &RuleSet, now_us: i64) -> Vec<(String, i64)> {
        let mut expired = Vec::new();
        for correlation in rules.correlations() {
            let Some(groups) = self.rules.get_mut(&correlation.rule.id) else { continue };
            let Some(newest) = groups.values().map(|window| window.newest_us).max() else { continue };
            let before = newest.min(now_us).saturating_sub(correlation.span_us.saturating_mul(2));
            groups.retain(|_, window| window.expire(correlation, before));
            expired.push((correlation.rule.id.clone(), before));
        }
        expired
    }

    /// Puts the matches of one record into its group. `None` when the condition does not hold, else whether it only now
    /// became true.
    fn feed(&mut self, correlation: &Correlation, record: &Record, bases: &[usize], event_id: &str, out: &mut Observed) -> Option<bool> {
        let (group, rows) = self.rows(correlation, record, bases, event_id)?;
        let key = serde_json::Value::from(group.iter().map(|(_, value)| value.to_lowercase()).collect::<Vec<_>>()).to_string();
        let rule_id = &correlation.rule.id;
        let groups = self.rules.entry(rule_id.clone()).or_default();
        let window = groups.entry(key.clone()).or_default();
        let time_us = record.time.timestamp_micros();
        let before = window.satisfied && window.goes_on(correlation, time_us);
        let row = |kept: Kept| WindowHit {
            rule_id: rule_id.clone(),
            group: key.clone(),
            time_us: kept.time_us,
            value: kept.value,
            event_id: kept.event_id,
        };
        let mut taken = false;
        for kept in rows {
            let result = window.insert(correlation, kept.clone());
            self.dropped.late += u64::from(result.late);
            self.dropped.crowded += result.crowded;
            out.stale_hits.extend(result.stale.into_iter().map(row));
            if result.taken {
                out.new_hits.push(row(kept));
                taken = true;
            }
        }
        let newly = taken && window.satisfied && !before;
        if newly && correlation.rule.alerts {
            out.fired.push(window.fired(correlation, record, group));
        }
        let holds = taken && window.satisfied;
        if groups.len() > MAX_GROUPS {
            self.dropped.groups += give_up_groups(groups, rule_id, &mut out.stale_hits);
        }
        holds.then_some(newly)
    }

    /// What a record adds: one match, or for a sequence one for each rule. `None` when there is nothing to add.
    fn rows(&mut self, correlation: &Correlation, record: &Record, bases: &[usize], event_id: &str) -> Option<(Group, Vec<Kept>)> {
        let first = *bases.first()?;
        let Some(group) = correlation.group(record, first) else {
            self.dropped.ungrouped += 1;
            return None;
        };
        let time_us = record.time.timestamp_micros();
        let kept = |value: Option<String>| Kept { time_us, value, event_id: event_id.to_owned() };
        let base_id = |at: usize| correlation.base_rules().nth(at).map(str::to_owned);
        let rows = match &correlation.kind {
            Kind::EventCount => vec![kept(base_id(first))],
            Kind::ValueCount(fields) => {
                let Some(value) = correlation.counted(fields, record, first) else {
                    self.dropped.ungrouped += 1;
                    return None;
                };
                vec![kept(Some(value))]
            }
            Kind::Temporal | Kind::TemporalOrdered => {
                let mut bases = bases.to_vec();
                bases.sort_unstable();
                bases.dedup();
                bases.into_iter().map(|at| kept(base_id(at))).collect()
            }
        };
        Some((group, rows))
    }
}

/// What became of one match.
#[derive(Default)]
struct Inserted {
    taken: bool,
    late: bool,
    crowded: u64,
    stale: Vec<Kept>,
}

impl Window {
    fn insert(&mut self, correlation: &Correlation, kept: Kept) -> Inserted {
        let mut result = Inserted::default();
        if !self.kept.is_empty() && self.too_late(correlation, kept.time_us) {
            result.late = true;
            return result;
        }
        let gone = self.outlived(correlation, kept.time_us);
        result.stale.extend(self.kept.drain(..gone));
        self.newest_us = if self.kept.is_empty() { kept.time_us } else { self.newest_us.max(kept.time_us) };
        // Only the newest match of a value, or of a rule where order does not matter, can decide anything.
        if matches!(correlation.kind, Kind::ValueCount(_) | Kind::Temporal)
            && let Some(at) = self.kept.iter().position(|old| old.value == kept.value)
        {
            if self.kept[at].time_us > kept.time_us {
                return result;
            }
            result.stale.push(self.kept.remove(at));
        }
        let at = self.kept.partition_point(|old| old.time_us <= kept.time_us);
        self.kept.insert(at, kept);
        result.taken = true;
        let over = self.kept.len().saturating_sub(correlation.keep());
        if over > 0 {
            result.crowded = if correlation.loses() { over as u64 } else { 0 };
            // The first match of a session says how long it may still last.
            let from = usize::from(matches!(correlation.shape, Shape::Session(_)));
            result.stale.extend(self.kept.drain(from..from + over));
        }
        self.judge(correlation);
        result
    }

    /// Takes a stored match back. Of a long session only the first and the newest matches are kept, so what lies between two says nothing.
    fn put_back(&mut self, correlation: &Correlation, kept: Kept) {
        if !matches!(correlation.shape, Shape::Session(_)) {
            self.insert(correlation, kept);
            return;
        }
        self.newest_us = if self.kept.is_empty() { kept.time_us } else { self.newest_us.max(kept.time_us) };
        let at = self.kept.partition_point(|old| old.time_us <= kept.time_us);
        self.kept.insert(at, kept);
        self.judge(correlation);
    }

    /// Whether a match at `time_us` would fall before the window.
    fn too_late(&self, correlation: &Correlation, time_us: i64) -> bool {
        match correlation.shape {
            Shape::Sliding => time_us <= self.newest_us.saturating_sub(correlation.span_us),
            Shape::Tumbling => correlation.tumbling_start(time_us) < correlation.tumbling_start(self.newest_us),
            Shape::Session(gap) => {
                let first = self.kept.first().map_or(self.newest_us, |kept| kept.time_us);
                time_us < first.saturating_sub(gap) || self.newest_us.saturating_sub(time_us) > correlation.span_us
            }
        }
    }

    /// How many of the oldest matches a match at `time_us` puts out of the window.
    fn outlived(&self, correlation: &Correlation, time_us: i64) -> usize {
        match correlation.shape {
            Shape::Sliding => {
                let ended = self.newest_us.max(time_us).saturating_sub(correlation.span_us);
                self.kept.partition_point(|old| old.time_us <= ended)
            }
            Shape::Tumbling | Shape::Session(_) if self.goes_on(correlation, time_us) => 0,
            Shape::Tumbling | Shape::Session(_) => self.kept.len(),
        }
    }

    /// Whether a match at `time_us` belongs to the same stretch of time as what the window holds.
    fn goes_on(&self, correlation: &Correlation, time_us: i64) -> bool {
        match correlation.shape {
            Shape::Sliding => time_us.saturating_sub(self.newest_us) < correlation.span_us,
            Shape::Tumbling => correlation.tumbling_start(time_us) <= correlation.tumbling_start(self.newest_us),
            Shape::Session(gap) => {
                let first = self.kept.first().map_or(self.newest_us, |kept| kept.time_us);
                time_us.saturating_sub(self.newest_us) <= gap && time_us.saturating_sub(first) <= correlation.span_us
            }
        }
    }

    fn judge(&mut self, correlation: &Correlation) {
        self.satisfied = correlation.satisfied(self.number(correlation), &self.present(correlation));
    }

    /// Drops the matches before `before_us`; whether any is left.
    fn expire(&mut self, correlation: &Correlation, before_us: i64) -> bool {
        let gone = self.kept.partition_point(|kept| kept.time_us < before_us);
        if gone > 0 {
            self.kept.drain(..gone);
            self.judge(correlation);
        }
        !self.kept.is_empty()
    }

    /// What the condition compares: events, values, rules, or the rules of the longest sequence in order.
    fn number(&self, correlation: &Correlation) -> u64 {
        let number = match correlation.kind {
            Kind::EventCount | Kind::ValueCount(_) => self.kept.len(),
            Kind::Temporal => self.places(correlation).collect::<BTreeSet<_>>().len(),
            Kind::TemporalOrdered => longest(correlation.bases_len(), self.places(correlation)),
        };
        number as u64
    }

    /// Which rules a condition over names may count on. Where order matters, all that matched must also have come in order.
    fn present(&self, correlation: &Correlation) -> Vec<bool> {
        let mut present = vec![false; correlation.bases_len()];
        if !correlation.over_names() {
            return present;
        }
        for at in self.places(correlation) {
            present[at] = true;
        }
        let matched = present.iter().filter(|here| **here).count();
        if correlation.kind == Kind::TemporalOrdered && longest(present.len(), self.places(correlation)) < matched {
            present.fill(false);
        }
        present
    }

    fn places<'a>(&'a self, correlation: &'a Correlation) -> impl Iterator<Item = usize> + 'a {
        self.kept.iter().filter_map(|kept| correlation.position(kept.value.as_deref()?))
    }

    fn fired(&self, correlation: &Correlation, record: &Record, group: Vec<(String, String)>) -> Fired {
        let mut seen = HashSet::new();
        let mut event_ids: Vec<String> =
            self.kept.iter().rev().filter(|kept| seen.insert(&kept.event_id)).take(MAX_FIRED_EVENTS).map(|kept| kept.event_id.clone()).collect();
        event_ids.reverse();
        Fired {
            rule: Arc::clone(&correlation.rule),
            count: if correlation.over_names() { seen.len() as u64 } else { self.number(correlation) },
            first_us: self.kept.first().map_or(self.newest_us, |kept| kept.time_us),
            last_us: self.newest_us,
            event_ids,
            entities: entities(record, &group),
            group,
        }
    }
}

/// The most rules of a sequence that came in order.
fn longest(rules: usize, places: impl Iterator<Item = usize>) -> usize {
    let mut best = vec![0_usize; rules];
    for at in places {
        let before = best[..at].iter().max().copied().unwrap_or(0);
        best[at] = best[at].max(before + 1);
    }
    best.into_iter().max().unwrap_or(0)
}

/// Gives up the tenth of the groups that has been quiet longest.
fn give_up_groups(groups: &mut HashMap<String, Window>, rule_id: &str, stale: &mut Vec<WindowHit>) -> u64 {
    let mut by_age: Vec<(i64, String)> = groups.iter().map(|(key, window)| (window.newest_us, key.clone())).collect();
    by_age.sort_unstable();
    by_age.truncate(MAX_GROUPS / 10);
    for (_, key) in &by_age {
        let Some(window) = groups.remove(key) else { continue };
        stale.extend(window.kept.into_iter().map(|kept| WindowHit {
            rule_id: rule_id.to_owned(),
            group: key.clone(),
            time_us: kept.time_us,
            value: kept.value,
            event_id: kept.event_id,
        }));
    }
    by_age.len() as u64
}

fn entities(record: &Record, group: &[(String, String)]) -> Vec<Entity> {
    let mut entities: Vec<Entity> = record.entities.iter().filter(|entity| entity.scores).cloned().collect();
    for entity in group.iter().filter_map(|(name, value)| group_entity(name, value)) {
        if entities.iter().all(|known| known.kind != entity.kind || known.value != entity.value) {
            entities.push(entity);
        }
    }
    entities
}

/// The entity a group-by value is: an address by its form, a user or host by the field's name.
fn group_entity(name: &str, value: &str) -> Option<Entity> {
    if let Ok(address) = value.parse::<IpAddr>() {
        let address = address.to_canonical();
        let scores = !address.is_loopback() && !address.is_unspecified();
        return scores.then(|| Entity { kind: EntityKind::Ip, value: address.to_string(), scores });
    }
    let name = name.to_lowercase();
    let named = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let kind = if named(&["username", "user.name", "user_name", "accountname"]) {
        EntityKind::User
    } else if named(&["computer", "host", "workstation"]) {
        EntityKind::Host
    } else {
        return None;
    };
    let value = value.rsplit('\\').next().unwrap_or(value).trim().to_lowercase();
    (!value.is_empty()).then_some(Entity { kind, value, scores: true })
}
