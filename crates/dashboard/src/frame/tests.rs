use super::*;
use crate::{
    definition,
    merge::{Org, Orgs},
    plan::plans,
};
use bailiwick_api::dashboards::{
    After, Bucket, Compare, Dashboard, FailedRecordRow, GroupPart, Outlier, Panel, PanelPart, Rates, RestPart, RowPart, RowValues,
};
use proptest::prelude::*;
use serde_json::json;

/// The plan of a panel of the seven.
fn plan(dashboard: &str, panel: &str, query: Value) -> Plan {
    plan_of(definition::find(dashboard).unwrap(), panel, query)
}

fn plan_of(dashboard: &Dashboard, panel: &str, mut query: Value) -> Plan {
    query["only"] = json!([panel]);
    plans(dashboard, &serde_json::from_value(query).unwrap(), "2026-03-10T12:00:00Z".parse().unwrap()).unwrap().remove(0)
}

/// A plan whose panel was changed.
fn changed(dashboard: &str, panel: &str, query: Value, change: impl FnOnce(&mut Panel)) -> Plan {
    let mut dashboard = definition::find(dashboard).unwrap().clone();
    change(dashboard.sections.iter_mut().flat_map(|section| &mut section.panels).find(|one| one.id == panel).unwrap());
    definition::check(&dashboard).unwrap();
    plan_of(&dashboard, panel, query)
}

fn orgs(words: &[&str]) -> Orgs {
    let org = |word: &&str| Org { id: format!("c-{word}").into(), name: format!("Customer {word}").into(), raw: *word != "viewed" };
    words.iter().map(|word| ((*word).into(), org(word))).collect()
}

fn group(key: &[&str], values: &[f64]) -> GroupPart {
    GroupPart { key: key.iter().map(|word| Some((*word).to_owned())).collect(), values: values.to_vec(), samples: Vec::new() }
}

fn part(groups: Vec<GroupPart>) -> PanelPart {
    PanelPart { groups, ..PanelPart::default() }
}

fn merged(plan: &Plan, parts: Vec<(PanelPart, Orgs)>) -> Merging {
    let mut merging = Merging::new(plan);
    for (part, orgs) in parts {
        merging.add(part, &orgs);
    }
    merging
}

fn told(plan: &Plan, parts: Vec<(PanelPart, Orgs)>) -> Frame {
    frame(plan, &merged(plan, parts), None, Heard { answered: 1, missing: 0 }).unwrap()
}

fn values(frame: &Frame, name: &str) -> Vec<Value> {
    frame.columns.iter().find(|column| column.name == name).unwrap_or_else(|| panic!("no column {name} in {frame:?}")).values.clone()
}

#[test]
fn a_gigabyte_is_two_to_the_thirty_and_credits_follow_from_the_rates() {
    let bytes = 10_737_418_240.0;
    let plan = plan("ingest-summary", "cse-average-ingestion-by-orgs", json!({"from": "2026-03-09T00:00:00Z", "to": "2026-03-10T12:00:00Z"}));
    let frame = told(&plan, vec![(part(vec![group(&["a"], &[bytes])]), orgs(&["a"]))]);
    assert_eq!(values(&frame, "gb"), [json!(10.0 / 1.5)], "a day and a half");
    assert_eq!((values(&frame, "org_name"), values(&frame, "org_id")), (vec![json!("Customer a")], vec![json!("c-a")]));
    let Rates { continuous, frequent, infrequent, cse } = Rates::default();
    let credits = |rate: f64| bytes / GB * rate;
    assert_eq!([credits(cse), credits(continuous), credits(frequent), credits(infrequent)], [250.0, 200.0, 90.0, 4.0]);
}

#[test]
fn what_nobody_had_is_zero_and_what_nobody_told_is_null() {
    let one = plan("signals-analysis", "signals", json!({}));
    assert_eq!(values(&told(&one, Vec::new()), "signals"), [json!(0)]);
    let nobody = frame(&one, &Merging::new(&one), None, Heard { answered: 0, missing: 3 }).unwrap();
    assert!(values(&nobody, "signals").is_empty() && nobody.missing == 3);
    let mean = plan("insights", "insights-average-time-to-respond", json!({}));
    let frame = told(&mean, Vec::new());
    assert_eq!((values(&frame, "seconds"), values(&frame, "count")), (vec![Value::Null], vec![json!(0)]));
}

