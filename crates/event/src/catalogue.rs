//! A parser's table of known events: what an event id means, without a program having to say it.

use std::collections::HashMap;

use crate::record::RecordType;

/// What is known of one event id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownEvent {
    pub(crate) record_type: RecordType,
    pub(crate) action: String,
    pub(crate) outcome: Option<String>,
}

/// `parsers/<name>/events.tsv`: channel, event code, record type, action, outcome (`-` for none).
#[derive(Debug, Default)]
pub(crate) struct Catalogue(Vec<(String, HashMap<String, KnownEvent>)>);

impl Catalogue {
    /// Reads the table; the error names the line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut channels: HashMap<String, HashMap<String, KnownEvent>> = HashMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let at = number + 1;
            let columns: Vec<&str> = line.split('\t').collect();
            let [channel, code, record_type, action, outcome] = columns[..] else {
                return Err(format!("events.tsv line {at}: {} columns where 5 are needed", columns.len()));
            };
            let record_type = record_type.parse().map_err(|error| format!("events.tsv line {at}: {error}"))?;
            let event = KnownEvent { record_type, action: action.to_owned(), outcome: (outcome != "-").then(|| outcome.to_owned()) };
            if channels.entry(channel.to_lowercase()).or_default().insert(code.to_owned(), event).is_some() {
                return Err(format!("events.tsv line {at}: {channel} {code} is listed twice"));
            }
        }
        Ok(Self(channels.into_iter().collect()))
    }

    /// The event of this channel (in any case) and code.
    pub(crate) fn get(&self, channel: &str, code: &str) -> Option<&KnownEvent> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(channel))?.1.get(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_match_in_any_case() {
        let catalogue = Catalogue::parse("# comment\nSecurity\t4625\tAuthentication\tlogon-failed\tfailure\n").expect("a good table");
        let event = catalogue.get("SECURITY", "4625").expect("known");
        assert_eq!((event.record_type, event.outcome.as_deref()), (RecordType::Authentication, Some("failure")));
        assert!(catalogue.get("Security", "1").is_none());
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, error) in [
            ("a\tb\n", "events.tsv line 1: 2 columns where 5 are needed"),
            ("a\tb\tX\td\te", "events.tsv line 1: unknown record type \"X\""),
            ("a\t1\tAudit\td\t-\nA\t1\tAudit\td\t-", "events.tsv line 2: A 1 is listed twice"),
        ] {
            assert_eq!(Catalogue::parse(text).expect_err("a bad table"), error);
        }
    }
}
