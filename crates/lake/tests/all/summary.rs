//! Histograms and facets say what a loop over the rows says, wherever the rows are.

use std::collections::{BTreeMap, HashMap};

use bailiwick_lake::{Bar, Engine, Facet, Lake, LakeError, Limits, MAX_BUCKETS, MAX_FIELDS, MAX_VALUES, Row, Search};
use proptest::prelude::*;
use serde_json::json;

use crate::rows::{AsRaw, DAY, SECOND, lake, row, search, shared, with};

/// Hours after [`DAY`], and what the row says of itself.
fn rows() -> Vec<Row> {
    let users = ["Alice", "ALICE", "bob", "alice", "Alice", "eve"];
    let mut rows: Vec<Row> = users
        .iter()
        .enumerate()
        .map(|(n, user)| {
            let ecs = json!({"user.name": user, "source.ip": "FE80::1", "source.port": 443 + n % 2, "related.user": [user, "x"]});
            with(row(n, DAY + n as i64 * 3600 * SECOND, "logon"), ecs, json!({"EventData": {"LogonType": 3, "Nobody": null}}))
        })
        .collect();
    rows.push(Row { record_type: "FailedRecord".into(), reason_code: Some("NO_PARSER".into()), ..row(6, DAY + 90 * 60 * SECOND, "what?") });
    rows
}

fn values(facet: &Facet) -> Vec<(&str, u64)> {
    facet.values.iter().map(|(value, rows)| (value.as_str(), *rows)).collect()
}

#[tokio::test]
async fn a_histogram_counts_rows_in_files_and_in_the_tail() {
    let (_directory, lake) = lake();
    let rows = shared(rows());
    let files = lake.write("a", &rows[..4]).await.expect("written");
    let told = lake.histogram(&files, &rows[4..], &search(""), 60).await.expect("a histogram");
    assert_eq!((told.from, told.to, told.width), (Some(DAY), Some(DAY + 5 * 3600 * SECOND + 600 * SECOND), 600 * SECOND));
    assert_eq!((told.total, told.bars.len()), (7, 31));
    assert_eq!(told.bars[9], Bar { start: DAY + 90 * 60 * SECOND, rows: 1, failed: 1 });
    assert_eq!(told.bars.iter().filter(|bar| bar.rows == 0).count(), 24);

    let window = Search { from: Some(DAY + 1800 * SECOND), to: Some(DAY + 2 * 3600 * SECOND), ..search("NOT what") };
    let told = lake.histogram(&files, &rows[4..], &window, 2).await.expect("a histogram");
    assert_eq!((told.from, told.to, told.width), (window.from, window.to, 3600 * SECOND));
    let bars: Vec<(i64, u64, u64)> = told.bars.iter().map(|bar| ((bar.start - DAY) / 3600 / SECOND, bar.rows, bar.failed)).collect();
    assert_eq!(bars, [(0, 0, 0), (1, 1, 0)], "what is before the window is not counted, though its bucket begins there");

    let nothing = lake.histogram(&files, &rows[4..], &search("absent"), 60).await.expect("a histogram");
    assert_eq!((nothing.total, nothing.bars.len(), nothing.from), (0, 0, None));
    let quiet = Search { query: search("absent").query, ..window };
    let quiet = lake.histogram(&files, &rows[4..], &quiet, 60).await.expect("a histogram");
    assert_eq!((quiet.total, quiet.bars.len(), quiet.width), (0, 18, 300 * SECOND), "an empty window has empty buckets");
}

#[tokio::test]
async fn a_few_rows_among_years_are_counted_in_narrow_buckets() {
    let (_directory, lake) = lake();
    let years = 40 * 365 * 86_400 * SECOND;
    let rows = shared([row(1, DAY - years, "old"), row(2, DAY, "new"), row(3, DAY + 3 * SECOND, "new"), row(4, DAY + years, "far")]);
    let files = lake.write("a", &rows).await.expect("written");
    let told = lake.histogram(&files, &[], &search("new"), 60).await.expect("a histogram");
    assert_eq!((told.width, told.total, told.bars.len()), (SECOND, 2, 4));
    let told = lake.histogram(&files, &[], &search(""), 1).await.expect("a histogram");
    assert_eq!((told.total, told.bars.len(), told.bars[0].rows), (4, 1, 4));
}

