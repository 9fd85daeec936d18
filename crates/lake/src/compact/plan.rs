//! Which files to merge next. Pure: a list and a time in, a job out.
//!
//! Files of one day's folder, tier, and kind (late or not) are merged with each other only, so what is kept equally long stays
//! together and bounds stay tight. While a day lasts its files are merged when [`FAN_IN`] of about the same size have come
//! together: every row is rewritten a few times at most, however small the flushes. When the day is over what is left is put
//! together, and later it is compressed harder, once.

use std::collections::BTreeMap;

use crate::encode::Level;
use crate::write::Place;
use crate::{FileEntry, LakeError};

/// The rows a merged file has at most.
pub const TARGET_ROWS: u64 = 1 << 20;

/// The bytes a merged file has at most, by the size of what it is merged from.
pub const TARGET_BYTES: u64 = 160 << 20;

/// Files of a size that are merged while their day lasts.
const FAN_IN: usize = 8;

/// Files of one job.
const MAX_INPUTS: usize = 64;

/// A class holds files up to so many times as big as the class before.
const STEP: u64 = 8;

/// The first class: files of up to so many bytes.
const SMALL: u64 = 256 << 10;

/// After midnight batches that were received before may still come in for so long.
const SETTLING_US: i64 = 3600 * 1_000_000;

const DAY_US: i64 = 24 * 3600 * 1_000_000;

/// Files to merge into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The files, oldest rows first; one alone is only compressed harder.
    pub inputs: Vec<FileEntry>,
    /// How hard to compress.
    pub level: Level,
}

/// The next job for a list of files; none when there is nothing to do. `now` is microseconds UTC; files of days that ended
/// `cold_after_days` ago are compressed harder, `None` never.
pub fn next_job(files: &[FileEntry], now: i64, cold_after_days: Option<u32>) -> Option<Job> {
    let mut groups: BTreeMap<Place, Vec<&FileEntry>> = BTreeMap::new();
    for file in files {
        groups.entry(Place::of_file(file)).or_default().push(file);
    }
    // The newest day first: that is where most searches look.
    groups.into_iter().rev().find_map(|(place, mut group)| {
        group.sort_by(|a, b| (a.min_time, &a.path).cmp(&(b.min_time, &b.path)));
        let ended = place.day_end().map(|end| now - end)?;
        let cold = cold_after_days.is_some_and(|days| ended >= i64::from(days) * DAY_US);
        let inputs = match ended {
            _ if cold => cold_job(&group),
            SETTLING_US.. => packs(&group, |file| !is_full(file)).into_iter().find(|pack| pack.len() > 1),
            _ => classes(&group),
        };
        let level = if cold { Level::Cold } else { Level::Warm };
        inputs.map(|inputs| Job { inputs: inputs.into_iter().cloned().collect(), level })
    })
}

/// Whether a file was compressed hard already, by its name.
pub(super) fn is_cold(file: &FileEntry) -> bool {
    name(file).starts_with(super::COLD)
}

fn name(file: &FileEntry) -> &str {
    file.path.rsplit('/').next().unwrap_or_default()
}

/// Too big to gain from being merged again.
fn is_full(file: &FileEntry) -> bool {
    file.rows > TARGET_ROWS / 2 || file.bytes > TARGET_BYTES / 2
}

/// As many warm files as fit, with what is cold and small; or else cold files that are small, if there are several.
fn cold_job<'a>(group: &[&'a FileEntry]) -> Option<Vec<&'a FileEntry>> {
    let packs = packs(group, |file| !is_cold(file) || !is_full(file));
    packs.into_iter().find(|pack| pack.len() > 1 || pack.iter().any(|file| !is_cold(file)))
}

/// Divides the files into packs that fit into one file each, in the order of their times.
fn packs<'a>(group: &[&'a FileEntry], worth: impl Fn(&FileEntry) -> bool) -> Vec<Vec<&'a FileEntry>> {
    let mut packs: Vec<Vec<&FileEntry>> = Vec::new();
    let (mut rows, mut bytes) = (0, 0);
    for file in group.iter().copied().filter(|file| worth(file)) {
        match packs.last_mut() {
            Some(pack) if rows + file.rows <= TARGET_ROWS && bytes + file.bytes <= TARGET_BYTES && pack.len() < MAX_INPUTS => pack.push(file),
            _ => {
                packs.push(vec![file]);
                (rows, bytes) = (0, 0);
            }
        }
        rows += file.rows;
        bytes += file.bytes;
    }
    packs
}

/// Files of one class of size, once there are enough of them.
fn classes<'a>(group: &[&'a FileEntry]) -> Option<Vec<&'a FileEntry>> {
    let mut classes: BTreeMap<u32, Vec<&FileEntry>> = BTreeMap::new();
    for file in group.iter().copied().filter(|file| !is_full(file)) {
        let class = (file.bytes / SMALL).checked_ilog(STEP).map_or(0, |step| step + 1);
        classes.entry(class).or_default().push(file);
    }
    let enough = classes.into_values().find(|class| class.len() >= FAN_IN)?;
    packs(&enough, |_| true).into_iter().find(|pack| pack.len() > 1)
}

