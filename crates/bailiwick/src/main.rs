//! The binary: reads arguments and settings, starts a server, and stops it in order.

mod arguments;
mod console;
mod demo;
mod enrol;
mod node;
mod pages;
mod settings;
mod signals;

use arguments::{Arguments, Command};
use clap::Parser;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
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
    }
}
