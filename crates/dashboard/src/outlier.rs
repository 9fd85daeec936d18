//! The operator `outlier`: a point is held against the mean and the sample standard deviation of the points before it.
//!
//! The point itself is not part of its window: among n values none lies further from their mean than (n − 1) / √n sample standard
//! deviations, which is 2.85 for 10, so with a threshold of 3 nothing could ever be out.

use bailiwick_api::dashboards::{Outlier, OutlierDirection};

/// Points that a window has to have.
const FEWEST: usize = 4;
/// A change that counts where all points before were alike: at least one, and this part of them.
const FLOOR: f64 = 0.05;

/// What is said of one point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Mean of the window; none with fewer than four points before.
    pub mean: Option<f64>,
    /// Its sample standard deviation.
    pub std: Option<f64>,
    /// Below this is out.
    pub lower: Option<f64>,
    /// Above this is out.
    pub upper: Option<f64>,
    /// Out of the band, on a side that counts.
    pub indicator: bool,
    /// As many in a row as it takes.
    pub violation: bool,
}

impl Verdict {
    /// How many standard deviations a violation is away; 0 for anything else. Where all points before were alike, how many times the floor.
    pub fn severity(&self, value: f64) -> f64 {
        match (self.violation, self.mean, self.std) {
            (true, Some(mean), Some(std)) if std > 0.0 => (value - mean).abs() / std,
            (true, Some(mean), _) => (value - mean).abs() / floor(mean),
            _ => 0.0,
        }
    }
}

fn floor(mean: f64) -> f64 {
    (mean.abs() * FLOOR).max(1.0)
}

/// What is said of each point of a series, oldest first. Leave out an unfinished last point before.
pub fn outlier(points: &[f64], by: Outlier) -> Vec<Verdict> {
    let mut run = 0;
    let window = by.window as usize;
    points
        .iter()
        .enumerate()
        .map(|(at, value)| {
            let mut verdict = band(&points[at.saturating_sub(window)..at], by.threshold);
            verdict.indicator = out(*value, &verdict, by.direction);
            run = if verdict.indicator { run + 1 } else { 0 };
            verdict.violation = run >= by.consecutive;
            verdict
        })
        .collect()
}

