//! The whole product in one process: a console, nodes, people and senders, checked for what they would notice.

mod bad_input;
mod console_operations;
mod gates;
mod ingest;
mod links;
mod never_at_rest;
mod node_operations;
mod queue;
mod silence;
mod stories;
mod work;
