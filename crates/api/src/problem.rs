//! Errors on the wire: `application/problem+json` (RFC 9457) with a `code` that programs can rely on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// HTTP status, repeated.
    pub status: u16,
    /// Short, for people.
    pub title: String,
    /// Stable, for programs: `NAME_TAKEN`, `AUTH_FAILED`, `UNKNOWN_FIELD`…
    pub code: String,
    /// What exactly, naming the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The field at fault, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The current row, when a version check lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub current: Option<serde_json::Value>,
}
