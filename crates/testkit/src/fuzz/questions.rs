//! What people type and programs ask, and the files that answer.

use bailiwick_api::Rrn;
use bailiwick_chassis::{Refusal, extract::parse_query};
use bailiwick_console::investigations::{ListParams, Seal};
use bailiwick_lake::{Index, Lake, LakeError, Limits, Query, QueryError, SqlError};
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

/// An empty lake, and what runs its plans.
static LAKE: LazyLock<(Runtime, Lake)> = LazyLock::new(|| {
    let directory = std::env::temp_dir().join(format!("bailiwick-fuzz-lake-{}", std::process::id()));
    let lake = Lake::open(directory, Limits::default()).expect("the temporary directory takes a lake");
    (Builder::new_current_thread().enable_all().build().expect("a runtime starts"), lake)
});

/// Opens cursors; what is made up is never one of its own.
static SEAL: LazyLock<Seal> = LazyLock::new(|| Seal::with(&[1; 32]).expect("32 bytes are a key"));

/// The query string of the queue, its cursor included: a filter, or a refusal that blames the caller.
pub(super) fn filter_query(data: &[u8]) {
    let read = |text: &str| -> Result<_, Refusal> { parse_query::<ListParams>(text)?.wanted(&SEAL) };
    if let Err(refusal) = read(&String::from_utf8_lossy(data)) {
        assert!(refusal.status().is_client_error(), "{:?}", refusal.problem());
    }
}

/// The index beside a file of the lake: refused, or asked without harm. The checksum is put right, or nothing would get past it.
pub(super) fn lake_index(data: &[u8]) {
    let _refused = Index::open(data.to_vec());
    if let Ok(index) = Index::open(Index::seal(data.to_vec())) {
        for word in ["error", "10.0.0.1", "x"] {
            assert!(index.rows_with(word).iter().all(|range| range.start < range.end && range.end as u64 <= index.rows()));
        }
    }
}

/// What is typed into the search bar: a query, or an error that says where.
pub(super) fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(QueryError::Syntax { position, .. }) = Query::parse(&text) {
        assert!(position <= text.len(), "an error at {position} of {}", text.len());
    }
}

/// The name of an investigation: what is read is written the same.
pub(super) fn rrn(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(rrn) = text.parse::<Rrn>() {
        assert_eq!(rrn.to_string(), text);
    }
}

/// A statement over a workspace: refused, or planned without being run. A refusal points into the text, if anywhere.
pub(super) fn sql(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (runtime, lake) = &*LAKE;
    match runtime.block_on(lake.plan_sql(&text)) {
        Err(SqlError::Invalid { position: Some(position), .. }) => {
            assert!(position <= text.len() && text.is_char_boundary(position), "an error at {position} of {}", text.len());
        }
        // What is worked out while planning is bounded as what is worked out over rows.
        Ok(()) | Err(SqlError::Invalid { .. } | SqlError::Failed(_) | SqlError::Lake(LakeError::Memory(_))) => {}
        Err(other) => panic!("{other}"),
    }
}
