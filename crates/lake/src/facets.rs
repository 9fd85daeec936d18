//! The values that fields have in matching rows, the most frequent ones first.
//!
//! All fields are counted in one pass over the rows. Counts are exact as long as the distinct values fit into the memory that is
//! theirs; when they do not, the rarest are let go and everybody's count is lowered by as much (the summary of Misra and Gries), so
//! that each count is a lower bound, the frequent values are still there, and the answer says so.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::arrow::array::{Array, StringViewArray};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};

use crate::column::{self, Kind};
use crate::decode::{self, Messages};
use crate::matching::fold;
use crate::run::{Prune, Want};
use crate::{Derive, FileEntry, Lake, LakeError, Row, Search, member};

/// The most fields one call may ask for.
pub const MAX_FIELDS: usize = 20;

/// The most values of a field one call may ask for.
pub const MAX_VALUES: usize = 100;

/// Bytes a field's name may have.
const MAX_NAME: usize = 256;

/// Bytes of a value that count: values that begin with the same so many bytes are one.
const MAX_VALUE: usize = 1024;

/// Bytes the distinct values of all fields of one call may take.
const ROOM: usize = 32 << 20;

/// Bytes a distinct value takes beside its text.
const ENTRY: usize = 64;

/// What the matching rows have in some fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facets {
    /// Matching rows.
    pub total: u64,
    /// The fields, in the order they were asked for.
    pub fields: Vec<Facet>,
}

/// The values of one field. A row counts for one value, of a list for the first; spellings that differ only in case are one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// The field as it was asked for.
    pub field: String,
    /// The most frequent values in their most frequent spelling with their rows, at most as many as asked for, most frequent first.
    pub values: Vec<(String, u64)>,
    /// Rows with another value.
    pub other: u64,
    /// Rows without a value.
    pub missing: u64,
    /// Whether the counts are exact. If not, each is a lower bound, and `other` holds what they lack.
    pub exact: bool,
}

/// Where a field's values are.
enum Place {
    Column(&'static column::Column),
    Message,
    /// Among the normalised fields, or else the original ones.
    Member(String),
}

/// What counts one field, for all threads.
struct Counter {
    counts: HashMap<Box<str>, u64>,
    bytes: usize,
    room: usize,
    /// By how much a count may be too low.
    lowered: u64,
    missing: u64,
    reservation: MemoryReservation,
}

/// What counts all fields of a call.
struct Counting {
    places: Vec<Place>,
    counters: Vec<Mutex<Counter>>,
    total: AtomicU64,
    derive: Arc<dyn Derive>,
}

impl Lake {
    /// The most frequent values, at most `limit` of each field, in the matching rows; the search's limit and cursor do not matter.
    /// A field is named as in a query.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for fields or a limit out of their bounds; otherwise as [`Lake::count`].
    pub async fn facets(
        &self,
        files: &[FileEntry],
        tail: &[Arc<Row>],
        search: &Search,
        fields: &[String],
        limit: usize,
    ) -> Result<Facets, LakeError> {
        check(fields, limit)?;
        let files: Vec<&FileEntry> = files.iter().filter(|file| search.overlaps(file.min_time, file.max_time, false)).collect();
        let tail = tail.iter().filter(|row| search.admits(row.event_time, false)).cloned().collect();
        let counting = Arc::new(Counting::new(self, fields));
        let want = Want::Columns { condition: search.condition(false), columns: counting.columns() };
        let counts = Arc::clone(&counting);
        let (runner, prune) = (self.runner(), Prune::of(search, false));
        let each = runner.each(&want, &prune, &files, tail, Arc::new(move |batch| counts.count(batch)));
        runner.within(search.deadline, each).await?;
        Ok(counting.finish(fields, limit))
    }
}

fn check(fields: &[String], limit: usize) -> Result<(), LakeError> {
    if fields.len() > MAX_FIELDS {
        return Err(LakeError::invalid("fields", format!("must be at most {MAX_FIELDS}, are {}", fields.len())));
    }
    if let Some(at) = fields.iter().position(|field| field.is_empty() || field.len() > MAX_NAME) {
        return Err(LakeError::invalid("fields", format!("[{at}] must have 1 to {MAX_NAME} bytes")));
    }
    if !(1..=MAX_VALUES).contains(&limit) {
        return Err(LakeError::invalid("limit", format!("must be 1 to {MAX_VALUES}, is {limit}")));
    }
    Ok(())
}

impl Place {
    fn of(field: &str) -> Self {
        match column::named(field) {
            Some(column) if column.name == "message" => Self::Message,
            Some(column) => Self::Column(column),
            None => Self::Member(field.to_owned()),
        }
    }

