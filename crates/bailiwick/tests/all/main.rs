//! The binary as people run it: processes, signals, files.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod books;
mod crash;
mod customers;
mod durable;
mod full;
mod guide;
mod namespace;
mod outbound;
mod process;
mod tls;
