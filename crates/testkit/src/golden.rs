//! Tables that are reviewed as a diff: every operation of an API document against every persona.

use serde_json::Value;
use std::{fmt::Write, path::PathBuf};

/// One operation of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// Path with its parameters in braces.
    pub template: String,
    /// Method, in capitals.
    pub method: String,
    /// What it asks of a caller.
    pub policy: String,
}

impl Operation {
    /// An operation that no document has.
    pub fn new(method: &str, template: &str, policy: &str) -> Self {
        Self { template: template.into(), method: method.into(), policy: policy.into() }
    }

    /// Method and path, as a recipe names it.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}

/// Every operation of an OpenAPI document, by path and method.
pub fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut all: Vec<_> = paths.flat_map(|(template, item)| of_path(template, item)).collect();
    all.sort();
    all
}

fn of_path<'a>(template: &'a str, item: &'a Value) -> impl Iterator<Item = Operation> + 'a {
    let known = ["get", "post", "put", "patch", "delete"];
    let operations = known.into_iter().filter_map(move |method| Some((method, item.get(method)?)));
    operations.map(move |(method, operation)| Operation::new(&method.to_uppercase(), template, operation["x-policy"].as_str().unwrap_or("NO POLICY")))
}

/// The table as text.
pub fn table(personas: &[&str], mut rows: Vec<(Operation, Vec<String>)>) -> String {
    rows.sort();
    let operation = width(rows.iter().map(|(operation, _)| operation.name()));
    let policy = width(rows.iter().map(|(operation, _)| operation.policy.clone()));
    let cell = width(personas.iter().map(|p| (*p).to_owned()).chain(rows.iter().flat_map(|(_, cells)| cells.clone())));
    let mut text = format!("{:operation$}{:policy$}", "", "policy");
    for persona in personas {
        let _infallible = write!(text, "{persona:cell$}");
    }
    for (at, cells) in rows {
        let _infallible = write!(text, "\n{:operation$}{:policy$}", at.name(), at.policy);
        for status in cells {
            let _infallible = write!(text, "{status:cell$}");
        }
    }
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn width(texts: impl Iterator<Item = String>) -> usize {
    texts.map(|text| text.len()).max().unwrap_or_default() + 2
}

/// Compares a table with the one in `golden/`; with `UPDATE_GOLDEN` set it is written instead.
///
/// # Panics
/// When they differ, with the lines that do.
pub fn check(name: &str, table: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        assert!(std::fs::write(&path, table).is_ok(), "{} cannot be written", path.display());
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let missing = golden.lines().filter(|line| !table.lines().any(|l| l == *line)).map(|line| format!("- {line}\n"));
    let new = table.lines().filter(|line| !golden.lines().any(|l| l == *line)).map(|line| format!("+ {line}\n"));
    let difference: String = missing.chain(new).collect();
    assert!(golden == table, "{name} is not what is served; if that is meant, run again with UPDATE_GOLDEN=1\n{difference}");
}
