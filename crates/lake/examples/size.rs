//! What a stored event costs: bytes of each column and of the index, beside `zstd -3` of the lines, and the time it takes.
//!
//! ```text
//! cargo run --release --example size -- FILE.ndjson[.zst]...
//! ```
//!
//! The lines become rows as the node makes them (`bailiwick-event`); a line whose fields follow from it is told so.
#![allow(clippy::print_stdout, reason = "an example prints its findings")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers};
use bailiwick_lake::Row;
use bailiwick_lake::encode::{self, Level};
use datafusion::parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;

/// Events of a file that are looked at, and of one file of the lake.
const MOST: usize = 1_000_000;
/// Events of a batch: they have one receipt time and ids in a row.
const BATCH: usize = 1000;
/// 2026-09-22T00:00:00Z in microseconds.
const RECEIPT: i64 = 1_790_035_200_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut normaliser = Normaliser::new(Parsers::shipped()?);
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let bytes = if path.ends_with(".zst") { zstd::decode_all(bytes.as_slice())? } else { bytes };
        measure(&mut normaliser, Path::new(&path), &bytes)?;
    }
    Ok(())
}

fn measure(normaliser: &mut Normaliser, path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).take(MOST).collect();
    let rows: Vec<Arc<Row>> = lines.iter().enumerate().map(|(n, line)| Arc::new(row(normaliser, n, line))).collect();
    let events = rows.len() as f64;
    let raw: usize = lines.iter().map(|line| line.len() + 1).sum();
    let peer = zstd::encode_all(lines.join(&b'\n').as_slice(), 3)?.len();
    println!("\n{}: {} events of {:.1} B, zstd -3 {:.1} B", path.display(), rows.len(), raw as f64 / events, peer as f64 / events);
    for level in [Level::Hot, Level::Warm, Level::Cold] {
        let mut taken = Duration::MAX;
        let mut encoded = None;
        for _ in 0..2 {
            let started = Instant::now();
            encoded = Some(encode::file(&rows, level)?);
            taken = taken.min(started.elapsed());
        }
        let Some(encoded) = encoded else { continue };
        let (file, index) = (encoded.parquet.len() as f64 / events, encoded.index.len() as f64 / events);
        let share = (file + index) * events / peer as f64;
        println!(
            "  {level:?}: file {file:.1} + index {index:.1} = {:.1} B an event, {share:.2} of zstd -3; {:.0} events/s",
            file + index,
            events / taken.as_secs_f64()
        );
        println!("    {}", columns(encoded.parquet, events)?);
    }
    Ok(())
}

/// Bytes an event of each column that takes a tenth of a byte or more, and of what is not in a column.
fn columns(parquet: Vec<u8>, events: f64) -> Result<String, Box<dyn Error>> {
    let total = parquet.len() as f64;
    let reader = SerializedFileReader::new(bytes::Bytes::from(parquet))?;
    let mut sizes: BTreeMap<String, f64> = BTreeMap::new();
    for group in reader.metadata().row_groups() {
        for column in group.columns() {
            *sizes.entry(column.column_path().string()).or_default() += column.compressed_size() as f64;
        }
    }
    let rest = total - sizes.values().sum::<f64>();
    let mut sizes: Vec<(String, f64)> = sizes.into_iter().chain([("(footer)".to_owned(), rest)]).collect();
    sizes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let told = sizes.iter().map(|(name, size)| (name, size / events)).filter(|(_, size)| *size >= 0.05);
    Ok(told.map(|(name, size)| format!("{name} {size:.2}")).collect::<Vec<_>>().join(", "))
}

fn row(normaliser: &mut Normaliser, n: usize, line: &[u8]) -> Row {
    let receipt_time = RECEIPT + (n / BATCH) as i64 * 20_000;
    let raw = String::from_utf8_lossy(line).into_owned();
    let base = Row {
        id: format!("{:08x}{:08x}{:06x}", 1, n / BATCH * 480_000, n % BATCH),
        receipt_time,
        source: "src-1".into(),
        source_category: "sample".into(),
        tier: "continuous".into(),
        raw,
        ..Row::default()
    };
    let receipt = chrono::DateTime::from_timestamp_micros(receipt_time).unwrap_or_default();
    match normaliser.normalise(&Input::new(line, Format::Auto, receipt)) {
        Outcome::Record(record) => {
            let fields = Value::Object(record.fields.to_json()).to_string();
            let derivation = normaliser.derivation();
            Row {
                event_time: record.time.timestamp_micros(),
                record_type: record.record_type.as_str().to_owned(),
                vendor: Some(record.vendor.clone()),
                product: Some(record.product.clone()),
                parser: Some(record.parser.clone()),
                event_code: record.event_code.clone(),
                message: record.message.clone(),
                added: derivation.as_ref().and_then(|derivation| derivation.added()),
                way: derivation.map(|derivation| derivation.way().into()),
                fields,
                ecs: record.ecs.to_json().into_iter().map(|(field, value)| (field.into(), value)).collect(),
                ..base
            }
        }
        Outcome::Failed(failed) => Row {
            event_time: receipt_time,
            record_type: "FailedRecord".into(),
            reason_code: Some(failed.reason_code.as_str().to_owned()),
            reason: Some(failed.reason.clone()),
            message: failed.reason,
            fields: "{}".into(),
            ..base
        },
    }
}
