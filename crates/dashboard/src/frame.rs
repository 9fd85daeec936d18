//! What a person is told: a panel's parts as a table, with averages a day, outliers, comparison, order and *Other* applied.

use crate::{
    merge::{Cells, Key, Merging},
    outlier::{Verdict, outlier},
    plan::Plan,
    rows, sample, sound,
    time::instant,
};
use bailiwick_api::dashboards::{Column, ColumnKind, Frame, PanelDimension, Sample, Sorting, TimeRange, Unit};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use std::{cmp::Ordering, sync::Arc};

/// Rows of one frame.
pub const MAX_ROWS: usize = 200_000;
/// 2^30 bytes.
const GB: f64 = 1_073_741_824.0;
/// The name of everything beyond the most series.
const OTHER: &str = "Other";

/// Who is behind a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Customers that answered.
    pub answered: u32,
    /// Customers that were asked and did not.
    pub missing: u32,
}

/// A panel's frame, or why there is none. `before` is what `compare` holds it against.
///
/// # Errors
/// The node's words, or that there are too many rows and what to narrow.
pub fn frame(plan: &Plan, now: &Merging, before: Option<&Merging>, heard: Heard) -> Result<Frame, String> {
    if let Some(error) = now.error.as_ref().or(before.and_then(|before| before.error.as_ref())) {
        return Err(error.clone());
    }
    let range = Some(TimeRange { from: instant(plan.from), to: instant(plan.to) });
    let empty = Frame { range, missing: heard.missing, ..Frame::default() };
    if sound::is_rows(plan.panel.measure) {
        return Ok(Frame { columns: rows::columns(plan.panel.measure, now, plan.panel.sort), more: now.more, ..empty });
    }
    let table = Table::new(plan, now, before, heard);
    table.frame(empty)
}

/// One series, or one row where nothing is told apart by time.
#[derive(Debug, Default)]
struct Series {
    key: Key,
    other: bool,
    now: Option<Numbers>,
    before: Option<Numbers>,
    verdicts: Vec<Verdict>,
    total: f64,
    severity: f64,
}

/// A series's numbers in the panel's unit; none in a bucket of a mean without a duration.
#[derive(Clone, Debug, Default)]
struct Numbers {
    values: Vec<Option<f64>>,
    /// Median, 90th percentile and count, of means.
    spread: Vec<Option<(f64, f64, u64)>>,
    total: f64,
}

/// What stands in a bucket of a series.
type Cell<'a> = &'a dyn Fn(&Series, usize) -> Value;
/// The same as a number.
type Number<'a> = &'a dyn Fn(&Series, usize) -> Option<f64>;
/// A column of cells.
type Each<'a> = &'a dyn Fn(Cell<'_>) -> Vec<Value>;

struct Table<'a> {
    plan: &'a Plan,
    now: &'a Merging,
    before: Option<&'a Merging>,
    series: Vec<Series>,
    groups: u64,
    more: bool,
}

impl<'a> Table<'a> {
    fn new(plan: &'a Plan, now: &'a Merging, before: Option<&'a Merging>, heard: Heard) -> Self {
        let mut series = gather(plan, now, before);
        if series.is_empty() && plan.panel.group_by.is_empty() && (heard.answered > 0 || heard.missing == 0) {
            let nothing = Some(numbers(plan, &nothing(plan)));
            series.push(Series { before: nothing.clone().filter(|_| before.is_some()), now: nothing, ..Series::default() });
        }
        let rest = now.rest.as_ref();
        let groups = series.len() as u64 + rest.map_or(0, |rest| rest.groups);
        let mut table = Self { plan, now, before, series, groups, more: false };
        table.judge();
        table.sort();
        table.cap();
        table
    }

    /// Says which points are out; the newest bucket is left out until it is over.
    fn judge(&mut self) {
        let Some(by) = self.plan.outlier() else { return };
        for series in &mut self.series {
            judge(self.plan, series, by);
        }
    }

