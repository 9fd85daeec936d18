//! The vocabulary: closed sets of words, capitals on output, any case and known aliases on input.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $alias:literal)*),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, utoipa::ToSchema)]
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

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use words;

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
    /// Who must work an investigation.
    Responsibility {
        /// The MSSP.
        Mssp = "MSSP" | "MDR",
        /// The customer.
        Customer = "CUSTOMER",
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
    /// Where a parser stands.
    ParserState {
        /// Uploaded, never used.
        Draft = "draft",
        /// In use.
        Enabled = "enabled",
        /// Switched off.
        Disabled = "disabled",
        /// Not used any more because it took too much; its events become failed records.
        SetAside = "set_aside",
    }
);

words!(
    /// How far a replay of failed records is.
    ReplayState {
        /// At work.
        Running = "running",
        /// Every failed record was looked at.
        Done = "done",
        /// Somebody stopped it; what had become a record stays one.
        Cancelled = "cancelled",
        /// It could not go on; what had become a record stays one.
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
    /// What a volume is divided by.
    Dimension {
        /// The collector that sent it.
        Collector = "collector",
        /// The source, by id.
        Source = "source",
        /// The source, by name.
        SourceName = "sourcename",
        /// The source's category.
        SourceCategory = "sourcecategory",
        /// The host it came from.
        SourceHost = "sourcehost",
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
    /// Everything that must hold for a person to see a customer, in the order in which it is asked.
    AccessLink {
        /// The person may sign in.
        Person = "PERSON",
        /// The person's role at the console permits it.
        ConsoleRole = "CONSOLE_ROLE",
        /// The customer is not on its way out.
        Customer = "CUSTOMER",
        /// A delegation that holds now reaches the customer, and none denies it.
        Delegation = "DELEGATION",
        /// The role that follows permits it.
        RolePermits = "ROLE_PERMITS",
        /// The customer's workspace knows the role, and its administrator did not revoke it.
        WorkspaceRole = "WORKSPACE_ROLE",
        /// The customer did not end or suspend the relationship.
        Relationship = "RELATIONSHIP",
        /// The customer's node answers.
        Node = "NODE",
    }
);

words!(
    /// Whether a person can sign in.
    UserState {
        /// Can.
        Active = "ACTIVE",
        /// Has not set a password yet.
        Invited = "INVITED",
        /// An administrator disabled them.
        Disabled = "DISABLED",
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
    /// How a customer's node is.
    Health {
        /// It answers commands.
        Up = "up",
        /// It answers, and something of it does not work as it should.
        Degraded = "degraded",
        /// It does not answer.
        Down = "down",
        /// It was never reached.
        Unknown = "unknown",
    }
);

words!(
    /// Why a customer is not up.
    HealthCause {
        /// The host name is not known.
        AddressNotFound = "ADDRESS_NOT_FOUND",
        /// The machine answers, and nobody listens on the port.
        ConnectionRefused = "CONNECTION_REFUSED",
        /// Nothing comes back from the address.
        Unreachable = "UNREACHABLE",
        /// The node is connected to and does not answer in time.
        Timeout = "TIMEOUT",
        /// The secure connection failed: certificate, name, or no TLS there.
        TlsFailed = "TLS_FAILED",
        /// Something else than a node answers.
        WrongServer = "WRONG_SERVER",
        /// Another node answers.
        WrongNode = "WRONG_NODE",
        /// The node answers with an error of its own.
        NodeError = "NODE_ERROR",
        /// The node dials the console, and is not connected.
        NotConnected = "NOT_CONNECTED",
        /// The versions are more than one minor number apart.
        Version = "VERSION",
        /// The workspace refuses this console: the customer ended the relationship, or a clock is wrong.
        NotEnrolled = "NOT_ENROLLED",
        /// The node answers, and its last sync failed.
        SyncFailed = "SYNC_FAILED",
        /// A part of the node does not work as it should.
        Component = "COMPONENT",
        /// It takes more than a second to answer.
        Slow = "SLOW",
    }
);

words!(
    /// A direction of the connection between console and node.
    Direction {
        /// Commands of the console to the node.
        ConsoleToNode = "CONSOLE_TO_NODE",
        /// The node reaches the console.
        NodeToConsole = "NODE_TO_CONSOLE",
    }
);

words!(
    /// How a connection to a mail server is protected.
    MailSecurity {
        /// Not at all; for a server on this machine or an own network.
        None = "none",
        /// It begins plain and is protected before anything is said.
        Starttls = "starttls",
        /// From the first byte.
        Tls = "tls",
    }
);

words!(
    /// How people are told.
    NotificationChannel {
        /// By mail.
        Mail = "mail",
        /// By a call to a URL.
        Webhook = "webhook",
    }
);

words!(
    /// What became of a notification.
    NotificationState {
        /// It is to be sent, or to be tried again.
        Waiting = "WAITING",
        /// It went out.
        Sent = "SENT",
        /// It was tried for a day.
        GivenUp = "GIVEN_UP",
    }
);

words!(
    /// What is watched of a resource.
    Tracker {
        /// None of a collector's sources is heard from.
        CollectorOffline = "collector.offline",
        /// A collector runs an older version than others of its type.
        CollectorVersionOld = "collector.version_old",
        /// A collector says that its disk queue is full.
        CollectorDiskQueueFull = "collector.disk_queue_full",
        /// Events come with a key that is no longer good, or a collector is refused where it fetches.
        SourceAuthFailed = "source.auth_failed",
        /// A setting cannot be followed, such as a port that cannot be bound.
        SourceConfigInvalid = "source.config_invalid",
        /// The place a collector fetches from tells it to wait.
        SourceRateLimited = "source.rate_limited",
        /// The place a collector fetches from does not answer.
        SourceUnreachable = "source.unreachable",
        /// A file or folder a collector reads is not there.
        SourcePathMissing = "source.path_missing",
        /// Event times are off.
        SourceClockSkew = "source.clock_skew",
        /// Quiet for longer than its own rhythm explains.
        SourceSilent = "source.silent",
        /// More came in than the licence allows.
        IngestBudgetExceeded = "ingest.budget_exceeded",
        /// Senders are told to wait, or events are dropped.
        IngestThrottled = "ingest.throttled",
        /// A bound of the workspace is 90 % used.
        LimitApproaching = "limit.approaching",
        /// Signals were held back from investigations: too many within a minute.
        SignalsThrottled = "signals.throttled",
        /// A rule was set aside.
        RuleFailed = "rule.failed",
        /// A parser was set aside.
        ParserSetAside = "parser.set_aside",
        /// What was received cannot be written.
        StorageUnavailable = "storage.unavailable",
    }
);

words!(
    /// How bad a health issue is, in rising order.
    HealthSeverity {
        /// Misconfigured or degraded.
        Warning = "Warning",
        /// Cannot work.
        Error = "Error",
    }
);

words!(
    /// What a health event tells.
    HealthStatus {
        /// It works again.
        Healthy = "Healthy",
        /// It does not.
        UnHealthy = "UnHealthy",
    }
);

words!(
    /// Whether a health issue lasts.
    IssueState {
        /// It lasts.
        Open = "open",
        /// It is over.
        Resolved = "resolved",
    }
);

words!(
    /// What a health issue is about.
    ResourceKind {
        /// Who sends.
        Collector = "collector",
        /// One stream of logs.
        Source = "source",
        /// A rule.
        Rule = "rule",
        /// A parser.
        Parser = "parser",
        /// The workspace as a whole, or one of its bounds.
        Workspace = "workspace",
    }
);

words!(
    /// How a collector is.
    CollectorState {
        /// Events come.
        Collecting = "Collecting",
        /// None came lately, as usual or not yet.
        Idle = "Idle",
        /// None of its sources is heard from, and that is unusual.
        Offline = "Offline",
        /// Switched off.
        Disabled = "Disabled",
        /// One of its sources cannot work.
        Error = "Error",
    }
);

words!(
    /// How letting a customer go was asked for.
    RemovalKind {
        /// With its node: it can be undone for a while.
        Soft = "SOFT",
        /// Without its node, which cleans up when it is back.
        Forced = "FORCED",
        /// The customer moved to another node; this is what it left behind.
        Moved = "MOVED",
    }
);

words!(
    /// How far the removal of a customer is.
    RemovalState {
        /// Nobody reaches it, on either side; it can be undone.
        Suspended = "SUSPENDED",
        /// Gone at the console; the node is told when it answers.
        Pending = "PENDING",
        /// Nothing of this console is left at the node.
        Done = "DONE",
        /// Taken back in time.
        Undone = "UNDONE",
    }
);

words!(
    /// What is looked at before a customer is added, in this order.
    PreflightCheck {
        /// Name and mail address are well formed, and the name is free.
        Form = "FORM",
        /// The server's name has an address.
        Address = "ADDRESS",
        /// Somebody takes connections there.
        Port = "PORT",
        /// The certificate is trusted or known by its fingerprint.
        Tls = "TLS",
        /// It is a node of a version that works with this console.
        Product = "PRODUCT",
        /// The credentials are those of a workspace's administrator.
        Credentials = "CREDENTIALS",
        /// The workspace is no other console's, and no other customer.
        Enrolment = "ENROLMENT",
        /// The node can call the console.
        WayBack = "WAY_BACK",
    }
);

words!(
    /// How a step of the preflight ended.
    PreflightResult {
        /// As it should be.
        Passed = "PASSED",
        /// Saving works, with a drawback.
        Warning = "WARNING",
        /// Saving would be refused.
        Failed = "FAILED",
        /// Not looked at, because a step before it failed.
        Skipped = "SKIPPED",
    }
);

words!(
    /// What became of a line of a file of customers.
    ImportResult {
        /// A new customer.
        Added = "ADDED",
        /// The customer was there already, with this node.
        Unchanged = "UNCHANGED",
        /// Refused.
        Failed = "FAILED",
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