#[tokio::test]
async fn facets_count_values_of_columns_and_of_any_field() {
    let (_directory, lake) = lake();
    let rows = shared(rows());
    let files = lake.write("a", &rows[..4]).await.expect("written");
    let fields = ["user.name", "source.ip", "source_port", "related.user", "eventdata.logontype", "EventData.Nobody", "@timestamp", "message"];
    let fields = fields.map(str::to_owned);
    let told = lake.facets(&files, &rows[4..], &search(""), &fields, 2).await.expect("facets");
    assert_eq!(told.total, 7);
    let by: HashMap<&str, &Facet> = told.fields.iter().map(|facet| (facet.field.as_str(), facet)).collect();
    let user = by["user.name"];
    assert_eq!((values(user), user.other, user.missing, user.exact), (vec![("Alice", 4), ("bob", 1)], 1, 1, true));
    assert_eq!(values(by["source.ip"]), [("fe80::1", 6)]);
    assert_eq!(values(by["source_port"]), [("443", 3), ("444", 3)]);
    assert_eq!(values(by["related.user"])[0], ("Alice", 4), "of a list, the first");
    assert_eq!((values(by["eventdata.logontype"]), by["eventdata.logontype"].missing), (vec![("3", 6)], 1));
    assert_eq!((values(by["EventData.Nobody"]).len(), by["EventData.Nobody"].missing), (0, 7));
    assert_eq!(values(by["@timestamp"])[0], ("2026-01-31T00:00:00Z", 1));
    assert_eq!(values(by["message"]), [("logon", 6), ("what?", 1)]);
    for facet in &told.fields {
        assert_eq!(facet.values.iter().map(|(_, rows)| rows).sum::<u64>() + facet.other + facet.missing, 7, "{facet:?}");
    }
    let none = lake.facets(&files, &rows[4..], &search("user.name:alice"), &[], 2).await.expect("facets");
    assert_eq!((none.total, none.fields.len()), (4, 0));
}

#[tokio::test]
async fn fields_that_follow_from_the_raw_text_have_facets_too() {
    let engine = Engine::new(Limits::default()).expect("an engine").deriving(std::sync::Arc::new(AsRaw));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let lake = Lake::open_on(directory.path(), &engine).expect("a lake");
    let made = (0..9).map(|n| {
        let raw = json!({"Task": n % 3}).to_string();
        Row { fields: raw.clone(), raw, way: Some("raw".into()), ..row(n, DAY, "x") }
    });
    let files = lake.write("a", &shared(made)).await.expect("written");
    let told = lake.facets(&files, &[], &search(""), &["task".into()], 10).await.expect("facets");
    assert_eq!(values(&told.fields[0]), [("0", 3), ("1", 3), ("2", 3)]);
}

#[tokio::test]
async fn more_values_than_fit_are_lower_bounds_and_said_to_be() {
    let (_directory, lake) = lake();
    // 40,000 long values, each once, are more than the memory one of twenty fields gets; one of them is in every third row as well.
    let made = (0..60_000).map(|n| {
        let value = if n % 3 == 0 { "frequent".to_owned() } else { format!("{n:064}") };
        with(row(n, DAY, "x"), json!({}), json!({"many": value}))
    });
    let files = lake.write("a", &shared(made)).await.expect("written");
    let fields: Vec<String> = std::iter::once("many".into()).chain((1..MAX_FIELDS).map(|n| format!("none{n}"))).collect();
    let told = lake.facets(&files, &[], &search(""), &fields, 1).await.expect("facets");
    let many = &told.fields[0];
    assert!(!many.exact && many.values[0].0 == "frequent" && (19_000..=20_000).contains(&many.values[0].1), "{many:?}");
    assert_eq!(many.values[0].1 + many.other, 60_000);
    assert!(told.fields[1].exact && told.fields[1].missing == 60_000);
}

