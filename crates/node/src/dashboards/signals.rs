//! Signals, by the time of the event that completed them.

use super::{
    facts::{Facts, Kind, STEP_US, Words},
    groups::Groups,
    panel::{Cut, Need, Panel, Span},
    volume::Place,
};
use bailiwick_api::dashboards::{DashboardSignal, PanelDimension};
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::{AnyConnection, Row, any::AnyRow};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// Signals that are in memory of each workspace.
const RECENT: usize = 32;
/// Bytes of memory one takes beside its tags, roughly.
const ROW_COST: usize = 480;

/// What a signal is, as SQL of its row.
const STATE: &str = "case when prototype <> 0 then 'prototype' when suppressed is not null then 'suppressed' else 'active' end";

/// `active`, `suppressed` or `prototype`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Label(Option<Arc<str>>);

impl Label {
    fn value(&self, dimension: PanelDimension) -> Option<Arc<str>> {
        if dimension == PanelDimension::State { self.0.clone() } else { None }
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
#[derive(Clone)]
pub(super) struct Signals {
    facts: Facts<Label, 1>,
    /// The newest ones, newest first.
    recent: Vec<RecentSignal>,
    /// From this time on all of them are there.
    recent_from: i64,
}

impl Default for Signals {
    fn default() -> Self {
        Self { facts: Facts::default(), recent: Vec::new(), recent_from: i64::MAX }
    }
}

impl Signals {
    pub(super) async fn refresh(&mut self, db: &mut AnyConnection, need: &Need, now_us: i64) -> Result<(), Refusal> {
        self.facts.refresh(db, need, now_us).await?;
        // Which investigation they belong to changes without them.
        let mut recent = newest(db, (i64::MIN, i64::MAX), RECENT + 1).await?;
        self.recent_from = match recent.get(RECENT).map(|oldest| oldest.time) {
            Some(time) => time + 1,
            None => i64::MIN,
        };
        recent.retain(|signal| signal.time >= self.recent_from);
        self.recent = recent;
        Ok(())
    }

    pub(super) fn bytes(&self) -> usize {
        let recent = |signal: &RecentSignal| signal.row.tags.iter().map(|tag| tag.len() + 32).sum::<usize>() + ROW_COST;
        self.facts.bytes() + self.recent.iter().map(recent).sum::<usize>()
    }

    pub(super) fn has(&self, need: &Need) -> bool {
        self.facts.has(need)
    }

    /// Adds what a panel counts; `within`: what was found of its stretches that end within a step.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 signals")]
    pub(super) fn count(&self, panel: &Panel<'_>, within: &Within, into: &mut Groups) {
        for series in &self.facts.series {
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
        self.facts.any(cuts)
    }

    /// When there are any in the range of a panel of rows: begin of a stretch in microseconds, and how many; none counts where only some may be in it.
    pub(super) fn times(&self, panel: &Panel<'_>) -> Vec<(i64, u64)> {
        let mut found = self.facts.times(panel.spans);
        found.extend(self.any(&panel.spans.cuts).map(|cut| (i64::from(cut.step) * STEP_US, 0)));
        found
    }

    /// The signals of a stretch of time, newest first, where all of them are in memory.
    pub(super) fn recent(&self, from: i64, to: i64) -> Option<impl Iterator<Item = &RecentSignal>> {
        let all = self.recent.iter().filter(move |signal| (from..to).contains(&signal.time));
        (from >= self.recent_from).then_some(all)
    }
}

/// A signal as it stands in the database.
#[derive(Clone)]
pub(super) struct RecentSignal {
    pub(super) id: String,
    pub(super) time: i64,
    /// Its investigation by its id here.
    pub(super) row: DashboardSignal,
}

/// The newest signals of a stretch of time, newest first.
pub(super) async fn newest(db: &mut AnyConnection, (from, to): (i64, i64), limit: usize) -> Result<Vec<RecentSignal>, Refusal> {
    let text = "select id, rule, name, severity, entity_type, entity_value, event_time, tags, suppressed, prototype, investigation from signal \
                where event_time >= $1 and event_time < $2 order by event_time desc, id desc limit $3";
    let query = sqlx::query(text).bind(from).bind(to).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query.fetch_all(db).await?.iter().map(read_row).collect()
}

fn read_row(row: &AnyRow) -> Result<RecentSignal, Refusal> {
    let text = |name: &str| row.try_get::<String, _>(name);
    let tags: Vec<String> = serde_json::from_str(&text("tags")?).map_err(Refusal::internal)?;
    let signal = DashboardSignal {
        name: text("name")?,
        rule: text("rule")?,
        severity: row.try_get("severity")?,
        entity_type: text("entity_type")?,
        entity: text("entity_value")?,
        attack_stage: tags.iter().find_map(|tag| tactic(tag)),
        tags,
        suppressed: row.try_get("suppressed")?,
        prototype: row.try_get::<i64, _>("prototype")? != 0,
        investigation: row.try_get("investigation")?,
    };
    Ok(RecentSignal { id: text("id")?, time: row.try_get("event_time")?, row: signal })
}

/// The tactic a tag such as `attack.credential-access` names; techniques, groups and software have numbers.
fn tactic(tag: &str) -> Option<String> {
    let name = tag.strip_prefix("attack.")?;
    let numbered = name.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (!numbered).then(|| name.replace('_', "-"))
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

#[cfg(test)]
mod tests {
    use super::tactic;

    #[test]
    fn a_tactic_is_told_from_a_technique() {
        assert_eq!(tactic("attack.credential_access").as_deref(), Some("credential-access"));
        assert_eq!(tactic("attack.execution").as_deref(), Some("execution"));
        assert_eq!((tactic("attack.t1110.003"), tactic("attack.g0016"), tactic("attack.s0154"), tactic("cve.2021.1")), (None, None, None, None));
    }
}
