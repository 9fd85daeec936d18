//! Volume: bytes and events by time of receipt, out of the meters; and what they cost.

use super::{
    facts::{Facts, Kind, Words, step},
    groups::{Groups, Slot},
    live::Live,
    panel::{Edge, Need, Panel, Span, Spans},
};
use crate::meters::Labels;
use bailiwick_api::dashboards::{Measure, PanelAsk, PanelDimension, Rates, RatesFrom, VolumeTier};
use bailiwick_chassis::Refusal;
use sqlx::{AnyConnection, Row, any::AnyRow};
use std::sync::Arc;

/// Bytes in a GB.
const GB: f64 = 1_073_741_824.0;
/// The places of the two numbers.
const BYTES: usize = 0;
const EVENTS: usize = 1;

/// What a source was called when something came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Label {
    pub(super) tier: VolumeTier,
    pub(super) category: Option<Arc<str>>,
    pub(super) collector: Option<Arc<str>>,
    pub(super) source: Option<Arc<str>>,
    /// Whether it is also fed to detection.
    pub(super) cse: bool,
}

impl Label {
    pub(super) fn of(labels: &Labels, words: &mut Words) -> Self {
        Self {
            tier: tier(&labels.tier),
            category: words.some(&labels.category),
            collector: words.some(&labels.collector),
            source: words.some(&labels.name),
            cse: labels.cse,
        }
    }

    fn is_of(&self, tier: VolumeTier) -> bool {
        if tier == VolumeTier::Cse { self.cse } else { self.tier == tier }
    }

    fn value(&self, dimension: PanelDimension, tier: &Arc<str>) -> Option<Arc<str>> {
        match dimension {
            PanelDimension::Tier => Some(Arc::clone(tier)),
            PanelDimension::SourceCategory => self.category.clone(),
            PanelDimension::Collector => self.collector.clone(),
            PanelDimension::Source => self.source.clone(),
            _ => None,
        }
    }
}

impl Kind<2> for Label {
    const DATASET: &'static str = "volume";
    const SELECT: &'static str = "select bucket, tier, category, collector, name, cse, sum(bytes) as bytes, sum(stored + failed) as events from meter \
                                  where grain = $1 and bucket >= $2 and bucket < $3 group by bucket, tier, category, collector, name, cse";

    fn read(row: &AnyRow, words: &mut Words) -> Result<(Self, [u64; 2]), Refusal> {
        let number = |column: &str| row.try_get::<i64, _>(column).map(|n| u64::try_from(n).unwrap_or_default());
        let label = Self {
            tier: tier(&row.try_get::<String, _>("tier")?),
            category: words.of(row, "category")?,
            collector: words.of(row, "collector")?,
            source: words.of(row, "name")?,
            cse: row.try_get::<i64, _>("cse")? != 0,
        };
        Ok((label, [number("bytes")?, number("events")?]))
    }
}

/// What was received before there were tiers is of the first.
fn tier(word: &str) -> VolumeTier {
    VolumeTier::ALL.iter().copied().find(|tier| tier.as_str() == word).unwrap_or(VolumeTier::Continuous)
}

/// The volume of one workspace.
#[derive(Clone, Default)]
pub(super) struct Volume(Facts<Label, 2>);

impl Volume {
    pub(super) async fn refresh(&mut self, db: &mut AnyConnection, need: &Need, now_us: i64) -> Result<(), Refusal> {
        self.0.refresh(db, need, now_us).await
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }

    pub(super) fn has(&self, need: &Need) -> bool {
        self.0.has(need)
    }

    /// Adds what a panel counts.
    pub(super) fn count(&self, panel: &Panel<'_>, live: &Live, into: &mut Groups) {
        let own = spans(panel.ask, panel.rates, panel.now);
        let spans = own.as_ref().unwrap_or(panel.spans);
        let which = if panel.ask.measure == Measure::Events { EVENTS } else { BYTES };
        for tier in wanted(panel) {
            let word: Arc<str> = tier.as_str().into();
            for series in self.0.series.iter().filter(|series| series.label.is_of(tier)) {
                let mut slot = Place::new(|| panel.key(|dimension| series.label.value(dimension, &word)));
                let mut add = |span: &Span, number: u64| {
                    let value = value(panel, tier, span.from, number);
                    slot.add(into, span.bucket, value);
                };
                series.hours.walk(which, &spans.hours, &mut add);
                series.steps.walk(which, &spans.steps, &mut add);
            }
            for (at, label, numbers) in live.volume.iter().filter(|(_, label, _)| label.is_of(tier)) {
                let number = numbers[which];
                if let Some(bucket) = panel.bucket(*at).filter(|_| number > 0) {
                    into.add(panel.key(|dimension| label.value(dimension, &word)), bucket, value(panel, tier, step(*at), number));
                }
            }
        }
    }
}

/// The place of a series' group, looked for once there is something to add.
pub(super) struct Place<F> {
    key: Option<F>,
    slot: Option<Slot>,
}

impl<F: FnOnce() -> super::groups::Key> Place<F> {
    pub(super) fn new(key: F) -> Self {
        Self { key: Some(key), slot: None }
    }

    pub(super) fn add(&mut self, into: &mut Groups, bucket: usize, value: f64) {
        if let Some(key) = self.key.take() {
            self.slot = into.slot(key());
        }
        if let Some(slot) = self.slot {
            into.put(slot, bucket, value);
        }
    }
}

/// The tiers a panel counts.
fn wanted(panel: &Panel<'_>) -> Vec<VolumeTier> {
    if !panel.ask.tiers.is_empty() {
        return panel.ask.tiers.clone();
    }
    let by_tier = panel.ask.group_by.contains(&PanelDimension::Tier);
    VolumeTier::ALL.iter().copied().filter(|tier| by_tier || *tier != VolumeTier::Cse).collect()
}

/// The stretches of a panel where rates change within its range; none where they do not.
pub(super) fn spans(ask: &PanelAsk, rates: &[RatesFrom], now: i64) -> Option<Spans> {
    let changes: Vec<i64> = rates.iter().map(|rates| rates.from).filter(|at| *at > ask.from && *at < ask.to).collect();
    (ask.measure == Measure::Credits && !changes.is_empty()).then(|| Spans::of(ask, Edge::Begin { now }, &changes))
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 8 PiB in one bucket")]
fn value(panel: &Panel<'_>, tier: VolumeTier, from: u32, number: u64) -> f64 {
    match panel.ask.measure {
        Measure::Credits => number as f64 / GB * rate(panel.rates, tier, from),
        _ => number as f64,
    }
}

/// The rate at a step: that of the last card that began before; the first one's before its beginning, too.
fn rate(rates: &[RatesFrom], tier: VolumeTier, at: u32) -> f64 {
    let begun = rates.iter().rposition(|rates| step(rates.from.saturating_add(super::facts::STEP_US - 1)) <= at);
    let Rates { continuous, frequent, infrequent, cse } = rates.get(begun.unwrap_or_default()).map_or_else(Rates::default, |rates| rates.rates);
    match tier {
        VolumeTier::Continuous => continuous,
        VolumeTier::Frequent => frequent,
        VolumeTier::Infrequent => infrequent,
        VolumeTier::Cse => cse,
    }
}
