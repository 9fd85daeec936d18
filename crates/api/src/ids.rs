//! Typed ids. An id is text; its type keeps a customer from being passed where a workspace is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

id!(
    /// A customer as the console registers it.
    CustomerId
);
id!(
    /// A person who signs in to the console.
    UserId
);
id!(
    /// A server in one region.
    NodeId
);
id!(
    /// A console installation, in a node's eyes.
    ConsoleId
);
id!(
    /// Everything of one customer on a node. Lower-case letters, digits and `-`; also its directory name.
    WorkspaceId
);
id!(
    /// One stream of logs into a workspace.
    SourceId
);
id!(
    /// Who sends the logs of one or more sources.
    CollectorId
);
id!(
    /// A grant of one user on one customer.
    GrantId
);
id!(
    /// A decision about a person's role on customers.
    DelegationId
);
id!(
    /// A group of customers.
    GroupId
);
id!(
    /// The removal of a customer.
    RemovalId
);

/// Resource name of an investigation: `rrn:investigation:<region>:<workspace>:investigation:<id>`.
/// The id alone never routes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rrn {
    /// Region of the node that owns it.
    pub region: String,
    /// Workspace that owns it.
    pub workspace: WorkspaceId,
    /// Id within the workspace.
    pub id: String,
}

impl fmt::Display for Rrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rrn:investigation:{}:{}:investigation:{}", self.region, self.workspace, self.id)
    }
}

impl std::str::FromStr for Rrn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(':');
        let mut next = || parts.next().unwrap_or_default();
        let (rrn, kind, region, workspace, inner, id) = (next(), next(), next(), next(), next(), next());
        let whole = rrn == "rrn" && kind == "investigation" && inner == "investigation";
        if !whole || region.is_empty() || workspace.is_empty() || id.is_empty() || parts.next().is_some() {
            return Err("rrn: expected rrn:investigation:<region>:<workspace>:investigation:<id>".into());
        }
        Ok(Self { region: region.into(), workspace: workspace.into(), id: id.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rrn_reads_back_and_a_broken_one_is_refused() {
        let text = "rrn:investigation:eu:acme-1:investigation:abc123";
        assert_eq!(text.parse::<Rrn>().unwrap().to_string(), text);
        for broken in ["", "rrn", "rrn:investigation:eu:acme-1:investigation:", "rrn:investigation:eu:a:investigation:b:c"] {
            assert!(broken.parse::<Rrn>().is_err(), "{broken}");
        }
    }
}
