//! Development only: a console and nodes in one process, people who use them, and events to send.
//!
//! What a test starts is what runs in production: real servers on free ports, real databases in a temporary directory, every call over
//! HTTP or TCP. Nothing is mocked; the one thing made up is a node that hangs ([`NodeSlot::hang`]).
//!
//! ```text
//! World ── console ── Person           who signs in there, with a password made for the test
//!   └───── NodeSlot ── Site            a workspace with its administrator, its sources and keys
//!                └──── Registered      a site that is a customer of the console
//!                └──── Mssp            a console's side of an enrolment, in the hands of the test: it signs what it likes
//! ```

pub mod events;
pub mod fuzz;
pub mod golden;

mod answer;
mod files;
mod live;
mod logs;
mod mssp;
mod node_slot;
mod person;
mod site;
mod waiting;
mod world;

pub use answer::{Answer, Headers, call};
pub use files::contains;
pub use live::Live;
pub use logs::captured_logs;
pub use mssp::{Act, Mssp};
pub use node_slot::NodeSlot;
pub use person::{Person, Session};
pub use site::{Registered, Site};
pub use waiting::eventually;
pub use world::{Setup, World};
