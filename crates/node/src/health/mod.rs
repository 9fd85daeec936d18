//! Health of one workspace: what is wrong with its collectors, sources, rules, parsers and disk, since when, and every change of it.
//!
//! ```text
//! anybody ── report(resource, tracker, finding) ──► machine ──► open issues, in memory ──► health_issue, health_event
//! ingest ── received, heard, key_refused ─┐                                                 in the background
//! pipeline ── observe ────────────────────┴► watch: rhythm, clock ──► report
//! schedule ── check (also of closed workspaces, when their time comes)
//! ```
//!
//! Reporting never waits and never fails: it changes memory, and a task writes it down. A finding that changes nothing costs a lock and a
//! look. What cannot be written (the disk is full) is kept and tried again.

pub(crate) mod http;
mod machine;
mod resource;
mod rhythm;
pub(crate) mod schedule;
mod skew;
mod store;
mod watch;

pub use machine::Finding;
pub use resource::Resource;
pub(crate) use resource::{Known, KnownCollector, KnownSource};
pub use schedule::tick;
pub use skew::Observed;

use crate::{State, access, collectors::version_in};
use ::http::StatusCode;
use bailiwick_api::{CollectorId, HealthIssue, HealthResource, HealthSeverity, ResourceKind, SourceId, Tracker, WorkspaceId};
use bailiwick_chassis::{
    Refusal,
    clock::{SharedClock, from_us},
    secrets,
    sql::Db,
    tasks::Tasks,
};
use machine::Issue;
use schedule::Due;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use store::Written;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use watch::Watch;

/// Issues open at a time in a workspace. More are counted and not opened.
const MAX_OPEN: usize = 5_000;
/// Changes that wait to be written.
const MAX_UNWRITTEN: usize = 10_000;
/// What a collector may tell of one source in a minute.
const TOLD_A_MINUTE: u32 = 20;
const MINUTE_US: i64 = 60_000_000;
/// The error of a workspace's database that cannot be written.
const DATABASE_NOT_WRITTEN: &str = "DATABASE_NOT_WRITTEN";
/// A throttle that was not felt for so long is over.
const THROTTLED_US: i64 = 2 * MINUTE_US;
/// How long a failed write waits.
const AGAIN: Duration = Duration::from_secs(5);

/// The key of an open issue.
type Key = (ResourceKind, String, Tracker);

/// Why a key that was once good is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyRefused {
    Rotated,
    Disabled,
    Deleted,
}

impl KeyRefused {
    const fn code(self) -> &'static str {
        match self {
            Self::Rotated => "KEY_ROTATED",
            Self::Disabled => "SOURCE_DISABLED",
            Self::Deleted => "SOURCE_DELETED",
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Rotated => "a sender still uses the key before the last rotation; its events are refused",
            Self::Disabled => "a sender still sends to this source, which is switched off; its events are refused",
            Self::Deleted => "a sender still sends to this source, which was deleted; its events are refused",
        }
    }
}

/// A sign of life of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The version of its collector, where told.
    pub version: Option<String>,
    /// When, in microseconds UTC.
    pub at_us: i64,
}

/// The health of a workspace, opened if it is not: for what the node does by itself, with no person asking.
pub async fn of(state: &State, workspace: &WorkspaceId) -> Result<Arc<Health>, Refusal> {
    Ok(Arc::clone(access::open_for_node(state, workspace).await?.health()))
}

/// The health of one open workspace.
pub struct Health {
    workspace: WorkspaceId,
    db: Db,
    clock: SharedClock,
    due: Arc<Due>,
    known: RwLock<Known>,
    issues: Mutex<Issues>,
    watch: Mutex<Watch>,
    told: Mutex<HashMap<SourceId, (i64, u32)>>,
    /// What of the disk fails, and why.
    failing: Mutex<BTreeMap<String, String>>,
    /// Until when a throttle counts as going on, microseconds UTC; 0 when there is none.
    throttled_until: AtomicI64,
    /// The same of the memory for what waits to be written.
    over_budget_until: AtomicI64,
    /// The same of signals that are held back from investigations.
    held_back_until: AtomicI64,
    /// Something changed that people should be able to read back soon.
    changed: Notify,
    /// Something was learned.
    learned: Notify,
    writing: tokio::sync::Mutex<()>,
    closed: CancellationToken,
}

