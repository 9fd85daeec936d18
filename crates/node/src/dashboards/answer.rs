//! All panels over all workspaces, out of memory. Slow enough to be kept off the async threads.

use super::{
    Digest, Needs,
    groups::Groups,
    live::{Live, Unwritten},
    panel::{Edge, Panel, Spans},
    signals::Within,
    volume,
};
use bailiwick_api::{
    WorkspaceId,
    dashboards::{Measure, PanelAsk, PanelPart, RatesFrom, RowPart},
};
use std::sync::Arc;

/// Of which part of a digest a measure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dataset {
    Health,
    Volume,
    Silent,
    Failed,
    Signals,
    Cases,
}

pub(super) fn dataset(measure: Measure) -> Dataset {
    match measure {
        Measure::HealthOrgs | Measure::HealthResources | Measure::HealthEvents | Measure::HealthResourceRows | Measure::HealthEventRows => {
            Dataset::Health
        }
        Measure::Bytes | Measure::Events | Measure::Credits => Dataset::Volume,
        Measure::SilentCategoryRows => Dataset::Silent,
        Measure::FailedRecords | Measure::FailedRecordRows => Dataset::Failed,
        Measure::Signals | Measure::SignalRows => Dataset::Signals,
        Measure::InsightsCreated
        | Measure::InsightsUpdated
        | Measure::InsightsClosed
        | Measure::InsightsStatus
        | Measure::TimeToDetect
        | Measure::TimeToRespond
        | Measure::TimeToProgress
        | Measure::TimeToRemediate => Dataset::Cases,
    }
}

/// Whether a measure is rows.
pub(super) fn is_rows(measure: Measure) -> bool {
    use Measure::{FailedRecordRows, HealthEventRows, HealthResourceRows, SignalRows, SilentCategoryRows};
    matches!(measure, FailedRecordRows | HealthEventRows | HealthResourceRows | SignalRows | SilentCategoryRows)
}

/// A panel made ready.
pub(super) struct Prepared {
    pub(super) ask: PanelAsk,
    pub(super) spans: Spans,
}

impl Prepared {
    pub(super) fn new(ask: PanelAsk, now: i64) -> Self {
        let exact = dataset(ask.measure) == Dataset::Signals || is_rows(ask.measure);
        let edge = if exact { Edge::Exact } else { Edge::Begin { now } };
        Self { spans: Spans::of(&ask, edge, &[]), ask }
    }

    /// The panel as it is asked of one workspace.
    pub(super) fn of<'a>(&'a self, workspace: &'a WorkspaceId, rates: &'a [RatesFrom], now: i64) -> Panel<'a> {
        Panel { ask: &self.ask, workspace, org: workspace.as_str().into(), rates, now, spans: &self.spans }
    }
}

/// What one workspace with these rates needs in memory for all panels.
pub(super) fn needs(panels: &[Prepared], rates: &[RatesFrom], now: i64) -> Needs {
    let mut needs = Needs::default();
    for panel in panels {
        match dataset(panel.ask.measure) {
            Dataset::Volume => {
                let own = volume::spans(&panel.ask, rates, now);
                needs.volume.add(own.as_ref().unwrap_or(&panel.spans));
            }
            Dataset::Failed => needs.failed.add(&panel.spans),
            Dataset::Signals => needs.signals.add(&panel.spans),
            Dataset::Health | Dataset::Silent | Dataset::Cases => {}
        }
    }
    needs
}

/// What one workspace brings.
pub(super) struct Part {
    pub(super) workspace: WorkspaceId,
    pub(super) rates: Vec<RatesFrom>,
    pub(super) digest: Arc<Digest>,
    pub(super) within: Within,
    pub(super) unwritten: Unwritten,
}

/// The panels that are answered out of memory, and to how many groups and rows each workspace added. Rows that are not in memory are left out.
pub(super) fn evaluate(panels: &[Prepared], parts: &[Part], now: i64) -> (Vec<PanelPart>, Vec<u64>) {
    let mut counts = vec![0; parts.len()];
    let live: Vec<Live> = parts.iter().map(|part| Live::of(&part.unwritten, part.digest.stored)).collect();
    let answered = panels.iter().map(|panel| {
        if is_rows(panel.ask.measure) { rows(panel, parts, &live, now, &mut counts) } else { groups(panel, parts, &live, now, &mut counts) }
    });
    (answered.collect(), counts)
}

fn groups(panel: &Prepared, parts: &[Part], live: &[Live], now: i64, counts: &mut [u64]) -> PanelPart {
    let mut groups = Groups::new(&panel.ask);
    for (at, (part, count)) in parts.iter().zip(counts).enumerate() {
        groups.begin(at);
        let (asked, digest) = (panel.of(&part.workspace, &part.rates, now), &part.digest);
        match dataset(panel.ask.measure) {
            Dataset::Volume => digest.volume.count(&asked, &live[at], &mut groups),
            Dataset::Failed => digest.failed.count(&asked, &live[at], &mut groups),
            Dataset::Signals => digest.signals.count(&asked, &part.within, &mut groups),
            Dataset::Cases => digest.cases.count(&asked, &mut groups),
            Dataset::Health => digest.health.count(&asked, &mut groups),
            Dataset::Silent => {}
        }
        *count += groups.begin(at);
    }
    groups.finish(&panel.ask)
}

fn rows(panel: &Prepared, parts: &[Part], live: &[Live], now: i64, counts: &mut [u64]) -> PanelPart {
    let limit = panel.ask.rows as usize;
    let mut newest = Newest::new(limit);
    for (part, live) in parts.iter().zip(live) {
        let asked = panel.of(&part.workspace, &part.rates, now);
        newest.extend(match dataset(panel.ask.measure) {
            Dataset::Health => part.digest.health.rows(&asked, limit + 1),
            Dataset::Silent => part.digest.silent.rows(&asked, live, limit + 1),
            Dataset::Volume | Dataset::Failed | Dataset::Signals | Dataset::Cases => Vec::new(),
        });
    }
    let told = newest.told(&panel.ask);
    for row in &told.rows {
        if let Some(at) = parts.iter().position(|part| part.workspace == row.workspace) {
            counts[at] += 1;
        }
    }
    told
}

/// The newest rows out of many, in memory for a few.
pub(super) struct Newest {
    limit: usize,
    rows: Vec<RowPart>,
}

impl Newest {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, rows: Vec::new() }
    }

    pub(super) fn extend(&mut self, rows: Vec<RowPart>) {
        self.rows.extend(rows);
        if self.rows.len() > 4 * (self.limit + 1) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.rows.sort_by(|a, b| (b.time, &b.id, &a.workspace.0).cmp(&(a.time, &a.id, &b.workspace.0)));
        self.rows.truncate(self.limit + 1);
    }

    pub(super) fn told(mut self, ask: &PanelAsk) -> PanelPart {
        self.cut();
        let more = self.rows.len() > self.limit;
        self.rows.truncate(self.limit);
        PanelPart { id: ask.id.clone(), rows: self.rows, more, ..PanelPart::default() }
    }
}
