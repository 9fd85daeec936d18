//! Uploaded parsers: what they can do, what they cannot use up, and what happens to one that tries.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{failed, input, record, shipped};
use crate::{Input, Normaliser, ParserError, Parsers, ReasonCode, Uploaded};

const GOOD: &str = r#"
%vendor = "Acme"
%product = "Door"
%record_type = "Audit"
parts, err = parse_regex(string!(.message), r'^door (?P<door>\S+) (?P<verb>opened|closed) by (?P<who>\S+)$')
if err != null {
  abort "not a line of a door"
}
%ecs."user.name" = parts.who
%ecs."event.action" = "door-" + string!(parts.verb)
%fields.door = upcase(string!(parts.door))
%message = replace(string!(.message), "door", "Door")
"#;

fn upload(name: &str, source: &str) -> Result<Arc<Parsers>, ParserError> {
    shipped().with(&[Uploaded { name: name.to_owned(), source: source.to_owned(), set_aside: None }], None)
}

/// The outcome of one event under a program.
#[track_caller]
fn refused(source: &str) -> (ReasonCode, String) {
    let parsers = upload("try", source).unwrap_or_else(|error| panic!("{error}\n{}", error.diagnostics));
    let began = Instant::now();
    let refused = failed(&mut Normaliser::new(parsers), &Input { parser: Some("try"), ..input("door a opened by bob") });
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(refused.parser.as_deref(), Some("try"));
    (refused.reason_code, refused.reason)
}

#[test]
fn an_uploaded_parser_makes_records() {
    let parsers = upload("door", GOOD).unwrap_or_else(|error| panic!("{error}\n{}", error.diagnostics));
    let mut normaliser = Normaliser::new(parsers);
    let made = record(&mut normaliser, &Input { parser: Some("door"), ..input("door west opened by CORP\\bob") });
    assert_eq!((made.parser.as_str(), made.vendor.as_str(), made.message.as_str()), ("door", "Acme", "Door west opened by CORP\\bob"));
    assert_eq!((made.ecs.get_str("user.name"), made.ecs.get_str("event.action")), (Some("bob"), Some("door-opened")));
    assert_eq!(made.fields.get_str("door"), Some("WEST"));
    let other = failed(&mut normaliser, &Input { parser: Some("door"), ..input("window") });
    assert_eq!((other.reason_code, other.reason.as_str()), (ReasonCode::ParseFailed, "not a line of a door"));
    assert!(failed(&mut normaliser, &input("door west opened by bob")).parser.is_none(), "it has only the events of sources that ask for it");
}

#[test]
fn an_uploaded_parser_takes_the_place_of_a_shipped_one() {
    let parsers = upload("sshd", "%record_type = \"Audit\"\n%ecs.\"host.name\" = .hostname\n%product = \"mine\"").expect("compiles");
    let line = "<38>1 2026-03-02T00:00:00Z web-01 sshd 9 - - Failed password for root from 203.0.113.9 port 4022 ssh2";
    assert_eq!(record(&mut Normaliser::new(parsers), &input(line)).product, "mine");
    assert_eq!(record(&mut Normaliser::new(shipped()), &input(line)).product, "OpenSSH");
}

#[test]
fn a_program_that_grows_without_end_is_stopped() {
    let doubled = "s = s + s\n".repeat(60);
    for (source, code, reason) in [
        (format!("s = \"0123456789abcdef\"\n{doubled}%message = s"), ReasonCode::ParserLimit, "a value of more than 1048576 bytes"),
        (format!("s = string!(.message)\n{}%message = s", "s = \"{{s}}{{s}}\"\n".repeat(60)), ReasonCode::ParserLimit, "a value of more than"),
        ("s = \"0123456789\"\nfor_each(range!(0, 90)) -> |_i, _v| { s = s + s }".to_owned(), ReasonCode::ParserLimit, "a value of more than"),
        ("a = [\"x\"]\nfor_each(range!(0, 50)) -> |_i, _v| { a = [a, a] }".to_owned(), ReasonCode::ParserLimit, "a value of more than"),
        ("a = [\"x\"]\nfor_each(range!(0, 5000)) -> |_i, _v| { a = [a] }".to_owned(), ReasonCode::ParserLimit, "more than 64 deep"),
        ("x = {\"a\": 1}\nfor_each(range!(0, 5000)) -> |_i, _v| { x.a = x }".to_owned(), ReasonCode::ParserLimit, "more than 64 deep"),
        ("l = []\nfor_each(range!(0, 9000)) -> |_i, _v| { l = push(l, \"0123456789\") }".to_owned(), ReasonCode::ParserLimit, "worked on more than"),
        (
            "m = string!(.message)\nfor_each(range!(0, 9000)) -> |_i, _v| { %message = m }".to_owned(),
            ReasonCode::ParserLimit,
            "wrote more than 262144 bytes",
        ),
        ("for_each(range!(0, 99000)) -> |_i, _v| { %message = \"x\"; %product = \"y\" }".to_owned(), ReasonCode::ParserLimit, "more than"),
        ("s = string!(.message)\n%message = s * 1000000000000".to_owned(), ReasonCode::ProgramError, "text cannot be multiplied"),
    ] {
        let (got, why) = refused(&source);
        assert!(got == code && why.contains(reason), "{}: {got} {why}", &source[..source.len().min(90)]);
    }
}

