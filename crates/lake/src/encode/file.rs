//! Rows to one file of the lake: Parquet, and the index beside it. Pure: it gives bytes and what the list must know of them; the
//! caller decides which rows go into which file, and puts the bytes there.

use std::io::Write;
use std::sync::Arc;

use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{Compression, Encoding, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::metadata::KeyValue;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;

use super::{Place, place, stored};
use crate::column::{COLUMNS, Coding, SCHEMA};
use crate::engine::BATCH_ROWS;
use crate::index::Builder;
use crate::{FileEntry, LakeError, Row, SCHEMA_KEY, SCHEMA_VERSION};

/// Rows in a row group; the writer holds one group, compressed, in memory.
const ROW_GROUP_ROWS: usize = 1 << 20;
/// Bytes of a row group, compressed.
const ROW_GROUP_BYTES: usize = 256 << 20;
/// Uncompressed bytes of a page of text: what reading one row of it decodes. Text is compressed page by page, and what repeats
/// over a longer stretch is kept once only in longer pages.
const TEXT_PAGE_BYTES: usize = 512 << 10;
/// At this size zstd uses other tables for the same level, which are better for text: pages of half the size cost nothing.
const WARM_TEXT_PAGE_BYTES: usize = 256 << 10;
const COLD_TEXT_PAGE_BYTES: usize = 4 << 20;
/// Values between two looks at a page's size.
const WRITE_BATCH: usize = 512;
/// Rows that are turned into columns at a time: few enough that their texts are still near when they are compressed.
const CHUNK_ROWS: usize = 1024;
/// Bytes of a column's dictionary, uncompressed.
const DICTIONARY_BYTES: usize = 4 << 20;

/// How hard to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As rows come in: fast.
    Hot,
    /// For files that are merged: a tenth smaller for three times the work.
    Warm,
    /// For files that will be kept long and are read seldom: smaller for four times the work, and a single row is dearer to read.
    Cold,
}

/// What is known of a file's rows without reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Rows in the file.
    pub rows: u64,
    /// Bytes of the rows' raw text.
    pub raw_bytes: u64,
    /// The smallest `event_time`, microseconds UTC.
    pub min_time: i64,
    /// The largest `event_time`, microseconds UTC.
    pub max_time: i64,
    /// The smallest id.
    pub first_id: String,
    /// The largest id.
    pub last_id: String,
    /// The tier of the rows.
    pub tier: String,
    /// The largest `receipt_time`, microseconds UTC.
    pub max_receipt: i64,
}

/// One encoded file.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The Parquet file.
    pub parquet: Vec<u8>,
    /// The index that lies beside it.
    pub index: Vec<u8>,
    /// What the list must know.
    pub facts: Facts,
}

impl Encoded {
    /// The entry of the file at this path.
    pub fn entry(&self, path: String) -> FileEntry {
        self.facts.entry(path, self.parquet.len() as u64, self.index.len() as u64)
    }
}

impl Facts {
    /// The entry of a file with these facts at this path; `bytes` and `index_bytes` are the sizes of the file and of its index.
    pub fn entry(&self, path: String, bytes: u64, index_bytes: u64) -> FileEntry {
        FileEntry {
            path,
            rows: self.rows,
            bytes,
            raw_bytes: self.raw_bytes,
            min_time: self.min_time,
            max_time: self.max_time,
            first_id: self.first_id.clone(),
            last_id: self.last_id.clone(),
            tier: self.tier.clone(),
            max_receipt: self.max_receipt,
            index_bytes,
        }
    }

    fn add(&mut self, row: &Row) {
        if self.rows == 0 {
            (self.min_time, self.max_time, self.max_receipt) = (row.event_time, row.event_time, row.receipt_time);
            (self.first_id, self.last_id, self.tier) = (row.id.clone(), row.id.clone(), row.tier.clone());
        }
        self.rows += 1;
        self.raw_bytes += row.raw.len() as u64;
        self.min_time = self.min_time.min(row.event_time);
        self.max_time = self.max_time.max(row.event_time);
        self.max_receipt = self.max_receipt.max(row.receipt_time);
        if row.id < self.first_id {
            self.first_id.clone_from(&row.id);
        }
        if row.id > self.last_id {
            self.last_id.clone_from(&row.id);
        }
    }
}

/// Puts rows in the order of a file: newest first, as they are read, so that once a page is full the rest of the file fails on
/// its times alone.
pub fn sort(rows: &mut [Arc<Row>]) {
    rows.sort_by(|a, b| (b.event_time, &b.id).cmp(&(a.event_time, &a.id)));
}

