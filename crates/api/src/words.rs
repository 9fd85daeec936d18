//! The vocabulary: closed sets of words, capitals on output, any case and known aliases on input.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $alias:literal)*),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
        pub enum $name {
            $($(#[$vdoc])* #[schema(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as written on output.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $(if text.eq_ignore_ascii_case($word) $(|| text.eq_ignore_ascii_case($alias))* { return Ok(Self::$variant); })+
                let known: Vec<_> = Self::ALL.iter().map(|w| w.as_str()).collect();
                Err(format!("`{}` is not one of {}", text.chars().take(40).collect::<String>(), known.join(", ")))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

words!(
    /// Where an investigation stands.
    Status {
        /// Nobody works it yet.
        Open = "OPEN" | "NEW",
        /// Work in progress.
        Investigating = "INVESTIGATING",
        /// Paused while information is gathered.
        Waiting = "WAITING",
        /// Ended; a disposition was chosen.
        Closed = "CLOSED",
    }
);

words!(
    /// How urgent an investigation is, in rising order.
    Priority {
        /// Not judged.
        Unspecified = "UNSPECIFIED",
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
        /// Critical.
        Critical = "CRITICAL",
    }
);

words!(
    /// The verdict on an investigation.
    Disposition {
        /// Not judged yet.
        Undecided = "UNDECIDED",
        /// Harmless.
        Benign = "BENIGN",
        /// An attack.
        Malicious = "MALICIOUS",
        /// Does not apply.
        NotApplicable = "NOT_APPLICABLE",
        /// The rule was wrong.
        FalsePositive = "FALSE_POSITIVE",
        /// A test by the customer or the MSSP.
        SecurityTest = "SECURITY_TEST",
        /// Could not be found out.
        Unknown = "UNKNOWN",
    }
);

words!(
    /// How an investigation came into being.
    Origin {
        /// Correlation opened it (an insight).
        Alert = "ALERT",
        /// A person opened it.
        User = "USER" | "MANUAL",
        /// A hunt opened it.
        Hunt = "HUNT",
        /// Automation opened it.
        Automation = "AUTOMATION",
    }
);

words!(
    /// What a person may do, in rising order.
    Role {
        /// Reads.
        Viewer = "viewer",
        /// Reads, searches and works investigations.
        Analyst = "analyst",
        /// An analyst who also manages.
        Administrator = "administrator" | "admin",
    }
);

words!(
    /// How hot the data of a source is kept.
    Tier {
        /// Searched all the time.
        Continuous = "continuous",
        /// Searched often.
        Frequent = "frequent",
        /// Searched rarely.
        Infrequent = "infrequent",
    }
);

words!(
    /// How a source's events are written. `auto` decides by shape.
    Format {
        /// By shape.
        Auto = "auto",
        /// JSON objects.
        Json = "json",
        /// RFC 5424 or RFC 3164.
        Syslog = "syslog",
        /// Windows events as JSON: EVTX flat, EVTX nested, NXLog.
        Windows = "windows",
        /// AWS CloudTrail records.
        CloudTrail = "cloudtrail",
        /// Apache and nginx combined access log.
        WebAccess = "web-access",
    }
);

words!(
    /// What a workspace lets a rule do.
    RuleState {
        /// It makes signals that count.
        Active = "active",
        /// It does nothing.
        Disabled = "disabled",
        /// On trial: its signals are kept and do nothing else.
        Prototype = "prototype",
        /// Set aside: it cost too much or fired too often.
        Failed = "failed",
    }
);

words!(
    /// Why an event that was received was not kept.
    DropCause {
        /// A datagram came while the queue was full.
        QueueFull = "QUEUE_FULL",
        /// The source sent more than its licence allows, by a protocol that cannot be told to wait.
        Throttled = "THROTTLED",
        /// The node stopped while its log could not be written.
        NodeStopped = "NODE_STOPPED",
    }
);

words!(
    /// Why a customer was left out before it was asked.
    SkipReason {
        /// The console holds no grant for this person.
        NoGrant = "NO_GRANT",
        /// The workspace knows no role for this person.
        NoRole = "NO_ROLE",
        /// No licence is allocated.
        NoLicence = "NO_LICENCE",
        /// The person switched the customer off.
        ToggleOff = "TOGGLE_OFF",
        /// The customer withdrew the relationship.
        RelationshipRevoked = "RELATIONSHIP_REVOKED",
    }
);

words!(
    /// Why a customer that was asked did not answer.
    FailCode {
        /// The node cannot be reached, or answered with an error of its own.
        NodeDown = "NODE_DOWN",
        /// The node did not answer in time.
        Timeout = "TIMEOUT",
        /// The node speaks another version.
        Version = "VERSION",
    }
);

words!(
    /// Whether a node answers.
    Health {
        /// It answers.
        Up = "up",
        /// It does not.
        Down = "down",
        /// It was not asked yet.
        Unknown = "unknown",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_by_alias_and_a_wrong_one_is_named() {
        assert_eq!("open".parse(), Ok(Status::Open));
        assert_eq!("manual".parse(), Ok(Origin::User));
        let error = "opne".parse::<Status>().unwrap_err();
        assert!(error.contains("opne") && error.contains("WAITING"), "{error}");
    }
}
