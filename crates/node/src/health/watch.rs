//! What is watched of each source while its workspace is open: rhythm, clock, signs of life, refused keys. No I/O; times are microseconds UTC.

use super::{
    Known,
    rhythm::{FLOOR_US, Rhythm},
    skew::{Observed, Off, Skew},
};
use bailiwick_api::{CollectorId, SourceId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A refused key that nobody used for so long is forgiven.
pub(super) const KEY_QUIET_US: i64 = 3_600_000_000;
/// Silence is looked at twice, so far apart: a machine that slept hears its senders first.
const SECOND_LOOK_US: i64 = 60_000_000;

/// What is kept of one source.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    rhythm: Option<Rhythm>,
    #[serde(default)]
    skew: Skew,
    /// Its silence was reported, and nothing came since.
    #[serde(default)]
    reported: bool,
    #[serde(default)]
    heard_us: Option<i64>,
}

#[derive(Debug, Default)]
struct Watched {
    kept: Kept,
    /// Quiet before this is not held against it: the node was not running, or the source was switched off.
    quiet_from_us: i64,
    doubted_us: Option<i64>,
    dirty: bool,
}

/// What one arrival of events means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) new_bucket: bool,
    pub(super) ended_silence: bool,
    /// When quiet from now on would be too long.
    pub(super) due: Option<i64>,
}

/// What time alone made true.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Silent sources, and when each was last heard.
    pub(super) silent: Vec<(SourceId, i64)>,
    /// Collectors nobody hears of, and how many sources each has.
    pub(super) offline: Vec<(CollectorId, usize)>,
    /// Sources whose refused keys nobody uses any more.
    pub(super) keys_unused: Vec<SourceId>,
}

/// Something learned that is to be kept.
#[derive(Clone, Debug)]
pub(super) struct Learned {
    pub(super) source: SourceId,
    pub(super) kept: Kept,
    pub(super) heard_us: Option<i64>,
}

/// The watch over a workspace's sources.
#[derive(Debug, Default)]
pub(super) struct Watch {
    started_us: i64,
    sources: HashMap<SourceId, Watched>,
    refused: HashMap<SourceId, i64>,
    /// Collectors that were reported, and of whose sources nothing came since.
    offline: HashSet<CollectorId>,
    switched: bool,
}

impl Watch {
    pub(super) fn new(started_us: i64, kept: impl IntoIterator<Item = (SourceId, Kept)>) -> Self {
        let watched = |(source, kept)| (source, Watched { kept, quiet_from_us: started_us, ..Watched::default() });
        Self { started_us, sources: kept.into_iter().map(watched).collect(), ..Self::default() }
    }

    pub(super) fn received(&mut self, source: &SourceId, at_us: i64) -> Arrival {
        let started_us = self.started_us;
        let watched = match self.sources.get_mut(source) {
            Some(watched) => watched,
            None => self.sources.entry(source.clone()).or_insert_with(|| Watched { quiet_from_us: started_us, ..Watched::default() }),
        };
        let ended_silence = std::mem::take(&mut watched.kept.reported);
        let kept = &mut watched.kept;
        kept.heard_us = kept.heard_us.max(Some(at_us));
        let new_bucket = match &mut kept.rhythm {
            None => {
                kept.rhythm = Some(Rhythm::begin(at_us));
                true
            }
            Some(rhythm) => {
                if ended_silence {
                    rhythm.forgive();
                }
                rhythm.heard(at_us, !ended_silence && rhythm.last_us() >= watched.quiet_from_us)
            }
        };
        watched.doubted_us = None;
        watched.dirty |= new_bucket || ended_silence;
        let due = watched.kept.rhythm.as_ref().filter(|_| new_bucket && watched.listens()).and_then(|rhythm| rhythm.due(watched.quiet_from_us));
        Arrival { new_bucket: new_bucket || ended_silence, ended_silence, due }
    }

    /// A sign of life without events. True when it is a minute after the last and so worth keeping.
    pub(super) fn heard(&mut self, source: &SourceId, at_us: i64) -> bool {
        let Some(watched) = self.sources.get_mut(source) else { return false };
        let worth = watched.kept.heard_us.is_none_or(|before| at_us - before >= SECOND_LOOK_US);
        watched.kept.heard_us = watched.kept.heard_us.max(Some(at_us));
        watched.dirty |= worth;
        worth
    }

    /// What is known of a source's collector is to be kept.
    pub(super) fn keep(&mut self, source: &SourceId) {
        if let Some(watched) = self.sources.get_mut(source) {
            watched.dirty = true;
        }
    }

    pub(super) fn observe(&mut self, source: &SourceId, seen: &Observed) -> Option<Option<Off>> {
        let watched = self.sources.get_mut(source)?;
        let verdict = watched.kept.skew.observe(seen);
        watched.dirty = true;
        verdict
    }

    pub(super) fn key_refused(&mut self, source: &SourceId, at_us: i64) {
        self.refused.insert(source.clone(), at_us);
    }

    /// A collector is heard of again.
    pub(super) fn back(&mut self, collector: &CollectorId) {
        self.offline.remove(collector);
    }

