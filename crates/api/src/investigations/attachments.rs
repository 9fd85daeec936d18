//! Files attached to an investigation. Their content stays at the node.

use super::Author;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bytes a file may have.
pub const MAX_ATTACHMENT_BYTES: u64 = 25 << 20;
/// Bytes of a file that travel between console and node in one call.
pub const ATTACHMENT_PART_BYTES: usize = 1 << 20;

crate::words::words!(
    /// What a scan for malware said.
    ScanStatus {
        /// Not scanned yet; cannot be downloaded.
        Pending = "PENDING",
        /// Nothing found.
        Clean = "CLEAN",
        /// Malware; cannot be downloaded.
        Infected = "INFECTED",
        /// The node has no scanner.
        Unscanned = "UNSCANNED",
        /// The scanner could not tell; it is tried again when the node starts.
        Failed = "FAILED",
    }
);

/// One file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// Id within the workspace.
    pub id: String,
    /// Name for people, without folders and control characters.
    pub file_name: String,
    /// Media type as the sender said.
    pub mime_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, 64 hexadecimal digits.
    pub sha256: String,
    /// When it was attached.
    pub created_time: DateTime<Utc>,
    /// Who attached it.
    pub author: Author,
    /// What the scan for malware said.
    pub scan_status: ScanStatus,
    /// What the scanner found, or why it could not look.
    pub scan_detail: Option<String>,
    /// The comment it belongs to.
    pub comment: Option<String>,
}

/// A file that the console is about to send in parts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// Name of the file.
    pub name: String,
    /// Its media type.
    #[serde(rename = "type")]
    pub mime_type: String,
}

/// A file of which parts may be sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// Id, which becomes the attachment's.
    pub id: String,
}

/// What was sent in parts is whole.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishUpload {
    /// Bytes of all parts.
    pub size: u64,
    /// SHA-256 of them, 64 hexadecimal digits.
    pub sha256: String,
}
