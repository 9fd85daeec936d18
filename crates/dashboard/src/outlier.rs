//! The operator `outlier`: a point is held against the mean and the sample standard deviation of the points before it.
//!
//! The point itself is not part of its window: among n values none lies further from their mean than (n − 1) / √n sample standard
//! deviations, which is 2.85 for 10, so with a threshold of 3 nothing could ever be out.

use bailiwick_api::dashboards::{Direction, Outlier};

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
    let mean = before.iter().sum::<f64>() / count;
    let std = (before.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    Verdict { mean: Some(mean), std: Some(std), lower: Some(mean - threshold * std), upper: Some(mean + threshold * std), ..Verdict::default() }
}

fn out(value: f64, verdict: &Verdict, direction: Direction) -> bool {
    let Verdict { mean: Some(mean), std: Some(std), lower: Some(lower), upper: Some(upper), .. } = *verdict else { return false };
    if std == 0.0 && (value - mean).abs() <= floor(mean) {
        return false;
    }
    match direction {
        Direction::Both => value > upper || value < lower,
        Direction::Above => value > upper,
        Direction::Below => value < lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
