//! What a query accepts, and what it says when it does not.

use proptest::prelude::*;

use super::*;

fn refused(text: &str) -> QueryError {
    Query::parse(text).expect_err(text)
}

fn position(text: &str) -> usize {
    match refused(text) {
        QueryError::Syntax { position, .. } => position,
        other => panic!("{text}: {other}"),
    }
}

#[test]
fn nothing_and_a_star_match_everything() {
    for text in ["", "  ", "*", "(*)", "* OR web", "* AND *"] {
        assert_eq!(Query::parse(text), Ok(Query::default()), "{text}");
    }
    assert!(Query::parse("NOT *").expect("valid").condition().is_some());
}

#[test]
fn an_error_says_where() {
    assert_eq!(position("host.name:"), 10);
    assert_eq!(position("a )"), 2);
    assert_eq!(position("(a OR b"), 7);
    assert!(position(r#"a "C:\x\y" AND "open"#) >= 15);
    assert_eq!(position("a AND("), 5);
}

#[test]
fn a_mixture_people_and_the_grammar_read_differently_is_refused() {
    for text in ["a b AND c OR d", "a OR b c OR d", "x:1 y:2 OR z:3 AND w:4"] {
        assert!(refused(text).to_string().contains("parentheses"), "{text}");
    }
    for text in ["a b OR c d", "a AND b OR c AND d", "a b AND c", "(a OR b) (c OR d)", "x : 1 AND y:2 OR z:3", "p:[1 TO 2] AND a OR b"] {
        assert!(Query::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn what_has_no_meaning_is_refused_by_name() {
    for (text, word) in [
        ("a^2", "weight"),
        ("\"a b\"~3", "near"),
        ("/a.*b/", "regular"),
        ("[a TO b]", "field"),
        ("source.port:abc", "source.port"),
        ("source.port:44*", "wildcards"),
        ("source.port:[1 TO x]", "source.port"),
        ("event_time:>yesterday", "event_time"),
    ] {
        assert!(refused(text).to_string().contains(word), "{text}: {}", refused(text));
    }
}

#[test]
fn what_is_refused_is_pointed_at() {
    for (text, position) in [
        ("a b^2", 3),
        ("x \"a b\"~3", 7),
        ("a AND /a.*b/", 6),
        ("x:1 [a TO b]", 4),
        ("source.port:1 OR source.port:abc", 29),
        ("source.port : 44* x", 14),
        ("a source.port:[1 TO x]", 20),
        ("event_time:>yesterday", 12),
        ("source.ip:10.0.0.0/33", 10),
        ("source.port: IN [1 b]", 19),
        ("source.port:10.0.0.0/8", 12),
    ] {
        assert_eq!(refused(text).position(), Some(position), "{text}: {}", refused(text));
    }
    assert_eq!(refused(&"a".repeat(5000)).position(), None);
}

#[test]
fn size_is_bounded() {
    assert!(matches!(refused(&"a".repeat(5000)), QueryError::TooLarge(_)));
    assert!(matches!(refused(&"a".repeat(1100)), QueryError::TooLarge(_)));
    assert!(matches!(refused(&"a*".repeat(20)), QueryError::TooLarge(_)));
    assert!(matches!(refused(&"(".repeat(2000)), QueryError::TooLarge(_)));
    assert!(matches!(refused(&"NOT ".repeat(1000)), QueryError::TooLarge(_)));
    let many: Vec<String> = (0..65).map(|n| format!("w{n}")).collect();
    assert!(matches!(refused(&many.join(" ")), QueryError::TooLarge(_)));
    assert!(matches!(refused(&format!("a: IN [{}]", many.join(" "))), QueryError::TooLarge(_)));
    assert!(Query::parse(&many[..64].join(" ")).is_ok());
    assert!(Query::parse(&format!("{}a{}", "(".repeat(30), ")".repeat(30))).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_answered(text in r#"([a-z:*?"'()\[\]{}^~<>=+/\\ -]|AND |OR |NOT | TO | IN \[|ü|\u{a0}){0,40}"#) {
        if let Err(QueryError::Syntax { position, .. }) = Query::parse(&text) {
            prop_assert!(position <= text.len(), "{} in {:?}", position, text);
        }
    }
}
