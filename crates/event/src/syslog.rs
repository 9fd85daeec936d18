//! Syslog frames, RFC 5424 and the RFC 3164 family, to fields.
//!
//! Read here and not by VRL's `parse_syslog`, which takes the missing year of an RFC 3164 time from the wall clock: an event
//! replayed from the log must give the same record.

use crate::fields::Fields;

/// The most structured-data parameters kept of one frame.
const MAX_PARAMS: usize = 64;
/// Longer words are no names.
const MAX_NAME: usize = 255;

/// A frame taken apart; every part is optional but the message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// Facility × 8 + severity, absent when outside 0 to 191.
    pub(crate) priority: Option<u8>,
    pub(crate) time: Option<&'a str>,
    pub(crate) hostname: Option<&'a str>,
    pub(crate) appname: Option<&'a str>,
    pub(crate) procid: Option<&'a str>,
    pub(crate) msgid: Option<&'a str>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) message: &'a str,
}

/// Whether the line starts as a frame does: `<digits>`, or a BSD time without a priority.
pub(crate) fn looks_framed(line: &str) -> bool {
    split_priority(line).is_some() || split_bsd_time(line).is_some()
}

/// Takes a line apart. A line that is no frame comes back whole as the message.
pub(crate) fn parse(line: &str) -> Frame<'_> {
    let (priority, rest) = match split_priority(line) {
        Some((number, rest)) => (u8::try_from(number).ok().filter(|n| *n <= 191), rest),
        None => (None, line),
    };
    let mut frame = match rest.strip_prefix("1 ") {
        Some(body) if rest.len() < line.len() => parse_5424(body),
        _ => parse_3164(rest),
    };
    frame.priority = priority;
    frame
}

/// `<13>rest` to (13, rest): one to five digits, so that a number out of range is still seen as a priority.
fn split_priority(line: &str) -> Option<(u32, &str)> {
    let (digits, rest) = line.strip_prefix('<')?.split_once('>')?;
    let number = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    number.then(|| digits.parse().ok()).flatten().map(|number| (number, rest))
}

fn parse_5424(body: &str) -> Frame<'_> {
    let mut rest = body;
    let mut word = || {
        let (word, tail) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = tail;
        (word != "-" && !word.is_empty()).then_some(word)
    };
    let (time, hostname, appname, procid, msgid) = (word(), word(), word(), word(), word());
    let mut params = Vec::new();
    let message = split_structured_data(rest, &mut params);
    let message = message.strip_prefix('\u{feff}').unwrap_or(message);
    Frame {
        priority: None,
        time,
        hostname: hostname.filter(|name| name.len() <= MAX_NAME),
        appname: appname.filter(|name| name.len() <= MAX_NAME),
        procid,
        msgid,
        params,
        // rsyslog sends the blank after the tag of what it read along as the beginning of the message.
        message: message.strip_prefix(' ').unwrap_or(message),
    }
}

/// `-` or `[id name="value" …][id …]`, then the message. Structured data that breaks off is part of the message.
fn split_structured_data<'a>(text: &'a str, params: &mut Vec<(String, String)>) -> &'a str {
    if let Some(rest) = text.strip_prefix('-') {
        return rest.strip_prefix(' ').unwrap_or(rest);
    }
    let mut rest = text;
    while let Some(element) = rest.strip_prefix('[') {
        let Some(tail) = split_element(element, params) else {
            params.clear();
            return text;
        };
        rest = tail;
    }
    rest.strip_prefix(' ').unwrap_or(rest)
}

fn split_element<'a>(text: &'a str, params: &mut Vec<(String, String)>) -> Option<&'a str> {
    let end = text.find([' ', ']'])?;
    let (id, mut rest) = text.split_at(end);
    if id.is_empty() {
        return None;
    }
    loop {
        rest = rest.trim_start_matches(' ');
        if let Some(tail) = rest.strip_prefix(']') {
            return Some(tail);
        }
        let (name, tail) = rest.split_once("=\"")?;
        if name.is_empty() || name.contains([' ', ']', '"']) {
            return None;
        }
        let (value, tail) = split_quoted(tail)?;
        if params.len() < MAX_PARAMS && id.len() + name.len() < MAX_NAME {
            params.push((format!("{id}.{name}"), value));
        }
        rest = tail;
    }
}

/// The text up to the closing quote, `\"`, `\\` and `\]` unescaped.
fn split_quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                escaped @ ('"' | '\\' | ']') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            other => value.push(other),
        }
    }
    None
}

fn parse_3164(rest: &str) -> Frame<'_> {
    let rest = rest.trim_start_matches(' ');
    let Some((time, body)) = split_bsd_time(rest).or_else(|| split_iso_time(rest)) else {
        return Frame { message: rest, ..Frame::default() };
    };
    let (first, tail) = body.split_once(' ').unwrap_or((body, ""));
    // Some senders leave the host name out: then the tag comes first.
    let (hostname, tagged) = if is_tag(first) { (None, body) } else { (Some(first), tail) };
    let (appname, procid, message) = split_tag(tagged);
    let hostname = hostname.filter(|name| !name.is_empty() && *name != "-" && name.len() <= MAX_NAME);
    Frame { time: Some(time), hostname, appname, procid, message, ..Frame::default() }
}

/// `Mar  2 00:33:27 rest` and `Mar 2 2026 00:33:27 rest`, split before `rest`. Only the shape counts, not the values.
fn split_bsd_time(text: &str) -> Option<(&str, &str)> {
    let month = text.get(..4)?;
    if !month.ends_with(' ') || !month.starts_with(|c: char| c.is_ascii_uppercase()) || !month[1..3].bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let mut at = 3;
    for _ in 0..3 {
        at += text[at..].len() - text[at..].trim_start_matches(' ').len();
        let word = text[at..].split(' ').next().filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        at += word.len();
        if word.contains(':') {
            return Some((&text[..at], text[at..].strip_prefix(' ').unwrap_or("")));
        }
    }
    None
}