    pub(super) fn heard_us(&self, source: &SourceId) -> Option<i64> {
        self.sources.get(source)?.kept.heard_us
    }

    /// Sources were switched on or off, made or deleted.
    pub(super) fn switch(&mut self, known: &Known, now_us: i64) {
        self.sources.retain(|source, _| known.sources.get(source).is_some_and(|s| !s.deleted));
        for (source, watched) in &mut self.sources {
            if !known.sources.get(source).is_some_and(|s| s.enabled) {
                watched.dirty |= watched.kept.reported;
                watched.kept.reported = false;
                watched.doubted_us = None;
                // As long as it is off, its quiet ends now.
                watched.quiet_from_us = i64::MAX;
            } else if watched.quiet_from_us == i64::MAX {
                watched.quiet_from_us = now_us;
            }
        }
        if !self.switched {
            // What was reported before the workspace was opened is not reported again: it may have been acknowledged.
            self.switched = true;
            self.offline = self.all_silent(known).into_iter().filter(|(_, heard, _)| now_us - heard >= FLOOR_US).map(|(id, _, _)| id).collect();
        }
        self.offline.retain(|collector| known.collectors.contains_key(collector));
    }

    pub(super) fn check(&mut self, known: &Known, now_us: i64) -> Found {
        let mut found = Found::default();
        self.refused.retain(|source, at| {
            let used = (0..KEY_QUIET_US).contains(&(now_us - *at));
            if !used {
                found.keys_unused.push(source.clone());
            }
            used
        });
        for (source, watched) in &mut self.sources {
            let Some(rhythm) = watched.kept.rhythm.as_ref().filter(|_| watched.listens()) else { continue };
            if rhythm.due(watched.quiet_from_us).is_none_or(|due| due > now_us) {
                watched.doubted_us = None;
            } else if now_us - *watched.doubted_us.get_or_insert(now_us) >= SECOND_LOOK_US {
                found.silent.push((source.clone(), rhythm.last_us()));
                watched.kept.reported = true;
                watched.dirty = true;
            }
        }
        for (collector, heard, sources) in self.all_silent(known) {
            if now_us - heard >= FLOOR_US && self.offline.insert(collector.clone()) {
                found.offline.push((collector, sources));
            }
        }
        found
    }

    /// When to look again; none when only an event can change anything.
    pub(super) fn due(&self, known: &Known, now_us: i64) -> Option<i64> {
        let silence = self.sources.values().filter(|watched| watched.listens()).filter_map(|watched| match watched.doubted_us {
            Some(doubted) => Some(doubted + SECOND_LOOK_US),
            None => watched.kept.rhythm.as_ref()?.due(watched.quiet_from_us),
        });
        let keys = self.refused.values().map(|at| at + KEY_QUIET_US);
        let all_silent = self.all_silent(known);
        let collectors = all_silent.iter().filter(|(id, _, _)| !self.offline.contains(id)).map(|(_, heard, _)| heard + FLOOR_US);
        silence.chain(keys).chain(collectors).min().map(|due| due.max(now_us))
    }

    /// Collectors of whose sources each that ever spoke was reported silent: when last heard, and how many sources it has.
    fn all_silent(&self, known: &Known) -> Vec<(CollectorId, i64, usize)> {
        let mut collectors: HashMap<&CollectorId, (bool, i64, usize)> = HashMap::new();
        for (source, info) in known.sources.iter().filter(|(_, info)| info.enabled) {
            let (Some(collector), Some(watched)) = (&info.collector, self.sources.get(source)) else { continue };
            if watched.kept.rhythm.is_none() {
                continue;
            }
            let entry = collectors.entry(collector).or_insert((true, i64::MIN, 0));
            *entry = (entry.0 && watched.kept.reported, entry.1.max(watched.kept.heard_us.unwrap_or(i64::MIN)), entry.2 + 1);
        }
        collectors.into_iter().filter(|(_, (silent, _, _))| *silent).map(|(id, (_, heard, sources))| (id.clone(), heard, sources)).collect()
    }

    /// Takes what is to be kept.
    pub(super) fn take_learned(&mut self) -> Vec<Learned> {
        let dirty = self.sources.iter_mut().filter(|(_, watched)| watched.dirty);
        dirty
            .map(|(source, watched)| {
                watched.dirty = false;
                Learned { source: source.clone(), kept: watched.kept.clone(), heard_us: watched.kept.heard_us }
            })
            .collect()
    }

    /// It could not be kept.
    pub(super) fn not_kept(&mut self, learned: &[Learned]) {
        for one in learned {
            if let Some(watched) = self.sources.get_mut(&one.source) {
                watched.dirty = true;
            }
        }
    }
}

impl Watched {
    /// Switched on, and its silence not reported yet.
    fn listens(&self) -> bool {
        !self.kept.reported && self.quiet_from_us != i64::MAX
    }
}

