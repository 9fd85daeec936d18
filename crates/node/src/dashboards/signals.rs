//! Signals, by the time of the event that completed them.

use super::{
    facts::{Facts, Kind, STEP_US, Words},
    groups::Groups,
    panel::{Cut, Need, Panel, Span},
    volume::Place,
};
use bailiwick_api::dashboards::Dimension;
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::{AnyConnection, Row, any::AnyRow};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// What a signal is, as SQL of its row.
const STATE: &str = "case when prototype <> 0 then 'prototype' when suppressed is not null then 'suppressed' else 'active' end";

/// `active`, `suppressed` or `prototype`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Label(Option<Arc<str>>);

impl Label {
    fn value(&self, dimension: Dimension) -> Option<Arc<str>> {
        if dimension == Dimension::State { self.0.clone() } else { None }
    }
}

impl Kind<1> for Label {
    const DATASET: &'static str = "signals";
    const SELECT: &'static str = "select bucket, state, n from signal_meter where grain = $1 and bucket >= $2 and bucket < $3";

    fn read(row: &AnyRow, words: &mut Words) -> Result<(Self, [u64; 1]), Refusal> {
        Ok((Self(words.of(row, "state")?), [u64::try_from(row.try_get::<i64, _>("n")?).unwrap_or_default()]))
    }
}

/// Signals of stretches that end within a step, by stretch: state and number.
pub(super) type Within = HashMap<(i64, i64), Vec<(Arc<str>, u64)>>;

/// The signals of one workspace.
#[derive(Clone, Default)]
pub(super) struct Signals(Facts<Label, 1>);

impl Signals {
    pub(super) async fn refresh(&mut self, db: &mut AnyConnection, need: &Need, now_us: i64) -> Result<(), Refusal> {
        self.0.refresh(db, need, now_us).await
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }

    pub(super) fn has(&self, need: &Need) -> bool {
        self.0.has(need)
    }

    /// Adds what a panel counts; `within`: what was found of its stretches that end within a step.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 signals")]
    pub(super) fn count(&self, panel: &Panel<'_>, within: &Within, into: &mut Groups) {
        for series in &self.0.series {
            let mut slot = Place::new(|| panel.key(|dimension| series.label.value(dimension)));
            let mut add = |span: &Span, number: u64| slot.add(into, span.bucket, number as f64);
            series.hours.walk(0, &panel.spans.hours, &mut add);
            series.steps.walk(0, &panel.spans.steps, &mut add);
        }
        for cut in &panel.spans.cuts {
            for (state, number) in within.get(&(cut.from, cut.to)).into_iter().flatten() {
                into.add(panel.key(|dimension| Label(Some(Arc::clone(state))).value(dimension)), cut.bucket, *number as f64);
            }
        }
    }

    /// Those of some stretches within whose step there is any signal.
    pub(super) fn any<'a>(&self, cuts: &'a [Cut]) -> impl Iterator<Item = &'a Cut> {
        cuts.iter().filter(|cut| {
            let step = [Span { from: cut.step, to: cut.step + 1, bucket: 0 }];
            let mut any = false;
            self.0.series.iter().for_each(|series| series.steps.walk(0, &step, |_, _| any = true));
            any
        })
    }

    /// How many there are in each stretch of a range that is counted as one: begin in microseconds, and number.
    pub(super) fn newest(&self, panel: &Panel<'_>) -> Vec<(i64, u64)> {
        super::failed::newest(&self.0, panel)
    }
}

/// Counts the signals of stretches.
pub(super) async fn within(db: &Db, cuts: BTreeSet<(i64, i64)>) -> Result<Within, Refusal> {
    let text = format!("select {STATE} as state, count(*) as n from signal where event_time >= $1 and event_time < $2 group by state order by state");
    let mut found = Within::new();
    for (from, to) in cuts {
        let rows = sqlx::query(sqlx::AssertSqlSafe(text.as_str())).bind(from).bind(to).fetch_all(db.pool()).await?;
        let read = |row: &AnyRow| Ok((row.try_get::<String, _>("state")?.into(), u64::try_from(row.try_get::<i64, _>("n")?).unwrap_or_default()));
        found.insert((from, to), rows.iter().map(read).collect::<Result<_, Refusal>>()?);
    }
    Ok(found)
}

/// The step a cut lies in, microseconds.
pub(super) fn begin(cut: &Cut) -> i64 {
    i64::from(cut.step) * STEP_US
}