    fn sort(&mut self) {
        let by_group = self.plan.panel.sort == Sorting::GroupThenValue;
        let mut series = std::mem::take(&mut self.series);
        series.sort_by(|a, b| {
            let by_name = |at: usize| self.shown(&a.key, at).cmp(&self.shown(&b.key, at));
            let first = if by_group { by_name(0) } else { Ordering::Equal };
            let value = b.severity.total_cmp(&a.severity).then(b.total.total_cmp(&a.total));
            let names = (0..a.key.len()).map(by_name).find(|order| order.is_ne());
            first.then(value).then(names.unwrap_or(Ordering::Equal)).then(a.key.cmp(&b.key))
        });
        self.series = series;
    }

    /// What a group is ordered by: what has no name comes last.
    fn shown<'k>(&'k self, key: &'k Key, at: usize) -> (bool, &'k str) {
        match key.get(at) {
            Some(Some(id)) if self.plan.panel.group_by[at] == PanelDimension::Org => (false, self.name(id).unwrap_or(id)),
            Some(Some(text)) => (false, text),
            _ => (true, ""),
        }
    }

    /// A customer's name by its id.
    fn name(&self, id: &str) -> Option<&str> {
        let known = self.now.names.get(id).or_else(|| self.before.and_then(|before| before.names.get(id)));
        known.map(|name| &**name)
    }

    /// Keeps the most that are shown; series beyond the most asked for become one more.
    fn cap(&mut self) {
        if let Some(limit) = self.plan.panel.limit.map(|limit| limit as usize) {
            self.more = self.series.len() > limit || self.now.rest.is_some();
            self.series.truncate(limit);
        }
        let Some(most) = self.plan.series.filter(|_| self.plan.has_other()).map(|most| most as usize) else { return };
        let cut = self.series.split_off(most.min(self.series.len()));
        let rest = self.now.rest.as_ref().filter(|_| self.plan.panel.limit.is_none());
        if cut.is_empty() && rest.is_none() {
            return;
        }
        let mut joined = nothing(self.plan);
        for series in &cut {
            if let Some(cells) = self.now.groups.get(&series.key) {
                join(&mut joined, cells);
            }
        }
        if let Some(rest) = rest {
            join(&mut joined, &Cells::Sums(rest.values.clone()));
        }
        let before = cut.iter().filter_map(|series| series.before.as_ref()).fold(None, |sum, one| Some(add(sum, one)));
        let mut key: Key = vec![None; self.plan.panel.group_by.len()];
        if let Some(first) = key.first_mut() {
            *first = Some(Arc::from(OTHER));
        }
        let numbers = numbers(self.plan, &joined);
        let mut other = Series { key, other: true, total: numbers.total, now: Some(numbers), before, ..Series::default() };
        if let Some(by) = self.plan.outlier() {
            judge(self.plan, &mut other, by);
        }
        self.series.push(other);
    }

    fn frame(&self, empty: Frame) -> Result<Frame, String> {
        let shown = if self.plan.outlier().is_some() { self.plan.finished() } else { self.plan.buckets() };
        let rows = shown * self.series.len();
        if rows > MAX_ROWS {
            let why = "narrow org_name, choose a wider timeslice, or ask for fewer series";
            return Err(format!("{rows} rows, more than {MAX_ROWS}: {why}"));
        }
        let timed = !self.plan.edges.is_empty();
        let mut order: Vec<usize> = (0..shown).collect();
        if self.plan.panel.sort == Sorting::TimeDesc {
            order.reverse();
        }
        let places: Vec<(usize, usize)> = (0..self.series.len()).flat_map(|series| order.iter().map(move |at| (series, *at))).collect();
        let mut columns = Vec::new();
        if timed {
            let time = |(_, at): &(usize, usize)| rfc3339(instant(self.plan.edges[*at]));
            columns.push(column("time", ColumnKind::Time, None, places.iter().map(time).collect()));
        }
        self.dimensions(&places, &mut columns);
        self.values(&places, &mut columns);
        let buckets = if timed { self.plan.edges[..shown].iter().map(|edge| instant(*edge)).collect() } else { Vec::new() };
        let groups = Some(self.groups).filter(|_| !self.plan.panel.group_by.is_empty());
        Ok(Frame { columns, buckets, groups, more: self.more, ..empty })
    }

    fn dimensions(&self, places: &[(usize, usize)], columns: &mut Vec<Column>) {
        for (at, dimension) in self.plan.panel.group_by.iter().enumerate() {
            let value = |series: &Series| series.key[at].as_ref().map_or(Value::Null, |text| Value::from(&**text));
            let each = |of: &dyn Fn(&Series) -> Value| places.iter().map(|(series, _)| of(&self.series[*series])).collect();
            if *dimension == PanelDimension::Org {
                let name = |series: &Series| match &series.key[at] {
                    Some(id) if !series.other => self.name(id).map_or(Value::Null, Value::from),
                    _ => value(series),
                };
                let id = |series: &Series| if series.other { Value::Null } else { value(series) };
                columns.push(column("org_name", ColumnKind::Text, None, each(&name)));
                columns.push(column("org_id", ColumnKind::Text, None, each(&id)));
            } else {
                columns.push(column(dimension.as_str(), ColumnKind::Text, None, each(&value)));
            }
        }
    }

    fn values(&self, places: &[(usize, usize)], columns: &mut Vec<Column>) {
        let (unit, name) = (self.plan.panel.unit, column_of(self.plan.panel.unit));
        let each =
            |of: &dyn Fn(&Series, usize) -> Value| -> Vec<Value> { places.iter().map(|(series, at)| of(&self.series[*series], *at)).collect() };
        let mut number = |name: String, of: &dyn Fn(&Series, usize) -> Option<f64>| {
            columns.push(column(&name, ColumnKind::Number, Some(unit), each(&|series, at| number(of(series, at)))));
        };
        let value = |numbers: &Option<Numbers>, at: usize| numbers.as_ref().and_then(|numbers| numbers.values[at]);
        number(name.to_owned(), &|series, at| value(&series.now, at));
        if let Some(shift) = self.plan.timeshift() {
            number(format!("{name}_{shift}"), &|series, at| value(&series.before, at));
        }
        if sound::is_mean(self.plan.panel.measure) {
            let spread = |series: &Series, at: usize| series.now.as_ref().and_then(|numbers| numbers.spread[at]);
            number(format!("median_{name}"), &|series, at| spread(series, at).map(|spread| spread.0));
            number(format!("p90_{name}"), &|series, at| spread(series, at).map(|spread| spread.1));
            let count = |series: &Series, at: usize| Value::from(spread(series, at).map_or(0, |spread| spread.2));
            columns.push(column("count", ColumnKind::Number, None, each(&count)));
        }
        if self.plan.outlier().is_some() {
            self.bands(name, &each, columns);
        }
    }

    fn bands(&self, name: &str, each: Each<'_>, columns: &mut Vec<Column>) {
        let unit = Some(self.plan.panel.unit);
        let value = |series: &Series, at: usize| series.now.as_ref().and_then(|numbers| numbers.values[at]).unwrap_or_default();
        let parts: [(&str, Number<'_>); 5] = [
            ("mean", &|series, at| series.verdicts[at].mean),
            ("std", &|series, at| series.verdicts[at].std),
            ("error", &|series, at| series.verdicts[at].mean.map(|mean| value(series, at) - mean)),
            ("lower", &|series, at| series.verdicts[at].lower),
            ("upper", &|series, at| series.verdicts[at].upper),
        ];
        for (part, of) in parts {
            columns.push(column(&format!("{name}_{part}"), ColumnKind::Number, unit, each(&|series, at| number(of(series, at)))));
        }
        let indicator = |series: &Series, at: usize| Value::Bool(series.verdicts[at].indicator);
        let violation = |series: &Series, at: usize| Value::Bool(series.verdicts[at].violation);
        columns.push(column(&format!("{name}_indicator"), ColumnKind::Boolean, None, each(&indicator)));
        columns.push(column(&format!("{name}_violation"), ColumnKind::Boolean, None, each(&violation)));
        let severity = |series: &Series, at: usize| number(Some(series.verdicts[at].severity(value(series, at))));
        columns.push(column(&format!("{name}_severity"), ColumnKind::Number, None, each(&severity)));
    }
}

