//! Which rows go into which file: a file for each day rows were received on, tier, and whether they are late. Files of older versions
//! lie by the day of their events; nothing but merging looks at a path.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::encode::{self, Encoded, Level};
use crate::store::PARQUET;
use crate::{FileEntry, LakeError, Row};

const MAX_NAME: usize = 128;
const MAX_TIER: usize = 32;

/// What the names of files of late rows end with, before the ending.
const LATE: &str = ".late";

/// The difference between `event_time` and `receipt_time` above which a row is kept apart from the others, so that their bounds
/// stay tight.
const LATE_US: i64 = 24 * 3600 * 1_000_000;

/// Where a row goes: the folder of the UTC day it was received, the tier it is kept for, and whether its time is far from that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) folder: String,
    pub(crate) tier: String,
    pub(crate) late: bool,
}

impl Place {
    fn of(row: &Row) -> Result<Self, LakeError> {
        let plain = row.tier.bytes().all(|b| b.is_ascii_lowercase());
        if !plain || row.tier.len() > MAX_TIER {
            return Err(LakeError::invalid("tier", format!("of row {} must be at most {MAX_TIER} of a-z", row.id)));
        }
        row.check_time()?;
        Ok(Self { folder: row.folder()?, tier: row.tier.clone(), late: Self::is_late(row) })
    }

    /// Whether a row's time is far from its receipt.
    pub(crate) fn is_late(row: &Row) -> bool {
        row.event_time.abs_diff(row.receipt_time) > LATE_US.unsigned_abs()
    }

    /// Where a listed file is.
    pub(crate) fn of_file(file: &FileEntry) -> Self {
        let (folder, name) = file.path.split_once('/').unwrap_or(("", &file.path));
        let late = name.strip_suffix(PARQUET).is_some_and(|name| name.ends_with(LATE));
        Self { folder: folder.to_owned(), tier: file.tier.clone(), late }
    }

    /// The end of the folder's day, microseconds UTC; none if the folder is no day.
    pub(crate) fn day_end(&self) -> Option<i64> {
        let day: NaiveDate = self.folder.strip_prefix("day=")?.parse().ok()?;
        Some(day.succ_opt()?.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros())
    }

    /// The path of a file here.
    pub(crate) fn path(&self, name: &str) -> String {
        let dot = if self.tier.is_empty() { "" } else { "." };
        let late = if self.late { LATE } else { "" };
        format!("{}/{name}{dot}{}{late}{PARQUET}", self.folder, self.tier)
    }
}

/// Encodes the rows, a file for each place.
pub(crate) fn encode(name: &str, rows: &[Arc<Row>]) -> Result<Vec<(String, Encoded)>, LakeError> {
    check_name(name)?;
    let mut places: BTreeMap<Place, Vec<Arc<Row>>> = BTreeMap::new();
    for row in rows {
        places.entry(Place::of(row)?).or_default().push(Arc::clone(row));
    }
    places.into_iter().map(|(place, rows)| Ok((place.path(name), encode::file(&rows, Level::Hot)?))).collect()
}

fn check_name(name: &str) -> Result<(), LakeError> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if name.is_empty() || name.len() > MAX_NAME || name.starts_with(['.', '_']) || !plain {
        let rule = format!("1 to {MAX_NAME} of A-Z a-z 0-9 - _ . and not beginning with . or _");
        return Err(LakeError::invalid("name", rule));
    }
    Ok(())
}
