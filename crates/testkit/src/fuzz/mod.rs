//! What comes from outside, fed with anything: one target for each kind of bytes.
//!
//! The targets are plain functions, so that two drivers can run them: libFuzzer (`fuzz/`, `make fuzz`), which is guided by what the code
//! does, and [`run`], which needs nothing but the seeds and runs with the other tests. A target panics when something is wrong.

mod content;
mod mutate;
mod questions;
mod senders;

use mutate::Mutator;
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The longest input that is tried.
pub const MAX_INPUT: usize = 64 << 10;
/// No input may take longer, on however busy a machine.
const TOO_LONG: Duration = Duration::from_secs(20);

/// Something that takes bytes from outside.
pub struct Target {
    /// Its name, also of its binary and its folder of seeds.
    pub name: &'static str,
    /// Takes the bytes; panics when that shows a fault.
    pub take: fn(&[u8]),
}

macro_rules! targets {
    ($($module:ident :: $name:ident),* $(,)?) => {
        /// All targets.
        pub const TARGETS: &[Target] = &[$(Target { name: stringify!($name), take: $module::$name }),*];
    };
}

targets![
    content::normalise,
    content::parser_program,
    content::rule_archive,
    content::rule_file,
    questions::filter_query,
    questions::lake_index,
    questions::query,
    questions::rrn,
    questions::sql,
    senders::bulk_body,
    senders::hec_body,
    senders::otlp_body,
    senders::packed_body,
    senders::split_body,
    senders::syslog_frames,
    senders::syslog_key,
];

/// The target of this name.
///
/// # Panics
/// If there is none.
pub fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("no fuzz target is named {name}"))
}

/// The repository's folder for fuzzing.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// Runs a target on its seeds, and on changed and mixed seeds for so long; the same number makes the same inputs. What it was given when it
/// failed is kept in a file of the temporary directory, `bailiwick-fuzz-<target>-<process>`.
///
/// # Panics
/// When the target does, when it is too slow, or without a seed.
pub fn run(target: &Target, time: Duration, number: u64) -> usize {
    let seeds = seeds(target.name);
    for seed in &seeds {
        try_one(target, seed, number);
    }
    let (mut mutator, start, mut tried) = (Mutator::new(number, &seeds), Instant::now(), seeds.len());
    while start.elapsed() < time {
        let input = mutator.next();
        try_one(target, &input, number);
        mutator.keep(input);
        tried += 1;
    }
    drop(fs::remove_file(file(target)));
    tried
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = folder().join("seeds").join(name);
    let listed = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{}: no seed", folder.display());
    files.iter().map(|file| fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))).collect()
}

fn file(target: &Target) -> PathBuf {
    std::env::temp_dir().join(format!("bailiwick-fuzz-{}-{}", target.name, std::process::id()))
}

/// Tries one input. It is written down before, since some faults leave no time for that: a stack that overflows ends the process.
fn try_one(target: &Target, input: &[u8], number: u64) {
    let file = file(target);
    fs::write(&file, input).expect("the temporary directory takes a file");
    let start = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| (target.take)(input)));
    let took = start.elapsed();
    if result.is_ok() && took <= TOO_LONG {
        return;
    }
    eprintln!("{} (number {number}): {} bytes kept in {}", target.name, input.len(), file.display());
    match result {
        Err(panic) => resume_unwind(panic),
        Ok(()) => panic!("{}: {} bytes took {took:?}", target.name, input.len()),
    }
}
