//! Nothing is lost: what is read is what was written, whatever it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers};
use bailiwick_lake::{Derive, Engine, Lake, Limits, Row};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::rows::{AsRaw, DAY, shared};

const ECS: &[&str] = &["host.name", "user.name", "source.ip", "destination.ip", "source.port", "process.pid", "event.code", "event.category", "x.y"];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z \\\\\"\n\t/:.0-9ü€\u{1}]{0,24}",
        Just("10.0.0.1".to_owned()),
        Just("FE80::0001".to_owned()),
        Just("443".to_owned()),
        Just(String::new()),
        any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![text().prop_map(Value::from), any::<i64>().prop_map(Value::from), any::<bool>().prop_map(Value::from), Just(Value::Null)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from), inner.prop_map(|value| json!({"k": value}))]
    })
}

/// A message that stands in the raw text, or not, and a way to the fields, or none.
fn any_row() -> impl Strategy<Value = Row> {
    let ecs = proptest::collection::btree_map(proptest::sample::select(ECS).prop_map(std::borrow::Cow::Borrowed), value(), 0..5);
    let optional = || proptest::option::of(text());
    let texts = (text(), text(), text(), 0..6_u8, 0..100_usize);
    ((any::<i32>(), -200_000_000_000_i64..200_000_000_000), texts, (optional(), optional(), optional()), ecs).prop_map(
        |((id, ahead), (mut message, other, fields, form, cut), (reason_code, event_code, parser), ecs)| {
            let mut row = Row::default();
            row.raw = match form {
                0 => json!({"a": other, "m": message, "z": [1]}).to_string(),
                1 => format!("{other}{message}{other}"),
                2 => format!("{other} {message} {other}"),
                3 => {
                    message = other.chars().skip(cut % 5).take(cut).collect();
                    other.clone()
                }
                _ => other.clone(),
            };
            row.fields = json!({"f": fields, "m": message}).to_string();
            if form == 0 {
                (row.way, row.fields) = (Some("raw".into()), row.raw.clone());
            }
            let tier = ["continuous", "infrequent", ""][cut % 3].to_owned();
            Row { id: format!("{id:08x}"), event_time: DAY + ahead, receipt_time: DAY, tier, reason_code, event_code, parser, message, ecs, ..row }
        },
    )
}

/// The ways of events.
#[derive(Debug)]
struct OfEvents;

impl Derive for OfEvents {
    fn fields(&self, way: &str, raw: &str, added: Option<&str>) -> Option<String> {
        bailiwick_event::derive(way, raw, added)
    }
}

async fn written_and_read(rows: Vec<Row>, derive: Arc<dyn Derive>) -> (Vec<Row>, Vec<Row>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let engine = Engine::new(Limits::default()).expect("an engine").deriving(derive);
    let lake = Lake::open_on(directory.path(), &engine).expect("a lake");
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let files = lake.write("a", &shared(rows.clone())).await.expect("written");
    let mut read = Vec::new();
    for ids in ids.chunks(1000) {
        read.extend(lake.get(&files, &[], ids).await.expect("rows"));
    }
    (rows, read)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_row_comes_back_as_it_was(mut rows in proptest::collection::vec(any_row(), 1..30)) {
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows.dedup_by(|a, b| a.id == b.id);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (rows, read) = runtime.block_on(written_and_read(rows, Arc::new(AsRaw)));
        prop_assert_eq!(read, rows);
    }
}

fn shared_data() -> Option<PathBuf> {
    let directory = std::env::var_os("BAILIWICK_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    Some(directory.join("data")).filter(|data| data.is_dir())
}

/// Some events of a file of the shared data, as the node would write them.
fn real(normaliser: &mut Normaliser, path: &Path, from: usize) -> Vec<Row> {
    let bytes = zstd::decode_all(std::fs::File::open(path).expect("a file")).expect("zstd");
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let step = (lines.len() / 400).max(1);
    let rows = lines.iter().step_by(step).enumerate().filter_map(|(n, line)| {
        let receipt = chrono::DateTime::from_timestamp_micros(DAY).expect("a time");
        let raw = String::from_utf8_lossy(line).into_owned();
        let base = Row { id: format!("{:08x}", from + n), receipt_time: DAY, raw, ..Row::default() };
        match normaliser.normalise(&Input::new(line, Format::Auto, receipt)) {
            Outcome::Record(record) => {
                let derivation = normaliser.derivation();
                Some(Row {
                    event_time: record.time.timestamp_micros(),
                    record_type: record.record_type.as_str().to_owned(),
                    vendor: Some(record.vendor.clone()),
                    event_code: record.event_code.clone(),
                    message: record.message.clone(),
                    fields: Value::Object(record.fields.to_json()).to_string(),
                    ecs: record.ecs.to_json().into_iter().map(|(field, value)| (field.into(), value)).collect(),
                    added: derivation.as_ref().and_then(|derivation| derivation.added()),
                    way: derivation.map(|derivation| derivation.way().into()),
                    ..base
                })
            }
            Outcome::Failed(failed) => Some(Row { event_time: DAY, message: failed.reason, fields: "{}".into(), ..base }),
        }
    });
    rows.collect()
}

#[tokio::test]
async fn real_events_come_back_as_they_were() {
    let Some(data) = shared_data() else {
        eprintln!("skipped: there is no shared data");
        return;
    };
    let mut normaliser = Normaliser::new(Parsers::shipped().expect("the parsers compile"));
    let mut rows = Vec::new();
    let names = ["cloudtrail-invictus.ndjson", "evtx-flat/evtx-to-mitre.ndjson", "evtx-nested/evtx-to-mitre.ndjson", "zeek-secdatasets.ndjson"];
    for name in names.into_iter().chain(["syslog-gen-rfc3164.log", "syslog-gen-rfc5424.log", "windows-secdatasets-atomic.ndjson"]) {
        rows.extend(real(&mut normaliser, &data.join(format!("{name}.zst")), rows.len()));
    }
    assert!(rows.len() > 2000 && rows.iter().filter(|row| row.way.is_some()).count() > 2000);
    let (rows, read) = written_and_read(rows, Arc::new(OfEvents)).await;
    for (written, read) in rows.iter().zip(&read) {
        assert_eq!(read, written);
    }
    assert_eq!(rows.len(), read.len());
}
