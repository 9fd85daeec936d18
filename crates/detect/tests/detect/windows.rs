//! Correlations over time: when they fire, when they do not, and that a restart changes nothing.

use std::fs;

use bailiwick_detect::{Observed, RuleSet, RuleSources, WindowHit, Windows};
use bailiwick_event::{Entity, EntityKind, Fields, LogSource, Record, RecordType};
use chrono::DateTime;
use proptest::prelude::*;

const BASES: &str = "
title: A
name: a
logsource: {product: test}
detection:
    sel: {kind: a}
    condition: sel
---
title: B
name: b
logsource: {product: test}
detection:
    sel: {kind: b}
    condition: sel
---
title: C
name: c
logsource: {product: test}
detection:
    sel: {kind: c}
    condition: sel
";

fn rules(correlations: &[(&str, &str)]) -> RuleSet {
    let mut text = BASES.to_owned();
    for (name, body) in correlations {
        text.push_str(&format!("---\ntitle: {name}\nname: {name}\nid: {name}\nlevel: high\ncorrelation: {body}\n"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("rules.yml"), text).expect("writes");
    let (rules, report) = RuleSet::load(&RuleSources { paths: vec![folder.path().to_owned()], ..RuleSources::default() }).expect("loads");
    assert!(report.refused.is_empty(), "{report:#?}");
    rules
}

fn record(seconds: i64, kind: &str, ip: &str, user: &str) -> Record {
    let fields = serde_json::json!({"kind": kind, "ip": ip, "user": user});
    Record {
        time: DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time"),
        time_rejected: None,
        record_type: RecordType::Audit,
        vendor: "test".to_owned(),
        product: "test".to_owned(),
        parser: "test".to_owned(),
        event_code: None,
        logsource: LogSource { product: Some("test".to_owned()), category: None, service: None },
        message: String::new(),
        fields: Fields::from_json(fields.as_object().cloned().expect("an object")),
        ecs: Fields::new(),
        entities: vec![Entity { kind: EntityKind::Host, value: "web".to_owned(), scores: true }],
    }
}

struct Run {
    rules: RuleSet,
    windows: Windows,
    stored: Vec<WindowHit>,
    events: u32,
}

impl Run {
    fn new(correlations: &[(&str, &str)]) -> Self {
        let rules = rules(correlations);
        let windows = Windows::new(&rules);
        Self { rules, windows, stored: Vec::new(), events: 0 }
    }

    fn see(&mut self, record: &Record) -> Observed {
        self.events += 1;
        let hits = self.rules.evaluate(record);
        let observed = self.windows.observe(&self.rules, record, &hits, &format!("e{}", self.events));
        self.stored.extend(observed.new_hits.iter().cloned());
        self.stored.retain(|row| !observed.stale_hits.contains(row));
        observed
    }

    /// The seconds at which something fired.
    fn fired(&mut self, records: &[(i64, &str, &str, &str)]) -> Vec<i64> {
        let mut at = Vec::new();
        for (seconds, kind, ip, user) in records {
            if !self.see(&record(*seconds, kind, ip, user)).fired.is_empty() {
                at.push(*seconds);
            }
        }
        at
    }

    /// Drops what is old, in memory and among the stored rows.
    fn expire(&mut self, now: &Record) {
        for (rule, before) in self.windows.expired_before(&self.rules, now.time.timestamp_micros()) {
            self.stored.retain(|row| row.rule_id != rule || row.time_us >= before);
        }
    }

    /// Forgets the memory and takes the stored rows back.
    fn restart(&mut self) {
        self.windows = Windows::new(&self.rules);
        self.windows.restore(&self.rules, self.stored.clone());
    }
}

const COUNT: (&str, &str) = ("count", "{type: event_count, rules: [a, b], group-by: [ip], timespan: 60s, condition: {gte: 3}}");

#[test]
fn an_event_count_fires_once_per_group_while_it_holds_and_again_after_a_pause() {
    let mut run = Run::new(&[COUNT]);
    let other: Vec<_> = (0..2).map(|s| (s, "a", "2", "x")).collect();
    assert!(run.fired(&other).is_empty(), "two are not three");
    let fired = run.fired(&[(3, "a", "1", "x"), (4, "b", "1", "x"), (5, "c", "1", "x"), (6, "a", "1", "x"), (7, "a", "1", "x"), (50, "a", "1", "x")]);
    assert_eq!(fired, [6], "the third of a or b, and not again while it holds");
    assert_eq!(run.fired(&[(200, "a", "1", "x"), (201, "a", "1", "x"), (202, "a", "1", "x")]), [202]);
    let one_a_while: Vec<_> = (0..20).map(|n| (1_000 + n * 30, "a", "3", "x")).collect();
    assert!(run.fired(&one_a_while).is_empty(), "never three within the window: {}", run.windows.held());
}

#[test]
fn what_fired_names_its_events_group_and_entities() {
    let mut run = Run::new(&[COUNT]);
    run.see(&record(0, "a", "192.0.2.1", "x"));
    run.see(&record(1, "a", "192.0.2.1", "x"));
    let fired = run.see(&record(2, "b", "192.0.2.1", "x")).fired.remove(0);
    assert_eq!((fired.rule.id.as_str(), fired.count, fired.event_ids.as_slice()), ("count", 3, ["e1", "e2", "e3"].map(str::to_owned).as_slice()));
    assert_eq!(fired.group, [("ip".to_owned(), "192.0.2.1".to_owned())]);
    assert_eq!(fired.last_us - fired.first_us, 2_000_000);
    let entities: Vec<_> = fired.entities.iter().map(|entity| (entity.kind, entity.value.as_str())).collect();
    assert_eq!(entities, [(EntityKind::Host, "web"), (EntityKind::Ip, "192.0.2.1")]);
}

#[test]
fn a_value_count_counts_distinct_values_whatever_their_case() {
    let mut run = Run::new(&[("spray", "{type: value_count, rules: [a], group-by: [ip], timespan: 60s, condition: {gte: 3, field: user}}")]);
    assert!(run.fired(&[(0, "a", "1", "ada"), (1, "a", "1", "ADA"), (2, "a", "1", "bob"), (3, "a", "1", ""), (4, "a", "1", "-")]).is_empty());
    assert_eq!(run.windows.dropped().ungrouped, 2);
    assert_eq!(run.fired(&[(5, "a", "1", "eve")]), [5]);
    assert_eq!(run.windows.held(), 3, "of a repeated value only the newest is kept");
    assert_eq!(run.stored.len(), 3, "and stored");
    assert!(run.fired(&[(62, "a", "1", "eve"), (63, "a", "1", "max")]).is_empty(), "ada and bob are out by now");
}

#[test]
fn a_sequence_fires_only_in_its_order() {
    let ordered = ("seq", "{type: temporal_ordered, rules: [a, b, c], group-by: [ip], timespan: 60s}");
    let mut run = Run::new(&[ordered]);
    assert!(run.fired(&[(0, "c", "1", "x"), (1, "b", "1", "x"), (2, "a", "1", "x")]).is_empty());
    assert_eq!(run.fired(&[(3, "b", "1", "x"), (4, "c", "1", "x")]), [4]);
    assert!(run.fired(&[(100, "a", "2", "x"), (101, "b", "3", "x"), (102, "c", "2", "x")]).is_empty(), "groups do not mix");
    assert!(run.fired(&[(200, "a", "1", "x"), (230, "b", "1", "x"), (261, "c", "1", "x")]).is_empty(), "too slow");
    let mut run = Run::new(&[ordered]);
    assert_eq!(run.fired(&[(0, "a", "1", "x"), (5, "c", "1", "x"), (3, "b", "1", "x")]), [3], "an event that comes late takes its place");
    assert!(run.fired(&[(500, "a", "1", "x"), (1, "b", "1", "x")]).is_empty());
    assert_eq!(run.windows.dropped().late, 1, "one from before the window does not");
}

#[test]
fn a_temporal_correlation_takes_any_order_and_conditions_over_names() {
    let any = ("any", "{type: temporal, rules: [a, b], group-by: [ip], timespan: 60s}");
    let mut run = Run::new(&[any]);
    assert_eq!(run.fired(&[(0, "b", "1", "x"), (1, "b", "1", "x"), (2, "a", "1", "x")]), [2]);
    let names = ("names", "{type: temporal, rules: [a, b, c], group-by: [ip], timespan: 60s, condition: 'a and (b or c)'}");
    let mut run = Run::new(&[names]);
    assert_eq!(run.fired(&[(0, "b", "1", "x"), (1, "c", "1", "x"), (2, "a", "1", "x")]), [2]);
}

#[test]
fn a_tumbling_window_counts_within_spans_that_follow_each_other() {
    // 1,800,000,000 is a whole minute.
    let mut run = Run::new(&[("bucket", "{type: event_count, rules: [a], group-by: [ip], timespan: 60s, window: tumbling, condition: {gte: 3}}")]);
    assert!(run.fired(&[(30, "a", "1", "x"), (59, "a", "1", "x"), (60, "a", "1", "x"), (61, "a", "1", "x")]).is_empty(), "two in each minute");
    assert!(run.fired(&[(58, "a", "1", "x")]).is_empty());
    assert_eq!(run.windows.dropped().late, 1, "of the minute before");
    assert_eq!(run.fired(&[(119, "a", "1", "x"), (118, "a", "1", "x")]), [119], "the third, once");
    assert_eq!(run.fired(&[(120, "a", "1", "x"), (121, "a", "1", "x"), (122, "a", "1", "x")]), [122], "and in the next minute again");
}

#[test]
fn a_session_lasts_while_matches_follow_each_other_and_no_longer_than_its_span() {
    let mut run =
        Run::new(&[("s", "{type: event_count, rules: [a], group-by: [ip], timespan: 60s, window: session, gap: 10s, condition: {gte: 3}}")]);
    assert_eq!(run.fired(&[(0, "a", "1", "x"), (10, "a", "1", "x"), (20, "a", "1", "x"), (30, "a", "1", "x")]), [20]);
    assert!(run.fired(&[(41, "a", "1", "x"), (51, "a", "1", "x"), (62, "a", "1", "x")]).is_empty(), "each gap of 11 s begins anew");
    let steady: Vec<_> = (0..14).map(|n| (1_000 + n * 10, "a", "1", "x")).collect();
    assert_eq!(run.fired(&steady), [1_020, 1_090], "a session of 60 s, then the next");
}

#[test]
fn windows_that_cannot_be_are_refused() {
    let refused = |body: &str| {
        let text = format!("{BASES}---\ntitle: x\nid: x\ncorrelation: {body}\n");
        let (nothing, _) = RuleSet::load(&RuleSources::default()).expect("nothing to read");
        let (_, report) = nothing.beside(vec![("x.yml".to_owned(), text)]);
        report.refused.first().map(|refused| refused.reason.clone()).unwrap_or_default()
    };
    assert!(refused("{type: event_count, rules: [a], timespan: 60s, window: session, condition: {gte: 3}}").contains("gap"));
    assert!(refused("{type: event_count, rules: [a], timespan: 60s, window: hopping, condition: {gte: 3}}").contains("hopping"));
    assert!(refused("{type: event_count, rules: [a], timespan: 40d, condition: {gte: 3}}").contains("31 days"));
    assert!(refused("{type: value_sum, rules: [a], timespan: 60s, condition: {gte: 3, field: n}}").contains("value_sum"));
}

#[test]
fn groups_go_by_ecs_names_and_aliases() {
    let mut run = Run::new(&[("s", "{type: event_count, rules: [a, b], group-by: [source.ip], timespan: 60s, condition: {gte: 2}}")]);
    let mut with_ecs = |seconds: i64, kind: &str, address: &str| {
        let mut record = record(seconds, kind, "-", "x");
        record.ecs.insert("source.ip", address);
        run.see(&record).fired.len()
    };
    assert_eq!((with_ecs(0, "a", "192.0.2.1"), with_ecs(1, "b", "192.0.2.2"), with_ecs(2, "b", "192.0.2.1")), (0, 0, 1));
    let aliased = "{type: temporal, rules: [a, b], aliases: {who: {a: user, b: ip}}, group-by: [who], timespan: 60s}";
    let mut run = Run::new(&[("s", aliased)]);
    assert_eq!(run.fired(&[(0, "a", "1", "ada"), (1, "b", "eve", "x"), (2, "b", "ADA", "x")]), [2]);
}

#[test]
fn a_rule_that_feeds_a_correlation_alerts_by_itself_only_when_told() {
    let alerts = |generate: &str| {
        let body = format!("{{type: event_count, rules: [a], timespan: 60s, condition: {{gte: 2}}{generate}}}");
        rules(&[("s", &body)]).rules().find(|rule| rule.name.as_deref() == Some("a")).expect("a").alerts
    };
    assert!(!alerts("") && !alerts(", generate: false") && alerts(", generate: true"));
}

#[test]
fn a_correlation_may_feed_another() {
    let inner = ("inner", "{type: event_count, rules: [a], group-by: [ip], timespan: 60s, condition: {gte: 3}}");
    let outer = ("outer", "{type: temporal_ordered, rules: [inner, b], group-by: [ip], timespan: 600s}");
    let mut run = Run::new(&[outer, inner]);
    assert!(run.fired(&[(0, "b", "1", "x"), (1, "a", "1", "x"), (2, "a", "1", "x"), (3, "a", "1", "x")]).is_empty(), "inner is silent");
    let fired = run.see(&record(400, "b", "1", "x")).fired;
    assert_eq!(fired.iter().map(|fired| fired.rule.id.as_str()).collect::<Vec<_>>(), ["outer"]);
}

#[test]
fn rules_and_windows_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<RuleSet>();
    shared::<Windows>();
}

#[test]
fn memory_is_bounded_and_old_windows_go() {
    let mut run = Run::new(&[COUNT]);
    let many: Vec<_> = (0..500).map(|n| (n / 100, "a", "1", "x")).collect();
    assert_eq!(run.fired(&many), [0]);
    assert!(run.windows.held() <= 4 && run.stored.len() <= 4, "{} held, {} stored", run.windows.held(), run.stored.len());
    let now = record(10_000, "a", "9", "x");
    run.see(&now);
    let expired = run.windows.expired_before(&run.rules, now.time.timestamp_micros());
    assert_eq!(expired, [("count".to_owned(), now.time.timestamp_micros() - 120_000_000)]);
    assert_eq!(run.windows.held(), 1);
}

fn stream() -> impl Strategy<Value = Vec<(i64, usize, usize, usize)>> {
    prop::collection::vec((0..40_i64, 0..3_usize, 0..2_usize, 0..4_usize), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A node that restarts after any event goes on as if it had not.
    #[test]
    fn a_restart_changes_nothing(stream in stream(), restart in 0..60_usize) {
        let all = [
            COUNT,
            ("spray", "{type: value_count, rules: [a], group-by: [ip], timespan: 90s, condition: {gte: 3, field: user}}"),
            ("seq", "{type: temporal_ordered, rules: [a, b, c], group-by: [ip], timespan: 60s}"),
            ("any", "{type: temporal, rules: [a, b], timespan: 30s}"),
            ("bucket", "{type: event_count, rules: [a, b], group-by: [ip], timespan: 60s, window: tumbling, condition: {gte: 3}}"),
            ("session", "{type: event_count, rules: [a, b], group-by: [ip], timespan: 300s, window: session, gap: 20s, condition: {gte: 3}}"),
        ];
        let (mut steady, mut restarted, mut now) = (Run::new(&all), Run::new(&all), 0);
        for (at, (step, kind, ip, user)) in stream.into_iter().enumerate() {
            // Every seventh event is late.
            now += step;
            let time = if at % 7 == 6 { now - 45 } else { now };
            let record = record(time, ["a", "b", "c"][kind], ["1", "2"][ip], ["u", "v", "w", "x"][user]);
            let names = |observed: Observed| observed.fired.into_iter().map(|f| (f.rule.id.clone(), f.event_ids)).collect::<Vec<_>>();
            prop_assert_eq!(names(steady.see(&record)), names(restarted.see(&record)));
            if at % 5 == 4 {
                steady.expire(&record);
                restarted.expire(&record);
            }
            if at == restart {
                restarted.restart();
            }
        }
        prop_assert_eq!(steady.stored, restarted.stored);
    }
}
