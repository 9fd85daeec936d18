//! The guide's way from nothing to an enrolled node, walked as it is written.

use crate::process::{PASSWORD, free_address};
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Commands it may take.
const MOST: usize = 10;

/// The commands of the guide, one a line.
fn commands() -> Vec<&'static str> {
    let guide = include_str!("../../../../docs/guides/add-a-customer.md");
    let (_, rest) = guide.split_once("<!-- A test runs these lines").expect("the guide marks what is run");
    let (_, rest) = rest.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0.lines().collect()
}

#[test]
fn from_the_binary_to_an_enrolled_node_by_the_commands_of_the_guide() {
    let commands = commands();
    // Each line that starts a server also waits for it; the two passwords are one command more.
    let waits = commands.iter().filter(|line| line.contains("& until ")).count();
    assert!(commands.len() + waits < MOST, "{} commands: {commands:#?}", commands.len() + waits + 1);
    let dir = tempfile::tempdir().unwrap();
    let script = commands.join("\n");
    let script = script.replace("9100", &free_address().port().to_string()).replace("8080", &free_address().port().to_string());
    let binary = Path::new(env!("CARGO_BIN_EXE_bailiwick"));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.parent().unwrap().display());
    let mut command = Command::new("timeout");
    command.args(["120", "bash", "-c", &format!("set -eu\ntrap 'kill $(jobs -p)' EXIT\n{script}\n")]).env_clear().env("PATH", path);
    command.env("BAILIWICK_PASSWORD", PASSWORD).env("BAILIWICK_ADMIN_PASSWORD", format!("{PASSWORD} too"));
    let output = command.current_dir(&dir).stdin(Stdio::null()).output().unwrap();
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{error}");
    assert!(out.contains("PASSED   ENROLMENT") && out.contains("Alder Logistics: OK"), "{out}{error}");
}
