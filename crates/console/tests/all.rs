//! The console from outside: what a person or a program notices, over HTTP, with odd and missing nodes.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "all/audit.rs"]
mod audit;
#[path = "all/canary.rs"]
mod canary;
#[path = "all/customers.rs"]
mod customers;
#[path = "all/fake_node.rs"]
mod fake_node;
#[path = "all/grants.rs"]
mod grants;
#[path = "all/licences.rs"]
mod licences;
#[path = "all/postgres.rs"]
mod postgres;
#[path = "all/sessions.rs"]
mod sessions;
#[path = "all/store.rs"]
mod store;
#[path = "all/support.rs"]
mod support;
#[path = "all/sync.rs"]
mod sync;