/// Every group of now and of before, joined by what they are told apart by.
fn gather(plan: &Plan, now: &Merging, before: Option<&Merging>) -> Vec<Series> {
    let mut series: Vec<Series> = Vec::with_capacity(now.groups.len());
    for (key, cells) in &now.groups {
        let numbers = numbers(plan, cells);
        let before = before.and_then(|before| before.groups.get(key)).map(|cells| self::numbers(plan, cells));
        series.push(Series { key: key.clone(), total: numbers.total, now: Some(numbers), before, ..Series::default() });
    }
    let gone = before.into_iter().flat_map(|before| &before.groups).filter(|(key, _)| !now.groups.contains_key(*key));
    series.extend(gone.map(|(key, cells)| Series { key: key.clone(), before: Some(numbers(plan, cells)), ..Series::default() }));
    series
}

fn judge(plan: &Plan, series: &mut Series, by: bailiwick_api::dashboards::Outlier) {
    let Some(numbers) = &series.now else { return };
    let points: Vec<f64> = numbers.values[..plan.finished().min(numbers.values.len())].iter().map(|value| value.unwrap_or_default()).collect();
    series.verdicts = outlier(&points, by);
    let severity = |(verdict, value): (&Verdict, &f64)| verdict.severity(*value);
    series.severity = series.verdicts.iter().zip(&points).map(severity).fold(0.0, f64::max);
}

