//! The evaluator beside a plain one over JSON, and pages beside sorting everything.

use super::{
    eval::{Around, Criteria},
    top::{Ranked, Top},
};
use bailiwick_api::{
    Assignee, CustomerName, Disposition, EntityRef, InvestigationRow, Origin, Priority, Responsibility, RowFilter, Sort, SortColumn, Status, Where,
};
use bailiwick_chassis::clock::from_us;
use proptest::prelude::*;
use serde_json::{Value, json};

fn row(id: u32) -> InvestigationRow {
    InvestigationRow {
        rrn: format!("rrn:investigation:eu:acme-1:investigation:{id:03}"),
        workspace: "acme-1".into(),
        version: 1,
        title: String::new(),
        status: Status::Open,
        priority: Priority::Medium,
        disposition: Disposition::Undecided,
        source: Origin::Alert,
        assignee: None,
        entity: None,
        responsibility: None,
        tags: Vec::new(),
        signal_count: 1,
        comment_count: 0,
        attachment_count: 0,
        evidence_count: 0,
        throttled_count: 0,
        priority_inherited: true,
        merged_into: None,
        claim: None,
        looking: Vec::new(),
        created_time: from_us(1),
        updated_time: from_us(1),
        first_alert_time: None,
        latest_alert_time: None,
        closed_time: None,
        last_accessed_time: None,
    }
}

const TITLES: [&str; 5] = ["Password spray", "PASSWORD SPRAY", "Ünal's host", "K elvin", ""];

fn rows() -> impl Strategy<Value = InvestigationRow> {
    let words = (0..4_usize, 0..5_usize, 0..7_usize, 0..4_usize, 0..3_usize);
    let texts = (0..5_usize, 0..3_usize, 0..3_usize, prop::collection::vec(0..3_usize, 0..3));
    let numbers = (0..30_u32, 0..4_u32, 0..3_u32, 0..5_i64, prop::option::of(0..5_i64), prop::option::of(0..5_i64));
    (words, texts, numbers).prop_map(|((status, priority, disposition, source, party), (title, who, entity, tags), numbers)| {
        let (id, signals, comments, created, alert, closed) = numbers;
        InvestigationRow {
            title: TITLES[title].into(),
            status: Status::ALL[status],
            priority: Priority::ALL[priority],
            disposition: Disposition::ALL[disposition],
            source: Origin::ALL[source],
            responsibility: Responsibility::ALL.get(party).copied(),
            assignee: ["ana@mssp.example", "Bob@mssp.example"].get(who).map(|email| Assignee { email: (*email).into(), name: "Some One".into() }),
            entity: [("hostname", "SRV-1"), ("username", "ann")]
                .get(entity)
                .map(|(kind, value)| EntityRef { kind: (*kind).into(), value: (*value).into() }),
            tags: tags.into_iter().map(|tag| ["noise", "VIP", "späť"][tag].to_owned()).collect(),
            signal_count: signals,
            comment_count: comments,
            created_time: from_us(created),
            updated_time: from_us(created + 1),
            latest_alert_time: alert.map(from_us),
            closed_time: closed.map(from_us),
            ..row(id)
        }
    })
}

fn leaf() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(vec!["pass", "PASSWORD SPRAY", "ünal", "k", "srv-1", "SRV", "ann", "ana@mssp.example", "vip", "some", "e"]);
    let field = prop::sample::select(vec!["title", "tag", "assignee", "entity", "entity_type", "rrn", "region", "customer"]);
    let op = prop::sample::select(vec!["equals", "contains", "starts_with"]);
    let time = |us: i64| from_us(us).to_rfc3339();
    let bound = prop::sample::select(vec!["equals", "gt", "gte", "lt", "lte"]);
    prop_oneof![
        (field, op, text).prop_map(|(field, op, value)| json!({"field": field, "op": op, "value": value})),
        prop::sample::select(vec!["OPEN", "new", "closed", "Waiting"])
            .prop_map(|word| json!({"field": "status", "op": "in", "value": [word, "INVESTIGATING"]})),
        (bound.clone(), 0..5_usize).prop_map(|(op, rank)| json!({"field": "priority", "op": op, "value": Priority::ALL[rank].as_str()})),
        (bound.clone(), 0..4_i64).prop_map(|(op, n)| json!({"field": "signal_count", "op": op, "value": n})),
        (bound, 0..5_i64).prop_map(move |(op, us)| json!({"field": "latest_alert_time", "op": op, "value": time(us)})),
        (prop::sample::select(vec!["responsibility", "assignee", "closed_time", "tag"]), any::<bool>())
            .prop_map(|(field, wanted)| json!({"field": field, "op": "exists", "value": wanted})),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| json!({"and": parts})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| json!({"or": parts})),
            inner.prop_map(|part| json!({"not": part})),
        ]
    })
}

