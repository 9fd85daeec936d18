//! What the two ends say before HTTP/2 begins. Unknown fields are passed over, so that neighbouring versions understand each other.

use bailiwick_api::{ConsoleId, Enrolment, NodeId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The form of these messages.
pub(crate) const PROTOCOL: u32 = 1;

/// First, the node: what it wants, and a nonce for the console to sign.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) protocol: u32,
    pub(crate) version: String,
    pub(crate) nonce: String,
    pub(crate) want: Want,
}

/// What a node wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "snake_case")]
pub enum Want {
    /// To see what a code is for; does not use it up.
    Look {
        /// Id of the code.
        code: String,
    },
    /// To use a code.
    Enrol {
        /// Id of the code.
        code: String,
    },
    /// To be linked again.
    Connect {
        /// Who it is.
        node: NodeId,
    },
}

/// Second, the console: who it is, and a nonce for the node to sign. Signed with its link key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) protocol: u32,
    pub(crate) version: String,
    pub(crate) console: ConsoleId,
    pub(crate) console_name: String,
    pub(crate) public_key: String,
    pub(crate) nonce: String,
}

/// Third, the node. Signed with the code's key to look, with the node's own to connect, and with both to enrol.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It has the code.
    Look,
    /// It is the node it says.
    Connect,
    /// It has the code, and this is the workspace whose administrator agreed.
    Enrol {
        /// Node, region, version and workspace.
        enrolment: Enrolment,
        /// The public half of the node's key for this console.
        public_key: String,
    },
}

/// Fourth, the console. Signed with its link key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// What the code is for.
    Offer(Offer),
    /// The code is used and the customer made.
    Enrolled(Enrolled),
    /// HTTP/2 begins.
    Welcome,
    /// No.
    Refused(Refused),
}

/// What a code is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The name under which the MSSP registers the customer.
    pub customer: String,
    /// Until when the code can be used.
    pub expires_time: DateTime<Utc>,
}

/// A customer was made of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The name of the customer.
    pub customer: String,
    /// Ed25519 public key, base64url, that signs this console's assertions to this node.
    pub assertion_key: String,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// For programs.
    pub code: String,
    /// For people.
    pub detail: String,
}

/// Last, the node that was told that its enrolment ended: it cleaned up. Signed with its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Farewell {
    pub(crate) cleaned: bool,
}