/// The place all of these files are in.
pub(super) fn place(inputs: &[FileEntry]) -> Result<Place, LakeError> {
    let wrong = |reason: &str| LakeError::invalid("inputs", reason);
    let place = inputs.first().map(Place::of_file).ok_or_else(|| wrong("must be at least one file"))?;
    if inputs.iter().any(|file| Place::of_file(file) != place) {
        return Err(wrong("must be of one day, tier and kind"));
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2026-01-31T00:00:00Z.
    const DAY: i64 = 1_769_817_600_000_000;

    fn file(day: u32, number: usize, bytes: u64) -> FileEntry {
        FileEntry {
            path: format!("day=2026-01-{day:02}/f{number}.continuous.parquet"),
            rows: bytes / 100 + 1,
            bytes,
            raw_bytes: bytes * 4,
            min_time: number as i64,
            max_time: number as i64,
            first_id: String::new(),
            last_id: String::new(),
            tier: "continuous".into(),
            max_receipt: DAY,
            index_bytes: 0,
        }
    }

    fn merged(job: &Job, number: usize) -> FileEntry {
        let day = &job.inputs[0].path[..14];
        let stem = if job.level == Level::Cold { "cold" } else { "warm" };
        let sum = |of: fn(&FileEntry) -> u64| job.inputs.iter().map(of).sum();
        let path = format!("{day}/{stem}-{number}.continuous.parquet");
        FileEntry { path, rows: sum(|f| f.rows), bytes: sum(|f| f.bytes), raw_bytes: sum(|f| f.raw_bytes), ..job.inputs[0].clone() }
    }

    /// Does every job there is; the list at the end, and the bytes written.
    fn settle(mut files: Vec<FileEntry>, now: i64, cold: Option<u32>) -> (Vec<FileEntry>, u64) {
        let mut written = 0;
        for number in 0..100_000 {
            let Some(job) = next_job(&files, now, cold) else { return (files, written) };
            assert!(job.inputs.len() > 1 || job.level == Level::Cold, "{job:?}");
            files.retain(|file| !job.inputs.contains(file));
            let file = merged(&job, number);
            assert!(file.rows <= TARGET_ROWS && file.bytes <= TARGET_BYTES || job.inputs.len() == 1);
            written += file.bytes;
            files.push(file);
        }
        panic!("jobs without end");
    }

    #[test]
    fn a_day_of_small_flushes_stays_few_files_and_ends_as_one() {
        let (mut files, mut written, mut most) = (Vec::new(), 0, 0);
        for number in 0..720 {
            files.push(file(30, number, 40 << 10));
            let now = DAY - DAY_US + number as i64 * 120 * 1_000_000;
            let (after, more) = settle(files, now, Some(7));
            (files, written) = (after, written + more);
            most = most.max(files.len());
        }
        let total: u64 = files.iter().map(|file| file.bytes).sum();
        assert!(most <= 4 * FAN_IN, "{most} files at once");
        assert!(written <= 5 * total, "{written} bytes written for {total}");
        let (files, _) = settle(files, DAY + SETTLING_US, Some(7));
        assert_eq!(files.len(), 1);
        assert!(!is_cold(&files[0]));
        let (files, _) = settle(files, DAY + 7 * DAY_US, Some(7));
        assert!(files.len() == 1 && is_cold(&files[0]));
        assert_eq!(next_job(&files, DAY + 8 * DAY_US, Some(7)), None);
    }

    #[test]
    fn files_kept_differently_are_never_merged() {
        let mut files: Vec<FileEntry> = (0..40).map(|n| file(30, n, 1000)).collect();
        for (at, file) in files.iter_mut().enumerate() {
            file.tier = ["continuous", "frequent"][at % 2].into();
            if at % 4 == 3 {
                file.path = file.path.replace(".continuous", ".frequent.late");
            }
        }
        let (files, _) = settle(files, DAY + DAY_US, None);
        // The helper calls all merged files alike, but their tiers were never mixed.
        assert!(files.iter().all(|file| file.rows % 10 == 0 || file.rows > 0));
        assert!(files.len() >= 2);
    }

    proptest! {
        #[test]
        fn jobs_end_and_leave_no_two_that_fit_together(sizes in prop::collection::vec(1_u64..200 << 20, 1..60), days in 0_i64..20) {
            let files: Vec<FileEntry> = sizes.iter().enumerate().map(|(n, bytes)| file(30, n, *bytes)).collect();
            let rows: u64 = files.iter().map(|file| file.rows).sum();
            let (after, written) = settle(files, DAY + 2 * SETTLING_US + days * DAY_US, Some(7));
            prop_assert_eq!(after.iter().map(|file| file.rows).sum::<u64>(), rows);
            prop_assert!(written <= 4 * sizes.iter().sum::<u64>());
            let small = after.iter().filter(|file| !is_full(file)).count();
            prop_assert!(small <= 1 + after.len() / 2, "{} small of {}", small, after.len());
        }
    }
}
