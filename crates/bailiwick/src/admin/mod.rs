//! `bailiwick customers …` and `bailiwick audit …`: what the pages do, for scripts and for people at a terminal, over the same API.
//!
//! How it ended is the exit code: 0 as it was wanted, 1 refused, 2 the command line cannot be meant, 3 the console cannot be reached.

mod arguments;
mod customers;
mod session;
mod show;
mod verify;

pub(crate) use arguments::{AuditArguments, CustomersArguments};

use crate::arguments::print;
use anyhow::anyhow;
use arguments::AuditCommand;
use bailiwick_client::ClientError;
use std::{io::Write, process::ExitCode};

const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const UNREACHABLE: u8 = 3;

/// Why a command did not do what was wanted.
enum Failure {
    /// The console, or what it found.
    Client(ClientError),
    /// It was done, and is not as it should be; everything was said already.
    NotWell,
    /// Somebody has to do something else; the exit code tells who.
    Told(u8, anyhow::Error),
}

impl Failure {
    fn usage(text: impl Into<String>) -> Self {
        Self::Told(USAGE, anyhow!(text.into()))
    }

    fn refused(text: impl Into<String>) -> Self {
        Self::Told(REFUSED, anyhow!(text.into()))
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Told(USAGE, error)
    }
}

/// Customers at a console.
pub(crate) async fn customers(arguments: CustomersArguments) -> ExitCode {
    let json = arguments.console.json;
    let done = match session::open(&arguments.console).await {
        Ok(session) => {
            let done = customers::run(&session, arguments.command).await;
            session.close().await;
            done
        }
        Err(failure) => Err(failure),
    };
    ended(done, json)
}

/// An exported audit.
pub(crate) fn audit(arguments: &AuditArguments) -> ExitCode {
    let AuditCommand::Verify { file, json } = &arguments.command;
    ended(verify::run(file, *json), *json)
}

fn ended(done: Result<(), Failure>, json: bool) -> ExitCode {
    let (code, text) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::NotWell) => return ExitCode::from(REFUSED),
        Err(Failure::Told(code, error)) => (code, format!("{error:#}")),
        Err(Failure::Client(ClientError::Refused(problem))) => {
            if json && let Ok(text) = serde_json::to_string_pretty(&problem) {
                print(&text);
            }
            (REFUSED, format!("{} ({})", problem.detail.as_deref().unwrap_or(&problem.title), problem.code))
        }
        Err(Failure::Client(error @ ClientError::Tls(_))) => {
            (UNREACHABLE, format!("{error}; if the console vouches for itself, name its certificate with --fingerprint"))
        }
        Err(Failure::Client(error)) => (UNREACHABLE, error.to_string()),
    };
    let _reader_gone = writeln!(std::io::stderr(), "Error: {text}");
    ExitCode::from(code)
}
