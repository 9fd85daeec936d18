//! The regional node: a SIEM for one or more customers, each in a workspace of its own.
//!
//! ```text
//! ingest ── wal ──► pipeline: normalise ─► detect ─► correlate ─► store
//! HTTP,     fsync   record or   signals    investigations  lake + counters
//! syslog    then ack failed record
//! ```
//!
//! * [`ingest`] takes logs in: HTTP in the protocols senders speak, and syslog over UDP, TCP and TLS. An ingest key names workspace and source.
//! * [`wal`] makes them durable before anybody is told they are.
//! * [`pipeline`] turns them into records, signals and investigations, and moves two cursors.
//! * [`workspaces`] opens and closes what belongs to one customer; it is the one place where a customer becomes a directory.
//! * [`lake`] keeps the files in order: merged, let go in time, published for other engines.
//! * [`access`] decides who may do what, and hands out the grants everything else demands.
//! * [`link`] dials consoles that cannot reach this node, and answers over it as on the listener.
//! * [`health`] knows what is wrong with collectors, sources, rules, parsers and the disk, and since when.
//! * [`collectors`], [`investigations`], [`comments`], [`attachments`], [`evidence`], [`exports`], [`logs`], [`sources`], [`technicians`], [`enrolments`], [`detection`], [`rules`], [`exceptions`],
//!   [`entities`], [`custom_insights`], [`signals`], [`sql`], [`parsers`], [`failed_records`], [`proxy`]: the nouns of the API.
//! * [`bulk`] changes many investigations at once; [`claims`], [`presence`], [`saved_searches`]: what the people who work a workspace tell each other.
//! * `queue` keeps the investigations that are not closed, and who may ask for them, in memory; `answers` is the record of what consoles were told;
//!   `dashboards` keeps what dashboards count.
//! * [`sync`] tells the console how a workspace stands and takes what it decided.

pub mod access;
mod answers;
pub mod attachments;
pub mod audit;
pub mod bulk;
mod certificate;
pub mod claims;
pub mod collectors;
pub mod comments;
pub mod config;
mod console_settings;
pub mod custom_insights;
mod dashboards;
pub mod detection;
pub mod enrolments;
pub mod entities;
pub mod evidence;
pub mod exceptions;
pub mod exports;
pub mod failed_records;
pub mod health;
pub mod ingest;
pub mod investigations;
pub mod lake;
pub mod licences;
pub mod link;
pub mod logs;
pub mod meters;
pub mod operators;
mod paging;
pub mod parsers;
pub mod pipeline;
pub mod presence;
pub mod proxy;
mod queue;
pub mod routes;
pub mod rules;
pub mod saved_searches;
pub mod signals;
pub mod sources;
pub mod sql;
pub mod sync;
pub mod technicians;
pub mod wal;
pub mod workspaces;

mod node;

pub use attachments::{AttachmentConfig, Clamd};
pub use config::{DashboardConfig, FlushConfig, IngestConfig, NodeConfig, RuleConfig, SyslogConfig};
pub use lake::LakeConfig;
pub use link::LinkConfig;
pub use node::{LocalAddress, Node, StartError, State, add_workspace, local_address};
pub use routes::openapi;
