//! A statement over a workspace: refused, or planned without being run. A refusal points into the text, if anywhere.
#![no_main]

use bailiwick_lake::{Lake, Limits, SqlError};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

static LAKE: LazyLock<(Runtime, Lake)> = LazyLock::new(|| {
    let directory = std::env::temp_dir().join(format!("bailiwick-fuzz-sql-{}", std::process::id()));
    let lake = Lake::open(directory, Limits::default()).expect("the temporary directory takes a lake");
    (Builder::new_current_thread().enable_all().build().expect("a runtime starts"), lake)
});

fuzz_target!(|text: &str| {
    let (runtime, lake) = &*LAKE;
    match runtime.block_on(lake.plan_sql(text)) {
        Ok(()) | Err(SqlError::Invalid { position: None, .. } | SqlError::Failed(_)) => {}
        Err(SqlError::Invalid { position: Some(position), .. }) => {
            assert!(position <= text.len() && text.is_char_boundary(position), "an error at {position} of {}", text.len());
        }
        // What is worked out while planning is bounded as what is worked out over rows.
        Err(SqlError::Lake(bailiwick_lake::LakeError::Memory(_))) => {}
        Err(other) => panic!("{other}"),
    }
});
