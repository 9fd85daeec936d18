//! Dashboards: what a panel shows (a definition), what is asked for (a query), what comes back (frames), and, in [`ask`], what a node is asked for it.

mod ask;
mod score;
mod silence;
mod words;

pub use ask::*;
pub use score::*;
pub use silence::*;
pub use words::*;

use crate::{CustomerId, Scope};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A dashboard: data, nothing else. The seven that come with the program are files of this form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// How addresses name it: lower case, digits, dashes.
    pub name: String,
    /// How people name it.
    pub title: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Its time range unless told: `24h`, `7d`.
    pub range: String,
    /// Its width of a bucket unless told: `15m`, `1h`, `1d`, `1w`.
    pub timeslice: String,
    /// What can be asked for besides a time range.
    pub filters: Vec<DashboardFilter>,
    /// Its panels under their headings, in order.
    pub sections: Vec<Section>,
    /// Who made it, and when; absent for those that come with the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<SavedBy>,
}

impl Dashboard {
    /// Every panel, in order.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.sections.iter().flat_map(|section| &section.panels)
    }
}

/// Who saved a dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedBy {
    /// Their mail address.
    pub email: String,
    /// When it was written last.
    pub updated_time: DateTime<Utc>,
    /// Moves with each write; a change names the version it was made against.
    pub version: u64,
}

/// Panels under one heading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The heading; empty for none.
    #[serde(default)]
    pub title: String,
    /// What stands below it.
    pub panels: Vec<Panel>,
}

/// One panel: a measure of a dataset, told apart by dimensions and time, and how it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Its name within the dashboard.
    pub id: String,
    /// How people name it.
    pub title: String,
    /// What it says, for people.
    #[serde(default)]
    pub description: String,
    /// What is counted.
    pub measure: Measure,
    /// By what it is told apart, besides time.
    #[serde(default)]
    pub group_by: Vec<PanelDimension>,
    /// Whether and how it is told apart by time.
    #[serde(default)]
    pub bucket: Bucket,
    /// Only these tiers; of measures of volume alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<VolumeTier>,
    /// What is done with the numbers once they are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
    /// Divided by the days of the range, fractions of days too.
    #[serde(default)]
    pub per_day: bool,
    /// How it is drawn.
    pub chart: Chart,
    /// In what its numbers are.
    pub unit: Unit,
    /// Its order.
    #[serde(default)]
    pub sort: Sorting,
    /// The most groups or rows; all, within the bounds of an answer, unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Its own time range, such as `24h`, in place of the dashboard's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
}

/// What is done with a panel's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum After {
    /// Which points of a series lie out of what came before them.
    Outlier(Outlier),
    /// Beside the same of an earlier time.
    Compare(Compare),
}

/// Parameters of the operator `outlier`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outlier {
    /// Points before a point that it is held against, 2 to 1,000.
    pub window: u32,
    /// Sample standard deviations that are still ordinary, above 0.
    pub threshold: f64,
    /// Points in a row that make a violation, 1 to 100.
    pub consecutive: u32,
    /// Which side counts.
    pub direction: OutlierDirection,
}

impl Default for Outlier {
    fn default() -> Self {
        Self { window: 10, threshold: 3.0, consecutive: 1, direction: OutlierDirection::Both }
    }
}

/// Parameters of the operator `compare`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// How far back: `1d`, `7d`.
    pub timeshift: String,
}

/// A line in the list of dashboards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DashboardLine {
    /// How addresses name it.
    pub name: String,
    /// How people name it.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Its panels.
    pub panels: Vec<PanelLine>,
    /// Who made it; absent for those that come with the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<SavedBy>,
}

/// A panel in the list of dashboards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PanelLine {
    /// Its name within the dashboard.
    pub id: String,
    /// How people name it.
    pub title: String,
    /// How it is drawn.
    pub kind: Chart,
}

