//! `bailiwick audit verify FILE`: an export checked with nothing but the file.

use super::Failure;
use crate::arguments::print;
use anyhow::Context;
use bailiwick_api::AuditEntry;
use bailiwick_chassis::audit::hash;
use serde::Serialize;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

/// Bytes a line may have.
const MAX_LINE: u64 = 1 << 20;

/// What the file holds.
#[derive(Default, Serialize)]
struct Found {
    /// Lines.
    entries: u64,
    /// Id of the first line.
    first_id: Option<i64>,
    /// Id of the last line that fits.
    last_id: Option<i64>,
    /// Places where ids leap, as they do in an export of some lines only.
    gaps: u64,
    /// Hash of the last line that fits.
    head: Option<String>,
    /// Every line fits.
    ok: bool,
    /// Number of the first line of the file that does not.
    broken_line: Option<u64>,
    /// Its id, where it has one.
    broken_at: Option<i64>,
    /// What is wrong with it.
    detail: Option<&'static str>,
}

/// Checks a file and says what was found.
pub(super) fn run(file: &Path, json: bool) -> Result<(), Failure> {
    let reader: Box<dyn Read> =
        if file == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(file).with_context(|| file.display().to_string())?) };
    let found = walk(BufReader::new(reader)).with_context(|| file.display().to_string())?;
    if json {
        print(&serde_json::to_string_pretty(&found).context("the answer")?);
    } else {
        print(&told(&found));
    }
    if found.ok { Ok(()) } else { Err(Failure::NotWell) }
}

fn walk(mut reader: impl BufRead) -> io::Result<Found> {
    let mut found = Found { ok: true, ..Found::default() };
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(found);
        }
        let entry = serde_json::from_slice::<AuditEntry>(&line).ok();
        let wrong = entry.as_ref().map_or(Some("it is no line of an audit"), |entry| wrong(&found, entry));
        if let Some(detail) = wrong {
            let broken_line = Some(found.entries + 1);
            return Ok(Found { ok: false, broken_line, broken_at: entry.map(|entry| entry.id), detail: Some(detail), ..found });
        }
        let Some(entry) = entry else { return Ok(found) };
        found.entries += 1;
        found.gaps += u64::from(found.last_id.is_some_and(|last| last + 1 != entry.id));
        found.first_id.get_or_insert(entry.id);
        (found.last_id, found.head) = (Some(entry.id), Some(entry.hash));
    }
}

/// What is wrong with the next line.
fn wrong(found: &Found, entry: &AuditEntry) -> Option<&'static str> {
    let last = found.last_id.unwrap_or_default();
    if hash(entry) != entry.hash {
        return Some("its hash is not the one of what it says");
    }
    if entry.id <= last {
        return Some("its id does not rise");
    }
    let follows = found.last_id.is_none() || entry.id != last + 1 || found.head.as_ref() == Some(&entry.previous);
    (!follows).then_some("it does not follow the line before")
}

fn told(found: &Found) -> String {
    let ids = found.first_id.zip(found.last_id).map_or_else(String::new, |(first, last)| format!(", ids {first} to {last}"));
    let gaps = if found.gaps == 0 { String::new() } else { format!(", {} gaps (an export of some lines has them)", found.gaps) };
    match (found.broken_line, found.detail) {
        (Some(line), Some(detail)) => {
            let id = found.broken_at.map_or_else(String::new, |id| format!(" (id {id})"));
            format!("broken at line {line}{id}: {detail}; {} lines before it fit{ids}{gaps}", found.entries)
        }
        _ => format!("ok: {} lines{ids}{gaps}, head {}", found.entries, found.head.as_deref().unwrap_or("-")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_api::{AUDIT_BEGINNING, AuditModule};

    fn lines(count: i64) -> Vec<AuditEntry> {
        let mut previous = AUDIT_BEGINNING.to_owned();
        let line = |id| {
            let mut entry = AuditEntry {
                id,
                time: chrono::DateTime::from_timestamp_micros(id * 1_000_001).unwrap(),
                actor: "ana@mssp.example".into(),
                verb: "user.add".into(),
                module: AuditModule::of("user.add"),
                customer: None,
                subject: format!("person {id}"),
                outcome: "ok".into(),
                detail: None,
                previous: previous.clone(),
                hash: String::new(),
            };
            entry.hash = hash(&entry);
            previous.clone_from(&entry.hash);
            entry
        };
        (1..=count).map(line).collect()
    }

    fn walked(lines: &[AuditEntry]) -> Found {
        let text: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        walk(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_file_that_nobody_touched_fits_and_the_first_line_that_does_not_is_named() {
        let whole = lines(9);
        let found = walked(&whole);
        assert_eq!((found.ok, found.entries, found.gaps, found.last_id), (true, 9, 0, Some(9)));
        assert_eq!(found.head.as_ref(), Some(&whole[8].hash));
        assert!(walked(&[]).ok);

        let some: Vec<_> = whole.iter().filter(|line| line.id % 3 != 0).cloned().collect();
        assert_eq!((walked(&some).ok, walked(&some).gaps), (true, 2));

        let mut changed = whole.clone();
        changed[3].actor = "eve@mssp.example".into();
        assert_eq!((walked(&changed).broken_line, walked(&changed).broken_at), (Some(4), Some(4)));
        changed[3].hash = hash(&changed[3]);
        assert_eq!((walked(&changed).broken_line, walked(&changed).detail), (Some(5), Some("it does not follow the line before")));

        let mut twice = whole.clone();
        twice.insert(2, whole[1].clone());
        assert_eq!(walked(&twice).broken_line, Some(3));
        assert_eq!(walk("{\"id\": 1}\n".as_bytes()).unwrap().broken_line, Some(1));
    }
}
