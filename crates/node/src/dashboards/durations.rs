//! Durations whose mean, median and 90th percentile can be told: as they are while they are few, then in ranges within 1 %.
//!
//! A library for sketches keeps its ranges to itself; what goes over the wire here are their centres, so that the console joins those of several
//! nodes by sorting them.

use bailiwick_api::dashboards::Sample;
use std::collections::BTreeMap;

/// So many are told as they are.
const EXACT: usize = 1_024;
/// Each range begins this much higher than the one before.
const GROWTH: f64 = 1.02;
/// What is shorter, seconds, counts as nothing.
const SHORTEST: f64 = 1e-6;

/// Durations in seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Durations {
    count: u64,
    sum: f64,
    exact: Vec<f64>,
    /// By range; the last one below all others is for nothing.
    ranges: BTreeMap<i32, u64>,
}

impl Durations {
    pub(super) fn add(&mut self, seconds: f64) {
        self.count += 1;
        self.sum += seconds;
        if !self.ranges.is_empty() {
            *self.ranges.entry(range(seconds)).or_default() += 1;
            return;
        }
        self.exact.push(seconds);
        if self.exact.len() > EXACT {
            for seconds in std::mem::take(&mut self.exact) {
                *self.ranges.entry(range(seconds)).or_default() += 1;
            }
        }
    }

    /// As they go to the console.
    pub(super) fn told(mut self) -> Sample {
        self.exact.sort_by(f64::total_cmp);
        let (centres, weights) = match self.ranges.is_empty() {
            true => (self.exact, Vec::new()),
            false => self.ranges.into_iter().map(|(range, count)| (centre(range), count)).unzip(),
        };
        Sample { count: self.count, sum: self.sum, centres, weights }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "of a logarithm")]
fn range(seconds: f64) -> i32 {
    if seconds < SHORTEST { i32::MIN } else { (seconds.ln() / GROWTH.ln()).floor() as i32 }
}

/// What lies between two bounds is no further from here than 1 % of itself.
fn centre(range: i32) -> f64 {
    if range == i32::MIN { 0.0 } else { GROWTH.powi(range) * 2.0 * GROWTH / (1.0 + GROWTH) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_told_as_they_are() {
        let mut durations = Durations::default();
        for n in (0..1_024).rev() {
            durations.add(f64::from(n));
        }
        let told = durations.told();
        assert_eq!((told.count, told.sum, told.weights.len()), (1_024, 523_776.0, 0));
        assert_eq!(told.centres, (0..1_024).map(f64::from).collect::<Vec<_>>());
    }

    #[test]
    fn many_are_within_one_percent_and_none_is_lost() {
        let mut durations = Durations::default();
        let all: Vec<f64> = (0..5_000).map(|n| f64::from(n) * 7.3).collect();
        all.iter().for_each(|seconds| durations.add(*seconds));
        let told = durations.told();
        assert_eq!((told.count, told.weights.iter().sum::<u64>()), (5_000, 5_000));
        assert!((told.sum - all.iter().sum::<f64>()).abs() < 1e-3, "the sum is exact");
        let mut at = 0;
        for (centre, weight) in told.centres.iter().zip(&told.weights) {
            for seconds in &all[at..at + usize::try_from(*weight).unwrap()] {
                assert!((seconds - centre).abs() <= seconds * 0.01, "{seconds} by {centre}");
            }
            at += usize::try_from(*weight).unwrap();
        }
    }
}