/// What is asked of a dashboard. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DashboardQuery {
    /// Customers by name, `*` and `?` as wildcards, in any case; `*` or none: all that this person may see.
    #[serde(deserialize_with = "one_or_many")]
    pub org_name: Vec<String>,
    /// The earliest instant, inclusive; the dashboard's range before `to` unless told.
    pub from: Option<DateTime<Utc>>,
    /// The end, exclusive; now unless told.
    pub to: Option<DateTime<Utc>>,
    /// Width of a bucket: a number with `m`, `h`, `d` or `w`; days and weeks are those of the calendar.
    pub timeslice: Option<String>,
    /// The time zone of the calendar, by its IANA name; UTC unless told.
    pub zone: Option<String>,
    /// Tiers, in any case, or `*`.
    #[serde(deserialize_with = "one_or_many")]
    pub tier: Vec<String>,
    /// Credits for a GB (2^30 bytes) in place of those of the customers' rate cards.
    pub rates: Option<Rates>,
    /// Time ranges of single panels, by id.
    pub panels: BTreeMap<String, TimeRange>,
    /// Only these panels, by id.
    pub only: Vec<String>,
    /// The most series of a panel that has series; the others are added up in one called `Other`. All unless told.
    pub series: Option<u32>,
    /// Only what is broken now, in panels of health.
    pub open_now: bool,
    /// Tell how far the answer is as nodes answer, and panels as they are then.
    pub progress: bool,
}

/// One text stands for a list of it.
fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Texts::deserialize(deserializer)? {
        Texts::One(text) => vec![text],
        Texts::Many(texts) => texts,
    })
}

/// A range of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// Inclusive.
    pub from: DateTime<Utc>,
    /// Exclusive.
    pub to: DateTime<Utc>,
}

/// Credits for a GB (2^30 bytes) received in a tier, each 0 to 1,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// In the continuous tier.
    pub continuous: f64,
    /// In the frequent tier.
    pub frequent: f64,
    /// In the infrequent tier.
    pub infrequent: f64,
    /// Fed to detection.
    pub cse: f64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { continuous: 20.0, frequent: 9.0, infrequent: 0.4, cse: 25.0 }
    }
}

/// A line of an answer: a panel, how far the answer is, or at the end who answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum DashboardAnswer {
    /// A panel.
    Panel(PanelAnswer),
    /// How far it is.
    Progress {
        /// Customers asked and answered until now.
        progress: Progress,
    },
    /// The last line.
    End {
        /// Whose numbers these are.
        scope: Scope,
    },
}

/// A panel's numbers, or why there are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PanelAnswer {
    /// The panel's id.
    pub panel: String,
    /// Its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<Frame>,
    /// Why there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Not everybody has answered yet; the panel comes again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// How many customers answered until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Customers asked.
    pub asked: u32,
    /// Customers that answered.
    pub answered: u32,
}

/// A table, column by column; all columns are equally long.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Frame {
    /// The columns.
    pub columns: Vec<Column>,
    /// The range it is true for.
    pub range: Option<TimeRange>,
    /// Starts of the buckets, where it is told apart by time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<DateTime<Utc>>,
    /// How many series or groups there are, `Other` not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<u64>,
    /// There are more rows than are here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// Customers whose numbers are missing, because they did not answer: they are not zero.
    #[serde(default)]
    pub missing: u32,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Column {
    /// Its name, such as `time`, `org_name`, `gb`, `gb_upper`.
    pub name: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
    /// In what its numbers are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The values; null where there is none.
    pub values: Vec<serde_json::Value>,
}

/// A card of rates: what a customer pays for a GB from a day on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateCard {
    /// Whose; absent for everybody without one of their own.
    #[serde(default)]
    pub customer: Option<CustomerId>,
    /// From when, by time of receipt, until the next card.
    pub effective_from: DateTime<Utc>,
    /// What is paid.
    pub rates: Rates,
}
