//! What the demo says when it is ready: to a file for programs, to the screen for people.

use serde::Serialize;
use std::{fmt::Write, fs, io, path::Path};

/// Addresses, users and customers.
#[derive(Clone, Serialize)]
pub(super) struct Ready {
    pub(super) console: String,
    pub(super) users: Vec<ReadyUser>,
    pub(super) customers: Vec<ReadyCustomer>,
}

/// Somebody who can sign in.
#[derive(Clone, Serialize)]
pub(super) struct ReadyUser {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) role: String,
}

/// A customer and how to send it logs.
#[derive(Clone, Serialize)]
pub(super) struct ReadyCustomer {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) node: String,
    pub(super) workspace: String,
    pub(super) ingest_key: String,
    pub(super) syslog_tcp: String,
    pub(super) admin: ReadyAdmin,
}

/// A workspace's administrator.
#[derive(Clone, Serialize)]
pub(super) struct ReadyAdmin {
    pub(super) user: String,
    pub(super) password: String,
}

/// Writes the file whole: who waits for it never reads half of it.
pub(super) fn write(path: &Path, ready: &Ready) -> io::Result<()> {
    let unfinished = path.with_extension("tmp");
    fs::write(&unfinished, serde_json::to_vec_pretty(ready)?)?;
    fs::rename(unfinished, path)
}

/// The same for people.
pub(super) fn for_people(ready: &Ready, data: &Path) -> String {
    let mut text = format!("\nBailiwick is ready: open {}\n\n", ready.console);
    for user in &ready.users {
        let _infallible = writeln!(text, "  {:<14} {:<22} {}", user.role, user.email, user.password);
    }
    text.push_str("\nThe customers' own pages, on their nodes:\n\n");
    for customer in &ready.customers {
        let _infallible = writeln!(
            text,
            "  {:<17} {:<3} {}  {:<10} {}",
            customer.name, customer.region, customer.node, customer.admin.user, customer.admin.password
        );
    }
    let _infallible = write!(text, "\nEverything is kept under {}; Ctrl-C stops it.", data.display());
    text
}
