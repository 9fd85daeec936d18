//! Counts by time, in memory: for each series of labels the hours, and the 5 minutes of the last days, as running totals. So the count of any
//! stretch is two look-ups, however long it is.
//!
//! What is written marks its hour with a number that rises (migration 0029); hours that were marked since are read again, whole.

use super::panel::{Cut, Need, Span, Spans};
use bailiwick_chassis::Refusal;
use sqlx::{AnyConnection, Row, any::AnyRow};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::Hash,
    sync::Arc,
};

/// The finest bucket, microseconds; times in memory count in it.
pub(super) const STEP_US: i64 = 300_000_000;
/// An hour, in steps.
pub(super) const HOUR: u32 = 12;
const HOUR_US: i64 = 3_600_000_000;
const DAY: u32 = 24 * HOUR;
/// Hours are in memory from so long ago on; older ones once somebody asked for them.
const HOURS_KEPT: u32 = 100 * DAY;
/// The same of 5 minutes.
const STEPS_KEPT: u32 = 8 * DAY;
/// How long rows of 5 and of 15 minutes are there; before that an hour counts where it begins.
const STEPS_LIVE: u32 = 35 * DAY;
const QUARTERS_LIVE: u32 = 100 * DAY;

/// The step a time lies in.
pub(super) fn step(at_us: i64) -> u32 {
    u32::try_from(at_us.div_euclid(STEP_US).max(0)).unwrap_or(u32::MAX)
}

/// Texts, each once.
#[derive(Clone, Default)]
pub(super) struct Words(HashSet<Arc<str>>);

impl Words {
    /// The text of a column; none where it is empty.
    pub(super) fn of(&mut self, row: &AnyRow, column: &str) -> Result<Option<Arc<str>>, Refusal> {
        Ok(self.some(&row.try_get::<String, _>(column)?))
    }

    /// A text; none where it is empty.
    pub(super) fn some(&mut self, text: &str) -> Option<Arc<str>> {
        (!text.is_empty()).then(|| self.word(text))
    }

    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = text.into();
        self.0.insert(Arc::clone(&word));
        word
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|word| word.len() + 48).sum()
    }
}

/// Which counts these are: a table of buckets by grain, and its labels.
pub(super) trait Kind<const W: usize>: Clone + Eq + Hash {
    /// Under what name its hours are marked.
    const DATASET: &'static str;
    /// `bucket`, labels and numbers of the rows of a grain ($1, seconds) in a stretch ($2 to $3, microseconds); one row for each bucket and labels.
    const SELECT: &'static str;

    /// Labels and numbers of a row.
    fn read(row: &AnyRow, words: &mut Words) -> Result<(Self, [u64; W]), Refusal>;
}

/// Running totals by time.
#[derive(Clone)]
pub(super) struct Column<const W: usize> {
    at: Vec<u32>,
    upto: Vec<[u64; W]>,
}

impl<const W: usize> Default for Column<W> {
    fn default() -> Self {
        Self { at: Vec::new(), upto: Vec::new() }
    }
}

impl<const W: usize> Column<W> {
    fn push(&mut self, at: u32, numbers: [u64; W]) {
        let mut total = self.upto.last().copied().unwrap_or([0; W]);
        for (sum, number) in total.iter_mut().zip(numbers) {
            *sum = sum.saturating_add(number);
        }
        self.at.push(at);
        self.upto.push(total);
    }

    /// Takes out what `gone` says of all that begins at `from` or later, and puts in what is new there.
    fn replace(&mut self, from: u32, gone: impl Fn(u32) -> bool, new: &[(u32, [u64; W])]) {
        let begin = self.at.partition_point(|at| *at < from);
        let mut facts: Vec<(u32, [u64; W])> =
            (begin..self.at.len()).filter(|at| !gone(self.at[*at])).map(|at| (self.at[at], self.alone(at))).collect();
        facts.extend_from_slice(new);
        facts.sort_unstable_by_key(|(at, _)| *at);
        self.at.truncate(begin);
        self.upto.truncate(begin);
        for (at, numbers) in facts {
            self.push(at, numbers);
        }
    }

    fn alone(&self, at: usize) -> [u64; W] {
        let mut numbers = self.upto[at];
        if at > 0 {
            for (number, before) in numbers.iter_mut().zip(self.upto[at - 1]) {
                *number -= before;
            }
        }
        numbers
    }

    /// Adds up one number over each of some stretches, which are in order and do not overlap; those with nothing are passed over.
    pub(super) fn walk(&self, which: usize, spans: &[Span], mut add: impl FnMut(&Span, u64)) {
        let mut begin = 0;
        for span in spans {
            begin = self.from(begin, span.from);
            if begin == self.at.len() {
                return;
            }
            let end = self.from(begin, span.to);
            if end > begin {
                let before = if begin == 0 { 0 } else { self.upto[begin - 1][which] };
                let total = self.upto[end - 1][which] - before;
                if total > 0 {
                    add(span, total);
                }
            }
            begin = end;
        }
    }

