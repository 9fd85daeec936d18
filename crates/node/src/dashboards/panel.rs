//! One panel as it is asked for, and which stretches of time its buckets are made of.

use super::{
    facts::{HOUR, STEP_US, step, whole},
    groups::Key,
};
use bailiwick_api::{
    WorkspaceId,
    dashboards::{PanelAsk, PanelDimension, RatesFrom},
};
use std::{collections::BTreeSet, sync::Arc};

/// A panel asked of one workspace.
pub(super) struct Panel<'a> {
    pub(super) ask: &'a PanelAsk,
    pub(super) workspace: &'a WorkspaceId,
    /// The workspace's id as a key.
    pub(super) org: Arc<str>,
    /// Never empty.
    pub(super) rates: &'a [RatesFrom],
    pub(super) now: i64,
    pub(super) spans: &'a Spans,
}

impl Panel<'_> {
    /// The bucket a time lies in.
    pub(super) fn bucket(&self, time: i64) -> Option<usize> {
        if time < self.ask.from || time >= self.ask.to {
            return None;
        }
        if self.ask.edges.is_empty() {
            return Some(0);
        }
        let after = self.ask.edges.partition_point(|edge| *edge <= time);
        (after > 0 && after < self.ask.edges.len()).then(|| after - 1)
    }

    /// A key, given the value of each dimension but the customer.
    pub(super) fn key(&self, mut of: impl FnMut(PanelDimension) -> Option<Arc<str>>) -> Key {
        let value = |dimension: &PanelDimension| if *dimension == PanelDimension::Org { Some(Arc::clone(&self.org)) } else { of(*dimension) };
        self.ask.group_by.iter().map(value).collect()
    }
}

/// How many buckets a panel has.
pub(super) fn buckets(ask: &PanelAsk) -> usize {
    ask.edges.len().saturating_sub(1).max(1)
}

/// A stretch of steps that belongs to one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) bucket: usize,
}

/// A stretch that ends within a step, microseconds, and the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) step: u32,
    pub(super) bucket: usize,
}

/// What counts where a bucket ends within a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// A step counts where it begins; whatever ends now ends with the hour.
    Begin { now: i64 },
    /// Each thing counts where it is.
    Exact,
}

/// The stretches of a panel: whole hours, the steps beside them, and the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spans {
    pub(super) hours: Vec<Span>,
    pub(super) steps: Vec<Span>,
    pub(super) cuts: Vec<Cut>,
}

impl Spans {
    /// Divides a panel's range. `also`: times at which stretches have to end as well.
    pub(super) fn of(ask: &PanelAsk, edge: Edge, also: &[i64]) -> Self {
        let mut spans = Self::default();
        let mut slice = |from: i64, to: i64, bucket: usize| {
            let (first, to) = (from.max(ask.from), to.min(ask.to));
            let mut begin = first;
            for end in also.iter().copied().filter(|at| *at > first && *at < to).chain([to]) {
                spans.slice(begin, end, bucket, edge);
                begin = end;
            }
        };
        if ask.edges.is_empty() {
            slice(ask.from, ask.to, 0);
        }
        for (bucket, pair) in ask.edges.windows(2).enumerate() {
            slice(pair[0], pair[1], bucket);
        }
        spans
    }

    fn slice(&mut self, from: i64, to: i64, bucket: usize, edge: Edge) {
        if from >= to {
            return;
        }
        let up = |time: i64| step(time.saturating_add(STEP_US - 1));
        let (begin, end) = match edge {
            Edge::Begin { now } if to >= now => (up(from), whole(up(to).saturating_add(HOUR - 1))),
            Edge::Begin { .. } => (up(from), up(to)),
            Edge::Exact if up(from) > step(to) => {
                self.cuts.push(Cut { from, to, step: step(from), bucket });
                return;
            }
            Edge::Exact => {
                let (begin, end) = (i64::from(up(from)) * STEP_US, i64::from(step(to)) * STEP_US);
                if from < begin {
                    self.cuts.push(Cut { from, to: begin, step: step(from), bucket });
                }
                if end < to {
                    self.cuts.push(Cut { from: end, to, step: step(end), bucket });
                }
                (up(from), step(to))
            }
        };
        let (first, last) = (whole(begin.saturating_add(HOUR - 1)), whole(end));
        if first >= last {
            self.step(begin, end, bucket);
            return;
        }
        self.step(begin, first, bucket);
        self.hours.push(Span { from: first, to: last, bucket });
        self.step(last, end, bucket);
    }

    fn step(&mut self, from: u32, to: u32, bucket: usize) {
        if from < to {
            self.steps.push(Span { from, to, bucket });
        }
    }
}

/// What of a dataset has to be in memory for a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// Hours from this step on.
    pub(super) hours_from: u32,
    /// Hours whose steps are asked for, as steps.
    pub(super) hours: BTreeSet<u32>,
}

impl Default for Need {
    fn default() -> Self {
        Self { hours_from: u32::MAX, hours: BTreeSet::new() }
    }
}

impl Need {
    pub(super) fn add(&mut self, spans: &Spans) {
        let first = spans.hours.iter().chain(&spans.steps).map(|span| whole(span.from)).min();
        self.hours_from = self.hours_from.min(first.unwrap_or(u32::MAX));
        for span in &spans.steps {
            self.hours.extend((whole(span.from)..span.to).step_by(HOUR as usize));
        }
        self.hours.extend(spans.cuts.iter().map(|cut| whole(cut.step)));
    }
}
