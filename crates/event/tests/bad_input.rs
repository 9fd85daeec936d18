//! What cannot be a record says why, and never stops what follows.

use std::sync::{Arc, LazyLock};

use bailiwick_event::{Format, Input, MAX_EVENT_BYTES, MAX_MESSAGE_BYTES, Normaliser, Outcome, Parsers, ReasonCode};
use chrono::{DateTime, Utc};
use proptest::prelude::*;

/// Compiled once: there are many, and that takes longer than all the tests.
static PARSERS: LazyLock<Arc<Parsers>> = LazyLock::new(|| Parsers::shipped().expect("the shipped parsers compile"));

fn normaliser() -> Normaliser {
    Normaliser::new(Arc::clone(&PARSERS))
}

fn receipt() -> DateTime<Utc> {
    "2026-03-02T08:15:31Z".parse().expect("a time")
}

#[track_caller]
fn fails(format: Format, raw: &[u8]) -> (ReasonCode, String) {
    match normaliser().normalise(&Input::new(raw, format, receipt())) {
        Outcome::Failed(failed) => {
            assert_eq!(failed.time, receipt());
            (failed.reason_code, failed.reason)
        }
        Outcome::Record(record) => panic!("a record: {record:?}"),
    }
}

#[test]
fn each_kind_of_bad_input_has_its_reason() {
    for (format, raw, code, reason) in [
        (Format::Auto, &b"ok \xff\xfe"[..], ReasonCode::NotText, "not UTF-8 text: invalid at byte 3"),
        (Format::Auto, b"", ReasonCode::EmptyLine, "the event is empty"),
        (Format::Auto, b" \r\n", ReasonCode::EmptyLine, "the event is empty"),
        (Format::Auto, b"{\"a\":", ReasonCode::JsonInvalid, "not a JSON object: EOF while parsing a value at line 1 column 5"),
        (Format::Json, b"hello", ReasonCode::JsonInvalid, "not a JSON object: expected value at line 1 column 1"),
        (Format::Auto, b"[1]", ReasonCode::NoParser, "a JSON array where one event, a JSON object, is expected"),
        (Format::Auto, b"hello", ReasonCode::NoParser, "not an access log line of the common or combined format"),
        (Format::WebAccess, b"hello", ReasonCode::ParseFailed, "not an access log line of the common or combined format"),
        (Format::Windows, b"{\"Channel\":\"Security\"}", ReasonCode::FieldMissing, "a Windows event needs the field EventID"),
        (Format::CloudTrail, b"{\"eventSource\":\"x\"}", ReasonCode::FieldMissing, "a CloudTrail event needs the field eventName"),
        (
            Format::Auto,
            b"{\"Channel\":\"System\",\"EventID\":1}",
            ReasonCode::NoEntity,
            "it names no host, user, address or anything else it could be about",
        ),
        (Format::Syslog, b"hello", ReasonCode::NoEntity, "it names no host, user, address or anything else it could be about"),
    ] {
        assert_eq!(fails(format, raw), (code, reason.to_owned()), "{}", String::from_utf8_lossy(raw));
    }
}

#[test]
fn an_event_that_is_too_long_says_how_long_it_is() {
    let raw = vec![b'x'; 10 * 1024 * 1024];
    let (code, reason) = fails(Format::Auto, &raw);
    assert_eq!((code, reason), (ReasonCode::TooLong, format!("the event has 10485760 bytes, {MAX_EVENT_BYTES} at most")));
}

