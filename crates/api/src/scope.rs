//! Scope: the part of every federated answer that says who was asked, who answered, who was left out, and why.

use crate::{CustomerId, FailCode, SkipReason};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A customer as named inside other answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerRef {
    /// Its id.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// Region of its node.
    pub region: String,
}

/// A customer that was not asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Skipped {
    /// Who; absent when this person may not know the name, one entry then stands for `count` customers.
    pub customer: Option<CustomerRef>,
    /// How many customers this entry stands for.
    pub count: u32,
    /// Why.
    pub reason: SkipReason,
}

/// A customer that was asked and did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failed {
    /// Who.
    pub customer: CustomerRef,
    /// Region of its node.
    pub region: String,
    /// Why.
    pub code: FailCode,
    /// Why, for people.
    pub message: String,
}

/// Who was asked and who answered. `complete` is true when nobody who could be asked failed and nobody was skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scope {
    /// No customer is missing.
    pub complete: bool,
    /// Customers asked: those that answered and those that failed.
    pub asked: u32,
    /// Customers that answered.
    pub answered: u32,
    /// Customers left out, by the console or by their own node.
    pub skipped: Vec<Skipped>,
    /// Customers that did not answer.
    pub failed: Vec<Failed>,
}

/// A federated page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page begins; null at the end.
    pub next: Option<String>,
    /// Rows that match, whatever the page; null where they are not counted.
    #[serde(default)]
    pub count: Option<Total>,
    /// Whose rows these are.
    pub scope: Scope,
}

/// How many rows match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Total {
    /// Counted where somebody answered.
    pub value: u64,
    /// There may be more: somebody did not answer, or was not asked.
    pub at_least: bool,
}

/// An answer about one customer, with who answered. When nobody did it is empty, and the scope says why.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Scoped<T> {
    /// The answer.
    #[serde(flatten)]
    pub answer: T,
    /// Whose answer it is.
    pub scope: Scope,
}

/// A plain, bounded list of one server.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    /// The rows.
    pub data: Vec<T>,
}

/// A plain page of one server.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Paged<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page begins; null at the end.
    pub next: Option<String>,
}