/// How a clock is off, for people.
pub(super) fn skew_told(off: Off, seen: &Observed) -> String {
    let minutes = (seen.newest_event_us.saturating_sub(seen.received_us) / 60_000_000).abs();
    match off {
        Off::Ahead => format!("its events are {minutes} min ahead of the node's clock"),
        Off::Behind => format!("its newest events are {} h behind their receipt; it used to be live", minutes / 60),
        Off::Implausible => format!("{} of {} events carry a time that cannot be, such as more than a day ahead", seen.rejected_times, seen.events),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{KnownCollector, KnownSource};

    const MINUTE_US: i64 = 60_000_000;
    const START_US: i64 = 1_759_708_800_000_000;

    fn known(sources: &[(&str, bool)]) -> Known {
        let collector = CollectorId::from("c");
        let source = |(id, enabled): &(&str, bool)| {
            (SourceId::from(*id), KnownSource { name: (*id).into(), collector: Some(collector.clone()), enabled: *enabled, deleted: false })
        };
        let one = KnownCollector { name: "C".into(), kind: "vector".into(), enabled: true, version: None };
        Known { sources: sources.iter().map(source).collect(), collectors: [(collector.clone(), one)].into() }
    }

    /// Three days of every minute.
    fn lived(known: &Known, sources: &[&str]) -> (Watch, i64) {
        let mut watch = Watch::new(START_US, []);
        watch.switch(known, START_US);
        let end = START_US + 3 * 1440 * MINUTE_US;
        for at in (START_US..end).step_by(MINUTE_US as usize) {
            for source in sources {
                watch.received(&SourceId::from(*source), at);
            }
        }
        (watch, end - MINUTE_US)
    }

    #[test]
    fn silence_takes_two_looks_is_told_once_and_ends_with_data() {
        let known = known(&[("a", true), ("b", true)]);
        let (mut watch, last) = lived(&known, &["a", "b"]);
        let due = watch.due(&known, last).unwrap();
        assert_eq!(due, last + 60 * MINUTE_US);
        assert!(watch.check(&known, due - 1).silent.is_empty());
        assert!(watch.check(&known, due).silent.is_empty(), "the first look");
        assert_eq!(watch.due(&known, due), Some(due + MINUTE_US));
        let found = watch.check(&known, due + MINUTE_US);
        assert_eq!((found.silent.len(), found.offline.len()), (2, 1), "both, and so their collector");
        assert_eq!(watch.due(&known, due + MINUTE_US), None, "nothing to wait for");
        let found = watch.check(&known, due + 9 * MINUTE_US);
        assert_eq!((found.silent.len(), found.offline.len()), (0, 0), "not again");
        assert!(watch.received(&SourceId::from("a"), due + 10 * MINUTE_US).ended_silence);
        watch.back(&CollectorId::from("c"));
        assert!(watch.due(&known, due + 10 * MINUTE_US).is_some());
    }

    #[test]
    fn a_collector_that_gives_signs_of_life_is_not_offline() {
        let known = known(&[("a", true)]);
        let (mut watch, last) = lived(&known, &["a"]);
        let due = watch.due(&known, last).unwrap();
        watch.check(&known, due);
        watch.heard(&SourceId::from("a"), due);
        let found = watch.check(&known, due + MINUTE_US);
        assert_eq!((found.silent.len(), found.offline.len()), (1, 0));
        assert_eq!(watch.due(&known, due + MINUTE_US), Some(due + FLOOR_US));
        assert_eq!(watch.check(&known, due + FLOOR_US).offline.len(), 1);
    }

    #[test]
    fn what_is_kept_survives_and_neither_the_nodes_sleep_nor_being_off_counts_as_silence() {
        let all = known(&[("a", true)]);
        let (mut watch, last) = lived(&all, &["a"]);
        let kept: Vec<_> = watch.take_learned().into_iter().map(|one| (one.source, one.kept)).collect();
        assert!(watch.take_learned().is_empty());
        let text = serde_json::to_string(&kept[0].1).unwrap();
        let woke = last + 600 * MINUTE_US;
        let mut again = Watch::new(woke, [(SourceId::from("a"), serde_json::from_str(&text).unwrap())]);
        again.switch(&all, woke);
        assert_eq!(again.due(&all, woke), Some(woke + 60 * MINUTE_US));
        again.switch(&known(&[("a", false)]), woke);
        assert_eq!(again.due(&all, woke), None);
        again.switch(&all, woke + 900 * MINUTE_US);
        assert_eq!(again.due(&all, woke), Some(woke + 960 * MINUTE_US));
    }

    #[test]
    fn a_refused_key_is_forgiven_after_an_hour_without_use() {
        let (mut watch, none) = (Watch::new(0, []), Known::default());
        watch.key_refused(&SourceId::from("a"), 0);
        watch.key_refused(&SourceId::from("a"), KEY_QUIET_US / 2);
        assert!(watch.check(&none, KEY_QUIET_US).keys_unused.is_empty());
        assert_eq!(watch.due(&none, 0), Some(KEY_QUIET_US * 3 / 2));
        assert_eq!(watch.check(&none, KEY_QUIET_US * 3 / 2).keys_unused, [SourceId::from("a")]);
    }
}
