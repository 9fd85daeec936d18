//! Comments on an investigation. An internal one is for technicians alone: the workspace's own people neither see nor count it.

use super::Attachment;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words::words!(
    /// Who reads a comment.
    Visibility {
        /// Technicians and the workspace's own people.
        Public = "PUBLIC",
        /// Technicians alone.
        Internal = "INTERNAL",
    }
);

crate::words::words!(
    /// What kind of hand wrote something.
    AuthorKind {
        /// A person.
        User = "USER",
        /// A program with a key.
        ApiKey = "API_KEY",
        /// The product itself.
        System = "SYSTEM",
    }
);

/// Who wrote a comment or attached a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Author {
    /// What kind of hand.
    pub kind: AuthorKind,
    /// Mail address; the user name of a workspace's own administrator.
    pub email: String,
    /// Display name.
    pub name: String,
}

/// One comment. There is no edit: what was said stays said, or is taken back by whoever said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comment {
    /// Id within the workspace.
    pub id: String,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub created_time: DateTime<Utc>,
    /// The text.
    pub body: String,
    /// Who reads it.
    pub visibility: Visibility,
    /// Files that belong to it.
    pub attachments: Vec<Attachment>,
}

/// A comment to be written.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// The text, 1 to 10,000 characters; line feeds are kept.
    pub body: String,
    /// Who reads it; INTERNAL unless told.
    #[serde(default = "internal")]
    #[schema(required = false)]
    pub visibility: Visibility,
    /// Ids of files of the investigation that belong to no comment yet, at most 20.
    #[serde(default)]
    pub attachments: Vec<String>,
}

/// A comment by the workspace's own administrator, for everybody who reads the investigation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicComment {
    /// The text, 1 to 10,000 characters; line feeds are kept.
    pub body: String,
}

/// Who is to read a comment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetVisibility {
    /// Who reads it.
    pub visibility: Visibility,
}

fn internal() -> Visibility {
    Visibility::Internal
}