#[test]
fn what_cannot_be_bounded_is_refused_with_its_place() {
    for (source, line, problem) in [
        ("x = 1\n%fields.x[2000000000] = x", 2, "indices of at most 1000"),
        ("x = []\nx[2000] = 1", 2, "indices of at most 1000"),
        ("w = string!(.message)\n%message = replace(w, \"\", w)", 2, "must be a constant text of at most 64 bytes"),
        ("w = string!(.message)\n%message = replace(count: 1, w, \"\", w)", 2, "arguments without a name come first"),
        ("w = string!(.message)\n%message = join!([w], separator: w)", 2, "must be a constant text of at most 64 bytes"),
        ("%message = match(\"x\", r'((\\w{1000}){1000}){1000}')", 1, "the regular expressions are too large"),
        ("%message = decode_gzip!(.message)", 1, "undefined function"),
        ("%message = parse_grok!(.message, \"%{GREEDYDATA:x}\")", 1, "undefined function"),
        ("%message = get_env_var!(\"HOME\")", 1, "undefined function"),
        ("%message = 1 +", 1, "does not compile"),
    ] {
        let error = upload("try", source).expect_err(source);
        assert_eq!((error.field.as_str(), error.line), ("source", Some(line)), "{error}");
        assert!(error.problem.contains(problem) && error.column.is_some(), "{source}: {error}");
    }
    let long = upload("try", &"x".repeat(70_000)).expect_err("too long");
    assert_eq!(long.problem, "the program has 70000 bytes, 65536 at most");
    assert_eq!(upload("try", "%ecs.\"no.such\" = 1").expect_err("unknown").field, "%ecs.no.such");
}

#[test]
fn nesting_does_not_overflow_the_stack() {
    let deep = [
        format!("x = {}1{}", "(".repeat(30_000), ")".repeat(30_000)),
        format!("x = {}true", "!".repeat(60_000)),
        format!("x = 1{}", " + 1".repeat(16_000)),
        format!("x = {}1{}", "[".repeat(30_000), "]".repeat(30_000)),
        format!("{}1{}", "{".repeat(30_000), "}".repeat(30_000)),
        format!("x = 0\n{}{}", "if x == 1 { x = 2 } else ".repeat(2_000), "{ x = 1 }"),
        format!("x = 0\n{}x = 1{}", "if x == 0 { ".repeat(4_000), " }".repeat(4_000)),
    ];
    for source in deep {
        let error = upload("try", &source).expect_err("too deep");
        assert!(error.problem.contains("nested more than") || error.problem.contains("does not compile"), "{error}");
    }
}

#[test]
fn a_long_chain_of_conditions_is_accepted_quickly() {
    let chain: String = (0..60).map(|n| format!("if .EventID == \"{n}\" {{ %product = \"p{n}\" }} else ")).collect();
    let began = Instant::now();
    upload("try", &format!("{chain}{{ %product = \"other\" }}")).unwrap_or_else(|error| panic!("{error}\n{}", error.diagnostics));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_parser_that_keeps_going_over_its_limits_is_set_aside() {
    let grows = "if contains(string!(.message), \"bad\") { s = \"0123456789\"\nfor_each(range!(0, 90)) -> |_i, _v| { s = s + s } }\n%record_type = \"Audit\"\n%ecs.\"host.name\" = \"h\"";
    let parsers = upload("try", grows).unwrap_or_else(|error| panic!("{error}\n{}", error.diagnostics));
    let (mut one, mut two) = (Normaliser::new(Arc::clone(&parsers)), Normaliser::new(Arc::clone(&parsers)));
    fn of(raw: &str) -> Input<'_> {
        Input { parser: Some("try"), ..input(raw) }
    }
    record(&mut one, &of("good"));
    for normaliser in [&mut one, &mut two] {
        assert_eq!(failed(normaliser, &of("bad")).reason_code, ReasonCode::ParserLimit);
    }
    assert!(one.set_aside().is_empty());
    assert_eq!(failed(&mut one, &of("bad")).reason_code, ReasonCode::ParserLimit);
    let aside = two.set_aside();
    assert_eq!((aside.len(), aside[0].parser.as_str()), (1, "try"));
    assert!(aside[0].why.contains("a value of more than 1048576 bytes"), "{}", aside[0].why);
    assert!(one.set_aside().is_empty(), "it is told once");
    let refused = failed(&mut one, &of("good"));
    assert_eq!((refused.reason_code, refused.parser.as_deref()), (ReasonCode::ParserSetAside, Some("try")));

    let kept = Uploaded { name: "try".into(), source: "does not matter".into(), set_aside: Some(aside[0].why.clone()) };
    let again = Normaliser::new(shipped().with(&[kept], None).expect("it is not compiled"));
    assert!(again.set_aside().is_empty());
    let mut again = again;
    assert_eq!(failed(&mut again, &of("good")).reason, format!("the parser is set aside: {}", aside[0].why));
}

#[test]
fn a_parser_that_did_not_change_is_not_compiled_again_and_one_enabled_anew_starts_anew() {
    let one =
        |set_aside: Option<String>| Uploaded { name: "try".into(), source: "%record_type = \"Audit\"\n%ecs.\"host.name\" = \"h\"".into(), set_aside };
    let other = Uploaded { name: "other".into(), ..one(None) };
    let before = shipped().with(&[one(None)], None).expect("compiles");
    let after = shipped().with(&[one(None), other], Some(&before)).expect("compiles");
    let place = |parsers: &Parsers| std::ptr::from_ref(parsers.get("try").expect("it is there"));
    assert_eq!(place(&before), place(&after));
    let aside = shipped().with(&[one(Some("too slow".into()))], Some(&after)).expect("it is not compiled");
    assert_ne!(place(&after), place(&aside));
    let of = |parsers: &Arc<Parsers>| Normaliser::new(Arc::clone(parsers)).normalise(&Input { parser: Some("try"), ..input("x") });
    assert_eq!(of(&aside).failed().map(|failed| failed.reason_code), Some(ReasonCode::ParserSetAside));
    let again = shipped().with(&[one(None)], Some(&aside)).expect("compiles");
    assert!(of(&again).record().is_some());
}
