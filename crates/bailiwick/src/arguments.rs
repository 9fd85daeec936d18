//! The command line.

use crate::admin::{AuditArguments, CustomersArguments};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{io::Write, net::SocketAddr, path::PathBuf};

/// One console over every customer's SIEM, and no customer's data ever at rest outside its region.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a regional node, or manage one on this machine.
    Node(NodeArguments),
    /// Run the MSSP's console.
    Console(ConsoleArguments),
    /// Run a console and nodes in three regions with customers on live sample traffic.
    Demo(DemoArguments),
    /// Manage customers at a console that runs.
    Customers(CustomersArguments),
    /// Check an audit that was exported.
    Audit(AuditArguments),
    /// Print the OpenAPI document of a server.
    Openapi {
        /// Which server.
        server: Server,
    },
}

/// One of the two servers.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Server {
    Console,
    Node,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct NodeArguments {
    #[command(subcommand)]
    pub(crate) command: Option<NodeCommand>,
    #[command(flatten)]
    pub(crate) run: NodeRun,
}

#[derive(Subcommand)]
pub(crate) enum NodeCommand {
    /// Enrol a workspace with an MSSP's console by the code it made; the node dials that console from then on.
    Enrol(EnrolArguments),
    /// Manage workspaces.
    Workspace {
        #[command(subcommand)]
        command: WorkspaceCommand,
    },
}

#[derive(Args)]
pub(crate) struct EnrolArguments {
    /// The code, as the MSSP gave it.
    pub(crate) code: String,
    /// Data directory of the node that runs on this machine, to find where it listens.
    #[arg(long, conflicts_with = "node")]
    pub(crate) data: Option<PathBuf>,
    /// Where the node listens; `http://127.0.0.1:9100` unless told.
    #[arg(long)]
    pub(crate) node: Option<String>,
    /// User name of the workspace's administrator, who agrees; asked for unless told. The password is asked for, or read from
    /// BAILIWICK_ADMIN_PASSWORD, or from the first line of standard input when that is no terminal.
    #[arg(long)]
    pub(crate) admin: Option<String>,
    /// Agree without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Make a workspace and print the single-use link for its administrator.
    Add {
        /// Name of the customer.
        name: String,
        /// User name of the workspace's administrator, unique on the node.
        #[arg(long)]
        admin: String,
        /// The node's data directory.
        #[arg(long)]
        data: PathBuf,
        /// How people reach the node, for the link; where it last listened unless told.
        #[arg(long)]
        public_url: Option<String>,
    },
}

#[derive(Args, Default)]
pub(crate) struct NodeRun {
    /// Everything the node keeps.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// Where its API and pages listen.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
    /// Be called over TLS; unless the settings name a certificate, with one that vouches for itself, made at the first start.
    #[arg(long)]
    pub(crate) tls: bool,
    /// Where ingest listens, when apart from the API.
    #[arg(long)]
    pub(crate) ingest_listen: Option<SocketAddr>,
    /// Where metrics listen.
    #[arg(long)]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// The region, such as `eu`.
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// How people reach the node, for links.
    #[arg(long)]
    pub(crate) public_url: Option<String>,
    /// A SigmaHQ release: directory, archive or file. May be given several times.
    #[arg(long = "rules", value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,
    /// A Sigma processing pipeline that rewrites rules as they are loaded: a file or a directory. May be given several times.
    #[arg(long = "pipeline", value_name = "PATH")]
    pub(crate) pipelines: Vec<PathBuf>,
    /// Leave the starter rules out.
    #[arg(long)]
    pub(crate) no_starter_rules: bool,
    /// Settings in a TOML file; arguments win.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args, Default)]
pub(crate) struct ConsoleArguments {
    /// Everything the console keeps, when its database is a file.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// A PostgreSQL database instead, `postgres://…`.
    #[arg(long)]
    pub(crate) database_url: Option<String>,
    /// Where it listens.
    #[arg(long)]
    pub(crate) listen: Option<SocketAddr>,
    /// Where metrics listen.
    #[arg(long)]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Be called over TLS; unless the settings name a certificate, with one that vouches for itself, made at the first start.
    #[arg(long)]
    pub(crate) tls: bool,
    /// Name of the MSSP, shown to customers.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// How people reach the console, for links.
    #[arg(long)]
    pub(crate) public_url: Option<String>,
    /// Settings in a TOML file; arguments win.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct DemoArguments {
    /// Where the console listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Where everything is kept; a fresh temporary directory unless told.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// Write addresses, users and customers to this file when ready.
    #[arg(long)]
    pub(crate) ready_file: Option<PathBuf>,
    /// Start no sample traffic.
    #[arg(long)]
    pub(crate) no_traffic: bool,
}

/// Prints for people or scripts: the one place that writes to standard output.
pub(crate) fn print(text: &str) {
    let _reader_gone = writeln!(std::io::stdout(), "{text}");
}