#[derive(Default)]
struct Issues {
    open: HashMap<Key, (HealthResource, Issue)>,
    unwritten: VecDeque<Written>,
}

impl Health {
    /// Reads what was known.
    pub(crate) async fn open(workspace: &WorkspaceId, db: Db, clock: SharedClock, due: Arc<Due>) -> Result<Arc<Self>, Refusal> {
        let open: HashMap<Key, _> = store::open_issues(&db).await?;
        let mut watch = Watch::new(due.started_us(), store::watched(&db).await?);
        for ((kind, id, tracker), (_, issue)) in &open {
            let of_key = [KeyRefused::Rotated, KeyRefused::Disabled, KeyRefused::Deleted].iter().any(|why| why.code() == issue.error);
            if *kind == ResourceKind::Source && *tracker == Tracker::SourceAuthFailed && of_key {
                watch.key_refused(&SourceId(id.clone()), clock.now_us());
            }
        }
        let failing = open.iter().filter(|((_, _, tracker), _)| *tracker == Tracker::StorageUnavailable);
        let failing = failing.map(|(_, (_, issue))| (issue.error.clone(), issue.description.clone())).collect();
        let until = |of: Tracker| AtomicI64::new(if open.keys().any(|(_, _, tracker)| *tracker == of) { clock.now_us() } else { 0 });
        let (throttled_until, over_budget_until) = (until(Tracker::IngestThrottled), until(Tracker::IngestBudgetExceeded));
        let held_back_until = until(Tracker::SignalsThrottled);
        Ok(Arc::new(Self {
            workspace: workspace.clone(),
            db,
            clock,
            due,
            known: RwLock::default(),
            issues: Mutex::new(Issues { open, unwritten: VecDeque::new() }),
            watch: Mutex::new(watch),
            told: Mutex::default(),
            failing: Mutex::new(failing),
            throttled_until,
            over_budget_until,
            held_back_until,
            changed: Notify::new(),
            learned: Notify::new(),
            writing: tokio::sync::Mutex::default(),
            closed: CancellationToken::new(),
        }))
    }

    /// Begins to write down what changes, until [`Health::close`].
    pub(crate) fn start(self: &Arc<Self>, tasks: &Tasks) {
        tasks.spawn_draining(Arc::clone(self).keep());
    }

    /// Says what was found of a resource. Idempotent; cheap; never waits.
    pub fn report(&self, resource: &Resource, tracker: Tracker, finding: &Finding) {
        let (kind, id) = resource.key(&self.workspace);
        let key = (kind, id, tracker);
        let mut issues = lock(&self.issues);
        let before = issues.open.get(&key).map(|(_, issue)| issue);
        let Some(after) = machine::step(before, finding, self.clock.now_us(), || secrets::random_id("hi-")) else { return };
        if before.is_none() && issues.open.len() >= MAX_OPEN {
            metrics::counter!("bailiwick_health_not_opened_total").increment(1);
            return tracing::warn!(workspace.id = %self.workspace, tracker = %tracker, "too many open health issues; one more was not opened");
        }
        let described = resource.describe(&self.workspace, &self.known.read().unwrap_or_else(PoisonError::into_inner));
        issues.change(key, described, after, None);
        drop(issues);
        self.changed.notify_one();
    }

    /// It works again, if what was wrong is this error: somebody else's finding of the same tracker stays.
    pub fn recovered(&self, resource: &Resource, tracker: Tracker, error: &str) {
        let (kind, id) = resource.key(&self.workspace);
        let this = lock(&self.issues).open.get(&(kind, id, tracker)).is_some_and(|(_, issue)| issue.error == error);
        if this {
            self.report(resource, tracker, &Finding::Healthy);
        }
    }

