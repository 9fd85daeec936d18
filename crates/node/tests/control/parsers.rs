//! Parsers of a workspace's own, from upload to set aside, and what the failed records say.

use crate::support::{Bench, CONSOLE, DEADLINE, PASSWORD, Site, refused};
use bailiwick_api::{FailedBeyond, FailedSummary, List, LogSearch, NewSource, Parser, ParserSource, ParserState, Role, SourcePatch, TestedLine};
use bailiwick_client::{ClientError, SigningKey, WorkspaceClient};
use serde_json::{Value, json};

const DOOR: &str = "parts, err = parse_regex(string!(.message), r'^door (?P<door>\\S+) opened by (?P<who>\\S+)$')\n\
    if err != null { abort \"not a line of a door\" }\n\
    %record_type = \"Audit\"\n%vendor = \"Acme\"\n%product = \"Door\"\n%ecs.\"user.name\" = parts.who\n";
/// Grows without end over lines that say so.
const GREEDY: &str = "if contains(string!(.message), \"bad\") { s = \"0123456789\"\nfor_each(range!(0, 90)) -> |_i, _v| { s = s + s } }\n\
    %record_type = \"Audit\"\n%ecs.\"host.name\" = \"h\"\n";

async fn call<T: serde::de::DeserializeOwned>(site: &Site, method: &str, path: &str, body: Value) -> Result<T, ClientError> {
    site.admin.call(method.parse().unwrap(), path, Some(&body)).await
}

async fn parsers(site: &Site) -> Vec<Parser> {
    site.admin.get::<List<Parser>>("/api/v1/parsers").await.unwrap().data
}

async fn parser(site: &Site, name: &str) -> Parser {
    parsers(site).await.into_iter().find(|parser| parser.name == name).unwrap()
}

/// A source that insists on a parser; its ingest key.
async fn source(site: &Site, parser: &str) -> String {
    let new = NewSource { parser: Some(parser.to_owned()), ..NewSource::new(format!("of {parser}"), "office/doors") };
    site.admin.add_source(&new).await.unwrap().ingest_key
}

async fn send(bench: &Bench, key: &str, lines: &[&str]) {
    let body: String = lines.iter().map(|line| format!("{}\n", json!({"message": line}))).collect();
    WorkspaceClient::ingest(&bench.transport, &base!(bench), key, None, body.into_bytes()).await.unwrap();
}

async fn found(site: &Site, query: &str) -> usize {
    site.admin.search_logs(&LogSearch { query: query.into(), ..LogSearch::default() }).await.unwrap().data.len()
}

