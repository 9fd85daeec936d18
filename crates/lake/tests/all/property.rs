//! Random rows and random queries: the lake finds what a plain loop over the rows finds.

use bailiwick_lake::{Row, Search};
use proptest::prelude::*;
use serde_json::json;

use crate::rows::{DAY, SECOND, ids, lake, row, search, shared, with};

const WORDS: &[&str] = &["error", "Failed", "logon", "über", "a_b", "50%", "errorlog", "xlogon", "ÜBERS"];
const HOSTS: &[&str] = &["web-1", "WEB-2", "db", "Web-10"];

#[derive(Clone, Debug)]
enum Ask {
    Word(&'static str),
    Part(&'static str),
    Start(&'static str),
    Phrase(&'static str, &'static str),
    Host(&'static str),
    HostLike(&'static str),
    HasHost,
    Port(i64, i64),
    Task(u8),
    Not(Box<Ask>),
    And(Box<Ask>, Box<Ask>),
    Or(Box<Ask>, Box<Ask>),
    Beside(Box<Ask>, Box<Ask>),
}

impl Ask {
    fn text(&self) -> String {
        match self {
            Self::Word(word) => (*word).to_owned(),
            Self::Part(part) => format!("*{part}*"),
            Self::Start(part) => format!("{part}*"),
            Self::Phrase(a, b) => format!("\"{a} {b}\""),
            Self::Host(host) => format!("host.name:{host}"),
            Self::HostLike(start) => format!("host_name:{start}*"),
            Self::HasHost => "host.name:*".to_owned(),
            Self::Port(from, to) => format!("source.port:[{from} TO {to}}}"),
            Self::Task(task) => format!("data.Task:{task}"),
            Self::Not(ask) => format!("(NOT {})", ask.text()),
            Self::And(a, b) => format!("({} AND {})", a.text(), b.text()),
            Self::Or(a, b) => format!("({} OR {})", a.text(), b.text()),
            Self::Beside(a, b) => format!("({} {})", a.text(), b.text()),
        }
    }

    fn holds(&self, row: &Row) -> bool {
        let host = row.ecs.get("host.name").and_then(|host| host.as_str()).map(str::to_lowercase);
        match self {
            Self::Word(word) => stands(row, word, true, true),
            Self::Part(part) => stands(row, part, false, false),
            Self::Start(part) => stands(row, part, true, false),
            Self::Phrase(a, b) => stands(row, &format!("{a} {b}"), true, true),
            Self::Host(wanted) => host.is_some_and(|host| host == wanted.to_lowercase()),
            Self::HostLike(start) => host.is_some_and(|host| host.starts_with(&start.to_lowercase())),
            Self::HasHost => host.is_some(),
            Self::Port(from, to) => row.ecs.get("source.port").and_then(|port| port.as_i64()).is_some_and(|port| (*from..*to).contains(&port)),
            Self::Task(task) => row.fields.contains(&format!("\"Task\":{task}}}")),
            Self::Not(ask) => !ask.holds(row),
            Self::And(a, b) | Self::Beside(a, b) => a.holds(row) && b.holds(row),
            Self::Or(a, b) => a.holds(row) || b.holds(row),
        }
    }
}

/// Whether a text stands in a row's message or raw text, on its own at the ends that are asked for.
fn stands(row: &Row, wanted: &str, start: bool, end: bool) -> bool {
    let wanted = wanted.to_lowercase();
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    [&row.message, &row.raw].iter().any(|text| {
        let text = text.to_lowercase();
        text.char_indices().map(|(at, _)| at).filter(|at| text[*at..].starts_with(&wanted)).any(|at| {
            let inside_start = start && letter(wanted.chars().next()) && letter(text[..at].chars().next_back());
            let inside_end = end && letter(wanted.chars().next_back()) && letter(text[at + wanted.len()..].chars().next());
            !inside_start && !inside_end
        })
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let leaf = prop_oneof![
        proptest::sample::select(WORDS).prop_map(Ask::Word),
        proptest::sample::select(&["rror", "ogo", "faile", "_", "logone", "ü"][..]).prop_map(Ask::Part),
        proptest::sample::select(&["erro", "log", "übe", "50", "rro"][..]).prop_map(Ask::Start),
        (proptest::sample::select(WORDS), proptest::sample::select(WORDS)).prop_map(|(a, b)| Ask::Phrase(a, b)),
        proptest::sample::select(HOSTS).prop_map(Ask::Host),
        proptest::sample::select(&["web", "WEB-1", "d"][..]).prop_map(Ask::HostLike),
        Just(Ask::HasHost),
        (0_i64..6, 0_i64..6).prop_map(|(from, to)| Ask::Port(from, to)),
        (0_u8..4).prop_map(Ask::Task),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        let two = || (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            inner.clone().prop_map(|ask| Ask::Not(Box::new(ask))),
            two().prop_map(|(a, b)| Ask::And(a, b)),
            two().prop_map(|(a, b)| Ask::Or(a, b)),
            two().prop_map(|(a, b)| Ask::Beside(a, b)),
        ]
    })
}

type Made = (i64, Vec<&'static str>, Option<&'static str>, Option<i64>, Option<u8>);

fn made() -> impl Strategy<Value = Made> {
    (
        0_i64..40,
        proptest::collection::vec(proptest::sample::select(WORDS), 0..4),
        proptest::option::of(proptest::sample::select(HOSTS)),
        proptest::option::of(0_i64..6),
        proptest::option::of(0_u8..4),
    )
}

fn rows(made: &[Made]) -> Vec<Row> {
    let make = |(n, (hours, words, host, port, task)): (usize, &Made)| {
        let mut ecs = json!({});
        if let Some(host) = host {
            ecs["host.name"] = json!(host);
        }
        if let Some(port) = port {
            ecs["source.port"] = json!(port);
        }
        let fields = task.map_or_else(|| json!({}), |task| json!({"data": {"Task": task}}));
        with(row(n, DAY + hours * 3600 * SECOND, &words.join(" ")), ecs, fields)
    };
    made.iter().enumerate().map(make).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_a_loop_finds(
        made in proptest::collection::vec(made(), 0..60),
        asks in proptest::collection::vec(ask(), 1..4),
        cuts in (0_usize..60, 0_usize..60),
        limit in 1_usize..30,
        times in (proptest::option::of(0_i64..40), proptest::option::of(0_i64..40)),
    ) {
        let rows = rows(&made);
        let shared = shared(rows.clone());
        let (first, second) = (cuts.0.min(rows.len()), cuts.1.min(rows.len()));
        let (first, second) = (first.min(second), first.max(second));
        let (from, to) = (times.0.map(|hours| DAY + hours * 3600 * SECOND), times.1.map(|hours| DAY + hours * 3600 * SECOND));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (_directory, lake) = lake();
            let mut files = lake.write("a", &shared[..first]).await.expect("written");
            files.extend(lake.write("b", &shared[first..second]).await.expect("written"));
            for ask in &asks {
                let wanted = |row: &&Row| ask.holds(row) && from.is_none_or(|from| row.event_time >= from) && to.is_none_or(|to| row.event_time < to);
                let mut expected: Vec<&Row> = rows.iter().filter(wanted).collect();
                expected.sort_by(|a, b| (b.event_time, &b.id).cmp(&(a.event_time, &a.id)));
                let query = Search { limit, from, to, ..search(&ask.text()) };
                let count = lake.count(&files, &shared[second..], &query).await.expect("a count");
                prop_assert_eq!(count as usize, expected.len(), "{}", ask.text());
                let found = ids(&lake, &files, &shared[second..], query).await;
                let expected: Vec<&str> = expected.iter().map(|row| row.id.as_str()).collect();
                prop_assert_eq!(found, expected, "{}", ask.text());
            }
            Ok(())
        })?;
    }
}
