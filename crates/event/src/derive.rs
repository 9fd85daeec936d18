//! The fields of a record again, from the raw text they came from: so that nobody has to keep both.
//!
//! A way is named by what it gives. Rows that name it are kept for years: a way whose result would change gets a new name, and
//! the old one stays.

use crate::fields::Fields;
use crate::shape;
use crate::value::ValueRef;

/// How the fields of a record follow from its raw text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The members of a JSON object.
    Object,
    /// A Windows event in any of its shapes, flattened.
    Windows,
    /// A Windows event as Winlogbeat writes it, flattened.
    Winlogbeat,
    /// A syslog frame and its parts.
    Frame,
    /// One field: the line.
    Line,
}

impl Way {
    const ALL: [Self; 5] = [Self::Object, Self::Windows, Self::Winlogbeat, Self::Frame, Self::Line];

    const fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Windows => "windows",
            Self::Winlogbeat => "winlogbeat",
            Self::Frame => "frame",
            Self::Line => "line",
        }
    }
}

/// How the fields of the record made last follow from its raw text.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivation {
    pub(crate) way: Way,
    pub(crate) added: Fields,
}

impl Derivation {
    /// The name of the way, for [`derive`].
    pub fn way(&self) -> &'static str {
        self.way.name()
    }

    /// The fields the way does not give, as a JSON object; none if there are none.
    pub fn added(&self) -> Option<String> {
        (!self.added.is_empty()).then(|| self.added.to_json_text())
    }

    /// Whether the fields come back exactly as they were. A number with a fraction may lose its last digit on its way through text.
    pub fn is_exact(&self) -> bool {
        self.added.iter().all(|(_, value)| !matches!(value, ValueRef::Float(_) | ValueRef::Json(_)))
    }
}

/// The fields of a record as the text of a JSON object, from its raw text; `added` as [`Derivation::added`] gave it. None if there
/// is no such way, or the raw text cannot be read so.
pub fn derive(way: &str, raw: &str, added: Option<&str>) -> Option<String> {
    let way = Way::ALL.into_iter().find(|known| known.name() == way)?;
    let mut fields = shape::fields(way, raw)?;
    if let Some(added) = added {
        let added: Fields = serde_json::from_str(added).ok()?;
        for (name, value) in added.into_pairs() {
            fields.insert(&name, value);
        }
    }
    Some(fields.to_json_text())
}