#[tokio::test]
async fn bounds_are_kept_and_a_damaged_file_is_named() {
    let (directory, lake) = lake();
    let invalid = |error: LakeError| match error {
        LakeError::Invalid { field, .. } => field,
        other => panic!("{other}"),
    };
    for buckets in [0, MAX_BUCKETS + 1] {
        assert_eq!(invalid(lake.histogram(&[], &[], &search(""), buckets).await.expect_err("refused")), "buckets");
    }
    for limit in [0, MAX_VALUES + 1] {
        assert_eq!(invalid(lake.facets(&[], &[], &search(""), &[], limit).await.expect_err("refused")), "limit");
    }
    for fields in [vec![String::new()], vec!["x".repeat(300)], vec!["x".to_owned(); MAX_FIELDS + 1]] {
        assert_eq!(invalid(lake.facets(&[], &[], &search(""), &fields, 1).await.expect_err("refused")), "fields");
    }
    let files = lake.write("a", &shared(rows())).await.expect("written");
    let path = directory.path().join("lake").join(&files[0].path);
    let mut bytes = std::fs::read(&path).expect("the file");
    let length = bytes.len();
    bytes[4..length - 3000].fill(0xA5);
    std::fs::write(&path, &bytes).expect("written");
    let damaged = lake.facets(&files, &[], &search(""), &["user.name".into()], 5).await.expect_err("damaged");
    assert!(matches!(damaged, LakeError::File { ref path, .. } if *path == files[0].path), "{damaged}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_are_those_of_a_loop(
        made in proptest::collection::vec((0_i64..100_000, 0_usize..5, any::<bool>()), 0..80),
        cut in 0_usize..80,
        buckets in 1..=MAX_BUCKETS,
        window in (proptest::option::of(0_i64..100_000), proptest::option::of(0_i64..100_000)),
    ) {
        const NAMES: [&str; 5] = ["ann", "Ann", "bob", "Über", "über"];
        let make = |(n, (at, name, failed)): (usize, &(i64, usize, bool))| Row {
            record_type: if *failed { "FailedRecord" } else { "Network" }.into(),
            ..with(row(n, DAY + at * SECOND, "x"), json!({"user.name": NAMES[*name]}), json!({}))
        };
        let rows: Vec<Row> = made.iter().enumerate().map(make).collect();
        let shared = shared(rows.clone());
        let cut = cut.min(rows.len());
        let asked = Search { from: window.0.map(|s| DAY + s * SECOND), to: window.1.map(|s| DAY + s * SECOND), ..search("") };
        let inside: Vec<&Row> = rows.iter().filter(|row| asked.from.is_none_or(|from| row.event_time >= from) && asked.to.is_none_or(|to| row.event_time < to)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (_directory, lake) = lake();
            let files = lake.write("a", &shared[..cut]).await.expect("written");
            let told = lake.histogram(&files, &shared[cut..], &asked, buckets).await.expect("a histogram");
            prop_assert_eq!(told.total, inside.len() as u64);
            prop_assert!(told.bars.len() <= buckets);
            for bar in &told.bars {
                let here = inside.iter().filter(|row| (bar.start..bar.start + told.width).contains(&row.event_time));
                let expected = here.fold((0, 0), |(rows, failed), row| (rows + 1, failed + u64::from(row.record_type == "FailedRecord")));
                prop_assert_eq!((bar.rows, bar.failed), expected);
            }
            prop_assert_eq!(told.bars.iter().map(|bar| bar.rows).sum::<u64>(), told.total);
            let facets = lake.facets(&files, &shared[cut..], &asked, &["user.name".into()], 10).await.expect("facets");
            let mut expected = BTreeMap::<String, u64>::new();
            for row in &inside {
                *expected.entry(row.ecs["user.name"].as_str().expect("text").to_lowercase()).or_default() += 1;
            }
            let found: BTreeMap<String, u64> = facets.fields[0].values.iter().map(|(name, rows)| (name.to_lowercase(), *rows)).collect();
            prop_assert_eq!(found, expected);
            Ok(())
        })?;
    }
}