    /// The columns it needs.
    fn columns(&self) -> Vec<&'static str> {
        match self {
            Self::Column(column) => vec![column.name],
            Self::Message => vec!["message", "message_bytes", "message_end", "message_escapes", "raw"],
            Self::Member(_) => vec!["ecs", "fields", "way", "added", "raw"],
        }
    }
}

impl Counting {
    fn new(lake: &Lake, fields: &[String]) -> Self {
        let room = ROOM / fields.len().max(1);
        let pool = &lake.engine.runtime.memory_pool;
        let counter = |_| {
            let reservation = MemoryConsumer::new("facets").register(pool);
            Mutex::new(Counter { counts: HashMap::new(), bytes: 0, room, lowered: 0, missing: 0, reservation })
        };
        Self {
            places: fields.iter().map(|field| Place::of(field)).collect(),
            counters: fields.iter().map(counter).collect(),
            total: AtomicU64::new(0),
            derive: Arc::clone(&lake.engine.derive),
        }
    }

    /// The columns all fields need; one at least, so that rows can be counted.
    fn columns(&self) -> Vec<&'static str> {
        let mut columns: Vec<&str> = self.places.iter().flat_map(Place::columns).collect();
        if columns.is_empty() {
            columns.push("event_time");
        }
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn count(&self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.total.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
        let members = self.places.iter().any(|place| matches!(place, Place::Member(_)));
        let objects = if members { self.objects(batch)? } else { Vec::new() };
        for (place, counter) in self.places.iter().zip(&self.counters) {
            let mut missing = 0;
            let mut counts = HashMap::<Cow<'_, str>, u64>::new();
            values(place, batch, &objects, |value| match value {
                Some(value) => *counts.entry(cut(value)).or_default() += 1,
                None => missing += 1,
            })?;
            let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
            counter.missing += missing;
            counter.add(counts);
        }
        Ok(())
    }

    /// The normalised and the original fields of each row.
    fn objects<'a>(&self, batch: &'a RecordBatch) -> Result<Vec<[Cow<'a, str>; 2]>, LakeError> {
        let text = |name| decode::texts(batch, name);
        let (ecs, fields, way, added, raw) = (text("ecs")?, text("fields")?, text("way")?, text("added")?, text("raw")?);
        let of_row = |at: usize| {
            let ecs = Cow::Borrowed(value(ecs, at).unwrap_or_default());
            let fields = match (value(fields, at), value(way, at)) {
                (Some(fields), _) => Cow::Borrowed(fields),
                (None, Some(way)) => self
                    .derive
                    .fields(way, raw.value(at), value(added, at))
                    .map(Cow::Owned)
                    .ok_or_else(|| LakeError::Engine(format!("the fields of a row do not follow from its raw text by {way:?}")))?,
                (None, None) => Cow::Borrowed(""),
            };
            Ok([ecs, fields])
        };
        (0..batch.num_rows()).map(of_row).collect()
    }

    fn finish(&self, fields: &[String], limit: usize) -> Facets {
        let total = self.total.load(Ordering::Relaxed);
        let counters = fields.iter().zip(&self.counters);
        let fields = counters.map(|(field, counter)| {
            let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
            counter.finish(field, total, limit)
        });
        Facets { total, fields: fields.collect() }
    }
}

/// Gives each row's value of a field.
fn values<'a>(
    place: &Place,
    batch: &'a RecordBatch,
    objects: &'a [[Cow<'a, str>; 2]],
    mut take: impl FnMut(Option<Cow<'a, str>>),
) -> Result<(), LakeError> {
    let rows = 0..batch.num_rows();
    match place {
        Place::Column(column) => match column.kind {
            Kind::Text | Kind::Prose | Kind::Ip => {
                let texts = decode::texts(batch, column.name)?;
                rows.for_each(|at| take(value(texts, at).map(Cow::Borrowed)));
            }
            Kind::Int => decode::integers(batch, column.name)?.iter().for_each(|number| take(number.map(|number| number.to_string().into()))),
            Kind::Time => decode::times(batch, column.name)?.iter().for_each(|time| take(time.map(|time| instant(time).into()))),
        },
        Place::Message => {
            let (messages, raw) = (Messages::of(batch)?, decode::texts(batch, "raw")?);
            for at in rows {
                take(messages.at(raw.value(at), at).map(|text| Cow::Owned(text.into_owned())));
            }
        }
        Place::Member(path) => {
            objects.iter().for_each(|object| take(object.iter().find_map(|json| member::first(json, path)).map(Cow::Owned)));
        }
    }
    Ok(())
}

fn value(array: &StringViewArray, at: usize) -> Option<&str> {
    array.is_valid(at).then(|| array.value(at))
}

