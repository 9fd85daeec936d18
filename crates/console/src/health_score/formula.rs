//! The formula: 30 points for collection, 20 for ingest drift, 15 for failed records, 20 for overdue investigations, 15 for the licence.
//! Every part says what it goes by. docs/dashboards.md tells it to people.

use bailiwick_api::{
    Priority,
    dashboards::{ScorePart, ScoreWord},
};

/// What the score is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// Resources with an issue that is open now, and whether it is an error rather than a warning.
    pub(super) issues: Vec<(bool, f64)>,
    /// Bytes of each day, oldest first; the last is held against the others.
    pub(super) bytes: Vec<f64>,
    /// Events of the last day.
    pub(super) events: f64,
    /// Failed records of the last day.
    pub(super) failed: f64,
    /// Investigations open longer than their priority allows.
    pub(super) overdue: Vec<(Priority, u64)>,
    /// Until the licence pool ends; none where there is no end.
    pub(super) licence_days: Option<i64>,
}

const COLLECTION: f64 = 30.0;
const DRIFT: f64 = 20.0;
const FAILED: f64 = 15.0;
const OVERDUE: f64 = 20.0;
const LICENCE: f64 = 15.0;
/// Days from which on a licence is no worry.
const RUNWAY: f64 = 30.0;

pub(super) fn parts(facts: &Facts) -> Vec<ScorePart> {
    vec![collection(facts), drift(facts), failed(facts), overdue(facts), licence(facts)]
}

fn part(part: ScoreWord, most: f64, points: f64, number: Option<f64>, reason: String) -> ScorePart {
    ScorePart { part, points: points.clamp(0.0, most), most, number, reason }
}

/// 10 points less for each resource with an error, 5 for each with a warning.
fn collection(facts: &Facts) -> ScorePart {
    let of = |error: bool| facts.issues.iter().filter(|issue| issue.0 == error).fold(0.0, |sum, issue| sum + issue.1);
    let (errors, warnings) = (of(true), of(false));
    let reason = format!("{errors} resources with an error and {warnings} with a warning are open now");
    part(ScoreWord::Collection, COLLECTION, COLLECTION - 10.0 * errors - 5.0 * warnings, Some(errors + warnings), reason)
}

/// All points within a fifth of the usual, none where twice as much or nothing came, in proportion between.
fn drift(facts: &Facts) -> ScorePart {
    let Some((last, before)) = facts.bytes.split_last() else {
        return part(ScoreWord::IngestDrift, DRIFT, DRIFT, None, "nothing to hold the last day against".into());
    };
    #[expect(clippy::cast_precision_loss, reason = "seven days")]
    let usual = before.iter().sum::<f64>() / before.len().max(1) as f64;
    if usual <= 0.0 {
        return part(
            ScoreWord::IngestDrift,
            DRIFT,
            DRIFT,
            None,
            "nothing was received in the seven days before, so there is nothing to drift from".into(),
        );
    }
    let drift = last / usual - 1.0;
    let points = DRIFT * (1.0 - ((drift.abs() - 0.2) / 0.8).clamp(0.0, 1.0));
    let reason = format!("the last day had {:+.0} % against the mean of the seven before", drift * 100.0);
    part(ScoreWord::IngestDrift, DRIFT, points, Some(drift), reason)
}

/// All points up to 1 % of events, none from 10 % on, in proportion between.
fn failed(facts: &Facts) -> ScorePart {
    if facts.events <= 0.0 {
        return part(ScoreWord::FailedRecords, FAILED, FAILED, None, "nothing was received in the last day".into());
    }
    let ratio = facts.failed / facts.events;
    let points = FAILED * (1.0 - ((ratio - 0.01) / 0.09).clamp(0.0, 1.0));
    part(ScoreWord::FailedRecords, FAILED, points, Some(ratio), format!("{:.2} % of the last day's events became no record", ratio * 100.0))
}

/// 10 points less for each that is critical, 5 for high, 2 for medium, 1 for low.
#[expect(clippy::cast_precision_loss, reason = "counts of investigations")]
fn overdue(facts: &Facts) -> ScorePart {
    let weight = |priority| match priority {
        Priority::Critical => 10.0,
        Priority::High => 5.0,
        Priority::Medium => 2.0,
        Priority::Low | Priority::Unspecified => 1.0,
    };
    let less: f64 = facts.overdue.iter().map(|(priority, count)| weight(*priority) * *count as f64).sum();
    let count: u64 = facts.overdue.iter().map(|(_, count)| count).sum();
    let some: Vec<String> = facts
        .overdue
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(priority, count)| format!("{count} {}", priority.as_str().to_lowercase()))
        .collect();
    let reason = match some.as_slice() {
        [] => "no investigation is open longer than 4 h (critical), 24 h (high), 72 h (medium) or 7 days (low)".to_owned(),
        some => format!("open longer than 4 h (critical), 24 h (high), 72 h (medium) or 7 days (low): {}", some.join(", ")),
    };
    part(ScoreWord::OverdueInvestigations, OVERDUE, OVERDUE - less, Some(count as f64), reason)
}

/// All points with 30 days left or no end, none at the end, in proportion between.
#[expect(clippy::cast_precision_loss, reason = "days")]
fn licence(facts: &Facts) -> ScorePart {
    let Some(days) = facts.licence_days else {
        return part(ScoreWord::LicenceRunway, LICENCE, LICENCE, None, "the licence has no end".into());
    };
    let points = LICENCE * (days as f64 / RUNWAY).clamp(0.0, 1.0);
    let reason = if days < 0 { "the licence has ended".to_owned() } else { format!("the licence ends in {days} days") };
    part(ScoreWord::LicenceRunway, LICENCE, points, Some(days as f64), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(facts: &Facts) -> Vec<f64> {
        parts(facts).iter().map(|part| (part.points * 100.0).round() / 100.0).collect()
    }

    #[test]
    fn a_customer_without_a_worry_has_a_hundred() {
        assert_eq!(points(&Facts::default()), [30.0, 20.0, 15.0, 20.0, 15.0]);
        assert_eq!(parts(&Facts::default()).iter().map(|part| part.most).sum::<f64>(), 100.0);
    }

    #[test]
    fn each_worry_costs_what_the_formula_says_and_no_part_goes_below_nothing() {
        let facts = Facts {
            issues: vec![(true, 2.0), (false, 1.0)],
            bytes: vec![10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 4.0],
            events: 1000.0,
            failed: 55.0,
            overdue: vec![(Priority::Critical, 1), (Priority::Low, 3)],
            licence_days: Some(10),
        };
        assert_eq!(points(&facts), [5.0, 10.0, 7.5, 7.0, 5.0]);
        let reasons: Vec<String> = parts(&facts).into_iter().map(|part| part.reason).collect();
        assert!(reasons[1].contains("-60 %") && reasons[2].contains("5.50 %") && reasons[3].contains("1 critical, 3 low"), "{reasons:?}");
        let worst = Facts {
            issues: vec![(true, 9.0)],
            bytes: vec![10.0, 0.0],
            events: 1.0,
            failed: 1.0,
            overdue: vec![(Priority::Critical, 9)],
            licence_days: Some(-3),
        };
        assert_eq!(points(&worst), [0.0; 5]);
    }
}
