//! The parts of a node as they are for one workspace, from what health knows and what can be looked at at once. Details are codes and
//! counts: never a name, a path or a text that a customer or a collector gave.

use crate::{State, workspaces::Workspace};
use bailiwick_api::{Component, ComponentState, HealthIssue, HealthSeverity, LicenceResource, LicenceState, ResourceKind, Tracker};
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, path::Path};

/// A clock that is off by more makes event times and assertions doubtful; assertions ahead by more are refused.
const SKEW_US: i64 = 5_000_000;
/// Days a certificate is left from which on it is time to renew it.
const RENEW_DAYS: i64 = 30;
/// Bytes that are little on a disk of which they are less than a twentieth.
const LITTLE_ROOM: u64 = 10 << 30;
/// Per cent of a limit from which on a licence is near it.
const NEAR: u64 = 90;

/// Every part, in the same order always.
pub(super) fn all(state: &State, workspace: &Workspace, skew_us: i64, licence: &LicenceState) -> Vec<Component> {
    let issues = Issues(workspace.health().open_issues());
    let mut all = vec![ingest(&issues), listeners(state, workspace, &issues), pipeline(workspace), lake(workspace, &issues), disk(state, &issues)];
    let rules = workspace.detection().current().rules().count();
    all.push(counted("rules", rules, &issues.of(&[Tracker::RuleFailed])));
    all.push(counted("parsers", workspace.parsers().get().names().count(), &issues.of(&[Tracker::ParserSetAside])));
    all.push(collectors(workspace, &issues));
    all.push(clock(skew_us));
    all.push(certificate(state, workspace));
    all.push(licensed(licence));
    all
}

fn component(name: &str, state: ComponentState) -> Component {
    Component { name: name.to_owned(), state, since: None, detail: None, value: None, unit: None }
}

impl Found {
    /// The part that these issues are of.
    fn component(&self, name: &str) -> Component {
        let state = match self.worst {
            None => ComponentState::Ok,
            Some(HealthSeverity::Warning) => ComponentState::Degraded,
            Some(HealthSeverity::Error) => ComponentState::Down,
        };
        Component { since: self.since, detail: self.told(), ..component(name, state) }
    }

    /// `source.silent 3, source.unreachable 1`.
    fn told(&self) -> Option<String> {
        let each: Vec<String> = self.counts.iter().map(|(tracker, count)| format!("{tracker} {count}")).collect();
        Some(each.join(", ")).filter(|text| !text.is_empty())
    }
}

struct Issues(Vec<HealthIssue>);

/// Open issues of some trackers.
#[derive(Default)]
struct Found {
    worst: Option<HealthSeverity>,
    since: Option<DateTime<Utc>>,
    counts: BTreeMap<&'static str, u32>,
}

impl Issues {
    fn of(&self, trackers: &[Tracker]) -> Found {
        self.such(|issue| trackers.contains(&issue.tracker))
    }

    fn such(&self, wanted: impl Fn(&HealthIssue) -> bool) -> Found {
        let mut found = Found::default();
        for issue in self.0.iter().filter(|issue| wanted(issue)) {
            found.worst = found.worst.max(Some(issue.severity));
            found.since = Some(found.since.map_or(issue.opened_time, |since| since.min(issue.opened_time)));
            *found.counts.entry(issue.tracker.as_str()).or_default() += 1;
        }
        found
    }
}

/// Whether what is sent is taken.
fn ingest(issues: &Issues) -> Component {
    let waits = issues.of(&[Tracker::IngestThrottled, Tracker::IngestBudgetExceeded]).component("ingest");
    let log = issues.such(|issue| issue.tracker == Tracker::StorageUnavailable && issue.details.error == "LOG_NOT_WRITTEN");
    if log.worst.is_some() {
        Component { state: ComponentState::Down, detail: Some("LOG_NOT_WRITTEN".into()), ..log.component("ingest") }
    } else {
        waits
    }
}

/// The syslog ports of the workspace's sources, and the node's shared one.
fn listeners(state: &State, workspace: &Workspace, issues: &Issues) -> Component {
    let (mut bound, mut failed) = (0_usize, 0_usize);
    for source in workspace.sources() {
        let ports = state.syslog().ports(workspace.id(), &source.id);
        for port in [ports.tcp, ports.udp, ports.tls].into_iter().flatten() {
            *if port.is_ok() { &mut bound } else { &mut failed } += 1;
        }
    }
    let shared = state.syslog().shared();
    bound += usize::from(shared.plain.is_some()) + usize::from(shared.tls.is_some());
    let (how, detail) = match (bound, failed) {
        (0, 0) => (ComponentState::Unknown, Some("no syslog port is asked for".to_owned())),
        (_, 0) => (ComponentState::Ok, None),
        (0, _) => (ComponentState::Down, Some(format!("none of {failed} ports could be bound"))),
        _ => (ComponentState::Degraded, Some(format!("{failed} of {} ports could not be bound", bound + failed))),
    };
    let since = issues.such(|issue| issue.tracker == Tracker::SourceConfigInvalid && issue.details.error == "PORT_NOT_BOUND").since;
    let since = since.filter(|_| failed > 0);
    Component { since, detail, ..number("listeners", how, bound, "ports") }
}

/// What is acknowledged and not searchable yet.
fn pipeline(workspace: &Workspace) -> Component {
    let (bytes, caught_up) = workspace.waiting();
    let most = workspace.may_wait();
    let how = if caught_up || bytes < most / 2 { ComponentState::Ok } else { ComponentState::Degraded };
    let detail = (how != ComponentState::Ok).then(|| format!("{bytes} of {most} bytes wait to be worked"));
    Component { detail, ..number("pipeline", how, bytes, "bytes") }
}

