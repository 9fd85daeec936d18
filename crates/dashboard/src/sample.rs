//! Durations of several nodes together: the mean is exact, and so are median and 90th percentile while every duration is told.

use bailiwick_api::dashboards::Sample;

/// Adds what another node told.
pub(crate) fn join(into: &mut Sample, other: Sample) {
    into.count += other.count;
    into.sum += other.sum;
    if into.weights.is_empty() && !other.weights.is_empty() {
        into.weights = vec![1; into.centres.len()];
    }
    if !into.weights.is_empty() {
        let ones = std::iter::repeat_n(1, if other.weights.is_empty() { other.centres.len() } else { 0 });
        into.weights.extend(other.weights.into_iter().chain(ones));
    }
    into.centres.extend(other.centres);
}

/// Whether a sample can be what it says.
pub(crate) fn is_sound(sample: &Sample) -> bool {
    let weighed = sample.weights.is_empty() || sample.weights.len() == sample.centres.len();
    let told: u64 = if sample.weights.is_empty() {
        sample.centres.len() as u64
    } else {
        sample.weights.iter().fold(0, |sum, weight| sum.saturating_add(*weight))
    };
    weighed && told == sample.count && sample.sum.is_finite() && sample.centres.iter().all(|centre| centre.is_finite())
}

/// Mean, median and 90th percentile, seconds; none without a duration.
pub(crate) fn told(sample: &Sample) -> Option<[f64; 3]> {
    if sample.count == 0 {
        return None;
    }
    let one = |(at, centre): (usize, &f64)| (*centre, sample.weights.get(at).copied().unwrap_or(1));
    let mut centres: Vec<(f64, u64)> = sample.centres.iter().enumerate().map(one).collect();
    centres.sort_by(|a, b| a.0.total_cmp(&b.0));
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 durations")]
    let mean = sample.sum / sample.count as f64;
    Some([mean, quantile(&centres, 0.5), quantile(&centres, 0.9)])
}

/// The value at `part` of the way from the first to the last, between two neighbours in proportion.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ranks are far below 2^53 and not negative")]
fn quantile(centres: &[(f64, u64)], part: f64) -> f64 {
    let count: u64 = centres.iter().map(|(_, weight)| weight).sum();
    let rank = part * (count.saturating_sub(1)) as f64;
    let (low, high) = (at(centres, rank.floor() as u64), at(centres, rank.ceil() as u64));
    low + (high - low) * rank.fract()
}

fn at(centres: &[(f64, u64)], rank: u64) -> f64 {
    let mut passed = 0;
    for (centre, weight) in centres {
        passed += weight;
        if rank < passed {
            return *centre;
        }
    }
    centres.last().map_or(0.0, |(centre, _)| *centre)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(seconds: &[f64]) -> Sample {
        Sample { count: seconds.len() as u64, sum: seconds.iter().sum(), centres: seconds.to_vec(), weights: Vec::new() }
    }

    #[test]
    fn mean_median_and_p90_lie_where_pandas_has_them() {
        assert_eq!(told(&exact(&[])), None);
        assert_eq!(told(&exact(&[40.0])), Some([40.0, 40.0, 40.0]));
        let [mean, median, p90] = told(&exact(&[1.0, 2.0, 3.0, 4.0])).unwrap();
        assert!((mean - 2.5).abs() < 1e-9 && (median - 2.5).abs() < 1e-9 && (p90 - 3.7).abs() < 1e-9, "{mean} {median} {p90}");
    }

    #[test]
    fn weights_count_as_often_as_they_say_also_beside_exact_ones() {
        let mut joined = exact(&[5.0]);
        let weighed = Sample { count: 4, sum: 10.0, centres: vec![1.0, 4.0], weights: vec![2, 2] };
        join(&mut joined, weighed);
        join(&mut joined, exact(&[4.0]));
        assert!(is_sound(&joined), "{joined:?}");
        assert_eq!((joined.count, told(&joined).unwrap()[1]), (6, 4.0));
        assert!(!is_sound(&Sample { count: 3, sum: 1.0, centres: vec![1.0], weights: Vec::new() }));
    }
}