fn band(before: &[f64], threshold: f64) -> Verdict {
    if before.len() < FEWEST {
        return Verdict::default();
    }
    #[expect(clippy::cast_precision_loss, reason = "a window has at most 1,000 points")]
    let count = before.len() as f64;
    // Points that are all alike must not seem to differ by how their sum was rounded.
    let alike = before.iter().all(|value| *value == before[0]);
    let mean = if alike { before[0] } else { before.iter().sum::<f64>() / count };
    let std = (before.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    Verdict { mean: Some(mean), std: Some(std), lower: Some(mean - threshold * std), upper: Some(mean + threshold * std), ..Verdict::default() }
}

fn out(value: f64, verdict: &Verdict, direction: OutlierDirection) -> bool {
    let Verdict { mean: Some(mean), std: Some(std), lower: Some(lower), upper: Some(upper), .. } = *verdict else { return false };
    if std == 0.0 && (value - mean).abs() <= floor(mean) {
        return false;
    }
    match direction {
        OutlierDirection::Both => value > upper || value < lower,
        OutlierDirection::Above => value > upper,
        OutlierDirection::Below => value < lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn last(points: &[f64]) -> Verdict {
        outlier(points, Outlier::default()).pop().unwrap()
    }

    #[test]
    fn the_documented_example_holds() {
        let calm = [9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0];
        let with = |value: f64| last(&[&calm[..], &[value]].concat());
        assert!((with(14.0).upper.unwrap() - 13.162_277).abs() < 1e-6);
        assert!(with(14.0).violation && !with(13.0).violation);
    }

    #[test]
    fn too_few_points_say_nothing() {
        assert_eq!(last(&[1.0, 1.0, 1.0, 900.0]), Verdict::default());
        assert!(last(&[1.0, 1.0, 1.0, 1.0, 900.0]).violation);
    }

    #[test]
    fn alike_points_have_a_floor() {
        assert!(!last(&[100.0, 100.0, 100.0, 100.0, 105.0]).violation);
        assert!(last(&[100.0, 100.0, 100.0, 100.0, 105.1]).violation);
        assert!(!last(&[0.0, 0.0, 0.0, 0.0, 1.0]).violation);
    }

    const CALM: [f64; 10] = [9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0];

    #[test]
    fn a_point_that_leaked_into_its_own_window_would_never_be_out() {
        let leaked: Vec<f64> = CALM[1..].iter().copied().chain([14.0]).collect();
        let upper = band(&leaked, 3.0).upper.unwrap();
        assert!((upper - 15.2).abs() < 0.1, "{upper}: the regression that this guards against");
        let verdict = last(&[&CALM[..], &[14.0]].concat());
        assert!(verdict.upper.unwrap() < 14.0 && verdict.violation);
    }

    #[test]
    fn direction_and_consecutive_say_what_counts() {
        let with =
            |direction, value: f64| outlier(&[&CALM[..], &[value]].concat(), Outlier { direction, ..Outlier::default() }).pop().unwrap().violation;
        assert!(with(OutlierDirection::Both, 2.0) && with(OutlierDirection::Below, 2.0) && !with(OutlierDirection::Above, 2.0));
        assert!(with(OutlierDirection::Both, 20.0) && with(OutlierDirection::Above, 20.0) && !with(OutlierDirection::Below, 20.0));
        let twice = outlier(&[&CALM[..], &[20.0, 40.0]].concat(), Outlier { consecutive: 2, ..Outlier::default() });
        assert_eq!(twice.iter().map(|verdict| verdict.violation).collect::<Vec<_>>()[10..], [false, true]);
        assert!(twice[10].indicator && twice[10].severity(20.0) == 0.0 && twice[11].severity(40.0) > 3.0);
    }

    proptest! {
        #[test]
        fn a_band_is_made_of_the_points_before_and_of_nothing_else(
            points in prop::collection::vec(0.0..1e6_f64, 2..60), other in 0.0..1e6_f64, window in 2_u32..20, threshold in 0.5..5.0_f64,
        ) {
            let by = Outlier { window, threshold, ..Outlier::default() };
            let all = outlier(&points, by);
            for at in 0..points.len() {
                let mut changed = points[..=at].to_vec();
                changed[at] = other;
                let verdict = *outlier(&changed, by).last().unwrap();
                prop_assert_eq!((verdict.mean, verdict.std, verdict.upper), (all[at].mean, all[at].std, all[at].upper));
                prop_assert_eq!(*outlier(&points[..=at], by).last().unwrap(), all[at], "later points change nothing");
                let few = at.min(window as usize) < FEWEST;
                prop_assert_eq!(few, all[at].mean.is_none());
                prop_assert!(all[at].mean.is_some() || !all[at].indicator);
            }
        }

        #[test]
        fn a_violation_is_a_run_of_points_that_are_out(
            points in prop::collection::vec(prop::sample::select(vec![0.0, 1.0, 5.0, 100.0, 900.0]), 5..60), consecutive in 1_u32..5,
        ) {
            let verdicts = outlier(&points, Outlier { consecutive, ..Outlier::default() });
            for (at, verdict) in verdicts.iter().enumerate() {
                let run = verdicts[..=at].iter().rev().take_while(|verdict| verdict.indicator).count();
                prop_assert_eq!(verdict.violation, run >= consecutive as usize);
                let both = outlier(&points, Outlier::default())[at].indicator;
                let above = outlier(&points, Outlier { direction: OutlierDirection::Above, ..Outlier::default() })[at].indicator;
                let below = outlier(&points, Outlier { direction: OutlierDirection::Below, ..Outlier::default() })[at].indicator;
                prop_assert!(both == (above || below) && !(above && below));
            }
        }

        #[test]
        fn where_all_points_before_were_alike_a_change_counts_from_the_floor_on(level in 0.0..1e5_f64, change in -1e5..1e5_f64) {
            let points = [level, level, level, level, level, level + change];
            let mean = band(&points[..5], 3.0).mean.unwrap();
            let verdict = last(&points);
            prop_assert_eq!(verdict.std, Some(0.0));
            prop_assert_eq!(verdict.indicator, (points[5] - mean).abs() > (mean.abs() * 0.05).max(1.0));
        }
    }
}
