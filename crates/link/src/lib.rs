//! Both ends of an outbound link: the node opens one WebSocket to the console, both prove who they are, and from then on HTTP/2 runs
//! over it with the console as the client and the node as the server.
//!
//! ```text
//! node                                              console
//! Dialler::open ── GET /api/v1/link, upgrade ──────► upgrade
//!    Guest ─────── hello, nonce ───────────────────► Host
//!          ◄────── challenge, nonce, proof ───────── signed with the console's link key, pinned by its fingerprint
//!          ─────── answer, proof ──────────────────► signed with the node's link key, or with the code's
//!          ◄────── verdict, proof ──────────────────
//!    serve ◄══════ HTTP/2 in binary frames ═════════ Channel
//! ```
//!
//! Nothing here decides who may link: [`Host`] and [`Guest`] prove keys, the servers know whose they are. Nothing that comes over the link is
//! trusted because of it.

mod channel;
mod code;
mod dial;
mod error;
mod guest;
mod host;
mod keys;
mod messages;
mod serve;
mod talk;
#[cfg(test)]
mod tests;
mod wire;

pub use channel::{CallError, Channel, Parting};
pub use code::{CodeError, EnrolmentCode, check_address};
pub use dial::Dialler;
pub use error::{LinkError, chain};
pub use guest::{Guest, Met};
pub use host::{Asked, Host, accept};
pub use keys::{Fingerprint, KeyError, LinkKey, PublicKey};
pub use messages::{Answer, Enrolled, Offer, Refused, Verdict, Want};
pub use serve::{Gone, serve};
pub use wire::Bytestream;

use std::time::Duration;

/// What a whole handshake may take, the console's look into its tables included.
pub const HANDSHAKE: Duration = Duration::from_secs(10);
/// Between two pings on a quiet link.
pub const PING_EVERY: Duration = Duration::from_secs(10);
/// A ping that is not answered so long ends the link.
pub const PING_DEADLINE: Duration = Duration::from_secs(10);

/// ENROLMENT_ENDED: the console let the customer go; the node cleans up and stops dialling.
pub const ENROLMENT_ENDED: &str = "ENROLMENT_ENDED";
/// NODE_UNKNOWN: the console has no such node and no memory of one; the node keeps what it has and asks rarely.
pub const NODE_UNKNOWN: &str = "NODE_UNKNOWN";
