//! The order of a list: one rule at node, console and page.
//!
//! A row stands by one column; what is absent comes last both ways; ties go by newest created, then by RRN. Text is compared in lower case,
//! code point by code point; words of the vocabulary by their place in it.

use crate::InvestigationRow;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, cmp::Ordering, fmt, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

macro_rules! columns {
    ($($variant:ident = $name:literal $(| $alias:literal)*),+ $(,)?) => {
        /// A column a list can be ordered by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each is the column of its name")]
        pub enum SortColumn { $($variant),+ }

        impl SortColumn {
            /// Every column.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The column as written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl FromStr for SortColumn {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                $(if text.eq_ignore_ascii_case($name) $(|| text.eq_ignore_ascii_case($alias))* { return Ok(Self::$variant); })+
                let known: Vec<_> = Self::ALL.iter().map(|column| column.as_str()).collect();
                Err(format!("`{}` is not one of {}", text.chars().take(40).collect::<String>(), known.join(", ")))
            }
        }
    };
}

columns! {
    Priority = "priority",
    CreatedTime = "created_time",
    UpdatedTime = "updated_time",
    LatestAlertTime = "latest_alert_time" | "alerts_most_recent_created_time" | "alerts_most_recent_detection_created_time",
    FirstAlertTime = "first_alert_time",
    ClosedTime = "closed_time",
    LastAccessedTime = "last_accessed_time" | "last_accessed",
    Title = "title",
    Status = "status",
    Disposition = "disposition",
    Source = "source",
    Responsibility = "responsibility",
    Assignee = "assignee" | "assignee_id",
    Entity = "entity",
    SignalCount = "signal_count",
    CommentCount = "comment_count",
    Customer = "customer" | "organization_id",
    Region = "region",
    Rrn = "rrn",
}

/// Order of a list: a column, descending when `-` stands before it. `column,DESC` is read too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub column: SortColumn,
    /// Greatest first.
    pub descending: bool,
}

impl Sort {
    /// Most urgent first, then newest.
    pub const PRIORITY: Self = Self { column: SortColumn::Priority, descending: true };
    /// Newest first.
    pub const NEWEST: Self = Self { column: SortColumn::CreatedTime, descending: true };
    /// Oldest first.
    pub const OLDEST: Self = Self { column: SortColumn::CreatedTime, descending: false };
    /// Latest change first.
    pub const UPDATED: Self = Self { column: SortColumn::UpdatedTime, descending: true };
}

impl Default for Sort {
    fn default() -> Self {
        Self::PRIORITY
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.column.as_str())
    }
}

impl FromStr for Sort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some((column, direction)) = text.split_once(',') {
            let descending = match direction.trim() {
                word if word.eq_ignore_ascii_case("desc") => true,
                word if word.eq_ignore_ascii_case("asc") => false,
                _ => return Err("after the comma: expected ASC or DESC".into()),
            };
            return Ok(Self { column: column.trim().parse()?, descending });
        }
        match text.strip_prefix('-') {
            Some(column) => Ok(Self { column: column.parse()?, descending: true }),
            None => Ok(Self { column: text.parse()?, descending: false }),
        }
    }
}

impl Serialize for Sort {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|why| serde::de::Error::custom(format!("sort: {why}")))
    }
}

impl PartialSchema for Sort {
    fn schema() -> RefOr<Schema> {
        let both = |descending| SortColumn::ALL.iter().map(move |column| Self { column: *column, descending }.to_string());
        let about = "Order: a column, `-` before it for descending. What is absent comes last both ways; ties go by newest created, then by RRN.";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(about))
            .enum_values(Some(both(true).chain(both(false)).collect::<Vec<_>>()))
            .default(Some(serde_json::Value::from(Self::default().to_string())))
            .into()
    }
}

impl ToSchema for Sort {}

/// What a row has in the column of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SortValue {
    /// A rank, a count, or a time in µs.
    Number(i64),
    /// Text in lower case.
    Text(String),
}

/// Where a row stands in an order: the same on console and node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SortKey {
    /// What it has in the column; null when it has nothing there.
    pub first: Option<SortValue>,
    /// Created time in µs.
    pub created: i64,
    /// RRN.
    pub rrn: String,
}

/// [`SortValue`] without a copy, where the row is at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing<'a> {
    Number(i64),
    Text(Cow<'a, str>),
}

impl Standing<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

impl Sort {
    /// Where `row`, of the customer of this name, stands in this order.
    pub fn key(self, row: &InvestigationRow, customer: &str) -> SortKey {
        let first = self.standing(row, customer).map(|standing| match standing {
            Standing::Number(number) => SortValue::Number(number),
            Standing::Text(text) => SortValue::Text(text.into_owned()),
        });
        SortKey { first, created: row.created_time.timestamp_micros(), rrn: row.rrn.clone() }
    }

