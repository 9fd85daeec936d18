//! From a dashboard and what is asked of it to what nodes are asked: every range and bucket is fixed here, by one calendar.

use crate::{
    Wrong, sound,
    time::{self, DAY, Span, edges, sixths},
};
use bailiwick_api::dashboards::{After, Bucket, Dashboard, DashboardFilter, DashboardQuery, Outlier, Panel, PanelAsk, Rates, TimeRange, VolumeTier};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Rows of a table whose panel does not say how many.
const ROWS: u32 = 1_000;
/// Series one may ask for.
const MAX_SERIES: u32 = 1_000;
const MAX_NAMES: usize = 5_000;
const MAX_NAME_CHARS: usize = 200;
const MAX_RATE: f64 = 1_000_000.0;
/// 2200-01-01.
const LATEST: i64 = 7_258_118_400 * time::SECOND;
/// Widths that are tried where nobody chose one and the usual is too narrow for the range.
const WIDER: [Span; 4] = [Span::Minutes(60), Span::Minutes(240), Span::Days(1), Span::Days(7)];

/// A panel with its time: what is asked for it, and how the answers become its frame.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The panel.
    pub panel: Panel,
    /// Inclusive.
    pub from: i64,
    /// Exclusive.
    pub to: i64,
    /// Ends of buckets; empty: one bucket, the range.
    pub edges: Vec<i64>,
    /// Now.
    pub now: i64,
    /// The most series, the others are added up.
    pub series: Option<u32>,
    tiers: Vec<VolumeTier>,
    open_now: bool,
    shift: Option<Span>,
}

/// Plans of the panels asked for, in the dashboard's order; the field that is wrong if one is.
pub fn plans(dashboard: &Dashboard, query: &DashboardQuery, now: DateTime<Utc>) -> Result<Vec<Plan>, Wrong> {
    let asked = Asked::read(dashboard, query, now.timestamp_micros())?;
    let wanted = |panel: &&Panel| query.only.is_empty() || query.only.contains(&panel.id);
    dashboard.panels().filter(wanted).map(|panel| asked.plan(panel)).collect()
}

/// What is asked, checked.
struct Asked<'a> {
    query: &'a DashboardQuery,
    now: i64,
    to: i64,
    range: Span,
    slice: Span,
    zone: Tz,
    tiers: Vec<VolumeTier>,
}

impl<'a> Asked<'a> {
    fn read(dashboard: &Dashboard, query: &'a DashboardQuery, now: i64) -> Result<Self, Wrong> {
        names(query)?;
        ids(dashboard, query)?;
        query.rates.as_ref().map_or(Ok(()), |rates| check_rates("rates", rates))?;
        if query.series.is_some_and(|series| !(1..=MAX_SERIES).contains(&series)) {
            return Err(Wrong::new("series", format!("1 to {MAX_SERIES}")));
        }
        let tiers = tiers(&query.tier)?;
        if !tiers.is_empty() && !dashboard.filters.contains(&DashboardFilter::Tier) {
            return Err(Wrong::new("tier", "this dashboard has no filter by tier"));
        }
        let zone = query.zone.as_deref().map_or(Ok(Tz::UTC), time::zone)?;
        let slice = Span::of("timeslice", query.timeslice.as_deref().unwrap_or(&dashboard.timeslice))?;
        let range = Span::of("range", &dashboard.range)?;
        let to = query.to.map_or(now, |to| to.timestamp_micros());
        Ok(Self { query, now, to, range, slice, zone, tiers })
    }

    fn plan(&self, panel: &Panel) -> Result<Plan, Wrong> {
        let (from, to) = self.range_of(panel)?;
        let edges = match panel.bucket {
            Bucket::None => Vec::new(),
            Bucket::Sixths if to - from < 6 => return Err(Wrong::new("from", "the range is too short to be cut in six")),
            Bucket::Sixths => sixths(from, to),
            Bucket::Timeslice => self.cut(from, to)?,
        };
        let shift = match &panel.after {
            Some(After::Compare(compare)) => Some(Span::of("timeshift", &compare.timeshift)?),
            _ => None,
        };
        let tiers = if self.tiers.is_empty() || !sound::is_volume(panel.measure) { panel.tiers.clone() } else { self.tiers.clone() };
        let open_now = self.query.open_now && sound::is_health(panel.measure);
        Ok(Plan { panel: panel.clone(), from, to, edges, now: self.now, series: self.query.series, tiers, open_now, shift })
    }

    /// A panel's own range wins: first the one asked for it, then the one it has itself.
    fn range_of(&self, panel: &Panel) -> Result<(i64, i64), Wrong> {
        if let Some(TimeRange { from, to }) = self.query.panels.get(&panel.id) {
            return sound_range((from.timestamp_micros(), to.timestamp_micros()), "panels");
        }
        let from = match (&panel.range, self.query.from) {
            (Some(own), _) => self.to - Span::of("range", own)?.micros(),
            (None, Some(from)) => from.timestamp_micros(),
            (None, None) => self.to - self.range.micros(),
        };
        sound_range((from, self.to), "from")
    }

