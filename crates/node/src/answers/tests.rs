//! How many rows an answer holds.

use super::counting::rows;

#[test]
fn rows_are_counted_in_the_list_that_holds_them() {
    for (json, count) in [
        (r#"{"data":[{"a":[1,2]},{"a":[]}],"next":null}"#, 2),
        (r#"{"data":[],"tags":["a","b"]}"#, 0),
        (r#"{"rrn":"x","tags":[],"looking":[]}"#, 1),
        (r#"{"investigation":{"tags":["a"]},"signals":[1,2],"history":[1]}"#, 3),
        (r#"{"columns":["a","b"],"rows":[[1],[2],[3]]}"#, 3),
        ("[1, 2]", 2),
        ("[]", 0),
        ("null", 1),
        ("", 0),
    ] {
        assert_eq!(rows(json.as_bytes()), count, "{json}");
    }
}
