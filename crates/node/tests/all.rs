//! The node as others meet it: one binary, every test on a node of its own in a temporary directory.

#[macro_use]
mod support;

mod control;