/// The plain one: what the JSON of a row says, with nothing shared with the other but the words of the contract.
fn naive(tree: &Value, row: &Value) -> bool {
    let parts = |key: &str| tree[key].as_array().cloned();
    if let Some(parts) = parts("and") {
        return parts.iter().all(|part| naive(part, row));
    }
    if let Some(parts) = parts("or") {
        return parts.iter().any(|part| naive(part, row));
    }
    if let Some(part) = tree.get("not") {
        return !naive(part, row);
    }
    let (field, op, wanted) = (tree["field"].as_str().unwrap(), tree["op"].as_str().unwrap(), &tree["value"]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let has: Vec<Value> = match field {
        "tag" => row["tags"].as_array().unwrap().clone(),
        "assignee" => ["email", "name"].iter().map(|key| row["assignee"][*key].clone()).collect(),
        "entity" => vec![row["entity"]["value"].clone()],
        "entity_type" => vec![row["entity"]["type"].clone()],
        "region" => vec![json!("eu")],
        "customer" => vec![json!("c-1"), json!("Acme Ünited")],
        field => vec![row[field].clone()],
    };
    let has: Vec<Value> = has.into_iter().filter(|value| !value.is_null()).collect();
    if op == "exists" {
        return has.is_empty() != wanted.as_bool().unwrap();
    }
    let rank = |value: &Value| Priority::ALL.iter().position(|word| Some(word.as_str()) == value.as_str()).unwrap() as i64;
    let us = |value: &Value| value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros();
    let number = |value: &Value| match field {
        "priority" => rank(value),
        "latest_alert_time" => us(value),
        _ => value.as_i64().unwrap(),
    };
    if matches!(field, "priority" | "latest_alert_time" | "signal_count") {
        return has.iter().map(number).any(|has| match op {
            "gt" => has > number(wanted),
            "gte" => has >= number(wanted),
            "lt" => has < number(wanted),
            "lte" => has <= number(wanted),
            _ => has == number(wanted),
        });
    }
    let wanted: Vec<String> = match wanted {
        Value::Array(list) => list.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    };
    let wanted: Vec<String> =
        wanted.iter().map(|wanted| if field == "status" && wanted == "new" { "open".into() } else { wanted.to_lowercase() }).collect();
    has.iter().filter_map(text).map(|has| has.to_lowercase()).any(|has| {
        wanted.iter().any(|wanted| match op {
            "contains" => has.contains(wanted.as_str()),
            "starts_with" => has.starts_with(wanted.as_str()),
            _ => has == *wanted,
        })
    })
}

struct One(InvestigationRow);

impl Ranked for One {
    fn ranked(&self) -> (&InvestigationRow, &str) {
        (&self.0, "")
    }
}

proptest! {
    #[test]
    fn a_tree_is_decided_as_the_plain_way_decides_it(row in rows(), tree in tree()) {
        let filter = RowFilter { tree: Some(Where::read(&tree).unwrap()), ..RowFilter::default() };
        let customer = CustomerName { id: "c-1".into(), name: "Acme Ünited".into() };
        let around = Around { customer: Some(&customer), sets: &[] };
        let decided = Criteria::new(&filter).matches("x", &row, &around);
        prop_assert_eq!(decided, naive(&tree, &serde_json::to_value(&row).unwrap()), "{}", tree);
    }

    #[test]
    fn walking_by_any_order_shows_every_row_once_and_in_order(
        rows in prop::collection::vec(rows(), 0..60),
        column in prop::sample::select(SortColumn::ALL.to_vec()),
        descending in any::<bool>(),
        keep in 1..20_usize,
    ) {
        let sort = Sort { column, descending };
        let rows: Vec<_> = rows.into_iter().enumerate().map(|(id, row)| InvestigationRow { rrn: format!("rrn:investigation:eu:a:investigation:{id:03}"), ..row }).collect();
        let mut sorted = rows.clone();
        sorted.sort_by(|a, b| sort.compare(&sort.key(a, ""), &sort.key(b, "")));
        let (mut walked, mut after) = (Vec::new(), None);
        loop {
            let mut top = Top::new(sort, after.clone(), keep);
            rows.iter().cloned().for_each(|row| top.offer(One(row)));
            let page: Vec<InvestigationRow> = top.finish().into_iter().map(|one| one.0).collect();
            let Some(last) = page.last() else { break };
            after = Some(sort.key(last, ""));
            walked.extend(page);
        }
        prop_assert_eq!(walked, sorted);
    }
}

#[test]
fn a_window_is_half_open_and_an_absent_time_is_in_none() {
    let at = |us| Some(from_us(us));
    let matches = |filter: &RowFilter, row: &InvestigationRow| Criteria::new(filter).matches("x", row, &Around::default());
    let created = |from, to| RowFilter { from, to, ..RowFilter::default() };
    let one = InvestigationRow { created_time: from_us(10), ..row(1) };
    assert!(matches(&created(at(10), at(11)), &one) && !matches(&created(at(9), at(10)), &one) && !matches(&created(at(11), None), &one));
    let closed = RowFilter { time_field: Some(bailiwick_api::TimeField::ClosedTime), from: at(0), ..RowFilter::default() };
    assert!(!matches(&closed, &one));
    let since = |us| RowFilter { updated_since: at(us), ..RowFilter::default() };
    assert!(matches(&since(1), &one) && !matches(&since(2), &one));
}

/// Files of this crate, but for tests.
fn sources(dir: &std::path::Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn what_the_queue_keeps_is_written_in_transactions_only() {
    let (mut files, mut bare) = (Vec::new(), Vec::new());
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let acts = ["update ", "insert into ", "delete from "];
    let texts: Vec<String> = ["investigation", "technician", "enrolment"].iter().flat_map(|table| acts.map(|act| format!("{act}{table} "))).collect();
    for (name, file) in &files {
        for text in &texts {
            for (at, _) in file.match_indices(text.as_str()) {
                let rest: String = file[at..].chars().take(2_000).collect();
                let run = [".execute(", ".fetch_one(", ".fetch_optional(", ".fetch_all("].iter().filter_map(|call| rest.find(call)).min();
                let call = run.map_or("", |run| rest[run..].split("await").next().unwrap_or_default());
                // When somebody was here last is not kept in memory.
                if call.contains("pool()") && !rest.starts_with("update technician set last_seen") {
                    bare.push(format!("{name}: {}", rest.lines().next().unwrap_or_default()));
                }
            }
        }
    }
    assert!(files.len() > 100 && bare.is_empty(), "these do not move the counter that the queue goes by: {bare:#?}");
}