/// The files of the lake and their store.
fn lake(workspace: &Workspace, issues: &Issues) -> Component {
    let (files, _) = workspace.keeper().tail().snapshot();
    let bytes: u64 = files.iter().map(|file| file.bytes + file.index_bytes).sum();
    let away = issues.such(|issue| issue.tracker == Tracker::StorageUnavailable && issue.details.error == "STORE_AWAY");
    let down = workspace.keeper().is_in_trouble() || away.worst.is_some();
    let how = if down { ComponentState::Down } else { ComponentState::Ok };
    let detail = down.then(|| "STORE_AWAY".to_owned());
    Component { since: away.since, detail, ..number("lake", how, usize::try_from(bytes).unwrap_or(usize::MAX), "bytes") }
}

/// Whether log and database can be written, and how much room is left.
fn disk(state: &State, issues: &Issues) -> Component {
    for error in ["LOG_NOT_WRITTEN", "DATABASE_NOT_WRITTEN"] {
        let found = issues.such(|issue| issue.tracker == Tracker::StorageUnavailable && issue.details.error == error);
        if found.worst.is_some() {
            return Component { state: ComponentState::Down, detail: Some(error.to_owned()), ..found.component("disk") };
        }
    }
    let Some((free, total)) = room(state.data()) else { return component("disk", ComponentState::Ok) };
    let scarce = free < LITTLE_ROOM && free < total / 20;
    let how = if scarce { ComponentState::Degraded } else { ComponentState::Ok };
    let detail = scarce.then(|| format!("{} % free", free * 100 / total.max(1)));
    Component { detail, ..number("disk", how, usize::try_from(free).unwrap_or(usize::MAX), "bytes") }
}

/// Bytes that are left for this process where a folder is, and that there are.
fn room(folder: &Path) -> Option<(u64, u64)> {
    let told = rustix::fs::statvfs(folder).ok()?;
    Some((told.f_bavail.saturating_mul(told.f_frsize), told.f_blocks.saturating_mul(told.f_frsize)))
}

/// A part made of many, some of which may be set aside: the others work.
fn counted(name: &str, count: usize, aside: &Found) -> Component {
    let how = if aside.worst.is_some() { ComponentState::Degraded } else { ComponentState::Ok };
    Component { since: aside.since, detail: aside.told(), ..number(name, how, count, name) }
}

/// Collectors and sources: one that fails does not stop the others.
fn collectors(workspace: &Workspace, issues: &Issues) -> Component {
    let found = issues.such(|issue| matches!(issue.resource.kind, ResourceKind::Collector | ResourceKind::Source));
    let sources = workspace.sources().into_iter().filter(|source| source.enabled).count();
    let unused = sources == 0 && found.worst.is_none();
    Component {
        unit: Some("sources".into()),
        ..if unused { number("collectors", ComponentState::Unknown, 0, "") } else { counted("collectors", sources, &found) }
    }
}

/// The node's clock against the console's; the way of the question counts in.
fn clock(skew_us: i64) -> Component {
    let off = skew_us.abs() > SKEW_US;
    let how = if off { ComponentState::Degraded } else { ComponentState::Ok };
    let detail = off.then(|| format!("the node's clock is {} s {}", skew_us.abs() / 1_000_000, if skew_us > 0 { "ahead" } else { "behind" }));
    Component { detail, value: Some(skew_us / 1000), unit: Some("ms".into()), ..component("clock", how) }
}

/// The node's certificates, where anybody is to speak TLS with it: the one that ends first.
fn certificate(state: &State, workspace: &Workspace) -> Component {
    let used = state.syslog().shared().tls.is_some() || workspace.sources().iter().any(|source| source.enabled && source.syslog_tls.is_some());
    let syslog = state.syslog().certificate_ends().filter(|_| used);
    let Some(ends) = syslog.into_iter().chain(state.https_ends()).min() else {
        return Component { detail: Some("no port speaks TLS".into()), ..component("certificate", ComponentState::Unknown) };
    };
    let days = (ends - state.clock().now()).num_days();
    let how = match days {
        ..0 => ComponentState::Down,
        0..=RENEW_DAYS => ComponentState::Degraded,
        _ => ComponentState::Ok,
    };
    let detail = (how != ComponentState::Ok).then(|| if days < 0 { "it has ended".to_owned() } else { format!("it ends in {days} days") });
    Component { detail, value: Some(days), unit: Some("days".into()), ..component("certificate", how) }
}

/// What is used of the licence.
fn licensed(licence: &LicenceState) -> Component {
    let limits = licence.limits.resources();
    if limits.is_empty() {
        return component("licence", ComponentState::Unknown);
    }
    let near: Vec<String> = LicenceResource::ALL.iter().filter_map(|resource| near(*resource, limits.get(*resource)?, licence)).collect();
    let how = if near.is_empty() { ComponentState::Ok } else { ComponentState::Degraded };
    Component { detail: Some(near.join(", ")).filter(|text| !text.is_empty()), ..component("licence", how) }
}

/// Days are used up as they should be when they are as many as licensed.
fn near(resource: LicenceResource, limit: u64, licence: &LicenceState) -> Option<String> {
    let used = licence.usage.of(resource);
    let near = if resource.is_sum() { u128::from(used) * 100 >= u128::from(limit) * u128::from(NEAR) && used > 0 } else { used > limit };
    near.then(|| format!("{resource} {used} of {limit}"))
}

fn number(name: &str, state: ComponentState, value: usize, unit: &str) -> Component {
    Component { value: i64::try_from(value).ok(), unit: Some(unit.to_owned()), ..component(name, state) }
}
