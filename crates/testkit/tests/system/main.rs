//! The whole product in one process: a console, nodes, people and senders, checked for what they would notice.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod bad_input;
mod console_operations;
mod gates;
mod ingest;
mod links;
mod live;
mod never_at_rest;
mod node_operations;
mod queue;
mod recipe;
mod senders;
mod silence;
mod stories;
mod work;