fn nothing(plan: &Plan) -> Cells {
    if sound::is_mean(plan.panel.measure) { Cells::Samples(vec![Sample::default(); plan.buckets()]) } else { Cells::Sums(vec![0.0; plan.buckets()]) }
}

fn join(into: &mut Cells, other: &Cells) {
    match (into, other) {
        (Cells::Sums(into), Cells::Sums(other)) => into.iter_mut().zip(other).for_each(|(into, other)| *into += other),
        (Cells::Samples(into), Cells::Samples(other)) => into.iter_mut().zip(other).for_each(|(into, other)| sample::join(into, other.clone())),
        _ => {}
    }
}

fn add(sum: Option<Numbers>, one: &Numbers) -> Numbers {
    let Some(mut sum) = sum else { return one.clone() };
    for (into, value) in sum.values.iter_mut().zip(&one.values) {
        *into = into.zip(*value).map(|(a, b)| a + b).or(*into).or(*value);
    }
    sum.total += one.total;
    sum
}

/// Numbers in the panel's unit.
fn numbers(plan: &Plan, cells: &Cells) -> Numbers {
    match cells {
        Cells::Sums(sums) => {
            let told = |sum: f64| match plan.panel.unit {
                Unit::Gb => sum / GB,
                Unit::GbPerDay => sum / GB / plan.days(),
                _ => sum,
            };
            let values: Vec<Option<f64>> = sums.iter().map(|sum| Some(told(*sum))).collect();
            Numbers { total: values.iter().flatten().sum(), values, spread: Vec::new() }
        }
        Cells::Samples(samples) => {
            let told: Vec<Option<[f64; 3]>> = samples.iter().map(sample::told).collect();
            let all = samples.iter().fold((0.0, 0), |(sum, count), sample| (sum + sample.sum, count + sample.count));
            #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 durations")]
            let total = if all.1 == 0 { 0.0 } else { all.0 / all.1 as f64 };
            let spread = told.iter().zip(samples).map(|(told, sample)| told.map(|[_, median, p90]| (median, p90, sample.count)));
            Numbers { spread: spread.collect(), values: told.iter().map(|told| told.map(|[mean, ..]| mean)).collect(), total }
        }
    }
}

/// The name of the column of values.
pub fn column_of(unit: Unit) -> &'static str {
    match unit {
        Unit::Gb | Unit::GbPerDay => Unit::Gb.as_str(),
        other => other.as_str(),
    }
}

pub(crate) fn column(name: &str, kind: ColumnKind, unit: Option<Unit>, values: Vec<Value>) -> Column {
    Column { name: name.to_owned(), kind, unit, values }
}

pub(crate) fn rfc3339(at: DateTime<Utc>) -> Value {
    Value::from(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// Whole numbers are written as such.
#[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
pub(crate) fn number(value: Option<f64>) -> Value {
    match value {
        Some(value) if value.fract() == 0.0 && value.abs() < 9e15 => Value::from(value as i64),
        Some(value) => Value::from(value),
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests;
