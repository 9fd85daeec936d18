//! Names with wildcards: `*` stands for any text, `?` for one character, in any case.

/// Some names; no pattern, or the pattern `*`, is every name.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    patterns: Vec<Vec<char>>,
}

impl Globs {
    /// Reads patterns; empty ones say nothing.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Self {
        let folded: Vec<Vec<char>> = patterns.iter().map(|pattern| fold(pattern.as_ref().trim())).filter(|pattern| !pattern.is_empty()).collect();
        let every = folded.iter().any(|pattern| pattern.iter().all(|c| *c == '*'));
        Self { patterns: if every { Vec::new() } else { folded } }
    }

    /// Whether every name is meant.
    pub fn is_every(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a name is meant.
    pub fn matches(&self, name: &str) -> bool {
        if self.is_every() {
            return true;
        }
        let name = fold(name);
        self.patterns.iter().any(|pattern| fits(pattern, &name))
    }
}

fn fold(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Goes back to the last star only, so that no pattern takes more than pattern × name steps.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut in_name, mut star) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(c) if *c == '?' || *c == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                in_name = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_text_and_characters_in_any_case() {
        let fits = |pattern: &str, name: &str| Globs::new(&[pattern]).matches(name);
        for (pattern, name) in
            [("acme*", "ACME Foods"), ("*foods", "Acme Foods"), ("a?me*", "Acme"), ("*c*e*", "Acme Foods"), ("ÜNAL", "ünal"), ("", "x"), ("*", "")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("acme", "acme foods"), ("a?e", "acme"), ("b*", "acme"), ("*b", "acme"), ("acme?", "acme"), ("[a]*", "acme")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn several_are_either_and_a_star_among_them_is_every_name() {
        let globs = Globs::new(&["acme*", "zeta"]);
        assert!(globs.matches("Zeta") && globs.matches("acme 2") && !globs.matches("other") && !globs.is_every());
        assert!(Globs::new(&["acme", "*"]).is_every() && Globs::new::<&str>(&[]).is_every() && Globs::new(&["**"]).is_every());
    }
}