#[tokio::test]
async fn a_parser_is_uploaded_tried_enabled_replaced_and_deleted() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let shipped = parsers(&site).await;
    assert!(shipped.iter().all(|parser| parser.shipped && parser.state == ParserState::Enabled) && shipped.len() >= 7);

    let made: Parser = call(&site, "POST", "/api/v1/parsers", json!({"name": "door", "source": DOOR, "description": "Doors"})).await.unwrap();
    assert_eq!((made.state, made.version, made.shipped), (ParserState::Draft, Some(1), false));
    let key = source(&site, "door").await;
    send(&bench, &key, &["door west opened by bob"]).await;
    assert_eq!(found(&site, "reason_code:NO_PARSER").await, 1, "a draft is not used");

    let lines = json!({"name": "door", "lines": ["door west opened by bob", "window"]});
    let tested: List<TestedLine> = call(&site, "POST", "/api/v1/parsers/test", lines).await.unwrap();
    assert_eq!(tested.data[0].record.as_ref().unwrap()["ecs"]["user.name"], "bob");
    assert_eq!(tested.data[1].failed.as_ref().unwrap()["reason"], "not a line of a door");

    let on: Parser = call(&site, "PATCH", "/api/v1/parsers/door", json!({"enabled": true})).await.unwrap();
    assert_eq!((on.state, on.sources), (ParserState::Enabled, 1));
    send(&bench, &key, &["door east opened by eve", "window"]).await;
    assert_eq!((found(&site, "user.name:eve").await, found(&site, "reason_code:PARSE_FAILED").await), (1, 1));

    let next = DOOR.replace("Acme", "Bolt");
    let replaced: Parser = call(&site, "PUT", "/api/v1/parsers/door", json!({"source": next})).await.unwrap();
    assert_eq!((replaced.version, replaced.next_version, replaced.description.as_str()), (Some(1), Some(2), "Doors"));
    let text: ParserSource = site.admin.get("/api/v1/parsers/door/source").await.unwrap();
    assert_eq!((text.source.as_str(), text.next_source.as_deref()), (DOOR, Some(next.as_str())));
    send(&bench, &key, &["door north opened by ann"]).await;
    assert_eq!(found(&site, "vendor:Bolt").await, 0, "the next version waits");
    let on: Parser = call(&site, "PATCH", "/api/v1/parsers/door", json!({"enabled": true})).await.unwrap();
    assert_eq!((on.version, on.next_version), (Some(2), None));
    send(&bench, &key, &["door south opened by tim"]).await;
    assert_eq!(found(&site, "vendor:Bolt").await, 1);

    assert_eq!(refused(call::<Value>(&site, "DELETE", "/api/v1/parsers/door", json!({})).await).code, "PARSER_IN_USE");
    let off: Parser = call(&site, "PATCH", "/api/v1/parsers/door", json!({"enabled": false})).await.unwrap();
    assert_eq!(off.state, ParserState::Disabled);
    send(&bench, &key, &["door south opened by lea"]).await;
    assert_eq!((found(&site, "user.name:lea").await, found(&site, "reason_code:NO_PARSER").await), (0, 2));
    let of_door = site.admin.sources().await.unwrap().data.remove(0);
    let freed = SourcePatch { parser: Some(None), ..SourcePatch::default() };
    site.admin.update_source(of_door.id.as_str(), &freed).await.unwrap();
    let gone: Result<Value, ClientError> = site.admin.call("DELETE".parse().unwrap(), "/api/v1/parsers/door", None::<&Value>).await;
    gone.unwrap();
    assert!(parsers(&site).await.iter().all(|parser| parser.name != "door"));
    assert_eq!(refused(site.admin.get::<ParserSource>("/api/v1/parsers/door/source").await).status, 404);
    let unknown = NewSource { parser: Some("door".into()), ..NewSource::new("late", "c") };
    assert_eq!(refused(site.admin.add_source(&unknown).await).field.as_deref(), Some("parser"));
    let windows: ParserSource = site.admin.get("/api/v1/parsers/windows/source").await.unwrap();
    assert!(windows.shipped && windows.source.contains("winlog.channel"));
}

#[tokio::test]
async fn what_is_not_accepted_says_where() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    for (body, code, field, detail) in [
        (json!({"name": "Door", "source": DOOR}), "INVALID_INPUT", "name", "name: 1 to 64 of a-z"),
        (json!({"name": "door", "source": "x = 1\n%message = nothing(x)"}), "PARSER_INVALID", "source", "source: line 2, column 12: "),
        (
            json!({"name": "door", "source": "%ecs.\"no.such\" = 1"}),
            "PARSER_INVALID",
            "source",
            "source: %ecs.no.such: \"no.such\" is not in the field",
        ),
        (json!({"name": "door", "source": "x".repeat(70_000)}), "INVALID_INPUT", "source", "source: 70000 bytes, at most 65536"),
        (json!({"name": "door", "source": DOOR, "descripton": ""}), "UNKNOWN_FIELD", "descripton", "body: unknown field"),
    ] {
        let problem = refused(call::<Parser>(&site, "POST", "/api/v1/parsers", body.clone()).await);
        assert_eq!((problem.code.as_str(), problem.field.as_deref()), (code, Some(field)), "{body}");
        assert!(problem.detail.as_deref().unwrap_or_default().starts_with(detail), "{problem:?}");
    }
    let _made: Parser = call(&site, "POST", "/api/v1/parsers", json!({"name": "door", "source": DOOR})).await.unwrap();
    assert_eq!(refused(call::<Parser>(&site, "POST", "/api/v1/parsers", json!({"name": "door", "source": DOOR})).await).code, "NAME_TAKEN");
    assert_eq!(refused(call::<Parser>(&site, "PUT", "/api/v1/parsers/gate", json!({"source": DOOR})).await).status, 404);
    for (body, field) in [
        (json!({"lines": []}), "lines"),
        (json!({"lines": vec!["x"; 101]}), "lines"),
        (json!({"lines": ["x"], "name": "gate"}), "name"),
        (json!({"lines": ["x"], "name": "door", "source": DOOR}), "name"),
    ] {
        let problem = refused(call::<List<TestedLine>>(&site, "POST", "/api/v1/parsers/test", body).await);
        assert_eq!(problem.field.as_deref(), Some(field), "{problem:?}");
    }
    let back = refused(site.admin.get::<FailedSummary>("/api/v1/failed-records/summary?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z").await);
    assert_eq!(back.field.as_deref(), Some("to"));
}

