//! Health as dashboards count it: which issues were open in a range, and which events said something is unhealthy.
//!
//! An issue counts in a range when it was open at any instant of it, so that what broke before the range and still is broken is seen. Every
//! change of an issue has an event, and events are numbered: a look reads the events since the last one, and the issues they are about.

#[cfg(test)]
mod tests;

use super::{
    groups::{Groups, Key},
    panel::Panel,
};
use bailiwick_api::dashboards::{HealthEventRow, HealthResourceRow, Measure, PanelDimension, RowPart, RowValues};
use bailiwick_chassis::{Refusal, sql::Db};
use futures_util::TryStreamExt;
use sqlx::{Row, any::AnyRow};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

/// Issues that are read one by one; when more changed, all are read.
const FEW: usize = 200;
/// About what an issue and an event take besides their texts.
const ISSUE_BYTES: usize = size_of::<Issue>() + 96;
const EVENT_BYTES: usize = size_of::<Event>();

/// The health of a workspace.
#[derive(Clone, Default)]
pub(super) struct Health {
    /// The newest event that was read, and the oldest there was then.
    seen: i64,
    issues: HashMap<Arc<str>, Arc<Issue>>,
    /// Those that say something is unhealthy, oldest first.
    events: VecDeque<Arc<Event>>,
    texts: Texts,
}

/// What is unhealthy, and how. Texts are shared: the same things go wrong again and again.
struct What {
    kind: Arc<str>,
    resource: Arc<str>,
    name: Arc<str>,
    collector: Option<Arc<str>>,
    collector_name: Option<Arc<str>>,
    tracker: Arc<str>,
    severity: Arc<str>,
    error: Arc<str>,
    description: Arc<str>,
}

/// An issue. Times are microseconds UTC.
struct Issue {
    what: What,
    opened: i64,
    resolved: Option<i64>,
}

/// An event that said something is unhealthy.
struct Event {
    seq: i64,
    id: Box<str>,
    issue: Arc<str>,
    time: i64,
    what: What,
}

/// Texts that are held once.
#[derive(Clone, Default)]
struct Texts {
    known: HashSet<Arc<str>>,
    bytes: usize,
}

impl Texts {
    fn get(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = Arc::from(text);
        self.bytes += text.len() + 48;
        self.known.insert(Arc::clone(&new));
        new
    }

    fn what(&mut self, row: &AnyRow) -> Result<What, Refusal> {
        let mut text = |column: &str| Ok::<_, Refusal>(self.get(row.try_get(column)?));
        let (kind, resource, name, tracker) = (text("kind")?, text("resource")?, text("name")?, text("tracker")?);
        let (severity, error, description) = (text("severity")?, text("error")?, text("description")?);
        let mut maybe = |column: &str| Ok::<_, Refusal>(row.try_get::<Option<&str>, _>(column)?.map(|text| self.get(text)));
        let (collector, collector_name) = (maybe("collector")?, maybe("collector_name")?);
        Ok(What { kind, resource, name, collector, collector_name, tracker, severity, error, description })
    }
}

/// Kind of a resource, its id, and the tracker.
type Place = (Arc<str>, Arc<str>, Arc<str>);

impl Health {
    /// Reads what changed since the last time. When that fails, or is given up, everything is read the next time.
    pub(super) async fn refresh(&mut self, db: &Db) -> Result<(), Refusal> {
        let mut next = std::mem::take(self);
        let first = next.seen == 0;
        let changed = next.read_events(db).await?;
        if first || changed.len() > FEW {
            next.read_issues(db).await?;
        } else if !changed.is_empty() {
            next.read_changed(db, &changed).await?;
        }
        if first || !changed.is_empty() {
            next.forget(db).await?;
        }
        *self = next;
        Ok(())
    }

    /// About how much memory this takes.
    pub(super) fn bytes(&self) -> usize {
        self.issues.len() * ISSUE_BYTES + self.events.len() * EVENT_BYTES + self.texts.bytes
    }

