//! The table of the Windows parser says what a VRL program said before it (`tests/reference/windows.vrl`), on every sample and on the real
//! events beside the repository, where they are present. The same program, uploaded, must say the same, too: measuring it changes nothing.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use vrl::compiler::TimeZone;
use vrl::compiler::runtime::Runtime;

use crate::draft::Draft;
use crate::fields::Fields;
use crate::program::{Files, Parser, functions};
use crate::{guard, windows};

const PROGRAM: &str = include_str!("../../tests/reference/windows.vrl");
const TABLE: &str = include_str!("../../../../parsers/windows/fields.tsv");

const COMMAND: &str = "powershell.command.name";

/// Every so many real events are compared.
const STRIDE: usize = 7;

struct Three {
    runtime: Runtime,
    zone: TimeZone,
    table: Parser,
    program: Parser,
    uploaded: Parser,
}

impl Three {
    fn new() -> Self {
        let made = |files| Parser::shipped("windows", files, &functions()).unwrap_or_else(|error| panic!("{error}\n{}", error.diagnostics));
        Self {
            runtime: Runtime::default(),
            zone: TimeZone::parse("UTC").expect("UTC"),
            table: made(Files { fields: Some(TABLE), ..Files::default() }),
            program: made(Files { program: Some(PROGRAM), ..Files::default() }),
            uploaded: Parser::uploaded("windows", PROGRAM, &guard::functions()).unwrap_or_else(|error| panic!("{error}\n{}", error.diagnostics)),
        }
    }

    /// Everything a parser says, as text.
    fn said(runtime: &mut Runtime, zone: &TimeZone, parser: &Parser, fields: &Fields) -> String {
        let mut draft = Draft::default();
        parser.run(runtime, zone, fields, &super::input(""), &mut draft).expect("runs");
        draft.ecs.settle();
        // The program took the line after an empty `Command Name = ` for its value; the table does not.
        if draft.ecs.get_str(COMMAND).is_some_and(|text| text.contains(" = ")) {
            draft.ecs.remove(COMMAND);
        }
        format!("{draft:#?}")
    }

    #[track_caller]
    fn compare(&mut self, line: &str) {
        let Ok(fields) = serde_json::from_str::<Fields>(line) else { return };
        let Ok(fields) = windows::flatten(fields) else { return };
        let Self { runtime, zone, table, program, uploaded } = self;
        let by_table = Self::said(runtime, zone, table, &fields);
        assert_eq!(by_table, Self::said(runtime, zone, program, &fields), "{line}");
        assert_eq!(by_table, Self::said(runtime, zone, uploaded, &fields), "{line}");
    }
}

#[test]
fn the_table_says_what_the_program_says_on_every_sample() {
    let mut three = Three::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../parsers/windows/samples");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("samples") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("text");
        for line in text.lines() {
            three.compare(line);
            compared += 1;
        }
    }
    assert!(compared > 10, "only {compared} samples");
}

#[test]
fn the_table_says_what_the_program_says_on_real_events() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).map(|root| root.join("shared"));
    let shared = std::env::var_os("BAILIWICK_SHARED").map(Into::into).or_else(beside);
    let Some(data) = shared.map(|folder| folder.join("data")).filter(|folder| folder.is_dir()) else {
        return eprintln!("skipped: no shared data");
    };
    let mut three = Three::new();
    for name in ["evtx-flat/evtx-to-mitre", "evtx-nested/evtx-to-mitre", "evtx-flat/sigma-regression", "windows-secdatasets-atomic"] {
        let path = data.join(format!("{name}.ndjson.zst"));
        let Ok(mut child) = Command::new("zstd").arg("-dcq").arg(path).stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
            return eprintln!("skipped: no zstd command");
        };
        let lines = BufReader::new(child.stdout.take().expect("a piped output")).lines();
        for line in lines.step_by(STRIDE).take(20_000 / STRIDE) {
            three.compare(&line.expect("text"));
        }
        child.kill().and_then(|()| child.wait()).expect("zstd ends");
    }
}
