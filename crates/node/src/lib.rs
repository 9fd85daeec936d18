//! The regional node: a SIEM for one or more customers, each in a workspace of its own.
//!
//! ```text
//! ingest ── wal ──► pipeline: normalise ─► detect ─► correlate ─► store
//! HTTP,     fsync   record or   signals    investigations  lake + counters
//! syslog    then ack failed record
//! ```
//!
//! * [`ingest`] takes logs in: HTTP batches and syslog ports. An ingest key names workspace and source.
//! * [`wal`] makes them durable before anybody is told they are.
//! * [`pipeline`] turns them into records, signals and investigations, and moves two cursors.
//! * [`workspaces`] opens and closes what belongs to one customer; it is the one place where a customer becomes a directory.
//! * [`access`] decides who may do what, and hands out the grants everything else demands.
//! * [`investigations`], [`logs`], [`sources`], [`technicians`], [`enrolments`], [`detection`], [`rules`], [`exceptions`], [`entities`],
//!   [`custom_insights`], [`signals`]: the nouns of the API.

pub mod access;
pub mod audit;
pub mod config;
pub mod custom_insights;
pub mod detection;
pub mod enrolments;
pub mod entities;
pub mod exceptions;
pub mod ingest;
pub mod investigations;
pub mod logs;
pub mod operators;
pub mod pipeline;
pub mod routes;
pub mod rules;
pub mod signals;
pub mod sources;
pub mod technicians;
pub mod wal;
pub mod workspaces;

mod node;

pub use config::{FlushConfig, NodeConfig, RuleConfig};
pub use node::{Node, StartError, State, add_workspace};
pub use routes::openapi;