    /// Tells each time within some stretches, with its number.
    fn each(&self, spans: &[Span], mut tell: impl FnMut(u32, u64)) {
        for span in spans {
            for at in self.from(0, span.from)..self.from(0, span.to) {
                tell(self.at[at], self.alone(at)[0]);
            }
        }
    }

    /// The first place at or after `begin` whose time is not before `time`.
    fn from(&self, begin: usize, time: u32) -> usize {
        let (mut begin, mut width) = (begin, 4);
        while let Some(at) = self.at.get(begin + width)
            && *at < time
        {
            begin += width;
            width *= 2;
        }
        let end = (begin + width).min(self.at.len());
        begin + self.at[begin..end].partition_point(|at| *at < time)
    }

    fn bytes(&self) -> usize {
        self.at.capacity() * 4 + self.upto.capacity() * 8 * W
    }
}

/// One series.
#[derive(Clone)]
pub(super) struct Series<L, const W: usize> {
    pub(super) label: L,
    pub(super) hours: Column<W>,
    /// Of [`STEPS_KEPT`], and of older hours somebody asked for.
    pub(super) steps: Column<W>,
}

/// All series of a workspace.
#[derive(Clone)]
pub(super) struct Facts<L, const W: usize> {
    pub(super) series: Vec<Series<L, W>>,
    places: HashMap<L, usize>,
    words: Words,
    /// The number up to which this is true; none before anything was read.
    seen: Option<i64>,
    hours_from: u32,
    steps_from: u32,
    /// Older hours whose steps are here, as steps.
    old: BTreeSet<u32>,
}

impl<L, const W: usize> Default for Facts<L, W> {
    fn default() -> Self {
        let (series, places, words) = (Vec::new(), HashMap::new(), Words::default());
        Self { series, places, words, seen: None, hours_from: u32::MAX, steps_from: u32::MAX, old: BTreeSet::new() }
    }
}

impl<L: Kind<W>, const W: usize> Facts<L, W> {
    /// Whether what a question needs is in memory.
    pub(super) fn has(&self, need: &Need) -> bool {
        need.hours_from >= self.hours_from && self.lacking(need).next().is_none()
    }

    fn lacking<'a>(&'a self, need: &'a Need) -> impl Iterator<Item = u32> + 'a {
        need.hours.range(..self.steps_from).copied().filter(|hour| !self.old.contains(hour))
    }

    /// Reads what changed since the last time, and what a question needs.
    pub(super) async fn refresh(&mut self, db: &mut AnyConnection, need: &Need, now_us: i64) -> Result<(), Refusal> {
        let now = step(now_us);
        let seq: i64 = sqlx::query("select seq from dashboard_clock where one = 1").fetch_one(&mut *db).await?.try_get("seq")?;
        match self.seen {
            None => {
                self.hours_from = whole(now.saturating_sub(HOURS_KEPT)).min(need.hours_from);
                self.steps_from = whole(now.saturating_sub(STEPS_KEPT));
                self.hours(db, self.hours_from, None).await?;
                self.steps(db, self.steps_from, u32::MAX, now).await?;
            }
            Some(seen) if seen != seq => self.marked(db, seen, now).await?,
            Some(_) => {}
        }
        self.seen = Some(seq);
        if need.hours_from < self.hours_from {
            self.hours(db, need.hours_from, Some(self.hours_from)).await?;
            self.hours_from = need.hours_from;
        }
        for (from, to) in stretches(&self.lacking(need).collect()) {
            self.steps(db, from, to, now).await?;
            self.old.extend((from..to).step_by(HOUR as usize));
        }
        self.slide(now);
        Ok(())
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let series = |one: &Series<L, W>| one.hours.bytes() + one.steps.bytes() + 2 * size_of::<L>() + 128;
        self.series.iter().map(series).sum::<usize>() + self.words.bytes() + self.old.len() * 8
    }

    /// Every time within a panel's stretches that has something, microseconds, and how much, in no order.
    pub(super) fn times(&self, spans: &Spans) -> Vec<(i64, u64)> {
        let mut found = Vec::new();
        for series in &self.series {
            series.hours.each(&spans.hours, |at, number| found.push((i64::from(at) * STEP_US, number)));
            series.steps.each(&spans.steps, |at, number| found.push((i64::from(at) * STEP_US, number)));
        }
        found
    }