/// Encodes rows of one tier, in any order, as one file. The same rows give the same bytes.
///
/// # Errors
/// [`LakeError::Engine`] if the encoder fails, which no row can make it do.
pub fn file(rows: &[Arc<Row>], level: Level) -> Result<Encoded, LakeError> {
    let mut sorted = rows.to_vec();
    sort(&mut sorted);
    let mut encoder = Encoder::new(Vec::new(), level)?;
    for chunk in sorted.chunks(BATCH_ROWS) {
        encoder.push(chunk)?;
    }
    let (parquet, index, facts) = encoder.finish()?;
    Ok(Encoded { parquet, index, facts })
}

/// Encodes a file piece by piece, for files whose rows do not fit in memory. The Parquet file goes to `W` as row groups fill; the
/// index, a few bytes a row, is held until the end.
pub struct Encoder<W: Write + Send> {
    writer: ArrowWriter<W>,
    index: Builder,
    facts: Facts,
}

impl<W: Write + Send> std::fmt::Debug for Encoder<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl<W: Write + Send> Encoder<W> {
    /// An encoder that writes to `out`.
    ///
    /// # Errors
    /// [`LakeError::Engine`] if it cannot begin.
    pub fn new(out: W, level: Level) -> Result<Self, LakeError> {
        let options = ArrowWriterOptions::new().with_properties(properties(level)?).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(out, Arc::clone(&SCHEMA), options).map_err(failed)?;
        Ok(Self { writer, index: Builder::default(), facts: Facts::default() })
    }

    /// Adds rows. All rows of a file are to be pushed in the order of [`sort`], best some thousands at a time.
    ///
    /// # Errors
    /// [`LakeError::Engine`] if `out` fails.
    pub fn push(&mut self, rows: &[Arc<Row>]) -> Result<(), LakeError> {
        for chunk in rows.chunks(CHUNK_ROWS) {
            let places: Vec<Option<Place>> = chunk.iter().map(|row| place(row)).collect();
            let batch = stored(chunk, &places).map_err(|error| LakeError::Engine(error.to_string()))?;
            self.writer.write(&batch).map_err(failed)?;
            for (row, place) in chunk.iter().zip(places) {
                self.facts.add(row);
                self.index.add(row, place.is_some_and(|place| place.escapes == 0));
            }
        }
        Ok(())
    }

    /// Bytes of the Parquet file so far, those still in memory included.
    pub fn bytes(&self) -> usize {
        self.writer.bytes_written() + self.writer.in_progress_size()
    }

    /// Ends the file: what it was written to, the index, the facts.
    ///
    /// # Errors
    /// [`LakeError::Engine`] if `out` fails.
    pub fn finish(self) -> Result<(W, Vec<u8>, Facts), LakeError> {
        let out = self.writer.into_inner().map_err(failed)?;
        Ok((out, self.index.finish(), self.facts))
    }
}

fn failed(error: ParquetError) -> LakeError {
    LakeError::Engine(error.to_string())
}

/// Nothing in here depends on when or where: the same rows give the same bytes.
fn properties(level: Level) -> Result<WriterProperties, LakeError> {
    let (zstd, text_page) = match level {
        Level::Hot => (3, TEXT_PAGE_BYTES),
        Level::Warm => (6, WARM_TEXT_PAGE_BYTES),
        Level::Cold => (9, COLD_TEXT_PAGE_BYTES),
    };
    let mut builder = WriterProperties::builder()
        .set_created_by("bailiwick-lake".to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(SCHEMA_KEY.to_owned(), SCHEMA_VERSION.to_string())]))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(zstd).map_err(failed)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_data_page_row_count_limit(BATCH_ROWS)
        .set_write_batch_size(WRITE_BATCH)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_column_index_truncate_length(Some(32))
        .set_statistics_truncate_length(Some(32))
        .set_statistics_enabled(EnabledStatistics::Page);
    for column in COLUMNS {
        let path = ColumnPath::from(column.name);
        builder = match column.coding {
            Coding::Dictionary => continue,
            Coding::Numbers => builder.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            Coding::Names => builder.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY),
            Coding::Text => builder
                .set_column_encoding(path.clone(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path.clone(), EnabledStatistics::Chunk)
                .set_column_data_page_size_limit(path, text_page),
        };
    }
    Ok(builder.build())
}
