//! The console: the control plane of an MSSP over its customers' nodes.
//!
//! ```text
//! browser ─► routes ─► access ─► customers · grants · users · audit      (the console's own tables)
//!                        │
//!                        └─ grants ─► federation ─► links ─► nodes       (customers' rows, live, never stored)
//! ```
//!
//! * [`routes`] lists every operation with its policy.
//! * [`access`] decides who may do what and hands out the grants that everything about a customer demands.
//! * [`customers`], [`grants`], [`users`], [`sessions`], [`audit`], [`health`]: the nouns with tables of their own.
//! * [`links`] knows how each node is reached; [`federation`] asks many of them at once.
//! * [`investigations`], [`logs`]: what is read from and written to the nodes on behalf of a person.

pub mod access;
pub mod audit;
pub mod config;
pub mod customers;
pub mod federation;
pub mod grants;
pub mod health;
pub mod investigations;
pub mod links;
pub mod logs;
pub mod removals;
mod routes;
pub mod sessions;
pub mod users;

mod console;
mod store;

pub use config::{ConsoleConfig, Database, Pace};
pub use console::{Console, Shared, StartError, State};
pub use routes::openapi;
