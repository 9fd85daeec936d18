//! Events to records: bytes in, records out. Pure: no I/O, no clock, no async; nothing here can name a customer.
//!
//! [`Normaliser::normalise`] reads one event in five steps, each in a module of its own:
//!
//! 1. `shape`: text or not, JSON or a line, and which parsers may take it.
//! 2. `windows`, `syslog`: straight paths in Rust from the two bulk formats to flat fields.
//! 3. `mapping`: the parser's table (`parsers/<name>/fields.tsv`), and `program`: its VRL program (`parser.vrl`, or one a workspace uploaded, which `guard` and `budget` bound)
//!    says what the fields mean, in the names of [`dictionary`].
//! 4. `time`, `entity`: the event's time checked against its receipt; what the event is about.
//! 5. [`record`]: the record, or a failed record that says why not.
//!
//! ```
//! use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers};
//!
//! let mut normaliser = Normaliser::new(Parsers::shipped()?);
//! let raw = br#"<38>1 2026-03-02T00:00:00Z web-01 sshd 9 - - Failed password for root from 203.0.113.9 port 4022 ssh2"#;
//! let receipt_time = "2026-03-02T00:00:01Z".parse().expect("a time");
//! let Outcome::Record(record) = normaliser.normalise(&Input::new(raw, Format::Auto, receipt_time)) else {
//!     panic!("sshd lines are records");
//! };
//! assert_eq!(record.ecs.get_str("source.ip"), Some("203.0.113.9"));
//! # Ok::<(), bailiwick_event::ParserError>(())
//! ```

mod budget;
mod catalogue;
mod derive;
pub mod dictionary;
mod draft;
mod entity;
mod fields;
mod guard;
mod kinds;
mod mapping;
mod normaliser;
mod outcome;
mod output;
mod parsers;
mod program;
mod reader;
pub mod record;
mod shape;
mod syslog;
mod time;
mod value;
mod via;
mod windows;
mod winlogbeat;
mod zeek_tsv;

#[cfg(test)]
mod tests;

pub use derive::{Derivation, derive};
pub use normaliser::Normaliser;
pub use parsers::{Parsers, SetAside, Uploaded};
pub use program::{MAX_SOURCE_BYTES, ParserError};
pub use record::{Entity, EntityKind, FailedRecord, Fields, Format, Hints, Input, LogSource, Outcome, ReasonCode, Record, RecordType, UnknownName};
pub use value::{Value, ValueRef};

/// The longest event that is read; a longer one becomes a failed record that names its size.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;
/// The longest `message` of a record and `reason` of a failed record.
pub const MAX_MESSAGE_BYTES: usize = 1024;
/// The most entities one record names.
pub const MAX_ENTITIES: usize = 16;