#[test]
fn a_series_has_every_bucket_and_what_is_beyond_the_most_is_one_more() {
    let query = json!({"from": "2026-03-10T00:00:00Z", "to": "2026-03-10T02:00:00Z", "series": 2});
    let plan = plan("signals-analysis", "signals-trend-by-organization", query);
    let rest = RestPart { groups: 3, values: vec![1.0, 0.0] };
    let one = PanelPart { groups: vec![group(&["a"], &[5.0, 0.0]), group(&["b"], &[1.0, 1.0])], rest: Some(rest), ..PanelPart::default() };
    let two = part(vec![group(&["c"], &[0.0, 9.0]), group(&["d"], &[0.0, 0.5])]);
    let frame = told(&plan, vec![(one, orgs(&["a", "b"])), (two, orgs(&["c", "d"]))]);
    assert_eq!(values(&frame, "org_name"), ["Customer c", "Customer c", "Customer a", "Customer a", "Other", "Other"]);
    assert_eq!(values(&frame, "org_id")[4..], [Value::Null, Value::Null]);
    assert_eq!(values(&frame, "signals"), [json!(0), json!(9), json!(5), json!(0), json!(2), json!(1.5)]);
    assert_eq!(values(&frame, "time")[..2], ["2026-03-10T00:00:00Z", "2026-03-10T01:00:00Z"]);
    assert_eq!((frame.groups, frame.buckets.len(), frame.more), (Some(7), 2, false));
}

#[test]
fn what_is_not_of_a_customer_that_was_asked_is_left_out() {
    let plan = plan("signals-analysis", "signals-by-organizations", json!({}));
    let bad =
        vec![group(&["foreign"], &[7.0]), group(&["a", "b"], &[7.0]), group(&["a"], &[1.0, 2.0]), group(&["a"], &[f64::NAN]), group(&["a"], &[3.0])];
    let merging = merged(&plan, vec![(part(bad), orgs(&["a"]))]);
    assert_eq!(merging.refused(), 4);
    assert_eq!(values(&frame(&plan, &merging, None, Heard::default()).unwrap(), "signals"), [json!(3)]);
}

#[test]
fn bands_are_each_series_own_and_violations_come_first() {
    let query = json!({"from": "2026-03-09T01:00:00Z", "to": "2026-03-10T12:30:00Z", "timeslice": "1h"});
    let plan = plan("signals-analysis", "signals-count-trend-outlier-by-orgs", query);
    assert_eq!((plan.buckets(), plan.finished()), (36, 35), "the newest is not over");
    let calm: Vec<f64> = (0..36).map(|at| if at % 2 == 0 { 900.0 } else { 1100.0 }).collect();
    let mut wild: Vec<f64> = (0..36).map(|at| if at % 2 == 0 { 9.0 } else { 11.0 }).collect();
    wild[20] = 14.0;
    let frame = told(&plan, vec![(part(vec![group(&["calm"], &calm), group(&["wild"], &wild)]), orgs(&["calm", "wild"]))]);
    assert_eq!(values(&frame, "time").len(), 70);
    assert_eq!(values(&frame, "org_name")[0], "Customer wild");
    let violations: Vec<usize> =
        values(&frame, "signals_violation").iter().enumerate().filter(|(_, v)| **v == json!(true)).map(|(at, _)| at).collect();
    assert_eq!(violations, [20]);
    let near =
        |name: &str, wanted: f64| assert!((values(&frame, name)[20].as_f64().unwrap() - wanted).abs() < 1e-3, "{name}: {}", values(&frame, name)[20]);
    near("signals_mean", 10.0);
    near("signals_std", 1.054);
    near("signals_upper", 13.162);
    near("signals_lower", 6.838);
    near("signals_error", 4.0);
    near("signals_severity", 3.795);
    assert_eq!((values(&frame, "signals_mean")[0].clone(), values(&frame, "signals_indicator")[21].clone()), (Value::Null, json!(false)));
}

#[test]
fn a_comparison_is_an_outer_join() {
    let plan = changed("signals-analysis", "signals-by-organizations", json!({}), |panel| {
        panel.after = Some(After::Compare(Compare { timeshift: "1d".into() }));
    });
    let asks = plan.asks();
    assert_eq!((asks.len(), asks[0].from - asks[1].from, asks[1].id.as_str()), (2, 86_400_000_000, "signals-by-organizations~before"));
    let now = merged(&plan, vec![(part(vec![group(&["a"], &[5.0]), group(&["new"], &[2.0])]), orgs(&["a", "new"]))]);
    let before = merged(&plan, vec![(part(vec![group(&["a"], &[4.0]), group(&["gone"], &[3.0])]), orgs(&["a", "gone"]))]);
    let frame = frame(&plan, &now, Some(&before), Heard { answered: 3, missing: 0 }).unwrap();
    assert_eq!(values(&frame, "signals"), [json!(5), json!(2), Value::Null]);
    assert_eq!(values(&frame, "signals_1d"), [json!(4), Value::Null, json!(3)]);
    assert_eq!(values(&frame, "org_id"), ["c-a", "c-new", "c-gone"]);
    assert_eq!(values(&frame, "org_name")[2], "Customer gone");
}