    /// The width asked for; where none is, the first of the usual and wider ones that is not too narrow.
    fn cut(&self, from: i64, to: i64) -> Result<Vec<i64>, Wrong> {
        let first = edges(from, to, self.slice, self.zone);
        if first.is_ok() || self.query.timeslice.is_some() {
            return first;
        }
        let wider = WIDER.iter().filter(|wider| wider.micros() > self.slice.micros());
        wider.map(|wider| edges(from, to, *wider, self.zone)).find(Result::is_ok).unwrap_or(first)
    }
}

impl Plan {
    /// What nodes are asked for it: once, or twice where it is compared with an earlier time.
    pub fn asks(&self) -> Vec<PanelAsk> {
        let now = self.ask(self.panel.id.clone(), 0);
        let before = self.shift.map(|shift| self.ask(format!("{}~before", self.panel.id), shift.micros()));
        std::iter::once(now).chain(before).collect()
    }

    fn ask(&self, id: String, back: i64) -> PanelAsk {
        PanelAsk {
            id,
            measure: self.panel.measure,
            group_by: self.panel.group_by.clone(),
            tiers: self.tiers.clone(),
            from: self.from - back,
            to: self.to - back,
            edges: self.edges.iter().map(|edge| edge - back).collect(),
            outlier: self.outlier().filter(|_| self.by_org()),
            unfinished: self.finished() < self.buckets(),
            top: self.top(),
            rows: if sound::is_rows(self.panel.measure) { self.rows() } else { 0 },
            open_now: self.open_now,
        }
    }

    /// The operator, where it has one.
    pub fn outlier(&self) -> Option<Outlier> {
        match &self.panel.after {
            Some(After::Outlier(by)) => Some(*by),
            _ => None,
        }
    }

    /// How far back it is compared, as its definition says it.
    pub fn timeshift(&self) -> Option<&str> {
        match &self.panel.after {
            Some(After::Compare(compare)) => Some(compare.timeshift.trim()),
            _ => None,
        }
    }

    /// Buckets.
    pub fn buckets(&self) -> usize {
        self.edges.len().saturating_sub(1).max(1)
    }

    /// Buckets that are over and whole.
    pub fn finished(&self) -> usize {
        let over = |end: &&i64| **end <= self.to.min(self.now);
        self.edges.iter().skip(1).filter(over).count()
    }

    /// Rows of a table.
    pub fn rows(&self) -> u32 {
        self.panel.limit.unwrap_or(ROWS)
    }

    /// The length of the range, days, with fractions.
    #[expect(clippy::cast_precision_loss, reason = "a range is far shorter than 2^53 microseconds")]
    pub fn days(&self) -> f64 {
        (self.to - self.from) as f64 / DAY as f64
    }

    /// Whether everything beyond the most series is added up in one more.
    pub fn has_other(&self) -> bool {
        self.series.is_some() && !self.edges.is_empty() && !self.panel.group_by.is_empty()
    }

    fn by_org(&self) -> bool {
        self.panel.group_by.first() == Some(&bailiwick_api::dashboards::PanelDimension::Org)
    }

    /// Nodes may leave groups away only where a group lies on one node, its sum is told of those left away, and nothing joins them later.
    fn top(&self) -> Option<u32> {
        let sums = !sound::is_mean(self.panel.measure) && !sound::is_rows(self.panel.measure);
        let most = if self.has_other() { self.panel.limit.or(self.series) } else { self.panel.limit };
        most.filter(|_| sums && self.by_org() && self.shift.is_none())
    }
}

/// Refuses a rate that cannot be meant, by name.
pub fn check_rates(field: &str, rates: &Rates) -> Result<(), Wrong> {
    let Rates { continuous, frequent, infrequent, cse } = *rates;
    for (name, rate) in [("continuous", continuous), ("frequent", frequent), ("infrequent", infrequent), ("cse", cse)] {
        if !(rate.is_finite() && (0.0..=MAX_RATE).contains(&rate)) {
            return Err(Wrong::new(format!("{field}.{name}"), "0 to 1,000,000"));
        }
    }
    Ok(())
}

fn sound_range((from, to): (i64, i64), field: &str) -> Result<(i64, i64), Wrong> {
    if from >= to {
        return Err(Wrong::new(field, "from is to be before to"));
    }
    if from < 0 || to > LATEST {
        return Err(Wrong::new(field, "between 1970 and 2200"));
    }
    if to - from > 400 * DAY {
        return Err(Wrong::new(field, "a range has at most 400 days"));
    }
    Ok((from, to))
}

fn names(query: &DashboardQuery) -> Result<(), Wrong> {
    let long = query.org_name.iter().any(|name| name.chars().count() > MAX_NAME_CHARS);
    if query.org_name.len() > MAX_NAMES || long {
        return Err(Wrong::new("org_name", format!("at most {MAX_NAMES} names of at most {MAX_NAME_CHARS} characters")));
    }
    Ok(())
}

