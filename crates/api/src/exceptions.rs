//! Exceptions: what a workspace has decided not to be told about, by whom, why and until when.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an exception excepts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExceptionBody {
    /// Records for which a Sigma filter says no.
    Filter {
        /// One YAML document with `filter:`.
        yaml: String,
    },
    /// Signals about an entity.
    Entity {
        /// `hostname`, `username`, `ip`…
        entity_type: String,
        /// Its value; `*` and `?` stand for other text.
        value: String,
    },
    /// Signals about addresses of a network.
    Network {
        /// Such as `10.0.0.0/8`.
        network: String,
    },
    /// Records that hold one of these values.
    Indicators {
        /// Values, addresses or networks, at most 10,000.
        values: Vec<String>,
        /// Fields to look in, by original or dictionary name; every address, domain and hash a record is about when empty.
        #[serde(default)]
        fields: Vec<String>,
    },
}

/// Makes an exception, or replaces one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewException {
    /// Name, unique in the workspace.
    pub name: String,
    /// What it excepts.
    pub excepts: ExceptionBody,
    /// The rules it is about, by id, at most 500; every rule when null.
    #[serde(default)]
    pub rules: Option<Vec<String>>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// When it ends, at most a year from now.
    pub expires: DateTime<Utc>,
}

/// One exception.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Exception {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it excepts.
    pub excepts: ExceptionBody,
    /// The rules it is about; every rule when null.
    pub rules: Option<Vec<String>>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Who made or changed it.
    pub created_by: String,
    /// When.
    pub created_time: DateTime<Utc>,
    /// When it ends.
    pub expires: DateTime<Utc>,
    /// Whether it has ended: it is listed and does nothing.
    pub expired: bool,
    /// Signals it suppressed.
    pub hits: u64,
    /// When the last of them was made.
    pub last_hit_time: Option<DateTime<Utc>>,
}
