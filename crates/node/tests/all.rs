//! The node as others meet it: one binary, every test on a node of its own in a temporary directory.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![allow(clippy::unnecessary_unwrap, reason = "a test stops at what it did not expect")]

#[macro_use]
mod support;

mod control;