fn ids(dashboard: &Dashboard, query: &DashboardQuery) -> Result<(), Wrong> {
    let known = |id: &&String| dashboard.panels().any(|panel| panel.id == **id);
    let cut = |id: &str| id.chars().take(60).collect::<String>();
    for (field, mut asked) in [("only", query.only.iter().collect::<Vec<_>>()), ("panels", query.panels.keys().collect())] {
        if let Some(other) = asked.drain(..).find(|id| !known(id)) {
            return Err(Wrong::new(field, format!("no panel {}", cut(other))));
        }
    }
    Ok(())
}

fn tiers(asked: &[String]) -> Result<Vec<VolumeTier>, Wrong> {
    let mut tiers = Vec::new();
    for text in asked.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        if text == "*" {
            return Ok(Vec::new());
        }
        let tier = sound::tier(text).ok_or_else(|| Wrong::new("tier", "one of Continuous, Frequent, Infrequent, CSE, or *"))?;
        if !tiers.contains(&tier) {
            tiers.push(tier);
        }
    }
    Ok(tiers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::find;

    fn ask(dashboard: &str, query: serde_json::Value) -> Result<Vec<Plan>, Wrong> {
        let now = "2026-03-10T12:30:00Z".parse().unwrap();
        plans(find(dashboard).unwrap(), &serde_json::from_value(query).unwrap(), now)
    }

    fn field(dashboard: &str, query: serde_json::Value) -> String {
        ask(dashboard, query).unwrap_err().field
    }

    #[test]
    fn a_dashboard_is_asked_for_its_own_range_until_now_unless_told() {
        let plans = ask("signals-analysis", serde_json::json!({})).unwrap();
        assert_eq!((plans.len(), plans[0].days(), plans[0].to), (6, 1.0, 1_773_145_800 * time::SECOND));
        assert_eq!(plans[2].edges.len(), 7);
        let trend = plans[3].asks().remove(0);
        assert_eq!((trend.edges.len(), trend.unfinished, plans[3].finished()), (26, true, 24), "half an hour at both ends");
        let only = ask(
            "signals-analysis",
            serde_json::json!({"only": ["signals"], "panels": {"signals": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T12:00:00Z"}}}),
        );
        let only = only.unwrap();
        assert_eq!((only.len(), only[0].days()), (1, 1.5));
    }

    #[test]
    fn every_bad_input_is_named() {
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        for (query, named) in [
            (r#"{"from": "2026-03-11T00:00:00Z"}"#, "from"),
            (r#"{"from": "2020-03-11T00:00:00Z"}"#, "from"),
            (r#"{"timeslice": "1y"}"#, "timeslice"),
            (r#"{"timeslice": "1m"}"#, "timeslice"),
            (r#"{"zone": "Mars/Base"}"#, "zone"),
            (r#"{"only": ["nothing"]}"#, "only"),
            (r#"{"panels": {"nothing": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}}}"#, "panels"),
            (r#"{"panels": {"signals": {"from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:00:00Z"}}}"#, "panels"),
            (r#"{"tier": "CSE"}"#, "tier"),
            (r#"{"series": 0}"#, "series"),
            (r#"{"rates": {"continuous": -1, "frequent": 1, "infrequent": 1, "cse": 1}}"#, "rates.continuous"),
        ] {
            assert_eq!(field("signals-analysis", json(query)), named, "{query}");
        }
        assert_eq!(field("ingestion-by-source-category", json(r#"{"tier": ["gold"]}"#)), "tier");
        assert!(ask("signals-analysis", json(r#"{"tier": "*"}"#)).is_ok());
    }

    #[test]
    fn tiers_are_words_in_any_case_and_a_star_is_none() {
        let tiers =
            |tier: serde_json::Value| ask("ingestion-by-source-category", serde_json::json!({"tier": tier})).unwrap()[0].asks()[0].tiers.clone();
        assert_eq!(tiers("cse".into()), [VolumeTier::Cse]);
        assert_eq!(tiers(serde_json::json!(["Continuous", "INFREQUENT"])), [VolumeTier::Continuous, VolumeTier::Infrequent]);
        assert!(tiers("*".into()).is_empty() && tiers("".into()).is_empty());
        assert_eq!(ask("credits", serde_json::json!({})).unwrap()[3].asks()[0].tiers, [VolumeTier::Cse]);
    }

    #[test]
    fn a_long_range_gets_wider_buckets_only_where_nobody_chose_them() {
        let long = serde_json::json!({"from": "2025-12-10T00:00:00Z"});
        let plans = ask("signals-analysis", long).unwrap();
        assert_eq!(plans[3].edges[1] - plans[3].edges[0], 4 * 3_600 * time::SECOND);
        assert_eq!(field("signals-analysis", serde_json::json!({"from": "2025-12-10T00:00:00Z", "timeslice": "1h"})), "timeslice");
    }

    #[test]
    fn nodes_leave_series_away_only_where_a_series_lies_on_one_node() {
        let top = |dashboard: &str, at: usize| ask(dashboard, serde_json::json!({"series": 8})).unwrap()[at].asks()[0].top;
        assert_eq!(top("ingest-summary", 1), Some(8));
        assert_eq!(top("ingest-summary", 0), None, "bars have no series");
        assert_eq!(top("ingestion-by-source-category", 2), None, "a category lies on many nodes");
        assert_eq!(top("insights", 9), None, "means are not added up");
    }
}