/// The longest event a parser may see, made of what each has to look at most closely: none may take long over it.
#[test]
fn a_long_line_of_any_kind_takes_its_parser_no_time_to_speak_of() {
    let mut normaliser = normaliser();
    for (start, filling) in [
        ("CEF:0|a|b|c|d|e|f|", " "),
        ("CEF:0|a|b|c|d|e|f|", " a="),
        ("CEF:0|a|", "\\"),
        ("LEEF:2.0|a|b|c|d|^|", "^"),
        ("type=EXECVE msg=audit(1.0:1): ", "a0="),
        ("type=PATH msg=audit(1.0:1): name=", "41"),
        ("date=2026-03-02 time=08:15:30 devid=1 type=utm ", "a=\" "),
        ("1,2026/03/02 08:15:30,1,TRAFFIC,", ","),
        ("a=1 b=2 ", "c=\"\\"),
        ("2026/03/02 08:15:30 [error] 1#1: ", ", client: "),
        ("1772439330.25\t", "\t"),
        ("%ASA-6-302013: ", "from "),
        ("<86>Mar  2 08:15:30 h su[1]: ", "for user "),
        ("{\"host\":\"", "a"),
    ] {
        let mut raw = start.to_owned();
        raw.push_str(&filling.repeat((MAX_EVENT_BYTES - start.len() - 2) / filling.len()));
        let began = std::time::Instant::now();
        let outcome = normaliser.normalise(&Input::new(raw.as_bytes(), Format::Auto, receipt()));
        let took = began.elapsed();
        assert!(took < std::time::Duration::from_secs(20), "{start}{filling}…: {took:?}, {:?}", outcome.failed());
    }
}

#[test]
fn nesting_without_end_is_refused() {
    assert_eq!(fails(Format::Auto, format!("{{\"a\":{}", "[".repeat(100_000)).as_bytes()).0, ReasonCode::JsonInvalid);
}

#[test]
fn a_failed_record_knows_who_refused_it() {
    let raw = br#"{"Channel":"Security","EventID":4624,"TargetUserName":"-"}"#;
    let outcome = normaliser().normalise(&Input::new(raw, Format::Auto, receipt()));
    let failed = outcome.failed().expect("nobody is named");
    assert_eq!(
        (failed.parser.as_deref(), failed.vendor.as_deref(), failed.event_code.as_deref()),
        (Some("windows"), Some("Microsoft"), Some("4624"))
    );
}

