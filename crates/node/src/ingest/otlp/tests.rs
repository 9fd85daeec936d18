use super::*;
use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{ArrayValue, KeyValueList},
    logs::v1::{ResourceLogs, ScopeLogs},
};
use proptest::prelude::*;
use prost::Message;

fn any(value: any_value::Value) -> Option<AnyValue> {
    Some(AnyValue { value: Some(value) })
}

fn text(value: &str) -> Option<AnyValue> {
    any(any_value::Value::StringValue(value.into()))
}

fn attribute(key: &str, value: Option<AnyValue>) -> KeyValue {
    KeyValue { key: key.into(), value, ..KeyValue::default() }
}

fn request(records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    let resource =
        Resource { attributes: vec![attribute("host.name", text("web-1")), attribute("service.name", text("shop"))], ..Resource::default() };
    let scope = InstrumentationScope { name: "app.log".into(), ..InstrumentationScope::default() };
    let scope_logs = vec![ScopeLogs { scope: Some(scope), log_records: records, schema_url: "x".into() }];
    ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { resource: Some(resource), scope_logs, schema_url: String::new() }] }
}

fn both(request: &ExportLogsServiceRequest) -> [(Bytes, Encoding); 2] {
    [(request.encode_to_vec().into(), Encoding::Protobuf), (serde_json::to_vec(request).unwrap().into(), Encoding::Json)]
}

fn shown(parsed: &Parsed) -> Vec<(String, Value)> {
    let one = |event: &Event| {
        let hints = event.hints.as_deref().map_or(Value::Null, |hints| serde_json::from_slice(hints).unwrap());
        (String::from_utf8_lossy(&event.raw).into_owned(), hints)
    };
    parsed.events.iter().map(one).collect()
}

#[test]
fn both_encodings_of_a_request_are_the_same_events() {
    let list = KeyValueList { values: vec![attribute("user", text("ann")), attribute("n", any(any_value::Value::IntValue(1 << 60)))] };
    let array = ArrayValue { values: vec![AnyValue { value: Some(any_value::Value::DoubleValue(0.5)) }, AnyValue { value: None }] };
    let records = vec![
        LogRecord {
            time_unix_nano: 1_760_000_000_123_456_789,
            severity_number: 9,
            severity_text: "INFO".into(),
            body: text("<38>Oct 11 22:14:15 web-1 sshd[1]: words"),
            attributes: vec![attribute("host.name", text("own")), attribute("ok", any(any_value::Value::BoolValue(true)))],
            trace_id: (1..=16).collect(),
            span_id: vec![0; 8],
            ..LogRecord::default()
        },
        LogRecord { observed_time_unix_nano: 1, body: any(any_value::Value::KvlistValue(list)), ..LogRecord::default() },
        LogRecord { body: any(any_value::Value::ArrayValue(array)), ..LogRecord::default() },
        LogRecord {
            event_name: "login".into(),
            attributes: vec![attribute("raw", any(any_value::Value::BytesValue(vec![255])))],
            ..LogRecord::default()
        },
    ];
    let request = request(records);
    let [protobuf, json] = both(&request).map(|(body, encoding)| parse(&body, encoding).unwrap());
    assert_eq!(protobuf, json);
    insta::assert_json_snapshot!(shown(&protobuf));
}

#[test]
fn a_resource_may_stand_behind_its_records_and_unknown_fields_are_passed_over() {
    let whole = request(vec![LogRecord { body: text("x"), ..LogRecord::default() }]);
    let logs = &whole.resource_logs[0];
    let mut turned = Vec::new();
    prost::encoding::message::encode(2, &logs.scope_logs[0], &mut turned);
    prost::encoding::uint64::encode(77, &5, &mut turned);
    prost::encoding::message::encode(1, logs.resource.as_ref().unwrap(), &mut turned);
    let mut body = Vec::new();
    prost::encoding::bytes::encode(1, &turned, &mut body);
    let parsed = parse(&body.into(), Encoding::Protobuf).unwrap();
    assert_eq!(shown(&parsed)[0].1["host"], "web-1");
    let body = "{\"new\":[], \"resourceLogs\" : [ {\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"x\"},\"later\":1}]}]} ]}";
    assert_eq!(shown(&parse(&Bytes::from(body), Encoding::Json).unwrap())[0].0, "x");
    for empty in ["{}", "{\"resourceLogs\":[]}", "{\"resourceLogs\":null}", "{\"resourceLogs\":[{}]}"] {
        assert_eq!(parse(&Bytes::from(empty), Encoding::Json).unwrap(), Parsed::default(), "{empty}");
    }
    assert_eq!(parse(&Bytes::new(), Encoding::Protobuf).unwrap(), Parsed::default());
}

