//! The binary: reads arguments and settings, starts a server and stops it in order, or asks one that runs.

mod admin;
mod arguments;
mod console;
mod demo;
mod enrol;
mod node;
mod pages;
mod settings;
mod signals;
mod terminal;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let done = match Arguments::parse().command {
        Command::Customers(arguments) => return Ok(admin::customers(arguments).await),
        Command::Audit(arguments) => return Ok(admin::audit(&arguments)),
        Command::Node(arguments) => node::run(arguments).await,
        Command::Console(arguments) => console::run(arguments).await,
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Openapi { server } => {
            let document = match server {
                arguments::Server::Console => bailiwick_console::openapi(),
                arguments::Server::Node => bailiwick_node::openapi(),
            };
            arguments::print(&document.to_pretty_json()?);
            Ok(())
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}
