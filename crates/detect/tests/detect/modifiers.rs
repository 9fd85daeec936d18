//! Every modifier of Sigma and every form of a condition by itself, each where it must match and where it must not. Run on every change
//! of the engine's version: older ones are known to miss some.

use serde_json::{Value, json};

use crate::support::{record_of, rules_of};

fn fires(detection: &str, fields: &Value) -> bool {
    let yaml = format!("title: t\nid: t\nlogsource: {{product: test}}\ndetection:\n{detection}\n");
    let rules = rules_of(&yaml);
    !rules.evaluate(&record_of(fields.clone(), [Some("test"), None, None])).is_empty()
}

#[track_caller]
fn check(item: &str, yes: &[Value], no: &[Value]) {
    let detection = format!("  s:\n    {item}\n  condition: s");
    for fields in yes {
        assert!(fires(&detection, fields), "{item} must match {fields}");
    }
    for fields in no {
        assert!(!fires(&detection, fields), "{item} must not match {fields}");
    }
}

#[test]
fn text_is_compared_in_any_case_with_wildcards() {
    check("A: 'Abc'", &[json!({"A": "aBC"}), json!({"A": ["x", "abc"]})], &[json!({"A": "abcd"}), json!({"B": "abc"}), json!({})]);
    check("A: '*\\x.exe'", &[json!({"A": "c:\\x.exe"})], &[json!({"A": "c:\\yx.exe"})]);
    check("A: 'a?c'", &[json!({"A": "abc"})], &[json!({"A": "ac"}), json!({"A": "abbc"})]);
    check("A: '-'", &[json!({"A": "-"})], &[json!({"A": "--"})]);
    check("A: ['x', 'y']", &[json!({"A": "Y"})], &[json!({"A": "z"})]);
    check("A: 7", &[json!({"A": 7}), json!({"A": "7"})], &[json!({"A": 77})]);
}

#[test]
fn contains_startswith_and_endswith_take_wildcards() {
    check("A|contains: 'b'", &[json!({"A": ["a", "xBx"]}), json!({"A": "abc"})], &[json!({"A": "ac"})]);
    check("A|contains: 'a*c'", &[json!({"A": "xabcx"})], &[json!({"A": "xacbx".replace('c', "d")})]);
    check("A|contains: '\\*'", &[json!({"A": "x*y"})], &[json!({"A": "xy"})]);
    check("A|startswith: 'a*c'", &[json!({"A": "abbcxx"})], &[json!({"A": "xabbc"})]);
    check("A|endswith: 'a*c'", &[json!({"A": "xxabbc"})], &[json!({"A": "abbcx"})]);
    check("A|endswith: '\\x?.exe'", &[json!({"A": "c:\\x1.exe"})], &[json!({"A": "c:\\x.exe"})]);
    check("A|contains|all: ['a', 'b']", &[json!({"A": "b-a"})], &[json!({"A": "a"})]);
}

#[test]
fn cased_exists_null_and_empty() {
    check("A|cased: 'X'", &[json!({"A": "X"})], &[json!({"A": "x"})]);
    check("A|startswith|cased: 'Ab'", &[json!({"A": "Abc"})], &[json!({"A": "abc"})]);
    check("A|exists: true", &[json!({"A": "x"})], &[json!({"B": "x"})]);
    check("A|exists: false", &[json!({"B": "x"})], &[json!({"A": "x"})]);
    check("A: null", &[json!({"B": 1}), json!({"A": null})], &[json!({"A": "x"})]);
    check("A: ''", &[json!({"A": ""})], &[json!({"A": "x"})]);
}

#[test]
fn encodings_are_applied_in_order() {
    check("A|base64: 'IEX'", &[json!({"A": "SUVY"})], &[json!({"A": "IEX"})]);
    check(
        "A|base64offset|contains: 'http://'",
        &[json!({"A": "xxaHR0cDovLw"}), json!({"A": "aHR0cDovL3d3dy5leGFtcGxl"}), json!({"A": "eGh0dHA6Ly93d3c="})],
        &[json!({"A": "http://"})],
    );
    check("A|wide|base64offset|contains: 'IEX'", &[json!({"A": "powershell -enc SQBFAFgAIAAx"})], &[json!({"A": "SUVY"})]);
    check("A|utf16le|base64offset|contains: 'abc'", &[json!({"A": "YQBiAGMA"})], &[json!({"A": "YWJj"})]);
}