    /// Says how much of a bound is used: unhealthy from 100 % on (`limit.approaching`: from 90 %), healthy again below 90 %. A bound of 0 is none.
    pub fn usage(&self, resource: &Resource, tracker: Tracker, used: u64, limit: u64) {
        let opens_at = if tracker == Tracker::LimitApproaching { 90 } else { 100 };
        let (kind, id) = resource.key(&self.workspace);
        let open = lock(&self.issues).open.contains_key(&(kind, id, tracker));
        let finding = if limit > 0 && machine::over(open, used, limit, opens_at) {
            Finding::warning("LIMIT", format!("{used} of {limit} used"))
        } else {
            Finding::Healthy
        };
        self.report(resource, tracker, &finding);
    }

    /// Whether senders are told to wait because the licensed volume of this minute is used up.
    pub(crate) fn throttled(&self, now: bool) {
        let told = "more came in a minute than the licensed daily volume allows; senders are told to wait";
        self.felt(&self.throttled_until, now, Tracker::IngestThrottled, ("THROTTLED", told));
    }

    /// Whether senders are told to wait because what waits to be written takes all the memory there is for it.
    pub(crate) fn over_budget(&self, now: bool) {
        let told = "what came and is not written yet takes all the memory there is for it; senders are told to wait";
        self.felt(&self.over_budget_until, now, Tracker::IngestBudgetExceeded, ("MEMORY", told));
    }

    /// Whether signals are held back from investigations.
    pub(crate) fn held_back(&self, now: bool) {
        let told =
            "more signals, or more investigations of one rule, came within minutes than the workspace lets count; what is beyond stays a signal";
        self.felt(&self.held_back_until, now, Tracker::SignalsThrottled, ("HELD_BACK", told));
    }

    /// Opens what is felt now; ends it when it was not felt for a while.
    fn felt(&self, until: &AtomicI64, now: bool, tracker: Tracker, (error, told): (&str, &str)) {
        if now {
            until.store(self.clock.now_us() + THROTTLED_US, Ordering::Relaxed);
            self.report(&Resource::Workspace, tracker, &Finding::warning(error, told));
        } else if until.load(Ordering::Relaxed) > 0 && self.clock.now_us() > until.load(Ordering::Relaxed) {
            until.store(0, Ordering::Relaxed);
            self.report(&Resource::Workspace, tracker, &Finding::Healthy);
        }
    }

    /// Events of a source were made durable at this time, in microseconds UTC.
    pub fn received(&self, source: &SourceId, at_us: i64) {
        let arrival = lock(&self.watch).received(source, at_us);
        if arrival.ended_silence {
            self.report(&Resource::Source(source.clone()), Tracker::SourceSilent, &Finding::Healthy);
            if let Some(collector) = self.collector_of(source) {
                lock(&self.watch).back(&collector);
                self.report(&Resource::Collector(collector), Tracker::CollectorOffline, &Finding::Healthy);
            }
        }
        if arrival.new_bucket {
            if let Some(due) = arrival.due {
                self.due.no_later_than(&self.workspace, due);
            }
            self.learned.notify_one();
        }
    }

    /// A source gave a sign of life, with or without events.
    pub fn heard(&self, source: &SourceId, heard: Heard) {
        if lock(&self.watch).heard(source, heard.at_us) {
            self.learned.notify_one();
        }
        let (Some(collector), Some(version)) = (self.collector_of(source), heard.version) else { return };
        let told = self.known.read().unwrap_or_else(PoisonError::into_inner).told(&collector, &version);
        if !told {
            self.known.write().unwrap_or_else(PoisonError::into_inner).tell_version(&collector, version);
            lock(&self.watch).keep(source);
            self.judge_versions();
            self.learned.notify_one();
        }
    }

    /// The same, from the `User-Agent` of a request.
    pub(crate) fn heard_agent(&self, source: &SourceId, user_agent: Option<&str>) {
        let version = user_agent.and_then(|agent| {
            let collector = self.collector_of(source)?;
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            version_in(agent, &known.collectors.get(&collector)?.kind)
        });
        self.heard(source, Heard { version, at_us: self.clock.now_us() });
    }

