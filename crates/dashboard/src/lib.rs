//! Dashboards without a server: their definitions, time and its buckets, what nodes are asked, and how what they answer becomes frames.
//! Pure: no I/O, no clock, no async.

pub mod definition;
pub mod frame;
pub mod glob;
pub mod merge;
pub mod outlier;
pub mod plan;
mod rows;
mod sample;
mod sound;
pub mod time;

/// What is wrong with a definition or a query: the field at fault and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Wrong {
    /// The field, such as `timeslice` or `insights.insights-created.chart`.
    pub field: String,
    /// Why, for people.
    pub why: String,
}

impl Wrong {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into() }
    }
}
