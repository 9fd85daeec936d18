//! One change of many investigations of many customers.
//!
//! ```text
//! request ─► chosen: whom it is about ─► look: every node says what it would do ─► cap ─► change: every node does it ─► result
//! ```
//!
//! * [`ask`] is the request, checked; [`chosen`] finds the customers it is about.
//! * [`run`] looks, changes and undoes: one request a node each time, one transaction a workspace.
//! * [`told`] makes one result of what the nodes said.
//! * [`store`] remembers that a change was made under a name, and on which customers. What it changed is with the nodes.
//!
//! Nothing changes before every node that answers has said how much it would be. A node that is down costs its own rows. The same request
//! under the same key is the same change: what was done is told again, what was not is done.

mod ask;
mod chosen;
pub mod http;
mod run;
mod store;
#[cfg(test)]
mod tests;
mod told;
