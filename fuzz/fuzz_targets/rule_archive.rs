//! An archive of rules, of each kind that is read: never a panic, never without end.
#![no_main]

use libfuzzer_sys::fuzz_target;

const KINDS: [&str; 4] = ["tar", "tar.gz", "tar.zst", "zip"];

fuzz_target!(|data: &[u8]| {
    let Some((&first, archive)) = data.split_first() else { return };
    bailiwick_fuzz::load(archive, KINDS[usize::from(first) % KINDS.len()]);
});
