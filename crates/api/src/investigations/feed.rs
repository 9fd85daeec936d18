//! What changed since a time: a feed that names every change at least once.

use crate::{Ask, Investigation, InvestigationRow, Scope, WorkspaceAnswer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Investigations that changed, oldest change first. A change may come more than once, and it comes as the row is now: drop duplicates by `rrn`
/// and `updated_time`. `next` goes on from here, now or later; customers that are missing come with their changes once they answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Changes {
    /// The rows as they are now.
    pub data: Vec<Investigation>,
    /// Where to go on; always there.
    pub next: String,
    /// More has changed already: ask again at once.
    pub more: bool,
    /// Whose changes these are.
    pub scope: Scope,
}

/// Up to where a node's changes were told. Times are microseconds of the node's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedPosition {
    /// Changes after this one follow.
    pub after: i64,
    /// While a node has more to tell: changes after this one are told once more at the end, for those that were not finished then.
    #[serde(default)]
    pub floor: Option<i64>,
}

/// Asks a node what changed in several workspaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskChanges {
    /// Which workspaces. None means none.
    pub workspaces: Vec<Ask>,
    /// Up to where it was told.
    pub position: FeedPosition,
    /// At most so many rows, 1 to 500; those that changed at the same moment as the last come with it.
    pub limit: u32,
}

/// A row and when it changed last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChangedRow {
    /// Microseconds of the node's clock.
    pub changed: i64,
    /// The row as it is now.
    pub row: InvestigationRow,
}

/// What changed at a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChangeAnswers {
    /// Each workspace asked; the answer is the number of its rows that changed since.
    pub workspaces: Vec<WorkspaceAnswer<u64>>,
    /// Oldest change first.
    pub rows: Vec<ChangedRow>,
    /// Where to go on after all of these.
    pub position: FeedPosition,
    /// The floor to go on with after some of these.
    pub floor: i64,
    /// More has changed.
    pub more: bool,
}
