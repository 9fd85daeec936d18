//! Searches that somebody kept in a workspace, for themselves or for everybody who works there.

use crate::Assignee;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

crate::words::words!(
    /// What a saved search finds.
    SavedKind {
        /// Investigations.
        Investigations = "INVESTIGATIONS",
        /// Log rows.
        Logs = "LOGS",
    }
);

/// Keeps a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedSearch {
    /// What it finds.
    pub kind: SavedKind,
    /// 1 to 100 characters.
    pub name: String,
    /// The search as the page that made it reads it; at most 16 KiB.
    #[schema(value_type = Object)]
    pub body: Map<String, Value>,
    /// Everybody who works there sees it; only its owner unless told.
    #[serde(default)]
    pub shared: bool,
}

/// Changes a search that was kept. Fields left out stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedSearchPatch {
    /// New name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Map<String, Value>>,
    /// Whether others see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
}

/// A search that somebody kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SavedSearch {
    /// Id.
    pub id: String,
    /// What it finds.
    pub kind: SavedKind,
    /// Name.
    pub name: String,
    /// The search as the page that made it reads it.
    #[schema(value_type = Object)]
    pub body: Map<String, Value>,
    /// Whose it is; only that person changes it.
    pub owner: Assignee,
    /// Whether it is the reader's own.
    pub mine: bool,
    /// Whether others see it.
    pub shared: bool,
    /// When it was kept.
    pub created_time: DateTime<Utc>,
    /// When it was changed last.
    pub updated_time: DateTime<Utc>,
}
