//! The vocabulary of dashboards, in lower case as in their files.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! snake_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

pub(super) use snake_words;

snake_words!(
    /// What is counted, of which dataset. Those that say `rows` are tables of single things.
    Measure {
        /// Health: distinct customers that had an issue.
        HealthOrgs = "health_orgs",
        /// Health: distinct resources that had an issue.
        HealthResources = "health_resources",
        /// Health: events that said something is unhealthy.
        HealthEvents = "health_events",
        /// Health, rows: a resource and tracker that had an issue, with first and last time and how often.
        HealthResourceRows = "health_resource_rows",
        /// Health, rows: the events that said something is unhealthy.
        HealthEventRows = "health_event_rows",
        /// Volume: bytes received, decompressed, by time of receipt.
        Bytes = "bytes",
        /// Volume: events received, by time of receipt.
        Events = "events",
        /// Volume: bytes / 2^30 × the rate of tier and time.
        Credits = "credits",
        /// Volume, rows: a source category that sent nothing for a day or longer.
        SilentCategoryRows = "silent_category_rows",
        /// Failed records, by time of receipt.
        FailedRecords = "failed_records",
        /// Failed records, rows: the newest ones.
        FailedRecordRows = "failed_record_rows",
        /// Signals, by event time; suppressed ones and those of prototypes too.
        Signals = "signals",
        /// Signals, rows: the newest ones.
        SignalRows = "signal_rows",
        /// Investigations that were opened.
        InsightsCreated = "insights_created",
        /// Distinct investigations that were changed.
        InsightsUpdated = "insights_updated",
        /// Distinct investigations that were closed.
        InsightsClosed = "insights_closed",
        /// Investigations that were opened or changed, by what their status was last.
        InsightsStatus = "insights_status",
        /// Mean seconds from the first record to the opening, by time of opening.
        TimeToDetect = "time_to_detect",
        /// Mean seconds from the opening to the first change by a person, by time of that change.
        TimeToRespond = "time_to_respond",
        /// Mean seconds from the opening to INVESTIGATING, by time of that change.
        TimeToProgress = "time_to_progress",
        /// Mean seconds from the opening to the last closing, by time of closing.
        TimeToRemediate = "time_to_remediate",
    }
);

snake_words!(
    /// By what numbers are told apart.
    PanelDimension {
        /// The customer.
        Org = "org",
        /// Volume: the tier.
        Tier = "tier",
        /// Volume, failed records: the source category.
        SourceCategory = "source_category",
        /// Volume: the collector.
        Collector = "collector",
        /// Volume: the source.
        Source = "source",
        /// Health: the tracker.
        Tracker = "tracker",
        /// Health: what the event says is wrong.
        Error = "error",
        /// Health: how bad.
        Severity = "severity",
        /// Health: the kind of resource.
        ResourceType = "resource_type",
        /// Failed records: the reason as it was told.
        Reason = "reason",
        /// Failed records: the reason as a code.
        ReasonCode = "reason_code",
        /// Failed records: vendor.
        Vendor = "vendor",
        /// Failed records: product.
        Product = "product",
        /// Failed records: event id.
        EventId = "event_id",
        /// Failed records: parser.
        Parser = "parser",
        /// Signals: `active`, `suppressed` or `prototype`.
        State = "state",
        /// Investigations: the status.
        Status = "status",
        /// Investigations: who closed it, or responded first.
        User = "user",
        /// Investigations: the priority now.
        Priority = "priority",
    }
);

snake_words!(
    /// A tier of volume. `cse` is what of the others is also fed to detection, and counted apart.
    VolumeTier {
        /// Continuous.
        Continuous = "continuous",
        /// Frequent.
        Frequent = "frequent",
        /// Infrequent.
        Infrequent = "infrequent",
        /// Fed to detection.
        Cse = "cse",
    }
);

snake_words!(
    /// How a panel is drawn.
    Chart {
        /// One number.
        Single = "single",
        /// A table.
        Table = "table",
        /// Bars by category.
        Bar = "bar",
        /// Parts of a whole.
        Pie = "pie",
        /// Stacked columns over time.
        Columns = "columns",
        /// Lines over time.
        Lines = "lines",
        /// A line with its band and marks, for each series.
        Outlier = "outlier",
    }
);

snake_words!(
    /// In what numbers are.
    Unit {
        /// Customers.
        Orgs = "orgs",
        /// Resources.
        Resources = "resources",
        /// Events.
        Events = "events",
        /// 2^30 bytes.
        Gb = "gb",
        /// 2^30 bytes a day.
        GbPerDay = "gb_per_day",
        /// Credits.
        Credits = "credits",
        /// Records.
        Records = "records",
        /// Signals.
        Signals = "signals",
        /// Insights.
        Insights = "insights",
        /// Seconds.
        Seconds = "seconds",
        /// Rows of a table.
        Rows = "rows",
    }
);

snake_words!(
    /// What a column's values are.
    ColumnKind {
        /// RFC 3339.
        Time = "time",
        /// Text.
        Text = "text",
        /// A number.
        Number = "number",
        /// True or false.
        Boolean = "boolean",
        /// Several texts.
        List = "list",
    }
);

snake_words!(
    /// What can be asked of a dashboard besides a time range.
    DashboardFilter {
        /// Customers by name.
        OrgName = "org_name",
        /// Width of a bucket.
        Timeslice = "timeslice",
        /// Tiers.
        Tier = "tier",
        /// Credits for a GB.
        Rates = "rates",
        /// What is broken now.
        OpenNow = "open_now",
    }
);

snake_words!(
    /// Which side of a band counts.
    OutlierDirection {
        /// Both.
        Both = "+-",
        /// Above.
        Above = "+",
        /// Below.
        Below = "-",
    }
);

/// Whether and how a panel is told apart by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// Not at all.
    #[default]
    None,
    /// By the timeslice.
    Timeslice,
    /// Six equal parts of the range.
    Sixths,
}

/// A panel's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sorting {
    /// Largest first, then by name.
    #[default]
    ValueDesc,
    /// Oldest first.
    TimeAsc,
    /// Newest first.
    TimeDesc,
    /// By what it is told apart by, then largest first.
    GroupThenValue,
}