/// `2026-03-02T00:33:27Z rest`, as rsyslog forwards.
fn split_iso_time(text: &str) -> Option<(&str, &str)> {
    let (time, rest) = text.split_once(' ')?;
    let bytes = time.as_bytes();
    (bytes.len() >= 19 && bytes[4] == b'-' && bytes[10] == b'T' && bytes[0].is_ascii_digit()).then_some((time, rest))
}

fn is_tag(word: &str) -> bool {
    word.ends_with(':') && !word.ends_with("::") || word.ends_with("]:")
}

/// `sshd[123]: text` to (sshd, 123, text); a text without a tag comes back whole.
fn split_tag(text: &str) -> (Option<&str>, Option<&str>, &str) {
    let end = text.find([' ', ':', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() || name.len() > MAX_NAME {
        return (None, None, text);
    }
    let (procid, rest) = match rest.strip_prefix('[').and_then(|tail| tail.split_once(']')) {
        Some((procid, tail)) => (Some(procid).filter(|id| !id.is_empty()), tail),
        None => (None, rest),
    };
    match rest.strip_prefix(':') {
        Some(message) => (Some(name), procid, message.strip_prefix(' ').unwrap_or(message)),
        None => (None, None, text),
    }
}

impl Frame<'_> {
    /// The frame as fields: `message`, and those of `timestamp`, `hostname`, `appname`, `procid`, `msgid`, `facility`,
    /// `severity` (both numbers) and `<id>.<name>` of the structured data that it has.
    pub(crate) fn into_fields(self) -> Fields {
        let text: usize = self.params.iter().map(|(name, value)| name.len() + value.len()).sum();
        let mut fields = Fields::with_capacity(12 + self.params.len(), 200 + text + self.message.len());
        for (name, value) in &self.params {
            fields.push_str(name, value);
        }
        let words = [
            ("timestamp", self.time),
            ("hostname", self.hostname),
            ("appname", self.appname),
            ("procid", self.procid),
            ("msgid", self.msgid),
            ("message", Some(self.message)),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                fields.push_str(name, word);
            }
        }
        if let Some(priority) = self.priority {
            fields.push("facility", i64::from(priority >> 3));
            fields.push("severity", i64::from(priority & 7));
        }
        fields.settle();
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_5424_with_structured_data() {
        let frame = parse(r#"<165>1 2026-03-02T00:00:00Z host.example app 12 ID7 [a@1 k="v \"q\" \] \\" e=""][b@2] text [x]"#);
        assert_eq!((frame.priority, frame.time, frame.hostname), (Some(165), Some("2026-03-02T00:00:00Z"), Some("host.example")));
        assert_eq!((frame.appname, frame.procid, frame.msgid, frame.message), (Some("app"), Some("12"), Some("ID7"), "text [x]"));
        assert_eq!(frame.params, [("a@1.k".to_owned(), "v \"q\" ] \\".to_owned()), ("a@1.e".to_owned(), String::new())]);
    }

    #[test]
    fn rfc_5424_as_rsyslog_writes_it() {
        let read = |text: &str| parse(&format!("<38>1 - web-01 sshd 9 - {text}")).message.to_owned();
        assert_eq!(
            (read("-  Failed"), read("- Failed"), read("- \u{feff}Failed"), read("[a@1]  \tFailed")),
            ("Failed".into(), "Failed".into(), "Failed".into(), "\tFailed".into())
        );
    }

    #[test]
    fn structured_data_that_breaks_off_is_kept_in_the_message() {
        let frame = parse(r#"<165>1 - host app - - [a@1 k="v text"#);
        assert_eq!((frame.hostname, frame.message, frame.params.len()), (Some("host"), r#"[a@1 k="v text"#, 0));
    }

    #[test]
    fn rfc_3164_and_its_relatives() {
        for (line, host, app, pid, message) in [
            ("<38>Mar  2 00:33:27 web-01 sshd[9]: hello: x", Some("web-01"), Some("sshd"), Some("9"), "hello: x"),
            ("<38>Mar 12 2026 00:33:27 web-01 sshd[9]: hello", Some("web-01"), Some("sshd"), Some("9"), "hello"),
            ("<38>2026-03-02T00:33:27.1+01:00 web-01 sshd[9]: hello", Some("web-01"), Some("sshd"), Some("9"), "hello"),
            ("Mar  2 00:33:27 web-01 su: hello", Some("web-01"), Some("su"), None, "hello"),
            ("<38>Mar  2 00:33:27 sshd[9]: hello", None, Some("sshd"), Some("9"), "hello"),
            ("<38>Mar  2 00:33:27 fe80::1 -- MARK --", Some("fe80::1"), None, None, "-- MARK --"),
            ("<38>Mar  2 00:33:27", None, None, None, ""),
            ("<38>just text", None, None, None, "just text"),
        ] {
            let frame = parse(line);
            assert_eq!((frame.hostname, frame.appname, frame.procid, frame.message), (host, app, pid, message), "{line}");
        }
    }

    #[test]
    fn a_priority_out_of_range_is_left_out_and_the_rest_is_read() {
        let frame = parse("<999>Feb 30 25:61:61 web-01 su: hello");
        assert_eq!((frame.priority, frame.time, frame.hostname), (None, Some("Feb 30 25:61:61"), Some("web-01")));
        assert!(looks_framed("<999>x") && !looks_framed("<abc>x") && !looks_framed("<>x") && !looks_framed("<123456>x"));
    }
}