    /// Compares two places in this order; `Less` comes first.
    pub fn compare(self, a: &SortKey, b: &SortKey) -> Ordering {
        let first = self.directed(a.first.as_ref(), b.first.as_ref(), |a, b| match (a, b) {
            (SortValue::Number(a), SortValue::Number(b)) => a.cmp(b),
            (SortValue::Text(a), SortValue::Text(b)) => a.cmp(b),
            (SortValue::Number(_), SortValue::Text(_)) => Ordering::Less,
            (SortValue::Text(_), SortValue::Number(_)) => Ordering::Greater,
        });
        first.then(b.created.cmp(&a.created)).then_with(|| a.rrn.cmp(&b.rrn))
    }

    /// The same for two rows, each with the name of its customer.
    pub fn compare_rows(self, a: (&InvestigationRow, &str), b: (&InvestigationRow, &str)) -> Ordering {
        let (mine, others) = (self.standing(a.0, a.1), self.standing(b.0, b.1));
        let first = self.directed(mine.as_ref(), others.as_ref(), Standing::compare);
        first.then(b.0.created_time.cmp(&a.0.created_time)).then_with(|| a.0.rrn.cmp(&b.0.rrn))
    }

    /// The same for a row, of the customer of this name, and a place.
    pub fn compare_to(self, row: &InvestigationRow, customer: &str, place: &SortKey) -> Ordering {
        let theirs = place.first.as_ref().map(|first| match first {
            SortValue::Number(number) => Standing::Number(*number),
            SortValue::Text(text) => Standing::Text(Cow::Borrowed(text)),
        });
        let first = self.directed(self.standing(row, customer).as_ref(), theirs.as_ref(), Standing::compare);
        first.then(place.created.cmp(&row.created_time.timestamp_micros())).then_with(|| row.rrn.cmp(&place.rrn))
    }

    fn directed<T>(self, a: Option<&T>, b: Option<&T>, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
        match (a, b) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) if self.descending => compare(b, a),
            (Some(a), Some(b)) => compare(a, b),
        }
    }

    fn standing<'a>(self, row: &'a InvestigationRow, customer: &'a str) -> Option<Standing<'a>> {
        let time = |time: Option<chrono::DateTime<chrono::Utc>>| time.map(|time| Standing::Number(time.timestamp_micros()));
        let number = |number: i64| Some(Standing::Number(number));
        let text = |text: &'a str| Some(Standing::Text(lower(text)));
        match self.column {
            SortColumn::Priority => number(row.priority as i64),
            SortColumn::CreatedTime => time(Some(row.created_time)),
            SortColumn::UpdatedTime => time(Some(row.updated_time)),
            SortColumn::LatestAlertTime => time(row.latest_alert_time),
            SortColumn::FirstAlertTime => time(row.first_alert_time),
            SortColumn::ClosedTime => time(row.closed_time),
            SortColumn::LastAccessedTime => time(row.last_accessed_time),
            SortColumn::Title => text(&row.title),
            SortColumn::Status => number(row.status as i64),
            SortColumn::Disposition => number(row.disposition as i64),
            SortColumn::Source => number(row.source as i64),
            SortColumn::Responsibility => row.responsibility.and_then(|word| number(word as i64)),
            SortColumn::Assignee => row.assignee.as_ref().and_then(|assignee| text(&assignee.email)),
            SortColumn::Entity => row.entity.as_ref().and_then(|entity| text(&entity.value)),
            SortColumn::SignalCount => number(i64::from(row.signal_count)),
            SortColumn::CommentCount => number(i64::from(row.comment_count)),
            SortColumn::Customer => text(customer),
            SortColumn::Region => text(row.rrn.split(':').nth(2).unwrap_or_default()),
            SortColumn::Rrn => text(&row.rrn),
        }
    }
}

/// Text in lower case, copied only where that changes it.
fn lower(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if plain { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_in_every_way_it_is_written() {
        for column in SortColumn::ALL {
            for descending in [true, false] {
                let sort = Sort { column: *column, descending };
                assert_eq!(sort.to_string().parse(), Ok(sort));
                let other = format!("{},{}", column.as_str().to_uppercase(), if descending { "DESC" } else { "asc" });
                assert_eq!(other.parse(), Ok(sort), "{other}");
            }
        }
        assert_eq!("alerts_most_recent_created_time,DESC".parse(), Ok(Sort { column: SortColumn::LatestAlertTime, descending: true }));
        assert!("priority,down".parse::<Sort>().unwrap_err().contains("DESC"));
        assert!("-colour".parse::<Sort>().unwrap_err().contains("`colour`"));
    }

    #[test]
    fn what_is_absent_comes_last_both_ways_and_ties_go_by_newest_then_name() {
        let key = |first: Option<i64>, created, rrn: &str| SortKey { first: first.map(SortValue::Number), created, rrn: rrn.into() };
        let rows = [key(None, 9, "a"), key(Some(1), 5, "b"), key(Some(1), 5, "a"), key(Some(2), 1, "c"), key(Some(1), 7, "d")];
        let order = |sort: Sort| {
            let mut rows = rows.to_vec();
            rows.sort_by(|a, b| sort.compare(a, b));
            rows.iter().map(|key| format!("{}{}", key.rrn, key.created)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(order(Sort { column: SortColumn::ClosedTime, descending: true }), "c1 d7 a5 b5 a9");
        assert_eq!(order(Sort { column: SortColumn::ClosedTime, descending: false }), "d7 a5 b5 c1 a9");
    }
}