/// JSON objects that each parser takes for its own, with anything at all under the names it reads.
fn objects_of_a_kind() -> impl Strategy<Value = Vec<u8>> {
    let odd = prop_oneof![
        Just("null".to_owned()),
        Just("false".to_owned()),
        any::<i32>().prop_map(|n| n.to_string()),
        Just("-1.5e300".to_owned()),
        "[ -~]{0,12}".prop_map(|text| serde_json::Value::String(text).to_string()),
        Just("\"{\\\"user\\\":1}\"".to_owned()),
        Just("[]".to_owned()),
        Just("[null,1,\"x\",{}]".to_owned()),
        Just("[{\"type\":1,\"Name\":2,\"name\":[],\"modifiedProperties\":[1],\"hostPath\":{},\"securityContext\":3}]".to_owned()),
        Just("{\"user\":[],\"name\":{},\"labels\":1,\"claims\":\"x\",\"spec\":{\"volumes\":{},\"containers\":[1]},\"event\":5}".to_owned()),
    ];
    let kinds: Vec<(&str, &[&str])> = vec![
        (r#""_path":"PATH","ts":1"#, ZEEK),
        (r#""event_type":"PATH","timestamp":"x""#, EVE),
        (r#""Operation":"x","Workload":"Exchange""#, M365),
        (r#""category":"SignInLogs","operationName":"x""#, ENTRA),
        (r#""category":"AuditLogs","operationName":"x""#, ENTRA),
        (r#""operationName":"a/b","resourceId":"/subscriptions/1""#, AZURE),
        (r#""eventType":"x","published":"x","actor":{}"#, OKTA),
        (r#""auditID":"x","verb":"create""#, KUBERNETES),
        (r#""timestamp":"x","protoPayload":{"serviceName":"admin.googleapis.com","authorizationInfo":ODD,"metadata":ODD,"status":ODD}"#, GCP),
        (r#""action":"x","_document_id":"x""#, GITHUB),
        (r#""event_type_id":3"#, ONELOGIN),
        (r#""host":"x","@timestamp":1"#, ECS),
    ];
    let path = prop::sample::select(vec!["conn", "dns", "http", "files", "notice", "alert", "tls", "smb", "stats", "email", "x"]);
    let pairs = prop::collection::vec((any::<prop::sample::Index>(), odd), 0..8);
    (prop::sample::select(kinds), path, pairs).prop_map(|((start, keys), path, pairs)| {
        let first = pairs.first().map_or("null", |(_, value)| value.as_str());
        let mut text = format!("{{{}", start.replace("PATH", path).replace("ODD", first));
        for (key, value) in &pairs {
            text.push_str(&format!(",\"{}\":{value}", keys[key.index(keys.len())]));
        }
        text.push('}');
        text.into_bytes()
    })
}

const ZEEK: &[&str] = &[
    "id.orig_h",
    "id",
    "answers",
    "tx_hosts",
    "host",
    "status_code",
    "uri",
    "client",
    "success",
    "certificate",
    "rcptto",
    "action",
    "peer",
    "query",
];
const EVE: &[&str] = &["flow_id", "dns", "alert", "http", "tls", "email", "smtp", "smb", "host", "proto", "src_ip", "flow", "fileinfo", "krb5"];
const M365: &[&str] = &["UserId", "ClientIP", "ExtendedProperties", "ResultStatus", "AuditData", "CreationTime", "Name", "ObjectId"];
const ENTRA: &[&str] = &[
    "properties",
    "status",
    "Status",
    "deviceDetail",
    "DeviceDetail",
    "location",
    "initiatedBy",
    "InitiatedBy",
    "targetResources",
    "TargetResources",
    "resultType",
    "ResultType",
    "riskEventType",
    "appDisplayName",
    "result",
];
const AZURE: &[&str] = &["identity", "category", "operationName", "resultType", "callerIpAddress", "caller"];
const OKTA: &[&str] = &["target", "client", "outcome", "actor", "request", "severity", "displayMessage"];
const KUBERNETES: &[&str] = &["objectRef", "user", "sourceIPs", "responseStatus", "requestObject", "annotations", "impersonatedUser", "kind", "verb"];
const GCP: &[&str] = &["resource", "logName", "insertId"];
const GITHUB: &[&str] = &["actor", "org", "actor_location", "user", "repo"];
const ONELOGIN: &[&str] = &["event_type_id", "actor_user_name", "user_name", "ipaddr", "create"];
const ECS: &[&str] = &["host", "user", "source", "event", "process", "url", "user_agent", "kubernetes", "log", "message", "ip", "actor"];

/// Lines that each parser takes for its own and that go on in any way.
fn lines_of_a_kind() -> impl Strategy<Value = Vec<u8>> {
    let start = prop::sample::select(vec![
        "CEF:0|a|b|c|d|e|f|",
        "CEF:",
        "LEEF:2.0|a|b|c|d|^|",
        "LEEF:1.0|a|b|c|d|",
        "type=SYSCALL msg=audit(1.0:1): ",
        "type=SOCKADDR msg=audit(1.0:1): saddr=0200",
        "type=EXECVE msg=audit(1.0:1): a0=",
        "1,2026/03/02 08:15:30,1,TRAFFIC,",
        "1,2026/03/02 08:15:30,1,THREAT,url,1,2026/03/02 08:15:29,",
        "date=2026-03-02 time=08:15:30 devid=1 type=utm subtype=dns ",
        "%ASA-6-302013: Built ",
        "2026/03/02 08:15:30 [error] 1#1: ",
        "[Mon Mar 02 08:15:30 2026] [error] ",
        "1772439330.25\tCHhAvVGS1DHFjwGM9\t",
        "a=1 b=\"",
        "<86>Mar  2 08:15:30 h su[1]: ",
        "<86>Mar  2 08:15:30 h useradd[1]: new user: name=",
        "<86>Mar  2 08:15:30 h systemd-logind[1]: New session ",
        "<86>Mar  2 08:15:30 h audit[1]: USER_START ",
    ]);
    let rest = prop_oneof!["[ -~]{0,60}", "([a-z]{1,3}=[a-z0-9\"'{}(),^ ]{0,6} ?){0,12}", "([0-9.]{0,8}[,\t|]){0,60}", "\\PC{0,60}"];
    (start, rest).prop_map(|(start, rest)| format!("{start}{rest}").into_bytes())
}

/// Bytes, lines that start like a known format, and JSON objects with the keys parsers look for.
fn events() -> impl Strategy<Value = Vec<u8>> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| format!("{n:?}")),
        "\\PC{0,20}".prop_map(|text| serde_json::Value::String(text).to_string()),
        Just("[1,{\"a\":[]}]".to_owned()),
        Just("{\"name\":\"x\",\"#text\":[\"y\"]}".to_owned()),
        Just("\"10.0.0.1\"".to_owned()),
        Just("\"A\\\\b\"".to_owned()),
    ];
    let key = prop::sample::select(vec![
        "Event",
        "System",
        "EventData",
        "UserData",
        "Channel",
        "EventID",
        "Computer",
        "Hostname",
        "TargetUserName",
        "IpAddress",
        "Hashes",
        "Data",
        "ContextInfo",
        "Image",
        "MemberName",
        "eventName",
        "eventSource",
        "userIdentity",
        "resources",
        "requestParameters",
        "responseElements",
        "time",
        "@timestamp",
        "host",
        "user",
        "source",
        "id.orig_h",
        "message",
        "Records",
        "LogonType",
        "Keywords",
    ]);
    let channel = prop::sample::select(vec!["Security", "System", "Windows PowerShell", "Microsoft-Windows-Sysmon/Operational", "x"]);
    let object = (prop::collection::vec((key, scalar), 0..12), channel, 0..6000_u32).prop_map(|(pairs, channel, id)| {
        let body: Vec<String> = pairs.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{\"Channel\":\"{channel}\",\"EventID\":{id},{}}}", if body.is_empty() { "\"x\":1".to_owned() } else { body.join(",") })
    });
    let line = (
        "(<[0-9]{1,6}>)?(1 )?",
        "([A-Z][a-z]{2} +[0-9]{1,2} [0-9:]{1,9} |- |2026-03-02T00:00:00Z )?",
        "[a-z-]{0,5} ",
        "(sshd|sudo|nginx|kernel|CRON|su)(\\[[0-9]{0,3}\\])?:? ",
        "\\PC{0,80}",
    )
        .prop_map(|(a, b, c, d, e)| format!("{a}{b}{c}{d}{e}"));
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        object.prop_map(String::into_bytes),
        line.prop_map(String::into_bytes),
        objects_of_a_kind(),
        lines_of_a_kind(),
        "\\PC{0,200}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_gives_an_outcome_within_its_bounds(batch in prop::collection::vec((events(), prop::sample::select(Format::ALL)), 1..40)) {
        thread_local!(static NORMALISER: std::cell::RefCell<Normaliser> = std::cell::RefCell::new(normaliser()));
        NORMALISER.with_borrow_mut(|normaliser| {
            for (raw, format) in &batch {
                let input = Input::new(raw, *format, receipt());
                let outcome = normaliser.normalise(&input);
                prop_assert_eq!(&outcome, &normaliser.normalise(&input), "the same event gives the same outcome");
                match outcome {
                    Outcome::Record(record) => {
                        prop_assert!((1..=bailiwick_event::MAX_ENTITIES).contains(&record.entities.len()));
                        prop_assert!(record.message.len() <= MAX_MESSAGE_BYTES && !record.message.contains('\n'));
                        prop_assert!(record.ecs.iter().all(|(name, _)| bailiwick_event::dictionary::field(name).is_some()));
                    }
                    Outcome::Failed(failed) => {
                        prop_assert!(!failed.reason.is_empty() && failed.reason.len() <= MAX_MESSAGE_BYTES, "{:?}", failed);
                        prop_assert!(failed.reason_code != ReasonCode::ProgramError, "{:?}: {:?}", failed, String::from_utf8_lossy(raw));
                    }
                }
            }
            Ok(())
        })?;
    }
}
