//! A body into events: lines, the elements of a JSON array, or the `Records` of a CloudTrail file. Never fails: what cannot be split is
//! one event, which then fails by itself. It stops one event after the most a body may hold, so that memory is bounded by that.

use super::MAX_EVENTS;
use bytes::Bytes;

/// How a body is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Lines,
    /// A JSON array whose first element begins after this offset.
    Array(usize),
}

/// An event and the line or element it came from, from 1.
pub type Numbered = (u64, Bytes);

/// Divides a body. Blank lines are no events.
pub fn split(body: &Bytes) -> Vec<Numbered> {
    match shape(body) {
        Shape::Lines => lines(body),
        Shape::Array(start) => elements(body, start),
    }
}

fn shape(body: &[u8]) -> Shape {
    let start = body.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(body.len());
    let end = body.iter().rposition(|b| !b.is_ascii_whitespace()).map_or(start, |at| at + 1);
    let trimmed = body.get(start..end).unwrap_or_default();
    match (trimmed.first(), trimmed.last()) {
        (Some(b'['), Some(b']')) if begins_an_array(trimmed) => Shape::Array(start + 1),
        (Some(b'{'), Some(b'}')) => records(trimmed).map_or(Shape::Lines, |at| Shape::Array(start + at)),
        _ => Shape::Lines,
    }
}

/// `[` of JSON, not of a log line such as `[error] …`: an element or the end follows.
fn begins_an_array(text: &[u8]) -> bool {
    let next = text.iter().skip(1).find(|b| !b.is_ascii_whitespace());
    matches!(next, Some(b'{' | b']' | b'[' | b'"'))
}

/// Where the elements of `{"Records":[` begin.
fn records(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for wanted in ["{", "\"Records\"", ":", "["] {
        at += text.get(at..)?.iter().position(|b| !b.is_ascii_whitespace())?;
        text.get(at..)?.starts_with(wanted.as_bytes()).then_some(())?;
        at += wanted.len();
    }
    Some(at)
}

/// The lines of a body. Blank ones are no events.
pub fn lines(body: &Bytes) -> Vec<Numbered> {
    let mut events = Vec::new();
    let (mut start, mut number) = (0, 0);
    while start < body.len() && events.len() <= MAX_EVENTS {
        number += 1;
        let end = memchr::memchr(b'\n', &body[start..]).map_or(body.len(), |at| start + at);
        let line = body.slice(start..end);
        let line = if line.last() == Some(&b'\r') { line.slice(..line.len() - 1) } else { line };
        if !line.iter().all(u8::is_ascii_whitespace) {
            events.push((number, line));
        }
        start = end + 1;
    }
    events
}

/// The elements of an array. When it breaks off, the rest is one event.
fn elements(body: &Bytes, start: usize) -> Vec<Numbered> {
    let mut events = Vec::new();
    let mut scan = Scan::default();
    let (mut from, mut number) = (start, 0);
    for (at, byte) in body.iter().enumerate().skip(start) {
        let ended = scan.step(*byte);
        if ended == Ended::No {
            continue;
        }
        number += 1;
        push(&mut events, number, body.slice(from..at));
        from = at + 1;
        if ended == Ended::Array || events.len() > MAX_EVENTS {
            return events;
        }
    }
    push(&mut events, number + 1, body.slice(from.min(body.len())..));
    events
}

fn push(events: &mut Vec<Numbered>, number: u64, element: Bytes) {
    let start = element.iter().position(|b| !b.is_ascii_whitespace());
    let end = element.iter().rposition(|b| !b.is_ascii_whitespace());
    if let (Some(start), Some(end)) = (start, end) {
        events.push((number, element.slice(start..=end)));
    }
}

#[derive(PartialEq, Eq)]
enum Ended {
    No,
    Element,
    Array,
}

/// Follows nesting and strings, byte by byte.
#[derive(Default)]
struct Scan {
    depth: u32,
    text: bool,
    escaped: bool,
}

impl Scan {
    fn step(&mut self, byte: u8) -> Ended {
        if self.text {
            let closes = byte == b'"' && !self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            self.text = !closes;
            return Ended::No;
        }
        match byte {
            b'"' => self.text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' => self.depth = self.depth.saturating_sub(1),
            b']' if self.depth == 0 => return Ended::Array,
            b']' => self.depth -= 1,
            b',' if self.depth == 0 => return Ended::Element,
            _ => {}
        }
        Ended::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(body: &str) -> Vec<String> {
        split(&Bytes::copy_from_slice(body.as_bytes())).into_iter().map(|(_, e)| String::from_utf8_lossy(&e).into_owned()).collect()
    }

    #[test]
    fn lines_arrays_and_cloudtrail_files_are_divided() {
        assert_eq!(texts("{\"a\":1}\r\n\n  \n{\"a\":2}"), ["{\"a\":1}", "{\"a\":2}"]);
        assert_eq!(texts(" [ {\"a\":\"],\\\"\"} , {\"b\":[1,2]} ] "), ["{\"a\":\"],\\\"\"}", "{\"b\":[1,2]}"]);
        assert_eq!(texts("{ \"Records\" : [ {\"a\":1},{\"b\":2} ] }"), ["{\"a\":1}", "{\"b\":2}"]);
        assert_eq!(texts("[error] client denied]"), ["[error] client denied]"]);
        assert_eq!(texts("[]"), Vec::<String>::new());
    }

    #[test]
    fn lines_are_numbered_as_in_the_body_and_a_broken_array_keeps_what_came_before() {
        let numbers: Vec<u64> = split(&Bytes::from_static(b"a\n\nb")).into_iter().map(|(n, _)| n).collect();
        assert_eq!(numbers, [1, 3]);
        assert_eq!(texts("[{\"a\":1},{\"b\":2]"), ["{\"a\":1}", "{\"b\":2]"]);
    }

    #[test]
    fn a_body_of_too_many_events_is_not_divided_to_its_end() {
        assert_eq!(split(&Bytes::from(b"x\n".repeat(3 * MAX_EVENTS))).len(), MAX_EVENTS + 1);
        assert_eq!(split(&Bytes::from(format!("[{}1]", "1,".repeat(3 * MAX_EVENTS)).replace("[1", "[\"1\""))).len(), MAX_EVENTS + 1);
    }

    proptest! {
        #[test]
        fn no_byte_that_matters_is_lost_from_lines(body in "[a-z \n]{0,200}") {
            let kept: String = texts(&body).concat().split_whitespace().collect();
            prop_assert_eq!(kept, body.split_whitespace().collect::<String>());
        }

        #[test]
        fn any_array_of_objects_comes_apart_into_its_elements(values in proptest::collection::vec(proptest::collection::btree_map("[a-z\\[\\]{},\"\\\\]{0,6}", ".{0,8}", 0..3), 1..5)) {
            let body = serde_json::to_string(&values).unwrap();
            let back: Vec<std::collections::BTreeMap<String, String>> = texts(&body).iter().map(|t| serde_json::from_str(t).unwrap()).collect();
            prop_assert_eq!(back, values);
        }
    }
}
