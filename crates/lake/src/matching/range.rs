//! Ranges over text: numbers as numbers, addresses as addresses, anything else in the order of its folded text.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::ops::Bound;

use super::fold;

/// A range between two bounds of the same nature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Range {
    nature: Nature,
    lower: Bound<String>,
    upper: Bound<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Nature {
    Number,
    Address,
    Text,
}

impl Range {
    /// A range whose bounds decide how values are compared: all numbers, all addresses, or text.
    pub(crate) fn new(lower: Bound<String>, upper: Bound<String>) -> Self {
        let all = |test: fn(&str) -> bool| [&lower, &upper].into_iter().filter_map(text).all(test);
        let nature = if all(|bound| bound.parse::<f64>().is_ok()) {
            Nature::Number
        } else if all(|bound| bound.parse::<IpAddr>().is_ok()) {
            Nature::Address
        } else {
            Nature::Text
        };
        let [lower, upper] = [lower, upper].map(|bound| if nature == Nature::Text { bound.map(|text| fold(&text)) } else { bound });
        Self { nature, lower, upper }
    }

    /// Whether the value is in the range; a value of another nature than the bounds is not.
    pub(crate) fn contains(&self, value: &str) -> bool {
        let folded = if self.nature == Nature::Text { fold(value) } else { value.to_owned() };
        let order = |bound: &str| self.nature.compare(&folded, bound);
        let above = match &self.lower {
            Bound::Included(bound) => order(bound).is_some_and(Ordering::is_ge),
            Bound::Excluded(bound) => order(bound).is_some_and(Ordering::is_gt),
            Bound::Unbounded => true,
        };
        above
            && match &self.upper {
                Bound::Included(bound) => order(bound).is_some_and(Ordering::is_le),
                Bound::Excluded(bound) => order(bound).is_some_and(Ordering::is_lt),
                Bound::Unbounded => true,
            }
    }
}

impl Nature {
    fn compare(self, value: &str, bound: &str) -> Option<Ordering> {
        match self {
            Self::Number => match (value.parse::<i64>(), bound.parse::<i64>()) {
                (Ok(value), Ok(bound)) => Some(value.cmp(&bound)),
                _ => value.parse::<f64>().ok()?.partial_cmp(&bound.parse().ok()?),
            },
            Self::Address => Some(value.parse::<IpAddr>().ok()?.cmp(&bound.parse().ok()?)),
            Self::Text => Some(value.cmp(bound)),
        }
    }
}

fn text(bound: &Bound<String>) -> Option<&str> {
    match bound {
        Bound::Included(text) | Bound::Excluded(text) => Some(text),
        Bound::Unbounded => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(lower: &str, upper: &str) -> Range {
        Range::new(Bound::Included(lower.into()), Bound::Excluded(upper.into()))
    }

    #[test]
    fn bounds_decide_how_values_compare() {
        let numbers = between("9", "100");
        assert!(numbers.contains("9") && numbers.contains("10.5") && !numbers.contains("100") && !numbers.contains("abc"));
        let addresses = between("10.0.0.9", "10.0.0.100");
        assert!(addresses.contains("10.0.0.20") && !addresses.contains("10.0.0.100") && !addresses.contains("web"));
        let texts = between("Alpha", "gamma");
        assert!(texts.contains("ALPHA") && texts.contains("beta") && !texts.contains("Gamma"));
        assert!(Range::new(Bound::Excluded("9007199254740992".into()), Bound::Unbounded).contains("9007199254740993"));
    }
}