    /// What a flush showed of a source's event times.
    pub fn observe(&self, source: &SourceId, seen: &Observed) {
        let Some(verdict) = lock(&self.watch).observe(source, seen) else { return };
        let finding = match verdict {
            None => Finding::Healthy,
            Some(off) => Finding::warning(off.code(), watch::skew_told(off, seen)),
        };
        self.report(&Resource::Source(source.clone()), Tracker::SourceClockSkew, &finding);
        self.learned.notify_one();
    }

    /// A key that was once good for a source was refused.
    pub(crate) fn key_refused(&self, source: &SourceId, why: KeyRefused) {
        let now = self.clock.now_us();
        lock(&self.watch).key_refused(source, now);
        self.due.no_later_than(&self.workspace, now + watch::KEY_QUIET_US);
        self.report(&Resource::Source(source.clone()), Tracker::SourceAuthFailed, &Finding::error(why.code(), why.told()));
    }

    /// Whether one part of the disk could be written; `error` names the part, such as `LOG_NOT_WRITTEN`. Unhealthy while any part fails.
    pub fn storage(&self, error: &str, result: Result<(), &dyn std::fmt::Display>) {
        let mut failing = lock(&self.failing);
        let changed = match result {
            Ok(()) => failing.remove(error).is_some(),
            Err(cause) => failing.insert(error.to_owned(), cause.to_string()).is_none(),
        };
        if changed {
            let finding = failing.first_key_value().map_or(Finding::Healthy, |(error, cause)| Finding::error(error, cause));
            self.report(&Resource::Workspace, Tracker::StorageUnavailable, &finding);
        }
    }

    /// Refuses when a source's collector tells too much.
    pub(crate) fn may_tell(&self, source: &SourceId) -> Result<(), Refusal> {
        let now = self.clock.now_us();
        let mut told = lock(&self.told);
        let (since, count) = told.entry(source.clone()).or_insert((now, 0));
        if now - *since >= MINUTE_US || now < *since {
            (*since, *count) = (now, 0);
        }
        if *count >= TOLD_A_MINUTE {
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REPORTS");
            return Err(refusal.detail(format!("at most {TOLD_A_MINUTE} reports a minute of one source")).retry_after(60));
        }
        *count += 1;
        Ok(())
    }

    /// The sources and collectors there are now. What was switched off or is gone has no issues but refused keys, and those end when it is
    /// on again.
    pub(crate) fn set_known(&self, mut known: Known) {
        let now = self.clock.now_us();
        known.keep_versions(&self.known.read().unwrap_or_else(PoisonError::into_inner));
        let over = |(kind, id, tracker): &Key| match kind {
            ResourceKind::Source => *tracker != Tracker::SourceAuthFailed && !known.takes(id),
            ResourceKind::Collector => !known.collectors.get(&CollectorId(id.clone())).is_some_and(|c| c.enabled),
            _ => false,
        };
        let on_again =
            |key: &Key, issue: &Issue| key.2 == Tracker::SourceAuthFailed && issue.error == KeyRefused::Disabled.code() && known.takes(&key.1);
        let ended: Vec<Key> =
            lock(&self.issues).open.iter().filter(|(key, (_, issue))| over(key) || on_again(key, issue)).map(|(key, _)| key.clone()).collect();
        let due = {
            let mut watch = lock(&self.watch);
            watch.switch(&known, now);
            watch.due(&known, now)
        };
        lock(&self.told).retain(|source, _| known.sources.contains_key(source));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        for (kind, id, tracker) in ended {
            let resource = if kind == ResourceKind::Source { Resource::Source(SourceId(id)) } else { Resource::Collector(CollectorId(id)) };
            self.report(&resource, tracker, &Finding::Healthy);
        }
        self.judge_versions();
        self.due.set(&self.workspace, due);
    }

