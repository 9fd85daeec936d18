//! The rules of an open workspace as they are this moment: what evaluates, and what a change swaps.
//!
//! Readers take a snapshot; a change makes another one and puts it in its place, so nothing ever waits for a restart or for a reader.
//! A rule that is too costly is taken out here at once; the pipeline writes that down with its next commit.

use bailiwick_api::WorkspaceId;
use bailiwick_detect::{Clock, CostLimit, Costly, Detection, Hit, Meter, RuleState};
use bailiwick_event::Record;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
    time::Instant,
};

/// A rule that was set aside, as whoever watches health is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFailure {
    /// The rule.
    pub rule_id: String,
    /// Its title.
    pub title: String,
    /// Why, for people.
    pub reason: String,
    /// The last record it matched or was slow on, in one line.
    pub sample: String,
}

/// Who is told when a rule is set aside.
pub type OnRuleFailed = Arc<dyn Fn(&WorkspaceId, &RuleFailure) + Send + Sync>;

/// The texts of a workspace's own rules, by id, as they were compiled.
pub(crate) type OwnTexts = Vec<(String, String)>;

/// The rules of one open workspace.
pub(crate) struct LiveDetection {
    workspace: WorkspaceId,
    current: RwLock<Arc<Detection>>,
    own_texts: Mutex<OwnTexts>,
    meter: Meter,
    failures: Mutex<Vec<RuleFailure>>,
    told: OnRuleFailed,
}

impl LiveDetection {
    /// The rules as they were when the workspace was opened.
    pub(crate) fn new(workspace: WorkspaceId, detection: Detection, own_texts: OwnTexts, told: OnRuleFailed) -> Arc<Self> {
        Arc::new(Self {
            workspace,
            current: RwLock::new(Arc::new(detection)),
            own_texts: Mutex::new(own_texts),
            meter: Meter::new(nanoseconds as Clock, CostLimit::default()),
            failures: Mutex::default(),
            told,
        })
    }

    /// The rules this moment.
    pub(crate) fn current(&self) -> Arc<Detection> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The rules that match a record.
    pub(crate) fn evaluate(&self, record: &Record) -> Vec<Hit> {
        let detection = self.current();
        let (mut hits, costly) = self.meter.evaluate(&detection, record);
        if costly {
            for costly in self.meter.take_costly() {
                hits.retain(|hit| hit.rule.id != costly.rule_id);
                self.set_aside(&costly.rule_id, &too_costly(&costly), &costly.sample);
            }
        }
        hits
    }

    /// Takes a rule out for this workspace. What was evaluated before may still hold hits of it.
    pub(crate) fn set_aside(&self, rule_id: &str, reason: &str, sample: &str) {
        let failure = {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            if current.setting(rule_id).state == RuleState::Failed {
                return;
            }
            let title = current.rule(rule_id).map(|rule| rule.title.clone()).unwrap_or_default();
            *current = Arc::new(current.setting_aside([rule_id]));
            RuleFailure { rule_id: rule_id.to_owned(), title, reason: reason.to_owned(), sample: sample.to_owned() }
        };
        tracing::warn!(workspace.id = %self.workspace, rule.id = rule_id, reason, "rule set aside");
        (self.told)(&self.workspace, &failure);
        self.lock_failures().push(failure);
    }

    /// What was set aside and is not written down yet.
    pub(crate) fn failures(&self) -> Vec<RuleFailure> {
        self.lock_failures().clone()
    }

    /// These are written down now.
    pub(crate) fn written(&self, failures: &[RuleFailure]) {
        self.lock_failures().retain(|failure| !failures.contains(failure));
    }

    /// Puts a detection read from the database in the place of the current one. What was set aside since stays so.
    pub(crate) fn replace(&self, read: Detection, own_texts: OwnTexts) {
        *self.own_texts.lock().unwrap_or_else(PoisonError::into_inner) = own_texts;
        let unwritten: Vec<String> = self.lock_failures().iter().map(|failure| failure.rule_id.clone()).collect();
        let read = if unwritten.is_empty() { read } else { read.setting_aside(unwritten.iter().map(String::as_str)) };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        for rule in read.rules().filter(|rule| current.setting(&rule.id).state == RuleState::Failed && read.runs(&rule.id)) {
            self.meter.pardon(&rule.id);
        }
        *current = Arc::new(read);
    }

    /// The texts of the own rules as they are compiled.
    pub(crate) fn own_texts(&self) -> OwnTexts {
        self.own_texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The time rules spent since the workspace was opened, in nanoseconds, by rule.
    pub(crate) fn spent_by_rule(&self) -> HashMap<String, u64> {
        self.meter.spent_by_rule(&self.current())
    }

    fn lock_failures(&self) -> MutexGuard<'_, Vec<RuleFailure>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_costly(costly: &Costly) -> String {
    format!("took up to {} ms for one event, {} times within an hour", costly.worst_ns / 1_000_000, costly.strikes)
}

/// Nanoseconds since the first call.
fn nanoseconds() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    u64::try_from(FIRST.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}