#[test]
fn a_record_that_cannot_be_read_is_counted_and_the_others_are_taken() {
    let good = LogRecord { body: text("good"), ..LogRecord::default() }.encode_to_vec();
    let mut scope = Vec::new();
    for record in [&good[..], &[0x2a, 0x05, 0x01], &good] {
        prost::encoding::bytes::encode(2, &record.to_vec(), &mut scope);
    }
    let (mut resource, mut body) = (Vec::new(), Vec::new());
    prost::encoding::bytes::encode(2, &scope, &mut resource);
    prost::encoding::bytes::encode(1, &resource, &mut body);
    let parsed = parse(&body.into(), Encoding::Protobuf).unwrap();
    assert_eq!((parsed.events.len(), parsed.rejected), (2, 1));
    let body = "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"good\"}},{\"body\":7},{\"traceId\":\"zz\"}]}]}]}";
    let parsed = parse(&Bytes::from(body), Encoding::Json).unwrap();
    assert_eq!((parsed.events.len(), parsed.rejected, parsed.reason.is_some()), (1, 2, true));
}

#[test]
fn what_is_no_request_is_refused_as_a_whole() {
    for body in [&b"\x0a\xff"[..], b"\x0a\x05ab", b"words", b"\x0f"] {
        assert!(matches!(parse(&Bytes::from_static(body), Encoding::Protobuf), Err(Malformed::Unreadable(_))), "{body:?}");
    }
    for body in
        ["", "words", "[]", "{\"resourceLogs\":{}}", "{\"resourceLogs\":[", "{\"resourceLogs\":[{\"scopeLogs\":7}]}", "{\"resourceLogs\":[7]}"]
    {
        assert!(matches!(parse(&Bytes::from(body), Encoding::Json), Err(Malformed::Unreadable(_))), "{body}");
    }
}

#[test]
fn empty_messages_and_attributes_said_of_many_records_are_bounded() {
    let mut scope = Vec::new();
    (0..=MAX_EVENTS).for_each(|_| scope.extend_from_slice(&[0x12, 0]));
    let (mut resource, mut body) = (Vec::new(), Vec::new());
    prost::encoding::bytes::encode(2, &scope, &mut resource);
    prost::encoding::bytes::encode(1, &resource, &mut body);
    assert_eq!(parse(&body.into(), Encoding::Protobuf).unwrap_err(), Malformed::TooMany);
    let mut request = request(vec![LogRecord::default(); 1000]);
    request.resource_logs[0].resource = Some(Resource { attributes: vec![attribute("k", text(&"x".repeat(100_000)))], ..Resource::default() });
    for (body, encoding) in both(&request) {
        assert_eq!(parse(&body, encoding).unwrap_err(), Malformed::TooMuchBeside);
    }
}

#[test]
fn a_record_that_is_too_long_is_kept_cut_with_its_length() {
    let long = |bytes: usize| request(vec![LogRecord { body: text(&"x".repeat(bytes)), ..LogRecord::default() }]);
    for bytes in [MAX_EVENT_BYTES + 1, 3 * MAX_EVENT_BYTES] {
        for (body, encoding) in both(&long(bytes)) {
            let parsed = parse(&body, encoding).unwrap();
            assert_eq!((parsed.events.len(), parsed.events[0].raw.len()), (1, MAX_EVENT_BYTES));
            assert!(parsed.events[0].length as usize >= bytes);
        }
    }
}

#[test]
fn an_answer_reads_as_the_protocol_writes_it() {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
    let protobuf = ExportLogsServiceResponse::decode(&Encoding::Protobuf.response(3, "why")[..]).unwrap().partial_success.unwrap();
    assert_eq!((protobuf.rejected_log_records, protobuf.error_message.as_str()), (3, "why"));
    assert_eq!(Encoding::Json.response(3, "why"), br#"{"partialSuccess":{"errorMessage":"why","rejectedLogRecords":"3"}}"#);
    assert_eq!((Encoding::Json.response(0, ""), Encoding::Protobuf.response(0, "")), (b"{}".to_vec(), Vec::new()));
    assert_eq!(Encoding::Protobuf.status(3, "no"), b"\x08\x03\x12\x02no");
}

proptest! {
    #[test]
    fn any_bytes_end(noise in proptest::collection::vec(any_byte(), 0..200)) {
        let body = Bytes::from(noise);
        let _maybe = parse(&body, Encoding::Protobuf);
        let _maybe = parse(&body, Encoding::Json);
    }

    #[test]
    fn walking_finds_what_reading_at_once_finds(bodies in proptest::collection::vec("\\PC{0,20}", 0..20)) {
        let records: Vec<LogRecord> = bodies.iter().map(|body| LogRecord { body: text(body), ..LogRecord::default() }).collect();
        let request = request(records);
        for (body, encoding) in both(&request) {
            let found: Vec<String> = shown(&parse(&body, encoding).unwrap()).into_iter().map(|(raw, _)| raw).collect();
            prop_assert_eq!(&found, &bodies);
        }
    }
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0x0a), Just(0x12), 0u8..20, proptest::num::u8::ANY]
}