fn instant(micros: i64) -> String {
    DateTime::<Utc>::from_timestamp_micros(micros).map_or_else(|| micros.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// A value without what is too long of it.
fn cut(value: Cow<'_, str>) -> Cow<'_, str> {
    if value.len() <= MAX_VALUE {
        return value;
    }
    let end = value.floor_char_boundary(MAX_VALUE);
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

impl Counter {
    fn add(&mut self, counts: HashMap<Cow<'_, str>, u64>) {
        for (value, rows) in counts {
            match self.counts.get_mut(value.as_ref()) {
                Some(count) => *count += rows,
                None => {
                    self.bytes += value.len() + ENTRY;
                    self.counts.insert(value.into(), rows);
                }
            }
        }
        if self.bytes > self.room {
            self.lower(self.room / 2);
        }
        if self.reservation.try_resize(self.bytes).is_err() {
            self.lower(self.bytes / 2);
            self.reservation.resize(self.bytes);
        }
    }

    /// Lets values go until the others take at most so many bytes.
    fn lower(&mut self, bytes: usize) {
        while self.bytes > bytes && !self.counts.is_empty() {
            let mut counts: Vec<u64> = self.counts.values().copied().collect();
            let middle = counts.len() / 2;
            let by = *counts.select_nth_unstable(middle).1;
            self.lowered += by;
            self.counts.retain(|_, count| {
                *count = count.saturating_sub(by);
                *count > 0
            });
            self.bytes = self.counts.keys().map(|value| value.len() + ENTRY).sum();
        }
    }

    fn finish(&mut self, field: &str, total: u64, limit: usize) -> Facet {
        let mut merged = HashMap::<String, (Box<str>, u64, u64)>::new();
        for (spelling, rows) in std::mem::take(&mut self.counts) {
            match merged.entry(fold(&spelling)) {
                std::collections::hash_map::Entry::Vacant(entry) => drop(entry.insert((spelling, rows, rows))),
                std::collections::hash_map::Entry::Occupied(mut entry) => {
                    let (best, most, sum) = entry.get_mut();
                    *sum += rows;
                    if (rows, &*best) > (*most, &spelling) {
                        (*best, *most) = (spelling, rows);
                    }
                }
            }
        }
        let mut values: Vec<(String, u64)> = merged.into_values().map(|(spelling, _, rows)| (spelling.into(), rows)).collect();
        values.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(limit);
        let shown: u64 = values.iter().map(|(_, rows)| rows).sum();
        let other = total.saturating_sub(self.missing).saturating_sub(shown);
        Facet { field: field.to_owned(), values, other, missing: self.missing, exact: self.lowered == 0 }
    }
}

#[cfg(test)]
mod tests {
    use datafusion::execution::memory_pool::{MemoryPool, UnboundedMemoryPool};

    use super::*;

    fn counter(room: usize) -> Counter {
        let pool: Arc<dyn MemoryPool> = Arc::new(UnboundedMemoryPool::default());
        let reservation = MemoryConsumer::new("test").register(&pool);
        Counter { counts: HashMap::new(), bytes: 0, room, lowered: 0, missing: 0, reservation }
    }

    #[test]
    fn what_does_not_fit_lowers_counts_and_never_raises_them() {
        let mut counter = counter(100 * (ENTRY + 8));
        let mut total = 0;
        for round in 0..50_u64 {
            let rare = (0..40).map(|n| (Cow::Owned(format!("{round:04}{n:04}")), 1));
            let frequent = [(Cow::Borrowed("frequent"), 30), (Cow::Borrowed("FREQUENT"), 10)];
            total += 80;
            counter.add(rare.chain(frequent).collect());
            assert!(counter.bytes <= 100 * (ENTRY + 8));
        }
        let lowered = counter.lowered;
        let facet = counter.finish("f", total, 3);
        assert!(!facet.exact && lowered > 0);
        let (value, rows) = &facet.values[0];
        assert_eq!(value, "frequent");
        assert!(*rows <= 2000 && *rows + 2 * lowered >= 2000, "{rows}, lowered by {lowered}");
        assert_eq!(facet.values.iter().map(|(_, rows)| rows).sum::<u64>() + facet.other, total);
    }

    #[test]
    fn spellings_are_one_value_in_the_most_frequent_of_them() {
        let mut counter = counter(ROOM);
        counter.missing = 2;
        counter.add([("Alice", 2), ("ALICE", 3), ("bob", 5), ("eve", 1)].map(|(value, rows)| (Cow::Borrowed(value), rows)).into());
        let facet = counter.finish("user.name", 13, 2);
        assert_eq!(facet.values, [("ALICE".to_owned(), 5), ("bob".to_owned(), 5)]);
        assert_eq!((facet.other, facet.missing, facet.exact), (1, 2, true));
    }
}
