//! What is counted of investigations, by time and by what they are told apart by.
//!
//! Investigations are counted, not their changes: in each bucket, or in the range where there are none, one counts at most once.

use super::{Case, Cases, Who};
use crate::dashboards::{
    groups::{Groups, Key},
    panel::Panel,
};
use bailiwick_api::{
    Priority, Status,
    dashboards::{Measure, PanelDimension},
};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

static STATUSES: LazyLock<Vec<Arc<str>>> = LazyLock::new(|| Status::ALL.iter().map(|word| Arc::from(word.as_str())).collect());
static PRIORITIES: LazyLock<Vec<Arc<str>>> = LazyLock::new(|| Priority::ALL.iter().map(|word| Arc::from(word.as_str())).collect());

/// By what one is told apart within a workspace; what is not asked for is none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Mark {
    status: Option<Status>,
    priority: Option<Priority>,
    user: Option<Who>,
}

/// What one investigation has to say: in which bucket, with which status, by whom.
struct Said {
    bucket: usize,
    status: Status,
    who: Option<Who>,
}

impl Cases {
    /// Adds what a panel asks for.
    pub(in crate::dashboards) fn count(&self, panel: &Panel<'_>, into: &mut Groups) {
        match panel.ask.measure {
            Measure::TimeToDetect | Measure::TimeToRespond | Measure::TimeToProgress | Measure::TimeToRemediate => self.durations(panel, into),
            _ => self.numbers(panel, into),
        }
    }

    fn numbers(&self, panel: &Panel<'_>, into: &mut Groups) {
        let mut counted: HashMap<(Mark, usize), f64> = HashMap::new();
        for case in self.cases.values().filter(|case| case.counted) {
            each(case, panel, |said| {
                let mark = mark(panel, case, said.status, said.who);
                *counted.entry((mark, said.bucket)).or_default() += 1.0;
            });
        }
        for ((mark, bucket), count) in counted {
            into.add(self.key(panel, mark), bucket, count);
        }
    }

    fn durations(&self, panel: &Panel<'_>, into: &mut Groups) {
        let mut keys: HashMap<Mark, Key> = HashMap::new();
        for case in self.cases.values().filter(|case| case.counted) {
            let Some((at, who, lasted)) = duration(case, panel.ask.measure) else { continue };
            let Some(bucket) = panel.bucket(at) else { continue };
            let mark = mark(panel, case, case.status, who);
            let key = keys.entry(mark).or_insert_with(|| self.key(panel, mark));
            #[expect(clippy::cast_precision_loss, reason = "microseconds of centuries are exact")]
            into.sample(key.clone(), bucket, lasted.max(0) as f64 / 1e6);
        }
    }

    fn key(&self, panel: &Panel<'_>, mark: Mark) -> Key {
        panel.key(|dimension| match dimension {
            PanelDimension::Status => mark.status.map(|status| Arc::clone(&STATUSES[status as usize])),
            PanelDimension::Priority => mark.priority.map(|priority| Arc::clone(&PRIORITIES[priority as usize])),
            PanelDimension::User => mark.user.map(|who| Arc::clone(self.people.name(who))),
            _ => None,
        })
    }
}

fn mark(panel: &Panel<'_>, case: &Case, status: Status, who: Option<Who>) -> Mark {
    let asked = |dimension| panel.ask.group_by.contains(&dimension);
    Mark {
        status: asked(PanelDimension::Status).then_some(status),
        priority: asked(PanelDimension::Priority).then_some(case.priority),
        user: who.filter(|_| asked(PanelDimension::User)),
    }
}

/// Where an investigation counts: at most once in a bucket.
fn each(case: &Case, panel: &Panel<'_>, mut say: impl FnMut(Said)) {
    let ask = panel.ask;
    match ask.measure {
        Measure::InsightsCreated => {
            if let Some(bucket) = panel.bucket(case.created) {
                say(Said { bucket, status: case.status, who: case.opened.map(|(_, who)| who) });
            }
        }
        Measure::InsightsUpdated => {
            let buckets = case.changes_within(ask.from, ask.to).filter_map(|at| panel.bucket(at));
            once(buckets.map(|bucket| (bucket, ())), |bucket, ()| say(Said { bucket, status: case.status, who: None }));
        }
        Measure::InsightsClosed => {
            // The last closing of a bucket says who closed it.
            let closings = case.closings().filter_map(|(at, who)| Some((panel.bucket(at)?, who)));
            once(closings, |bucket, who| say(Said { bucket, status: case.status, who: Some(who) }));
        }
        Measure::InsightsStatus => {
            let changes = case.changes_within(ask.from, ask.to);
            let touched = std::iter::once(case.created).chain(changes).filter_map(|at| panel.bucket(at));
            once(touched.map(|bucket| (bucket, ())), |bucket, ()| {
                let end = ask.edges.get(bucket + 1).map_or(ask.to, |edge| (*edge).min(ask.to));
                say(Said { bucket, status: case.status_before(end), who: None });
            });
        }
        _ => {}
    }
}

/// Says each bucket once, with the last of what stands in it. Buckets come in order, for times do.
fn once<T>(buckets: impl Iterator<Item = (usize, T)>, mut say: impl FnMut(usize, T)) {
    let mut last: Option<(usize, T)> = None;
    for (bucket, with) in buckets {
        if let Some((before, with)) = last.replace((bucket, with)).filter(|(before, _)| *before != bucket) {
            say(before, with);
        }
    }
    if let Some((bucket, with)) = last {
        say(bucket, with);
    }
}

/// When a duration counts, who ended it, and how long it was, in microseconds.
fn duration(case: &Case, measure: Measure) -> Option<(i64, Option<Who>, i64)> {
    let since_opening = |(at, who): (i64, Who)| (at, Some(who), at - case.created);
    match measure {
        Measure::TimeToDetect => case.first_record.map(|first| (case.created, case.opened.map(|(_, who)| who), case.created - first)),
        Measure::TimeToRespond => case.answered.map(since_opening),
        Measure::TimeToProgress => case.progress().map(since_opening),
        Measure::TimeToRemediate => case.closed_by().map(since_opening),
        _ => None,
    }
}

impl Case {
    /// Times of changes in `[from, to)`.
    fn changes_within(&self, from: i64, to: i64) -> impl Iterator<Item = i64> + '_ {
        let first = self.changes.partition_point(|at| *at < from);
        self.changes[first..].iter().copied().take_while(move |at| *at < to)
    }
}
