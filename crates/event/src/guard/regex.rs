//! How large a regular expression is, before it is compiled.

/// About how many states a regular expression compiles to. Classes count as the many ranges of Unicode they are.
pub(super) fn cost(text: &str) -> usize {
    let mut groups = vec![(0_usize, 0_usize)];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let last = groups.len() - 1;
        let atom = match c {
            '(' => {
                groups.push((0, 0));
                continue;
            }
            ')' if last > 0 => {
                let (sum, pending) = groups.pop().unwrap_or_default();
                sum.saturating_add(pending)
            }
            '{' => {
                let times: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let most = times.split(',').filter_map(|n| n.trim().parse::<usize>().ok()).max().unwrap_or(1);
                groups[last].1 = groups[last].1.saturating_mul(most.max(1));
                continue;
            }
            '*' | '+' | '?' => continue,
            '[' => {
                let mut escaped = false;
                let _class = chars
                    .by_ref()
                    .take_while(|c| {
                        let ends = *c == ']' && !escaped;
                        escaped = *c == '\\' && !escaped;
                        !ends
                    })
                    .count();
                200
            }
            '\\' => match chars.next() {
                Some(c) if c.is_ascii_alphabetic() => 200,
                _ => 2,
            },
            '.' => 20,
            _ => 2,
        };
        let last = groups.len() - 1;
        groups[last].0 = groups[last].0.saturating_add(groups[last].1);
        groups[last].1 = atom;
    }
    groups.into_iter().fold(0_usize, |sum, (before, pending)| sum.saturating_add(before).saturating_add(pending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_regular_expression_grows_with_its_repetitions() {
        for (text, expected) in [("abc", 6), (r"\d{3}", 600), (r"(?:ab){10}", 44), (r"(\w{10}){10}", 20_000), ("[a-z]{5,50}", 10_000), ("a.b", 24)] {
            let estimated = cost(text);
            assert!((expected..=expected + expected / 2 + 30).contains(&estimated), "{text}: {estimated}, not {expected}");
        }
        assert_eq!(cost(&format!("{}x{}", "(".repeat(30), "{1000})".repeat(30))), usize::MAX);
        assert!(cost(&"(".repeat(70_000)) < 10);
    }
}
