//! What a row must have to match a query, as far as the index can tell.

use super::Mask;

/// A condition every matching row fulfils.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Need {
    /// Nothing is known of matching rows.
    #[default]
    Nothing,
    /// They have this word or value.
    Term(u64),
    /// They have these three letters in a row.
    Gram(u16),
    /// They fulfil each of these.
    All(Vec<Need>),
    /// They fulfil one of these.
    One(Vec<Need>),
}

impl Need {
    /// What fulfils all of these.
    pub(crate) fn all(needs: impl IntoIterator<Item = Self>) -> Self {
        let mut needs: Vec<Self> = needs.into_iter().filter(|need| *need != Self::Nothing).collect();
        match needs.len() {
            0 => Self::Nothing,
            1 => needs.remove(0),
            _ => Self::All(needs),
        }
    }

    /// What fulfils one of these.
    pub(crate) fn one(needs: impl IntoIterator<Item = Self>) -> Self {
        let mut needs: Vec<Self> = needs.into_iter().collect();
        if needs.contains(&Self::Nothing) {
            return Self::Nothing;
        }
        if needs.len() == 1 { needs.remove(0) } else { Self::One(needs) }
    }

    /// The blocks of a segment in which a row can fulfil it.
    pub(super) fn mask(&self, term: &impl Fn(u64) -> Mask, gram: &impl Fn(u16) -> bool) -> Mask {
        match self {
            Self::Nothing => Mask::MAX,
            Self::Term(hash) => term(*hash),
            Self::Gram(letters) => Mask::MAX * Mask::from(gram(*letters)),
            Self::All(needs) => {
                needs.iter().try_fold(Mask::MAX, |mask, need| Some(mask & need.mask(term, gram)).filter(|mask| *mask > 0)).unwrap_or(0)
            }
            Self::One(needs) => needs.iter().fold(0, |mask, need| mask | need.mask(term, gram)),
        }
    }
}
