//! The whole product in one process: a console, nodes, people and senders, checked for what they would notice.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![allow(clippy::disallowed_methods, reason = "what a test asks of a running node depends on the real time")]

mod access;
mod access_why;
mod acts_operations;
mod bad_input;
mod bulk;
mod case;
mod case_canaries;
mod case_recipes;
mod console_operations;
mod customers;
mod cut_off;
mod fuzz;
mod gates;
mod ingest;
mod lake;
mod licences;
mod links;
mod live;
mod logs;
mod logs_across;
mod never_at_rest;
mod node_operations;
mod notifications;
mod outbound;
mod outbound_trust;
mod preferences;
mod presence;
mod queue;
mod recipe;
mod residency;
#[path = "../../../lake/tests/all/s3.rs"]
mod s3;
mod saved_searches;
mod search;
mod senders;
mod silence;
mod stories;
mod sync;
mod syslog;
mod work;
