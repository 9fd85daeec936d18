//! Every fuzz target, for some seconds, from its seeds. `make fuzz` runs them longer, guided by what the code does.

use bailiwick_testkit::fuzz::{TARGETS, folder, run, target};
use std::{collections::BTreeSet, fs, time::Duration};

/// How long each runs here; `FUZZ_SECONDS` says otherwise, and `FUZZ_NUMBER` which inputs are made.
const SECONDS: u64 = 10;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

macro_rules! fuzzed {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            let seconds = setting("FUZZ_SECONDS").unwrap_or(SECONDS);
            let number = setting("FUZZ_NUMBER").unwrap_or_else(rand::random);
            let tried = run(target(stringify!($name)), Duration::from_secs(seconds), number);
            println!("{}: {tried} inputs in {seconds} s", stringify!($name));
        })*
        const HERE: &[&str] = &[$(stringify!($name)),*];
    };
}

fuzzed![
    bulk_body,
    filter_query,
    hec_body,
    lake_index,
    normalise,
    otlp_body,
    packed_body,
    parser_program,
    query,
    rrn,
    rule_archive,
    rule_file,
    split_body,
    sql,
    syslog_frames,
    syslog_key,
];

#[test]
fn every_target_is_run_here_and_has_a_binary() {
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(HERE.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), names);
    let files = fs::read_dir(folder().join("fuzz_targets")).unwrap().flatten();
    let files: BTreeSet<String> = files.map(|file| file.path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(files, names);
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    assert!(names.iter().all(|name| manifest.contains(&format!("name = \"{name}\""))));
}
