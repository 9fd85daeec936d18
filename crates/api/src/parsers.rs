//! Parsers of a workspace: those that come with the node and those its administrator uploaded; and what could not be parsed.

use crate::{Format, ParserState, ReplayState, SourceId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Uploads a parser. It is a draft until it is enabled.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewParser {
    /// Name: 1 to 64 of `a-z 0-9 -`. The name of a parser that comes with the node takes that one's place once enabled.
    pub name: String,
    /// The program, in VRL, at most 64 KiB.
    pub source: String,
    /// For people.
    #[serde(default)]
    pub description: String,
}

/// Uploads the next version of a parser. The current one stays in use until the next is enabled.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextParser {
    /// The program, in VRL, at most 64 KiB.
    pub source: String,
    /// For people; as it was when null.
    #[serde(default)]
    pub description: Option<String>,
}

/// Switches a parser on or off. Switching on takes its next version, if there is one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParserPatch {
    /// Whether it is used.
    pub enabled: bool,
}

/// A parser, and what it did in the last 24 hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Parser {
    /// Name.
    pub name: String,
    /// Whether it comes with the node; it is always enabled then.
    pub shipped: bool,
    /// For people.
    pub description: String,
    /// State.
    pub state: ParserState,
    /// Why it is set aside.
    pub why: Option<String>,
    /// The start of the event it was set aside over.
    pub sample: Option<String>,
    /// The version in use, or to be used first; null for one that comes with the node.
    pub version: Option<u64>,
    /// The version that waits to be enabled.
    pub next_version: Option<u64>,
    /// Sources that insist on it.
    pub sources: u64,
    /// Records it made of events of the last 24 hours.
    pub records: u64,
    /// Events of the last 24 hours it could make no record of.
    pub failed: u64,
    /// When it was changed; null for one that comes with the node.
    pub changed_time: Option<DateTime<Utc>>,
    /// By whom.
    pub changed_by: Option<String>,
}

/// The text of a parser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ParserSource {
    /// Name.
    pub name: String,
    /// Whether it comes with the node.
    pub shipped: bool,
    /// The version in use, or to be used first.
    pub version: Option<u64>,
    /// Its program; of one that comes with the node its table, where it has no program.
    pub source: String,
    /// The version that waits to be enabled.
    pub next_version: Option<u64>,
    /// Its program.
    pub next_source: Option<String>,
}

/// Runs a parser over sample lines; nothing is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParserTest {
    /// A program to try. Without it and without a name the lines go the way events of the workspace go.
    #[serde(default)]
    pub source: Option<String>,
    /// A parser by its name; its next version, where there is one.
    #[serde(default)]
    pub name: Option<String>,
    /// How the lines are written.
    #[serde(default)]
    pub format: Option<Format>,
    /// 1 to 100 lines.
    pub lines: Vec<String>,
}

/// What became of one line: a record or a failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TestedLine {
    /// The record.
    #[schema(value_type = Option<Object>)]
    pub record: Option<serde_json::Value>,
    /// Why there is none: `reason_code`, `reason`, and how far it came.
    #[schema(value_type = Option<Object>)]
    pub failed: Option<serde_json::Value>,
    /// How long it took, in microseconds.
    pub time_us: u64,
}

/// What could not become a record in a window, counted in six ways.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailedSummary {
    /// Failed records in all.
    pub total: u64,
    /// By reason; the 100 most frequent values of each, most frequent first.
    pub reason_code: Vec<FailedCount>,
    /// By parser.
    pub parser: Vec<FailedCount>,
    /// By vendor.
    pub vendor: Vec<FailedCount>,
    /// By product.
    pub product: Vec<FailedCount>,
    /// By event code.
    pub event_code: Vec<FailedCount>,
    /// By the category of the source.
    pub source_category: Vec<FailedCount>,
    /// How many failed records have a value that is not listed.
    pub beyond: FailedBeyond,
}

/// Failed records whose value is none of the listed ones, by what they are counted by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailedBeyond {
    /// By reason.
    pub reason_code: u64,
    /// By parser.
    pub parser: u64,
    /// By vendor.
    pub vendor: u64,
    /// By product.
    pub product: u64,
    /// By event code.
    pub event_code: u64,
    /// By the category of the source.
    pub source_category: u64,
}

/// How many failed records have a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FailedCount {
    /// The value; null where nothing was known.
    pub value: Option<String>,
    /// Failed records.
    pub count: u64,
}

/// Which failed records a replay works through again; everything given must fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayFilter {
    /// Why they failed, such as `PARSE_FAILED`.
    #[serde(default)]
    pub reason_code: Option<String>,
    /// The parser that failed on them.
    #[serde(default)]
    pub parser: Option<String>,
    /// The source they came from.
    #[serde(default)]
    pub source: Option<SourceId>,
    /// Received at this time or later.
    #[serde(default)]
    pub from: Option<DateTime<Utc>>,
    /// Received before this time.
    #[serde(default)]
    pub to: Option<DateTime<Utc>>,
}

/// One replay of failed records through the parsers as they are now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Replay {
    /// Id.
    pub id: String,
    /// How far it is.
    pub state: ReplayState,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended; null while it runs.
    pub ended: Option<DateTime<Utc>>,
    /// Who began it.
    pub started_by: String,
    /// Which failed records.
    pub filter: ReplayFilter,
    /// Files of the lake there were at the start.
    pub files_total: u64,
    /// Files worked through.
    pub files_done: u64,
    /// Failed records worked through.
    pub rows_seen: u64,
    /// Those that are records now.
    pub became_records: u64,
    /// Those that failed again.
    pub still_failed: u64,
    /// Why it did not end as it should.
    pub reason: Option<String>,
}