    /// Reads events; gives the issues they are about.
    async fn read_events(&mut self, db: &Db) -> Result<HashSet<Arc<str>>, Refusal> {
        let mut changed = HashSet::new();
        let mut rows = sqlx::query("select * from health_event where seq > $1 order by seq").bind(self.seen).fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            self.seen = row.try_get("seq")?;
            let issue = self.texts.get(row.try_get("issue")?);
            changed.insert(Arc::clone(&issue));
            if row.try_get::<&str, _>("status")?.eq_ignore_ascii_case("unhealthy") {
                let what = self.texts.what(&row)?;
                let event = Event { seq: self.seen, id: row.try_get::<&str, _>("id")?.into(), issue, time: row.try_get("time")?, what };
                self.events.push_back(Arc::new(event));
            }
        }
        Ok(changed)
    }

    async fn read_issues(&mut self, db: &Db) -> Result<(), Refusal> {
        self.issues.clear();
        let mut rows = sqlx::query("select * from health_issue").fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            self.take(&row)?;
        }
        Ok(())
    }

    async fn read_changed(&mut self, db: &Db, changed: &HashSet<Arc<str>>) -> Result<(), Refusal> {
        for id in changed {
            // With the others of its resource and tracker: one that begins may have ended another without an event.
            let text = "select * from health_issue where id = $1 or exists (select 1 from health_issue n where n.id = $1 and n.kind = health_issue.kind \
                        and n.resource = health_issue.resource and n.tracker = health_issue.tracker)";
            for row in sqlx::query(text).bind(&**id).fetch_all(db.pool()).await? {
                self.take(&row)?;
            }
        }
        Ok(())
    }

    /// Lets go of what the workspace itself let go of.
    async fn forget(&mut self, db: &Db) -> Result<(), Refusal> {
        let row = sqlx::query("select coalesce(min(seq), 0) as oldest, (select count(*) from health_issue) as issues from health_event");
        let row = row.fetch_one(db.pool()).await?;
        let oldest: i64 = row.try_get("oldest")?;
        while self.events.front().is_some_and(|event| event.seq < oldest) {
            self.events.pop_front();
        }
        if usize::try_from(row.try_get::<i64, _>("issues")?).unwrap_or_default() != self.issues.len() {
            self.read_issues(db).await?;
        }
        Ok(())
    }

    fn take(&mut self, row: &AnyRow) -> Result<(), Refusal> {
        let id = self.texts.get(row.try_get("id")?);
        let what = self.texts.what(row)?;
        let issue = Issue { what, opened: row.try_get("opened")?, resolved: row.try_get("resolved")? };
        self.issues.insert(id, Arc::new(issue));
        Ok(())
    }

    /// Adds what a panel asks for.
    pub(super) fn count(&self, panel: &Panel<'_>, into: &mut Groups) {
        match panel.ask.measure {
            Measure::HealthEvents => {
                for (event, bucket) in self.events_of(panel) {
                    into.add(key(panel, &event.what), bucket, 1.0);
                }
            }
            Measure::HealthOrgs => self.distinct(panel, |_| (), into),
            Measure::HealthResources => self.distinct(panel, |what| (Arc::clone(&what.kind), Arc::clone(&what.resource)), into),
            _ => {}
        }
    }

    /// Counts each of `of` once in a bucket and group.
    fn distinct<T: Eq + std::hash::Hash>(&self, panel: &Panel<'_>, of: impl Fn(&What) -> T, into: &mut Groups) {
        let mut counted: HashSet<(Key, usize, T)> = HashSet::new();
        for issue in self.issues_of(panel) {
            for bucket in buckets(panel, issue) {
                counted.insert((key(panel, &issue.what), bucket, of(&issue.what)));
            }
        }
        for (event, bucket) in self.events_of(panel) {
            counted.insert((key(panel, &event.what), bucket, of(&event.what)));
        }
        let mut groups: HashMap<(Key, usize), f64> = HashMap::new();
        for (key, bucket, _) in counted {
            *groups.entry((key, bucket)).or_default() += 1.0;
        }
        for ((key, bucket), count) in groups {
            into.add(key, bucket, count);
        }
    }

    /// Issues that were open at some instant of the range; only those open now where that is asked for.
    fn issues_of<'a>(&'a self, panel: &'a Panel<'_>) -> impl Iterator<Item = &'a Issue> {
        self.issues.values().map(|issue| &**issue).filter(|issue| issue.counts(panel))
    }

    /// Events in the range, with their buckets.
    fn events_of<'a>(&'a self, panel: &'a Panel<'_>) -> impl Iterator<Item = (&'a Event, usize)> {
        let open = |event: &Event| !panel.ask.open_now || self.issues.get(&event.issue).is_some_and(|issue| issue.resolved.is_none());
        self.events.iter().map(|event| &**event).filter(move |event| open(event)).filter_map(|event| Some((event, panel.bucket(event.time)?)))
    }

    /// Rows of a panel, newest first, at most so many.
    pub(super) fn rows(&self, panel: &Panel<'_>, limit: usize) -> Vec<RowPart> {
        let mut rows = match panel.ask.measure {
            Measure::HealthResourceRows => self.resource_rows(panel),
            Measure::HealthEventRows => self.events_of(panel).map(|(event, _)| event.row(panel)).collect(),
            _ => Vec::new(),
        };
        rows.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
        rows.truncate(limit);
        rows
    }

    /// A row for each resource and tracker that had an issue.
    fn resource_rows(&self, panel: &Panel<'_>) -> Vec<RowPart> {
        let mut rows: HashMap<Place, Impact<'_>> = HashMap::new();
        for (id, issue) in self.issues.iter().filter(|(_, issue)| issue.counts(panel)) {
            rows.entry(issue.what.place()).or_insert_with(|| Impact::new(id, &issue.what)).issue(id, issue);
        }
        for (event, _) in self.events_of(panel) {
            rows.entry(event.what.place()).or_insert_with(|| Impact::new(&event.issue, &event.what)).event(event);
        }
        let mut before: HashMap<&str, i64> = HashMap::new();
        for event in self.events.iter().filter(|event| event.time < panel.ask.from) {
            before.insert(&event.issue, event.time);
        }
        rows.into_values().map(|impact| impact.row(panel, before.get(&**impact.issue).copied())).collect()
    }
}