    /// Those of some stretches within whose step there is anything.
    pub(super) fn any<'a>(&self, cuts: &'a [Cut]) -> impl Iterator<Item = &'a Cut> {
        let any = |cut: &Cut| {
            let (step, mut any) = ([Span { from: cut.step, to: cut.step + 1, bucket: 0 }], false);
            self.series.iter().for_each(|series| series.steps.each(&step, |_, _| any = true));
            any
        };
        cuts.iter().filter(move |cut| any(cut))
    }

    async fn marked(&mut self, db: &mut AnyConnection, seen: i64, now: u32) -> Result<(), Refusal> {
        let text = "select hour from dashboard_mark where dataset = $1 and seq > $2 order by hour";
        let rows = sqlx::query(text).bind(L::DATASET).bind(seen).fetch_all(&mut *db).await?;
        let hours = rows.iter().map(|row| row.try_get("hour").map(step)).collect::<Result<BTreeSet<u32>, _>>()?;
        for (from, to) in stretches(&hours) {
            if to > self.hours_from {
                self.hours(db, from.max(self.hours_from), Some(to)).await?;
            }
            if to > self.steps_from {
                self.steps(db, from.max(self.steps_from), to, now).await?;
            }
        }
        let old: BTreeSet<u32> = hours.intersection(&self.old).copied().collect();
        for (from, to) in stretches(&old) {
            self.steps(db, from, to, now).await?;
        }
        Ok(())
    }

    async fn hours(&mut self, db: &mut AnyConnection, from: u32, to: Option<u32>) -> Result<(), Refusal> {
        let to = to.unwrap_or(u32::MAX);
        let new = self.read(db, 3600, from, to).await?;
        self.put(from, to, new, |series| &mut series.hours);
        Ok(())
    }

    /// Reads the steps of a stretch of hours, in the finest grain that is kept of its beginning.
    async fn steps(&mut self, db: &mut AnyConnection, from: u32, to: u32, now: u32) -> Result<(), Refusal> {
        let age = now.saturating_sub(from);
        let grain = if age < STEPS_LIVE {
            300
        } else if age < QUARTERS_LIVE {
            900
        } else {
            3600
        };
        let new = self.read(db, grain, from, to).await?;
        self.put(from, to, new, |series| &mut series.steps);
        Ok(())
    }

    async fn read(&mut self, db: &mut AnyConnection, grain: i64, from: u32, to: u32) -> Result<HashMap<usize, Vec<(u32, [u64; W])>>, Refusal> {
        let us = |step: u32| if step == u32::MAX { i64::MAX } else { i64::from(step) * STEP_US };
        let rows = sqlx::query(L::SELECT).bind(grain).bind(us(from)).bind(us(to)).fetch_all(&mut *db).await?;
        let mut facts: HashMap<usize, Vec<(u32, [u64; W])>> = HashMap::new();
        for row in &rows {
            let (label, numbers) = L::read(row, &mut self.words)?;
            let place = match self.places.get(&label) {
                Some(place) => *place,
                None => {
                    self.series.push(Series { label: label.clone(), hours: Column::default(), steps: Column::default() });
                    self.places.insert(label, self.series.len() - 1);
                    self.series.len() - 1
                }
            };
            facts.entry(place).or_default().push((step(row.try_get("bucket")?), numbers));
        }
        Ok(facts)
    }

    fn put(&mut self, from: u32, to: u32, new: HashMap<usize, Vec<(u32, [u64; W])>>, column: impl Fn(&mut Series<L, W>) -> &mut Column<W>) {
        for (place, series) in self.series.iter_mut().enumerate() {
            let new = new.get(&place).map_or(&[][..], Vec::as_slice);
            let column = column(series);
            if new.is_empty() && column.at.last().is_none_or(|last| *last < from) {
                continue;
            }
            column.replace(from, |at| (from..to).contains(&at), new);
        }
    }

    /// Lets go of steps that are no longer of the last days, once a day.
    fn slide(&mut self, now: u32) {
        let from = whole(now.saturating_sub(STEPS_KEPT));
        if from < self.steps_from.saturating_add(DAY) {
            return;
        }
        let old = &self.old;
        for series in &mut self.series {
            series.steps.replace(0, |at| at < from && !old.contains(&whole(at)), &[]);
        }
        self.steps_from = from;
    }
}

/// The hour a step lies in, as its first step.
pub(super) fn whole(at: u32) -> u32 {
    at - at % HOUR
}

/// Hours that follow each other, as stretches of steps.
fn stretches(hours: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for hour in hours {
        match found.last_mut() {
            Some(last) if last.1 == *hour => last.1 = hour + HOUR,
            _ => found.push((*hour, hour + HOUR)),
        }
    }
    found
}

/// Notes that hours of a dataset changed, in the transaction that changes them. Any times within the hours, microseconds.
pub(crate) async fn mark(db: &mut AnyConnection, dataset: &str, times: impl IntoIterator<Item = i64>) -> Result<(), Refusal> {
    let hours: BTreeSet<i64> = times.into_iter().map(|time| time - time.rem_euclid(HOUR_US)).collect();
    if hours.is_empty() {
        return Ok(());
    }
    sqlx::query("update dashboard_clock set seq = seq + 1 where one = 1").execute(&mut *db).await?;
    for hour in hours {
        let text = "insert into dashboard_mark (dataset, hour, seq) values ($1, $2, (select seq from dashboard_clock where one = 1)) \
                    on conflict (dataset, hour) do update set seq = excluded.seq";
        sqlx::query(text).bind(dataset).bind(hour).execute(&mut *db).await?;
    }
    Ok(())
}
