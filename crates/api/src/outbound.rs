//! The outbound link: enrolment codes at the console, and what a node's administrator sees of its links.

use crate::ConsoleId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who opens the connection between console and node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// The console dials the node.
    #[default]
    Direct,
    /// The node dials the console.
    Outbound,
}

/// Makes an enrolment code for a customer whose node the console cannot reach.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnrolmentCode {
    /// The customer's name. Unique, whatever the case. 1 to 100 characters.
    pub name: String,
    /// A valid mail address.
    pub mail: String,
    /// The MSSP's own row; at most one.
    #[serde(default)]
    pub primary: bool,
}

/// A code just made; it is shown once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedEnrolmentCode {
    /// Its id.
    pub id: String,
    /// What the customer's side types: `bailiwick node enrol CODE`.
    pub code: String,
    /// Until when it can be used.
    pub expires_time: DateTime<Utc>,
}

/// An open code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EnrolmentCodeInfo {
    /// Its id.
    pub id: String,
    /// The customer's name.
    pub name: String,
    /// The customer's mail address.
    pub mail: String,
    /// Whether it is for the MSSP's own row.
    pub primary: bool,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_time: DateTime<Utc>,
    /// Until when it can be used.
    pub expires_time: DateTime<Utc>,
}

/// A code as a node's administrator gives it.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseEnrolmentCode {
    /// The whole text; white space in it is passed over.
    pub code: String,
}

/// Which console asks for what, before the administrator agrees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkOffer {
    /// The console.
    pub console: ConsoleId,
    /// Its name.
    pub console_name: String,
    /// Its version.
    pub console_version: String,
    /// Where the node would dial.
    pub address: String,
    /// SHA-256 of its link key, which it proved to have.
    pub fingerprint: String,
    /// The name under which the MSSP registers this workspace.
    pub customer: String,
    /// The workspace that would be enrolled.
    pub workspace_name: String,
    /// Until when the code can be used.
    pub expires_time: DateTime<Utc>,
    /// What the console could do from then on.
    pub may: Vec<String>,
}

/// How an outbound link of a node stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkInfo {
    /// The console.
    pub console: ConsoleId,
    /// Its name.
    pub console_name: String,
    /// Where the node dials.
    pub address: String,
    /// SHA-256 of the console's link key.
    pub fingerprint: String,
    /// Since when it is connected; null while it is not.
    pub connected_time: Option<DateTime<Utc>>,
    /// What last kept it from connecting or ended the connection.
    pub last_error: Option<LinkTrouble>,
    /// When it dials next, while it is not connected.
    pub next_try_time: Option<DateTime<Utc>>,
}

/// What kept a link from standing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkTrouble {
    /// CONSOLE_UNREACHABLE, CONSOLE_TIMEOUT, CONSOLE_UNEXPECTED, CONSOLE_DIFFERS, LINK_LOST, or the console's own code, such as NODE_UNKNOWN.
    pub code: String,
    /// For people.
    pub detail: String,
    /// When.
    pub time: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_links_and_forms_of_codes_are_written_as_documented() {
        assert_eq!(serde_json::to_string(&LinkKind::Outbound).unwrap(), "\"outbound\"");
        let new: NewEnrolmentCode = serde_json::from_str(r#"{"name":"Acme","mail":"a@b.co"}"#).unwrap();
        assert!(!new.primary);
        assert!(serde_json::from_str::<NewEnrolmentCode>(r#"{"name":"Acme","mail":"a@b.co","server":"x"}"#).is_err());
    }
}
