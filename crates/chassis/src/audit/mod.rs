//! An append-only table of who did what, every line with the hash of the one before it.
//!
//! The tables are `audit` and `audit_counter` (see [`SCHEMA`]); the servers' migrations make them. The counter's one row gives out ids without
//! gaps and in the order of commits, and keeps the hash of the newest line, so that lines missing at the end are found, too. What a line
//! says is the server's; how it is written down, found, walked and exported is here. How to check an export with nothing but SHA-256 is
//! told in `docs/guides/audit.md`.

mod chain;
mod export;
mod filter;
mod seal;
mod store;
#[cfg(test)]
mod tests;

pub use chain::{Chain, check, hash};
pub use export::Export;
pub use filter::{Criteria, Filter, Whom, limit};
pub use seal::seal;
pub use store::{Line, append, page};

/// The two tables as they are after every migration.
pub const SCHEMA: &str = "create table audit (id bigint primary key, time bigint not null, actor text not null, verb text not null, customer_id text, \
                          subject text not null default '', outcome text not null, detail text, hash text); \
                          create table audit_counter (one bigint primary key, last bigint not null, head text); \
                          create index audit_time on audit (time); create index audit_actor on audit (actor, id); \
                          create index audit_verb on audit (verb, id); create index audit_customer on audit (customer_id, id)";
