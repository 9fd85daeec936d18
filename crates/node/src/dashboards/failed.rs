//! Failed records, by time of receipt.

use super::{
    facts::{Facts, Kind, STEP_US, Words},
    groups::Groups,
    live::Live,
    panel::{Need, Panel, Span},
    volume::Place,
};
use crate::meters::FailedKind;
use bailiwick_api::dashboards::PanelDimension;
use bailiwick_chassis::Refusal;
use sqlx::{AnyConnection, Row, any::AnyRow};
use std::sync::Arc;

/// What is known of a failed record besides its time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Label {
    category: Option<Arc<str>>,
    vendor: Option<Arc<str>>,
    product: Option<Arc<str>>,
    event_id: Option<Arc<str>>,
    parser: Option<Arc<str>>,
    reason_code: Option<Arc<str>>,
    reason: Option<Arc<str>>,
}

impl Label {
    pub(super) fn of(kind: &FailedKind, words: &mut Words) -> Self {
        let [category, vendor, product, event_id, parser, reason_code, reason] = kind.texts().map(|text| words.some(text));
        Self { category, vendor, product, event_id, parser, reason_code, reason }
    }

    fn value(&self, dimension: PanelDimension) -> Option<Arc<str>> {
        let value = match dimension {
            PanelDimension::SourceCategory => &self.category,
            PanelDimension::Vendor => &self.vendor,
            PanelDimension::Product => &self.product,
            PanelDimension::EventId => &self.event_id,
            PanelDimension::Parser => &self.parser,
            PanelDimension::ReasonCode => &self.reason_code,
            PanelDimension::Reason => &self.reason,
            _ => &None,
        };
        value.clone()
    }
}

impl Kind<1> for Label {
    const DATASET: &'static str = "failed";
    const SELECT: &'static str = "select bucket, source_category, vendor, product, event_id, parser, reason_code, reason, n from failed_meter \
                                  where grain = $1 and bucket >= $2 and bucket < $3";

    fn read(row: &AnyRow, words: &mut Words) -> Result<(Self, [u64; 1]), Refusal> {
        let label = Self {
            category: words.of(row, "source_category")?,
            vendor: words.of(row, "vendor")?,
            product: words.of(row, "product")?,
            event_id: words.of(row, "event_id")?,
            parser: words.of(row, "parser")?,
            reason_code: words.of(row, "reason_code")?,
            reason: words.of(row, "reason")?,
        };
        Ok((label, [u64::try_from(row.try_get::<i64, _>("n")?).unwrap_or_default()]))
    }
}

/// The failed records of one workspace.
#[derive(Clone, Default)]
pub(super) struct Failed(Facts<Label, 1>);

impl Failed {
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
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 records")]
    pub(super) fn count(&self, panel: &Panel<'_>, live: &Live, into: &mut Groups) {
        for series in &self.0.series {
            let mut slot = Place::new(|| panel.key(|dimension| series.label.value(dimension)));
            let mut add = |span: &Span, number: u64| slot.add(into, span.bucket, number as f64);
            series.hours.walk(0, &panel.spans.hours, &mut add);
            series.steps.walk(0, &panel.spans.steps, &mut add);
        }
        for (at, label, number) in &live.failed {
            if let Some(bucket) = panel.bucket(*at) {
                into.add(panel.key(|dimension| label.value(dimension)), bucket, *number as f64);
            }
        }
    }

    /// When there are any in the range of a panel of rows: begin of a stretch in microseconds, and how many; none counts where only some may be in it.
    pub(super) fn times(&self, panel: &Panel<'_>) -> Vec<(i64, u64)> {
        let mut found = self.0.times(panel.spans);
        found.extend(self.0.any(&panel.spans.cuts).map(|cut| (i64::from(cut.step) * STEP_US, 0)));
        found
    }
}
