//! Rust client of both APIs: the console asks nodes through it, and tests, the demo and scripts drive both servers with it.

mod acts;
mod assertion;
mod case;
mod console;
mod error;
mod node;
mod queue;
mod tls;
mod transport;
mod workspace;

pub use acts::Act;
pub use assertion::{KeyError, SigningKey, open_document};
pub use case::{case_noun, with_query};
pub use console::ConsoleClient;
pub use error::ClientError;
pub use node::{Caller, NodeClient, segment};
pub use tls::{Fingerprint, Shown};
pub use transport::{Transport, base_url};
pub use workspace::WorkspaceClient;