#[tokio::test]
async fn a_greedy_parser_is_set_aside_and_stays_so_until_it_is_enabled_anew() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let _made: Parser = call(&site, "POST", "/api/v1/parsers", json!({"name": "greedy", "source": GREEDY})).await.unwrap();
    let _on: Parser = call(&site, "PATCH", "/api/v1/parsers/greedy", json!({"enabled": true})).await.unwrap();
    let key = source(&site, "greedy").await;
    send(&bench, &key, &["good", "bad", "bad", "bad", "good", "good"]).await;
    assert_eq!((found(&site, "reason_code:PARSER_LIMIT").await, found(&site, "reason_code:PARSER_SET_ASIDE").await), (3, 2));
    for _ in 0..100 {
        if parser(&site, "greedy").await.state == ParserState::SetAside {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let aside = parser(&site, "greedy").await;
    assert!(aside.state == ParserState::SetAside && aside.why.as_deref().unwrap_or_default().contains("1048576 bytes"), "{aside:?}");
    assert_eq!((aside.records, aside.failed), (1, 5));
    assert!(aside.sample.as_deref().unwrap_or_default().contains("bad"), "{aside:?}");
    let issue = site.admin.health_issues().await.unwrap().data.remove(0);
    assert_eq!(
        (issue.tracker.as_str(), issue.resource.id.as_str(), issue.details.error.as_str()),
        ("parser.set_aside", "greedy", "PARSER_SET_ASIDE")
    );
    let audit: Value = site.admin.get("/api/v1/audit").await.unwrap();
    assert!(audit.to_string().contains("parser.set_aside"), "{audit}");

    let summary: FailedSummary = site.admin.get("/api/v1/failed-records/summary").await.unwrap();
    let of = |counts: &[bailiwick_api::FailedCount]| counts.iter().map(|c| (c.value.clone().unwrap_or_default(), c.count)).collect::<Vec<_>>();
    assert_eq!(summary.total, 5);
    assert_eq!(of(&summary.reason_code), [("PARSER_LIMIT".to_owned(), 3), ("PARSER_SET_ASIDE".to_owned(), 2)]);
    assert_eq!(of(&summary.parser), [("greedy".to_owned(), 5)]);
    assert_eq!((of(&summary.vendor), of(&summary.source_category)), (vec![(String::new(), 5)], vec![("office/doors".to_owned(), 5)]));
    let none: FailedSummary = site.admin.get("/api/v1/failed-records/summary?to=2001-01-01T00:00:00Z").await.unwrap();
    assert_eq!((none, summary.beyond.clone()), (FailedSummary::default(), FailedBeyond::default()));
    let key_pair = SigningKey::generate().unwrap();
    let console = bench.enrol(&site, CONSOLE, &key_pair).await;
    bench.technician(&console, &site, "ana@mssp.example", Role::Viewer).await;
    let theirs: FailedSummary =
        console.read(&bench.caller("ana@mssp.example"), (&site.id, Role::Viewer), "failed-records/summary", "", DEADLINE).await.unwrap();
    assert_eq!(theirs, summary, "a technician sees the same");

    let bench = bench.restart(1).await;
    let admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    let site = Site { admin, ..site };
    send(&bench, &key, &["good"]).await;
    assert_eq!(found(&site, "reason_code:PARSER_SET_ASIDE").await, 3);
    let on: Parser = call(&site, "PATCH", "/api/v1/parsers/greedy", json!({"enabled": true})).await.unwrap();
    assert_eq!((on.state, on.why, on.sample), (ParserState::Enabled, None, None));
    assert!(site.admin.health_issues().await.unwrap().data.is_empty());
    send(&bench, &key, &["good"]).await;
    assert_eq!(found(&site, "record_type:Audit").await, 2);
}
