//! The newest rows that pass, over the blocks of all files and the tail.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{BATCH_ROWS, Filter, Opener, joined, projection, selection};
use crate::run::Prune;
use crate::{FileEntry, LakeError, Row, decode, index};

/// Indexes asked for at once.
const LOOKUPS: usize = 16;

/// Blocks of a file that are read at once, at most.
const MOST_BLOCKS: usize = 32;

/// A file of which so many blocks can have a wanted row for each one that can has few of them, and is read as one.
const FEW: usize = 8;

/// A row that passed.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) event_time: i64,
    pub(crate) id: String,
    pub(crate) raw_bytes: u64,
    pub(crate) place: Place,
}

/// Where a row is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Tail(Arc<Row>),
    /// In the file of this number of those that were given, at this row.
    File(usize, usize),
}

/// What is read as one.
struct Unit {
    /// The largest time a row in it can have.
    max: i64,
    source: Source,
}

enum Source {
    Tail(Vec<Arc<Row>>),
    File(usize, Vec<Range<usize>>),
}

/// The first `most` rows that pass, newest first; a row that is in both a file and the tail is there once.
pub(crate) async fn newest(
    opener: &Opener,
    files: &[Arc<FileEntry>],
    tail: Vec<Arc<Row>>,
    filter: &Filter,
    prune: &Prune,
    most: usize,
) -> Result<Vec<Found>, LakeError> {
    let mut units = units(opener, files, prune).await?;
    units.extend(tail.chunks(BATCH_ROWS).map(|rows| {
        let max = rows.iter().map(|row| row.event_time).max().unwrap_or(i64::MIN);
        Unit { max, source: Source::Tail(rows.to_vec()) }
    }));
    units.sort_by_key(|unit| Reverse(unit.max));
    let mut units = units.into_iter().peekable();
    let (mut found, mut reading): (Vec<Found>, VecDeque<Reading>) = (Vec::new(), VecDeque::new());
    loop {
        let last = most.checked_sub(1).and_then(|last| found.get(last)).map(|last| last.event_time);
        let wanted = |max: i64| last.is_none_or(|last| max >= last);
        while reading.len() < opener.engine.limits.partitions.max(1)
            && let Some(unit) = units.next_if(|unit| wanted(unit.max))
        {
            reading.push_back(begin(opener, files, filter, unit, most));
        }
        // What was begun ahead and is not wanted any more is dropped, whatever came of it; so is all behind it, which is older.
        let Some(next) = reading.pop_front().filter(|reading| wanted(reading.max)) else { return Ok(found) };
        found.extend(joined(next.task, &next.path).await?);
        keep(&mut found, most);
    }
}

/// Keeps the newest.
fn keep(found: &mut Vec<Found>, most: usize) {
    found.sort_by(|a, b| (b.event_time, &b.id).cmp(&(a.event_time, &a.id)));
    found.dedup_by(|next, kept| next.event_time == kept.event_time && next.id == kept.id);
    found.truncate(most);
}

/// What of the files must be read.
async fn units(opener: &Opener, files: &[Arc<FileEntry>], prune: &Prune) -> Result<Vec<Unit>, LakeError> {
    let lookups = files.iter().enumerate().map(|(at, entry)| async move {
        let index = match entry.index_bytes {
            0 => None,
            _ => index::load(&opener.files, opener.store.as_ref(), entry, &opener.engine).await,
        };
        let Some(index) = index else { return Ok(whole(at, entry)) };
        let all = usize::try_from(entry.rows).unwrap_or(usize::MAX).div_ceil(BATCH_ROWS);
        let blocks = index.blocks(&prune.need, |min, max| prune.times.touch(min, max));
        Ok::<_, LakeError>(cut(at, all, blocks.into_iter().map(|block| (block.rows, block.max)).collect()))
    });
    let units: Vec<Vec<Unit>> = stream::iter(lookups.collect::<Vec<_>>()).buffered(LOOKUPS).try_collect().await?;
    Ok(units.into_iter().flatten().collect())
}

