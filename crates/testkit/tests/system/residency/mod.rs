//! What a node may tell a console is one list that people read (docs/residency-allow-list.txt). Whatever a node answers to a console is on it,
//! field by field; a field that is new, and one that is gone, fails here until somebody decides.

use bailiwick_testkit::golden;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// Asked by a console without an assertion: who is there, and whether credentials would enrol.
const BEFORE_ENROLMENT: [&str; 3] = ["GET /api/v1/about", "POST /api/v1/enrolments", "POST /api/v1/enrolments/check"];

const HEAD: &str = "\
# What a node may tell a console. Every operation that a console calls, with what it answers, and below every field of these answers.
# A field that is not here fails the build (crates/testkit/tests/system/residency). Whoever adds one decides that it may cross a border for the
# moment of an answer; nothing of it is kept at the console. `anything` stands for a customer's own fields.
# Written by UPDATE_GOLDEN=1 and the test; read the difference before you commit it.
";

/// The operations a console calls and everything in their answers.
#[derive(Default)]
struct Told {
    operations: BTreeMap<String, String>,
    fields: BTreeSet<String>,
    seen: BTreeSet<String>,
}

impl Told {
    fn by(document: &Value) -> Self {
        let mut told = Self::default();
        for operation in golden::operations(document) {
            let asked_by_a_console = ["Technician(", "Federated(", "Console("].iter().any(|policy| operation.policy.starts_with(policy));
            if !asked_by_a_console && !BEFORE_ENROLMENT.contains(&operation.name().as_str()) {
                continue;
            }
            let responses = &document["paths"][&operation.template][operation.method.to_lowercase()]["responses"];
            let mut shapes = Vec::new();
            for (_, response) in responses.as_object().into_iter().flatten().filter(|(status, _)| status.starts_with('2')) {
                for (media, content) in response["content"].as_object().into_iter().flatten() {
                    let shape = told.kind(document, &content["schema"], &operation.name());
                    shapes.push(if media == "application/json" { shape } else { format!("{media} {shape}") });
                }
            }
            let shape = if shapes.is_empty() { "nothing".to_owned() } else { shapes.join(", ") };
            told.operations.insert(operation.name(), shape);
        }
        told
    }

    /// The name of a schema; its fields, and those of everything in it, are noted. `place` names one that has no name.
    fn kind(&mut self, document: &Value, schema: &Value, place: &str) -> String {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            if self.seen.insert(name.to_owned()) {
                let target = &document["components"]["schemas"][name];
                self.kind(document, target, name);
            }
            return name.to_owned();
        }
        for list in ["oneOf", "anyOf", "allOf"] {
            if let Some(parts) = schema[list].as_array() {
                let kinds: Vec<_> = parts.iter().map(|part| self.kind(document, part, place)).filter(|kind| kind != "null").collect();
                return kinds.join(" or ");
            }
        }
        if let Some(fields) = schema["properties"].as_object() {
            for (field, schema) in fields {
                let path = format!("{place}.{field}");
                let kind = self.kind(document, schema, &path);
                self.fields.insert(format!("{path}: {kind}"));
            }
            return "fields".into();
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).filter(|one| *one != "null").collect(),
            _ => vec!["anything"],
        };
        match types.as_slice() {
            ["array"] => format!("list of {}", self.kind(document, &schema["items"], place)),
            ["object"] => match schema.get("additionalProperties").filter(|more| more.is_object()) {
                Some(more) => format!("map of {}", self.kind(document, more, place)),
                None => "anything".into(),
            },
            [] => "null".into(),
            types => types.join(" or "),
        }
    }

    fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (operation, shape) in &self.operations {
            text.push_str(&format!("\n{operation} -> {shape}"));
        }
        text.push('\n');
        for field in &self.fields {
            text.push_str(&format!("\n{field}"));
        }
        text.push('\n');
        text
    }
}

#[test]
fn a_node_tells_a_console_what_is_on_the_list_and_nothing_else() {
    let told = Told::by(&serde_json::to_value(bailiwick_node::openapi()).unwrap());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/residency-allow-list.txt");
    let text = told.text();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
        return;
    }
    let allowed = std::fs::read_to_string(&path).unwrap();
    let lines = |text: &str| text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>();
    let (allowed, told) = (lines(&allowed), lines(&text));
    let (new, gone): (Vec<_>, Vec<_>) = (told.difference(&allowed).collect(), allowed.difference(&told).collect());
    assert!(new.is_empty(), "a node would tell a console what is not on docs/residency-allow-list.txt: {new:#?}");
    assert!(gone.is_empty(), "docs/residency-allow-list.txt allows what no node tells: {gone:#?}");
}

#[test]
fn the_list_knows_the_fields_of_a_row_and_a_new_one_is_seen() {
    let mut document = serde_json::to_value(bailiwick_node::openapi()).unwrap();
    let before = Told::by(&document);
    for field in ["InvestigationRow.title: string", "EventRow.raw: string", "EventRow.ecs: anything", "BulkPartItem.version: integer"] {
        assert!(before.fields.contains(field), "{field}");
    }
    assert!(before.operations.keys().all(|name| !name.contains("/api/v1/sources")), "what its administrator alone asks is not told to a console");
    document["components"]["schemas"]["InvestigationRow"]["properties"]["leak"] = serde_json::json!({"type": "string"});
    let after = Told::by(&document);
    assert_eq!(after.fields.difference(&before.fields).collect::<Vec<_>>(), ["InvestigationRow.leak: string"]);
}