#[test]
fn windash_regexes_numbers_and_networks() {
    check("A|contains|windash: ' /a'", &[json!({"A": "x -a"}), json!({"A": "x /a"}), json!({"A": "x \u{2013}a"})], &[json!({"A": "x a"})]);
    check("A|windash|contains: ' -a'", &[json!({"A": "x /a"})], &[json!({"A": "x +a"})]);
    check("A|re: 'a.c'", &[json!({"A": "xabcx"})], &[json!({"A": "ABC"})]);
    check("A|re|i: 'ABC'", &[json!({"A": "xabcx"})], &[json!({"A": "ab"})]);
    check("A|re|s: 'a.c'", &[json!({"A": "a\nc"})], &[json!({"A": "ac"})]);
    check("A|re|m: '^c'", &[json!({"A": "a\nc"})], &[json!({"A": "ac"})]);
    check("A|gt: 5", &[json!({"A": "7"}), json!({"A": 6})], &[json!({"A": 5}), json!({"A": "x"})]);
    check("A|gte: 5", &[json!({"A": 5})], &[json!({"A": 4})]);
    check("A|lt: 5", &[json!({"A": 3})], &[json!({"A": 5})]);
    check("A|lte: 5", &[json!({"A": 5})], &[json!({"A": 6})]);
    check("A|neq: 5", &[json!({"A": 6})], &[json!({"A": 5})]);
    check("A|cidr: '10.0.0.0/8'", &[json!({"A": "10.200.3.4"})], &[json!({"A": "11.0.0.1"}), json!({"A": "x"})]);
    check("A|cidr: '2001:db8::/32'", &[json!({"A": "2001:db8::1"})], &[json!({"A": "2001:db9::1"})]);
}

#[test]
fn fields_are_compared_with_fields_and_parts_of_times_are_read() {
    check("A|fieldref: B", &[json!({"A": "x", "B": "X"})], &[json!({"A": "x", "B": "y"}), json!({"A": "x"})]);
    check("A|fieldref|endswith: B", &[json!({"A": "xyz", "B": "YZ"})], &[json!({"A": "yzx", "B": "yz"})]);
    check("A|hour: 3", &[json!({"A": "2026-11-20T03:59:00Z"})], &[json!({"A": "2026-11-20T04:00:00Z"})]);
    check("A|expand: '%user%'", &[json!({"A": "bob", "user": "bob"})], &[json!({"A": "bob", "user": "ada"})]);
}

#[test]
fn conditions_take_every_form() {
    let parts = "  a1: {A: 1}\n  a2: {A2: 1}\n  b: {B: 1}\n  _hidden: {H: 1}\n  words: ['needle', 'thread']";
    let cases = [
        ("a1 and b", json!({"A": 1, "B": 1}), json!({"A": 1})),
        ("a1 or b", json!({"B": 1}), json!({"A2": 1})),
        ("a1 and not b", json!({"A": 1}), json!({"A": 1, "B": 1})),
        ("not (a1 or b)", json!({"C": 1}), json!({"B": 1})),
        ("(a1 or a2) and b", json!({"A2": 1, "B": 1}), json!({"A2": 1})),
        ("1 of a*", json!({"A2": 1}), json!({"B": 1})),
        ("any of a*", json!({"A2": 1}), json!({"B": 1})),
        ("all of a*", json!({"A": 1, "A2": 1}), json!({"A": 1})),
        ("2 of a*", json!({"A": 1, "A2": 1}), json!({"A": 1, "B": 1})),
        ("1 of them", json!({"B": 1}), json!({"H": 1})),
        ("all of them", json!({"A": 1, "A2": 1, "B": 1, "t": "a needle"}), json!({"A": 1, "A2": 1, "B": 1})),
        ("words", json!({"anything": "a Needle here"}), json!({"anything": "hay"})),
        ("_hidden", json!({"H": 1}), json!({"A": 1})),
    ];
    for (condition, yes, no) in cases {
        let detection = format!("{parts}\n  condition: {condition}");
        assert!(fires(&detection, &yes), "{condition} must match {yes}");
        assert!(!fires(&detection, &no), "{condition} must not match {no}");
    }
    assert!(fires("  a: [{A: 1, B: 1}, {C: 1}]\n  condition: a", &json!({"C": 1})), "a list of maps is any of them");
    assert!(fires("  a: {A: 1}\n  b: {B: 1}\n  condition: [a, b]", &json!({"B": 1})), "of several conditions one is enough");
    assert!(fires("  a: {'|contains': 'eed'}\n  condition: a", &json!({"t": "needle"})), "a keyword with a modifier");
}
