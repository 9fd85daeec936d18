//! Whole rows by their places in their files.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use datafusion::common::runtime::SpawnedTask;
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::parquet::file::page_index::column_index::ColumnIndexMetaData;
use futures_util::StreamExt;

use super::{Found, Opener, Place, ROW, adapted, joined, projection, selection};
use crate::column::SCHEMA;
use crate::{FileEntry, LakeError, Row, decode};

/// Rows of one file that are worth a task of their own.
const LEAST_ROWS: usize = 16;

/// The rows that were found, in their order.
pub(crate) async fn rows(opener: &Opener, files: &[Arc<FileEntry>], found: &[Found]) -> Result<Vec<Row>, LakeError> {
    let mut by_file: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for key in found {
        if let Place::File(file, row) = key.place {
            by_file.entry(file).or_default().push(row);
        }
    }
    let partitions = opener.engine.limits.partitions.max(1);
    let (mut fetched, mut reading) = (BTreeMap::new(), VecDeque::new());
    for (file, mut rows) in by_file {
        rows.sort_unstable();
        for rows in rows.chunks(rows.len().div_ceil(partitions).max(LEAST_ROWS)) {
            let (opener, entry, rows) = (opener.clone(), Arc::clone(&files[file]), rows.to_vec());
            let path = entry.path.clone();
            reading.push_back((file, path, SpawnedTask::spawn(async move { of_file(&opener, &entry, &rows).await })));
            if reading.len() >= partitions {
                take(&mut reading, &mut fetched).await?;
            }
        }
    }
    while !reading.is_empty() {
        take(&mut reading, &mut fetched).await?;
    }
    let rows = found.iter().map(|key| {
        let row = match &key.place {
            Place::Tail(row) => Some(Row::clone(row)),
            Place::File(file, row) => fetched.remove(&(*file, *row)),
        };
        row.filter(|row| row.id == key.id).ok_or_else(|| LakeError::Engine(format!("row {} was found and is not there", key.id)))
    });
    rows.collect()
}

type Reading = (usize, String, SpawnedTask<Result<Vec<(usize, Row)>, LakeError>>);

async fn take(reading: &mut VecDeque<Reading>, fetched: &mut BTreeMap<(usize, usize), Row>) -> Result<(), LakeError> {
    let Some((file, path, task)) = reading.pop_front() else { return Ok(()) };
    fetched.extend(joined(task, &path).await?.into_iter().map(|(at, row)| ((file, at), row)));
    Ok(())
}

/// The rows at these places of a file, which are sorted.
async fn of_file(opener: &Opener, entry: &FileEntry, places: &[usize]) -> Result<Vec<(usize, Row)>, LakeError> {
    let builder = opener.open(entry).await?;
    let columns = builder.schema().fields().iter().enumerate().filter(|(at, _)| !is_null(builder.metadata(), *at, places));
    let columns: Vec<&str> = columns.map(|(_, field)| field.name().as_str()).collect();
    let mask = projection(&builder, columns);
    let selection = selection(places.iter().map(|place| *place..place.saturating_add(1)), entry)?;
    let mut batches = match builder.with_projection(mask).with_row_selection(selection).build() {
        Ok(batches) => batches,
        Err(error) => return Err(opener.blame(entry, &error).await),
    };
    let mut rows = Vec::with_capacity(places.len());
    while let Some(batch) = batches.next().await {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => return Err(opener.blame(entry, &error).await),
        };
        let at = decode::integers(&batch, ROW)?;
        let at = at.values().iter().map(|at| usize::try_from(*at).unwrap_or(usize::MAX));
        let whole = adapted(&batch, &SCHEMA).map_err(|error| LakeError::file(&entry.path, error.to_string()))?;
        rows.extend(at.zip(decode::rows(&whole, opener.engine.derive.as_ref())?));
        tokio::task::yield_now().await;
    }
    Ok(rows)
}

/// Whether the pages that have these rows are known to have no value of a column: then they need not be read.
fn is_null(metadata: &ParquetMetaData, column: usize, places: &[usize]) -> bool {
    let mut start = 0;
    for (number, group) in metadata.row_groups().iter().enumerate() {
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        let inside = &places[places.partition_point(|at| *at < start)..places.partition_point(|at| *at < start + rows)];
        let Some(chunk) = group.columns().get(column) else { return false };
        let empty = chunk.statistics().and_then(|statistics| statistics.null_count_opt()) == Some(rows as u64);
        if !inside.is_empty() && !empty && !pages_are_null(metadata, (number, column), inside.iter().map(|at| at - start)) {
            return false;
        }
        start += rows;
    }
    true
}

fn pages_are_null(metadata: &ParquetMetaData, (group, column): (usize, usize), mut rows: impl Iterator<Item = usize>) -> bool {
    let pages = metadata.column_index().and_then(|index| index.get(group)?.get(column));
    let places = metadata.offset_index().and_then(|index| index.get(group)?.get(column));
    let (Some(pages), Some(places)) = (pages.filter(|pages| !matches!(pages, ColumnIndexMetaData::NONE)), places) else { return false };
    let places = places.page_locations();
    rows.all(|row| {
        let after = places.partition_point(|page| usize::try_from(page.first_row_index).is_ok_and(|first| first <= row));
        after.checked_sub(1).is_some_and(|page| pages.is_null_page(page))
    })
}
