//! Fields that follow from the raw text of an event need not be kept beside it.

use std::fmt;

/// How fields follow from raw text. The lake knows no format: who writes rows says which way their fields follow, and gives them
/// again from the raw text when they are asked for.
pub trait Derive: fmt::Debug + Send + Sync {
    /// The text of `Row::fields` of a row with this way, raw text and `added` fields; none if the way is not known or the raw text
    /// cannot be read that way. For a row that was written it must give what was written, in every later version: a way whose
    /// result changes needs a new name.
    fn fields(&self, way: &str, raw: &str, added: Option<&str>) -> Option<String>;
}

/// Knows no way: for lakes whose rows have none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Underived;

impl Derive for Underived {
    fn fields(&self, _: &str, _: &str, _: Option<&str>) -> Option<String> {
        None
    }
}