#[test]
fn an_error_of_a_node_and_too_many_rows_are_the_panels_error() {
    let plan = plan("ingest-summary", "total-average-ingest-trend-by-orgs", json!({"from": "2026-02-10T00:00:00Z", "timeslice": "1h"}));
    let failed = PanelPart { error: Some("more than 5,000 groups".into()), ..PanelPart::default() };
    let merging = merged(&plan, vec![(failed, orgs(&["a"]))]);
    assert_eq!(frame(&plan, &merging, None, Heard::default()).unwrap_err(), "more than 5,000 groups");
    let words: Vec<String> = (0..400).map(|at| format!("w{at}")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let many = words.iter().map(|word| group(&[word], &vec![1.0; plan.buckets()])).collect();
    let error = frame(&plan, &merged(&plan, vec![(part(many), orgs(&words))]), None, Heard::default()).unwrap_err();
    assert!(error.contains("timeslice") && error.contains("org_name"), "{error}");
}

fn failed(workspace: &str, time: i64, id: &str) -> RowPart {
    let row = FailedRecordRow { raw: "raw text".into(), ..FailedRecordRow::default() };
    RowPart { workspace: workspace.into(), time, id: id.into(), values: RowValues::FailedRecord(Box::new(row)) }
}

#[test]
fn the_newest_rows_of_all_nodes_are_told_and_raw_text_only_to_whom_it_may_be() {
    let plan = plan("failed-records-analysis", "last-1000-failed-records", json!({}));
    let rows = |workspace: &str, times: std::ops::Range<i64>| PanelPart {
        rows: times.map(|time| failed(workspace, time, &format!("{time}"))).collect(),
        ..PanelPart::default()
    };
    let frame =
        told(&plan, vec![(rows("a", 0..800), orgs(&["a"])), (rows("viewed", 500..1200), orgs(&["viewed"])), (rows("foreign", 0..1), orgs(&[]))]);
    assert_eq!((values(&frame, "time").len(), frame.more), (1000, true));
    assert_eq!(values(&frame, "time")[0], "1970-01-01T00:00:00.001199Z");
    assert_eq!((values(&frame, "org_name")[0].clone(), values(&frame, "raw")[0].clone()), (json!("Customer viewed"), Value::Null));
    let at = values(&frame, "org_name").iter().position(|name| name == "Customer a").unwrap();
    assert_eq!(values(&frame, "raw")[at], "raw text");
}

#[test]
fn tables_are_ordered_by_group_where_they_say_so() {
    let plan = plan("failed-records-analysis", "failed-records-by-sourcecategory", json!({}));
    let parts = vec![group(&["b", "v", "p", "r1"], &[9.0]), group(&["a", "v", "p", "r1"], &[1.0]), group(&["a", "v", "p", "r2"], &[3.0])];
    let mut unknown = group(&["", "v", "p", "r1"], &[99.0]);
    unknown.key[0] = None;
    let frame = told(&plan, vec![(part([parts, vec![unknown]].concat()), orgs(&["a"]))]);
    assert_eq!(values(&frame, "records"), [json!(3), json!(1), json!(9), json!(99)]);
    assert_eq!(values(&frame, "source_category")[3], Value::Null, "what has no name is last, and kept");
}

fn any_groups() -> impl Strategy<Value = Vec<(u8, u8, Vec<u16>)>> {
    prop::collection::vec((0..4_u8, 0..5_u8, prop::collection::vec(any::<u16>(), 3..4)), 0..40)
}

proptest! {
    #[test]
    fn merging_in_any_order_and_any_split_gives_the_same_frame(groups in any_groups(), split in prop::collection::vec(0..3_usize, 40), turn in 0..40_usize) {
        let query = json!({"from": "2026-03-10T00:00:00Z", "to": "2026-03-10T03:00:00Z", "series": 3});
        let plan = plan("failed-records-analysis", "failed-by-sourcecategory-trend", query);
        let everybody = orgs(&["a"]);
        let one = |(_, category, values): &(u8, u8, Vec<u16>)| group(&[&format!("s{category}")], &values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>());
        let all: Vec<GroupPart> = groups.iter().map(one).collect();
        let whole = told(&plan, vec![(part(all.clone()), everybody.clone())]);
        let mut parts: Vec<Vec<GroupPart>> = vec![Vec::new(); 3];
        for (at, group) in all.into_iter().enumerate() {
            parts[split[at]].push(group);
        }
        for part in &mut parts {
            part.reverse();
        }
        parts.rotate_left(turn % 3);
        let split = told(&plan, parts.into_iter().map(|groups| (part(groups), everybody.clone())).collect());
        prop_assert_eq!(&whole, &split);
        let sum = |frame: &Frame| values(frame, "records").iter().filter_map(Value::as_f64).sum::<f64>();
        let wanted: f64 = groups.iter().flat_map(|(_, _, values)| values).map(|value| f64::from(*value)).sum();
        prop_assert!((sum(&whole) - wanted).abs() < 1e-6, "nothing is lost in Other");
    }
}

#[test]
fn buckets_and_outliers_of_own_panels_work_the_same() {
    let plan = changed("insights", "insights-average-time-to-respond", json!({}), |panel| {
        panel.bucket = Bucket::Timeslice;
        panel.chart = bailiwick_api::dashboards::Chart::Lines;
    });
    assert_eq!(values(&told(&plan, Vec::new()), "seconds"), vec![Value::Null; 24]);
    assert_eq!(plan.outlier(), None::<Outlier>);
}
