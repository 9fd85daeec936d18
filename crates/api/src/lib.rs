//! Wire types and typed ids of both servers: what travels between browser, console and node, and nothing else.
//!
//! Times are RFC 3339 in UTC. Words come from one vocabulary ([`words`]), written in capitals on output and read in any case.
//! Unknown fields and parameters are refused by name.

mod access;
mod answers;
mod audit;
mod collectors;
mod custom_insights;
mod customer_health;
mod customers;
pub mod dashboards;
mod detection;
mod entities;
mod exceptions;
mod grants;
mod groups;
mod health;
mod ids;
mod investigations;
mod licences;
mod link;
mod logs;
mod logs_across;
mod meters;
mod notifications;
mod outbound;
mod parsers;
mod preferences;
mod problem;
mod proxy;
mod rules;
mod saved_searches;
mod scope;
mod signals;
mod sources;
mod sql;
mod storage;
mod sync;
mod users;
pub mod words;

pub use access::*;
pub use answers::*;
pub use audit::*;
pub use collectors::*;
pub use custom_insights::*;
pub use customer_health::*;
pub use customers::*;
pub use detection::*;
pub use entities::*;
pub use exceptions::*;
pub use grants::*;
pub use groups::*;
pub use health::*;
pub use ids::*;
pub use investigations::*;
pub use licences::*;
pub use link::*;
pub use logs::*;
pub use logs_across::*;
pub use meters::*;
pub use notifications::*;
pub use outbound::*;
pub use parsers::*;
pub use preferences::*;
pub use problem::*;
pub use proxy::*;
pub use rules::*;
pub use saved_searches::*;
pub use scope::*;
pub use signals::*;
pub use sources::*;
pub use sql::*;
pub use storage::*;
pub use sync::*;
pub use users::*;
pub use words::*;

/// The version both servers report; compatible within one minor version either way.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
