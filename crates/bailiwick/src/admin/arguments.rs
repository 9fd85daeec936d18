//! The command line of `bailiwick customers` and `bailiwick audit`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct CustomersArguments {
    #[command(flatten)]
    pub(super) console: ConsoleOf,
    #[command(subcommand)]
    pub(super) command: CustomersCommand,
}

/// Which console, and who asks it. The password is read from `BAILIWICK_PASSWORD`, or from the first line of standard input when that is no
/// terminal, or asked for.
#[derive(Args)]
pub(super) struct ConsoleOf {
    /// Where the console is; `BAILIWICK_CONSOLE` unless told.
    #[arg(long, global = true, value_name = "URL")]
    pub(super) console: Option<String>,
    /// Mail address of who signs in; `BAILIWICK_EMAIL` unless told.
    #[arg(long, global = true)]
    pub(super) email: Option<String>,
    /// SHA-256 of the console's certificate, when no authority vouches for it.
    #[arg(long, global = true, value_name = "SHA-256")]
    pub(super) fingerprint: Option<String>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Subcommand)]
pub(super) enum CustomersCommand {
    /// List every customer.
    List,
    /// Look at everything step by step, then add a customer. The password of the workspace's administrator is read from
    /// `BAILIWICK_ADMIN_PASSWORD`, or from the next line of standard input, or asked for.
    Add(AddArguments),
    /// Show one customer.
    Show {
        /// Name or id.
        customer: String,
    },
    /// Change a customer; what is left out stays. Another server, port or scheme asks for the administrator's password, as `add` does.
    Edit(EditArguments),
    /// Sync a customer, wait, and show every module.
    Sync {
        /// Name or id.
        customer: String,
        /// Seconds to wait for the end.
        #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
        wait: u64,
    },
    /// Let a customer go; there is time to take it back.
    Delete {
        /// Name or id.
        customer: String,
        /// At once, with no time to take it back.
        #[arg(long)]
        now: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Let a customer go whose node did not answer to `delete`.
    ForceDelete {
        /// Name or id.
        customer: String,
        /// Why, for the audit.
        #[arg(long)]
        reason: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Take a deletion back.
    Restore {
        /// Name or id.
        customer: String,
    },
    /// Add every customer of a comma-separated file; the same file again changes nothing.
    Import {
        /// The file; `-` for standard input.
        file: PathBuf,
    },
    /// Print everything the console holds of a customer.
    Export {
        /// Name or id.
        customer: String,
    },
    /// Make the code by which a customer's node dials this console.
    Code {
        /// The customer's name.
        #[arg(long)]
        name: String,
        /// Its mail address.
        #[arg(long)]
        mail: String,
        /// It is the MSSP itself.
        #[arg(long)]
        primary: bool,
    },
}

/// How a node is called.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum SchemeOf {
    Http,
    Https,
}

#[derive(Args)]
pub(super) struct AddArguments {
    /// Name, unique whatever the case.
    #[arg(long)]
    pub(super) name: String,
    /// Mail address.
    #[arg(long)]
    pub(super) mail: String,
    /// Host name or address of its node.
    #[arg(long)]
    pub(super) server: String,
    /// Port of its node.
    #[arg(long)]
    pub(super) port: u16,
    /// How its node is called.
    #[arg(long, value_enum, default_value = "https")]
    pub(super) scheme: SchemeOf,
    /// User name of the workspace's administrator.
    #[arg(long)]
    pub(super) admin: String,
    /// SHA-256 of the node's certificate, when no authority vouches for it.
    #[arg(long, value_name = "SHA-256")]
    pub(super) node_fingerprint: Option<String>,
    /// It is the MSSP itself.
    #[arg(long)]
    pub(super) primary: bool,
}

#[derive(Args)]
pub(super) struct EditArguments {
    /// Name or id.
    pub(super) customer: String,
    /// New name.
    #[arg(long)]
    pub(super) name: Option<String>,
    /// New mail address.
    #[arg(long)]
    pub(super) mail: Option<String>,
    /// Whether it is the MSSP itself.
    #[arg(long)]
    pub(super) primary: Option<bool>,
    /// New host name or address of its node.
    #[arg(long, requires = "admin")]
    pub(super) server: Option<String>,
    /// New port.
    #[arg(long, requires = "admin")]
    pub(super) port: Option<u16>,
    /// How its node is called from now on.
    #[arg(long, value_enum, requires = "admin")]
    pub(super) scheme: Option<SchemeOf>,
    /// SHA-256 of the node's certificate there.
    #[arg(long, value_name = "SHA-256")]
    pub(super) node_fingerprint: Option<String>,
    /// User name of the workspace's administrator, when the node moved.
    #[arg(long)]
    pub(super) admin: Option<String>,
}

#[derive(Args)]
pub(crate) struct AuditArguments {
    #[command(subcommand)]
    pub(super) command: AuditCommand,
}

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Check an export in NDJSON: that no line was changed, and none is missing in between. Needs no console.
    Verify {
        /// The file; `-` for standard input.
        file: PathBuf,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}
