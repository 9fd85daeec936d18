//! What a comment may be.

use super::*;
use bailiwick_api::Visibility;

fn new(body: &str) -> NewComment {
    NewComment { body: body.into(), visibility: Visibility::Internal, attachments: Vec::new() }
}

#[test]
fn a_comment_is_text_of_some_length() {
    assert_eq!(check(&new(" a\r\nb \n")).unwrap().body, " a\nb");
    for wrong in ["", " \n ", "a\u{0}b", &"x".repeat(MAX_BODY_CHARS + 1)] {
        assert_eq!(check(&new(wrong)).unwrap_err().problem().field.as_deref(), Some("body"));
    }
    assert!(check(&new(&"ü".repeat(MAX_BODY_CHARS))).is_ok());
}

#[test]
fn files_are_named_once_and_are_few() {
    let with = |attachments: Vec<String>| check(&NewComment { attachments, ..new("x") });
    assert_eq!(with(vec!["b".into(), "a".into(), "b".into()]).unwrap().attachments, ["a", "b"]);
    assert_eq!(with((0..21).map(|n| n.to_string()).collect()).unwrap_err().problem().field.as_deref(), Some("attachments"));
}

#[test]
fn a_comment_is_internal_unless_told() {
    let read: NewComment = serde_json::from_str(r#"{"body": "x"}"#).unwrap();
    assert_eq!(read.visibility, Visibility::Internal);
    let public: NewComment = serde_json::from_str(r#"{"body": "x", "visibility": "public"}"#).unwrap();
    assert_eq!(public.visibility, Visibility::Public);
}