    /// Looks for what time alone makes true: silence, collectors nobody hears of, refused keys that nobody uses any more.
    pub(crate) fn check(&self) {
        let now = self.clock.now_us();
        let (found, due) = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let mut watch = lock(&self.watch);
            let found = watch.check(&known, now);
            (found, watch.due(&known, now))
        };
        for source in &found.keys_unused {
            for why in [KeyRefused::Rotated, KeyRefused::Disabled, KeyRefused::Deleted] {
                self.recovered(&Resource::Source(source.clone()), Tracker::SourceAuthFailed, why.code());
            }
        }
        for (source, last_us) in &found.silent {
            let told = format!("nothing since {}; that is longer than usual at this hour", from_us(*last_us).format("%F %H:%M UTC"));
            self.report(&Resource::Source(source.clone()), Tracker::SourceSilent, &Finding::warning("NO_DATA", told));
        }
        for (collector, sources) in &found.offline {
            let told = format!("not heard from, and nothing from any of its sources ({sources})");
            self.report(&Resource::Collector(collector.clone()), Tracker::CollectorOffline, &Finding::error("NOT_HEARD", told));
        }
        if !found.silent.is_empty() {
            self.learned.notify_one();
        }
        self.due.set(&self.workspace, due);
    }

    /// Open issues by resource: how many, and the worst.
    pub(crate) fn counts(&self) -> HashMap<(ResourceKind, String), (u32, HealthSeverity)> {
        let mut counts = HashMap::new();
        for ((kind, id, _), (_, issue)) in &lock(&self.issues).open {
            let count = counts.entry((*kind, id.clone())).or_insert((0, HealthSeverity::Warning));
            *count = (count.0 + 1, count.1.max(issue.severity));
        }
        counts
    }

    /// The versions collectors told, by collector.
    pub(crate) fn versions(&self) -> HashMap<CollectorId, String> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.collectors.iter().filter_map(|(id, c)| Some((id.clone(), c.version.clone()?))).collect()
    }

    /// Whether a tracker of a resource is unhealthy.
    pub fn is_open(&self, resource: &Resource, tracker: Tracker) -> bool {
        let (kind, id) = resource.key(&self.workspace);
        lock(&self.issues).open.contains_key(&(kind, id, tracker))
    }

    /// Every open issue.
    pub(crate) fn open_issues(&self) -> Vec<HealthIssue> {
        lock(&self.issues).open.iter().map(|((_, _, tracker), (resource, issue))| store::shown(*tracker, resource.clone(), issue)).collect()
    }

    /// Notes that a person knows of an open issue; what only time made true ends by it.
    pub(crate) fn acknowledge(&self, id: &str, by: &str, note: Option<String>) -> Result<HealthIssue, Refusal> {
        let now = self.clock.now_us();
        let mut issues = lock(&self.issues);
        let found =
            issues.open.iter().find(|(_, (_, issue))| issue.id == id).map(|(key, (resource, issue))| (key.clone(), resource.clone(), issue.clone()));
        let (key, resource, mut issue) = found.ok_or_else(Refusal::not_found)?;
        issue.known = Some(machine::Known { by: by.to_owned(), time_us: now, note });
        if matches!(key.2, Tracker::SourceSilent | Tracker::CollectorOffline) {
            issue = machine::step(Some(&issue), &Finding::Healthy, now, String::new).unwrap_or(issue);
        }
        let shown = store::shown(key.2, resource.clone(), &issue);
        issues.change(key, resource, issue, Some(by.to_owned()));
        drop(issues);
        self.changed.notify_one();
        Ok(shown)
    }

    /// When a source last gave a sign of life, in microseconds UTC.
    pub(crate) fn heard_us(&self, source: &SourceId) -> Option<i64> {
        lock(&self.watch).heard_us(source)
    }

    /// Writes down what is not yet.
    pub(crate) async fn write_out(&self) -> Result<(), Refusal> {
        let _turn = self.writing.lock().await;
        let (now, changes) = (self.clock.now_us(), std::mem::take(&mut lock(&self.issues).unwritten));
        let learned = lock(&self.watch).take_learned();
        let seen = self.collectors_seen(&learned);
        let result = store::write(&self.db, &changes, &learned, &seen, now).await;
        if result.is_err() {
            let mut issues = lock(&self.issues);
            let newer = std::mem::replace(&mut issues.unwritten, changes);
            issues.unwritten.extend(newer);
            issues.bound();
            drop(issues);
            lock(&self.watch).not_kept(&learned);
        }
        result
    }

    /// Writes down everything and ends.
    pub(crate) async fn close(&self) {
        self.closed.cancel();
        if let Err(refusal) = self.write_out().await {
            tracing::error!(workspace.id = %self.workspace, code = refusal.code(), "health not written at close");
        }
    }

    /// Writes changes at once; what was only learned a while later, at another time in each workspace.
    async fn keep(self: Arc<Self>) {
        let spread = self.workspace.as_str().bytes().fold(0_u64, |sum, b| (sum * 31 + u64::from(b)) % 40);
        loop {
            let urgent = tokio::select! {
                () = self.changed.notified() => true,
                () = self.learned.notified() => false,
                () = self.closed.cancelled() => return,
            };
            if !urgent {
                tokio::select! {
                    () = self.changed.notified() => {}
                    () = tokio::time::sleep(Duration::from_secs(5 + spread)) => {}
                    () = self.closed.cancelled() => return,
                }
            }
            match self.write_out().await {
                Ok(()) => self.storage(DATABASE_NOT_WRITTEN, Ok(())),
                Err(refusal) => {
                    tracing::error!(workspace.id = %self.workspace, code = refusal.code(), "health not written; trying again");
                    self.storage(DATABASE_NOT_WRITTEN, Err(&"the workspace's database cannot be written"));
                    tokio::select! {
                        () = tokio::time::sleep(AGAIN) => self.changed.notify_one(),
                        () = self.closed.cancelled() => return,
                    }
                }
            }
        }
    }

    fn collector_of(&self, source: &SourceId) -> Option<CollectorId> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).sources.get(source)?.collector.clone()
    }

    /// What is to be kept of collectors: when last heard, and their version.
    fn collectors_seen(&self, learned: &[watch::Learned]) -> Vec<(CollectorId, i64, Option<String>)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut seen: HashMap<&CollectorId, i64> = HashMap::new();
        for one in learned {
            let collector = known.sources.get(&one.source).and_then(|source| source.collector.as_ref());
            if let (Some(collector), Some(heard)) = (collector, one.heard_us) {
                let latest = seen.entry(collector).or_insert(heard);
                *latest = heard.max(*latest);
            }
        }
        let version = |id: &CollectorId| known.collectors.get(id).and_then(|c| c.version.clone());
        seen.into_iter().map(|(id, heard)| (id.clone(), heard, version(id))).collect()
    }

    /// A collector is old when another of its type in this workspace runs a newer version. Other workspaces are not looked at.
    fn judge_versions(&self) {
        let judged = self.known.read().unwrap_or_else(PoisonError::into_inner).old_versions();
        for (collector, newer) in judged {
            let finding = match newer {
                Some((own, newest)) => Finding::warning("NEWER_VERSION_SEEN", format!("runs {own}; another of its type here runs {newest}")),
                None => Finding::Healthy,
            };
            self.report(&Resource::Collector(collector), Tracker::CollectorVersionOld, &finding);
        }
    }
}

impl Issues {
    /// Takes a change in, and notes it for writing.
    fn change(&mut self, key: Key, resource: HealthResource, issue: Issue, operator: Option<String>) {
        let before = self.open.get(&key).map(|(_, before)| before);
        let event = before.is_none_or(|b| (b.severity, &b.error, b.resolved_us) != (issue.severity, &issue.error, issue.resolved_us));
        let event = event.then(|| secrets::random_id("he-"));
        self.unwritten.push_back(Written { tracker: key.2, resource: resource.clone(), issue: issue.clone(), event, operator });
        self.bound();
        if issue.resolved_us.is_some() {
            self.open.remove(&key);
        } else {
            self.open.insert(key, (resource, issue));
        }
    }

    fn bound(&mut self) {
        while self.unwritten.len() > MAX_UNWRITTEN {
            self.unwritten.pop_front();
            metrics::counter!("bailiwick_health_changes_dropped_total").increment(1);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
