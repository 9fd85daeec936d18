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
//! * [`customers`], [`groups`], [`grants`], [`users`], [`sessions`], [`audit`], [`health`], [`notifications`]: the nouns with tables of their own.
//! * [`sync`] carries what was decided to the nodes and back how they stand; [`licences`] holds the pool and what of it is allocated.
//! * [`enrolment_codes`]: how a customer whose node dials out comes to the console; [`removals`]: how one is let go.
//! * [`links`] knows how each node is reached, and takes the links that nodes open; [`federation`] asks many of them at once.
//! * [`bulk`]: one change of many investigations.
//! * [`preferences`]: what a person set for themselves.
//! * [`dashboards`]: panels over many customers; [`rate_cards`]: what a gigabyte costs; [`health_score`]: how one customer stands.
//! * [`investigations`], [`logs`], [`saved_searches`]: what is read from and written to the nodes on behalf of a person.

pub mod access;
pub mod audit;
pub mod bulk;
pub mod config;
pub mod customers;
pub mod dashboards;
pub mod enrolment_codes;
pub mod federation;
pub mod grants;
pub mod groups;
pub mod health;
pub mod health_score;
pub mod investigations;
pub mod licences;
pub mod links;
pub mod logs;
pub mod notifications;
pub mod preferences;
pub mod rate_cards;
pub mod removals;
mod routes;
pub mod saved_searches;
pub mod sessions;
pub mod sync;
pub mod users;

mod console;
mod store;

pub use config::{ConsoleConfig, Database, Pace};
pub use console::{Console, Shared, StartError, State};
pub use routes::openapi;
