//! What cannot be a record says why, and never stops what follows.

use bailiwick_event::{Format, Input, MAX_EVENT_BYTES, MAX_MESSAGE_BYTES, Normaliser, Outcome, Parsers, ReasonCode};
use chrono::{DateTime, Utc};
use proptest::prelude::*;

fn normaliser() -> Normaliser {
    Normaliser::new(Parsers::shipped().expect("the shipped parsers compile"))
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
