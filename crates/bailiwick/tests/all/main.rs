//! The binary as people run it: processes, signals, files.

mod crash;
mod durable;
mod process;