impl Issue {
    /// Whether it was open at some instant of the range.
    fn counts(&self, panel: &Panel<'_>) -> bool {
        let ask = panel.ask;
        if ask.open_now && self.resolved.is_some() {
            return false;
        }
        self.opened < ask.to && self.resolved.is_none_or(|at| at >= ask.from)
    }
}

impl What {
    fn place(&self) -> Place {
        (Arc::clone(&self.kind), Arc::clone(&self.resource), Arc::clone(&self.tracker))
    }
}

impl Event {
    fn row(&self, panel: &Panel<'_>) -> RowPart {
        let what = &self.what;
        let values = HealthEventRow {
            resource: what.name.to_string(),
            resource_type: what.kind.to_string(),
            resource_id: what.resource.to_string(),
            collector: what.collector_name.as_deref().map(str::to_owned),
            severity: what.severity.to_string(),
            tracker: what.tracker.to_string(),
            error: what.error.to_string(),
            description: what.description.to_string(),
        };
        let workspace = panel.workspace.clone();
        RowPart { workspace, time: self.time, id: self.id.to_string(), values: RowValues::HealthEvent(Box::new(values)) }
    }
}

/// What happened to a resource and tracker in a range.
struct Impact<'a> {
    /// The newest of its issues, and what it says.
    issue: &'a Arc<str>,
    what: &'a What,
    /// When that issue opened, where it is still known.
    opened: i64,
    open_since: Option<i64>,
    first_event: Option<i64>,
    last_event: Option<(i64, &'a What)>,
    events: u64,
}

impl<'a> Impact<'a> {
    fn new(issue: &'a Arc<str>, what: &'a What) -> Self {
        Self { issue, what, opened: i64::MIN, open_since: None, first_event: None, last_event: None, events: 0 }
    }

    fn issue(&mut self, id: &'a Arc<str>, issue: &'a Issue) {
        if issue.resolved.is_none() {
            self.open_since = Some(issue.opened);
        }
        if issue.opened >= self.opened {
            (self.issue, self.what, self.opened) = (id, &issue.what, issue.opened);
        }
    }

    fn event(&mut self, event: &'a Event) {
        self.events += 1;
        self.first_event = Some(self.first_event.map_or(event.time, |first| first.min(event.time)));
        if self.last_event.is_none_or(|(last, _)| event.time >= last) {
            self.last_event = Some((event.time, &event.what));
        }
    }

    /// What nothing was said of in the range shows when it opened, and its last event before the range.
    fn row(&self, panel: &Panel<'_>, before: Option<i64>) -> RowPart {
        let first_seen = self.first_event.unwrap_or(self.opened);
        let last_seen = self.last_event.map_or_else(|| before.unwrap_or(self.opened), |(last, _)| last);
        let what = self.last_event.map_or(self.what, |(_, what)| what);
        let values = HealthResourceRow {
            resource: what.name.to_string(),
            resource_type: what.kind.to_string(),
            resource_id: what.resource.to_string(),
            collector: what.collector_name.as_deref().map(str::to_owned),
            collector_id: what.collector.as_deref().map(str::to_owned),
            severity: what.severity.to_string(),
            tracker: what.tracker.to_string(),
            error: what.error.to_string(),
            description: what.description.to_string(),
            first_seen,
            last_seen,
            events: self.events,
            open: self.open_since.is_some(),
            since: self.open_since,
        };
        let workspace = panel.workspace.clone();
        RowPart { workspace, time: last_seen, id: self.issue.to_string(), values: RowValues::HealthResource(Box::new(values)) }
    }
}

fn key(panel: &Panel<'_>, what: &What) -> Key {
    panel.key(|dimension| match dimension {
        PanelDimension::Tracker => Some(Arc::clone(&what.tracker)),
        PanelDimension::Error => Some(Arc::clone(&what.error)),
        PanelDimension::Severity => Some(Arc::clone(&what.severity)),
        PanelDimension::ResourceType => Some(Arc::clone(&what.kind)),
        _ => None,
    })
}

/// Buckets in which an issue was open.
fn buckets(panel: &Panel<'_>, issue: &Issue) -> std::ops::Range<usize> {
    let edges = &panel.ask.edges;
    if edges.len() < 2 {
        return 0..1;
    }
    // Bucket `i` is `[edges[i], edges[i + 1])`: open before its end, and not resolved before its start.
    let first = edges[1..].partition_point(|end| *end <= issue.opened);
    let last = issue.resolved.map_or(edges.len() - 1, |at| edges[..edges.len() - 1].partition_point(|start| *start <= at));
    // The range may begin and end within buckets.
    let within = |at: usize| edges[at].max(panel.ask.from) < edges[at + 1].min(panel.ask.to);
    let (first, last) = (first.min(last), last);
    let from = (first..last).find(|at| within(*at)).unwrap_or(last);
    let to = (from..last).rev().find(|at| within(*at)).map_or(from, |at| at + 1);
    from..to
}