/// Blocks of a file that lie together, first a few and then more, for most pages are full soon; all that fit if there are few.
fn cut(file: usize, all: usize, blocks: Vec<(Range<usize>, i64)>) -> Vec<Unit> {
    let mut most = if blocks.len() * FEW <= all { MOST_BLOCKS } else { 1 };
    let mut rest = blocks.as_slice();
    let mut units = Vec::new();
    while !rest.is_empty() {
        let (these, others) = rest.split_at(most.min(rest.len()));
        let max = these.iter().map(|(_, max)| *max).max().unwrap_or(i64::MIN);
        units.push(Unit { max, source: Source::File(file, these.iter().map(|(rows, _)| rows.clone()).collect()) });
        (rest, most) = (others, (most * 4).min(MOST_BLOCKS));
    }
    units
}

/// A file nothing is known of but what its entry says.
fn whole(file: usize, entry: &FileEntry) -> Vec<Unit> {
    let rows = usize::try_from(entry.rows).unwrap_or(usize::MAX);
    let step = BATCH_ROWS * MOST_BLOCKS;
    let starts = (0..rows).step_by(step);
    let part = |start: usize| std::iter::once(start..rows.min(start.saturating_add(step))).collect();
    starts.map(|start| Unit { max: entry.max_time, source: Source::File(file, part(start)) }).collect()
}

/// A unit that is being read.
struct Reading {
    max: i64,
    path: String,
    task: SpawnedTask<Result<Vec<Found>, LakeError>>,
}

fn begin(opener: &Opener, files: &[Arc<FileEntry>], filter: &Filter, unit: Unit, most: usize) -> Reading {
    let (max, filter) = (unit.max, filter.clone());
    match unit.source {
        Source::Tail(rows) => Reading { max, path: "tail".to_owned(), task: SpawnedTask::spawn(async move { of_tail(&filter, rows, most) }) },
        Source::File(at, ranges) => {
            let (opener, entry) = (opener.clone(), Arc::clone(&files[at]));
            let read = async move { of_file(&opener, (at, &entry), &filter, ranges, most).await };
            Reading { max, path: files[at].path.clone(), task: SpawnedTask::spawn(read) }
        }
    }
}

fn of_tail(filter: &Filter, rows: Vec<Arc<Row>>, most: usize) -> Result<Vec<Found>, LakeError> {
    let found = filter.of_tail(rows)?.into_iter().map(|row| Found {
        event_time: row.event_time,
        id: row.id.clone(),
        raw_bytes: row.raw.len() as u64,
        place: Place::Tail(row),
    });
    let mut found = found.collect();
    keep(&mut found, most);
    Ok(found)
}

async fn of_file(
    opener: &Opener,
    (at, entry): (usize, &FileEntry),
    filter: &Filter,
    ranges: Vec<Range<usize>>,
    most: usize,
) -> Result<Vec<Found>, LakeError> {
    let builder = opener.open(entry).await?;
    let mask = projection(&builder, ["event_time", "id", "raw_bytes"]);
    let row_filter = filter.of_file(&builder);
    let builder = builder.with_projection(mask).with_row_selection(selection(ranges, entry)?);
    let builder = match row_filter {
        Some(row_filter) => builder.with_row_filter(row_filter),
        None => builder,
    };
    let mut found = Vec::new();
    let mut batches = match builder.build() {
        Ok(batches) => batches,
        Err(error) => return Err(opener.blame(entry, &error).await),
    };
    while let Some(batch) = batches.next().await {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => return Err(opener.blame(entry, &error).await),
        };
        let (times, ids) = (decode::times(&batch, "event_time")?, decode::texts(&batch, "id")?);
        let (bytes, rows) = (decode::integers(&batch, "raw_bytes")?, decode::integers(&batch, super::ROW)?);
        found.extend((0..batch.num_rows()).map(|n| Found {
            event_time: times.value(n),
            id: ids.value(n).to_owned(),
            raw_bytes: u64::try_from(bytes.value(n)).unwrap_or(0),
            place: Place::File(at, usize::try_from(rows.value(n)).unwrap_or(usize::MAX)),
        }));
        // A search whose time is over stops here.
        tokio::task::yield_now().await;
    }
    keep(&mut found, most);
    Ok(found)
}
