//! Scanning attachments for malware by clamd, one after the other. What waits is written down, so that it is looked at after a restart; while
//! the scanner is away files wait, and nobody downloads them.

use super::{files, store};
use crate::{State, access, workspaces::Workspace};
use bailiwick_api::{ScanStatus, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db};
use clamav_client::tokio::{Socket, Tcp, ping, scan_file};
use sqlx::Row;
use std::{io, path::PathBuf, str::FromStr, time::Duration};
use tokio::sync::Notify;

/// How long one file may take.
const SCAN: Duration = Duration::from_secs(120);
/// How long the scanner may take to say that it is there.
const PING: Duration = Duration::from_secs(5);
/// When a scanner that is away is asked again.
const AGAIN: Duration = Duration::from_secs(5);
const MAX_DETAIL_CHARS: usize = 200;

/// Where clamd listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clamd {
    /// A socket of this machine.
    Socket(PathBuf),
    /// Host and port.
    Tcp(String),
}

impl FromStr for Clamd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with('/') {
            return Ok(Self::Socket(text.into()));
        }
        let port = text.rsplit_once(':').and_then(|(host, port)| (!host.is_empty()).then(|| port.parse::<u16>().ok()).flatten());
        port.map(|_| Self::Tcp(text.to_owned())).ok_or_else(|| format!("`{text}`: the path of a socket, or host:port"))
    }
}

impl Clamd {
    async fn ping(&self) -> bool {
        let asked = async {
            match self {
                Self::Socket(socket_path) => ping(Socket { socket_path }).await,
                Self::Tcp(host_address) => ping(Tcp { host_address }).await,
            }
        };
        matches!(tokio::time::timeout(PING, asked).await, Ok(Ok(answer)) if answer.starts_with(b"PONG"))
    }

    async fn scan(&self, path: PathBuf) -> io::Result<Vec<u8>> {
        let asked = async {
            match self {
                Self::Socket(socket_path) => scan_file(path, Socket { socket_path }, None).await,
                Self::Tcp(host_address) => scan_file(path, Tcp { host_address }, None).await,
            }
        };
        tokio::time::timeout(SCAN, asked).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

/// What waits for the scanner.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    news: Notify,
}

impl Scanner {
    /// A file of this workspace waits.
    pub(super) async fn wait_for(&self, state: &State, workspace: &WorkspaceId) -> Result<(), Refusal> {
        let text = "insert into scan (workspace) values ($1) on conflict do nothing";
        sqlx::query(text).bind(workspace.as_str()).execute(state.db().pool()).await?;
        self.news.notify_one();
        Ok(())
    }
}

/// Scans what waits, from now on.
pub(crate) fn start(state: &State) {
    let Some(clamd) = state.attachments().clamd.clone() else { return };
    let state = state.clone();
    let tasks = state.tasks().clone();
    tasks.spawn(async move {
        let mut first = true;
        loop {
            let outcome = round(&state, &clamd, first).await;
            match outcome {
                Ok(true) => {
                    first = false;
                    state.scanner().news.notified().await;
                }
                Ok(false) => tokio::time::sleep(AGAIN).await,
                Err(refusal) => {
                    tracing::warn!(code = refusal.code(), "attachments were not scanned");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    });
}

/// Scans everything that waits; false when the scanner is away.
async fn round(state: &State, clamd: &Clamd, first: bool) -> Result<bool, Refusal> {
    let mut there = true;
    for id in waiting(state.db()).await? {
        let workspace = match access::open_for_node(state, &id).await {
            Ok(workspace) => workspace,
            // A workspace that is gone waits for nothing.
            Err(refusal) if refusal.code() == "NOT_FOUND" => {
                done(state.db(), &id).await?;
                continue;
            }
            Err(refusal) => return Err(refusal),
        };
        if first {
            store::look_again(workspace.db()).await?;
        }
        there &= one_workspace(state, clamd, &workspace).await?;
    }
    Ok(there)
}

async fn one_workspace(state: &State, clamd: &Clamd, workspace: &Workspace) -> Result<bool, Refusal> {
    // Taken off first: what arrives meanwhile puts it on again.
    done(state.db(), workspace.id()).await?;
    let mut failed = false;
    for file in store::waiting(workspace.db()).await? {
        if !clamd.ping().await {
            state.scanner().wait_for(state, workspace.id()).await?;
            return Ok(false);
        }
        let (status, detail) = verdict(clamd.scan(files::path(workspace, &file)).await);
        failed |= status == ScanStatus::Failed;
        store::scanned(workspace.db(), &file, status, detail.as_deref(), state.clock().now_us()).await?;
    }
    if failed {
        let text = "insert into scan (workspace) values ($1) on conflict do nothing";
        sqlx::query(text).bind(workspace.id().as_str()).execute(state.db().pool()).await?;
    }
    Ok(true)
}

/// What an answer of the scanner means: `stream: OK`, `stream: NAME FOUND`, or an error in its words.
fn verdict(answer: io::Result<Vec<u8>>) -> (ScanStatus, Option<String>) {
    let answer = match answer {
        Ok(answer) => String::from_utf8_lossy(&answer).trim_matches(['\0', '\n', ' ']).to_owned(),
        Err(error) => return (ScanStatus::Failed, Some(error.to_string().chars().take(MAX_DETAIL_CHARS).collect())),
    };
    let said = answer.strip_prefix("stream: ").unwrap_or(&answer);
    let short = |text: &str| Some(text.chars().take(MAX_DETAIL_CHARS).collect());
    match said.strip_suffix(" FOUND") {
        Some(name) => (ScanStatus::Infected, short(name)),
        None if said == "OK" => (ScanStatus::Clean, None),
        None => (ScanStatus::Failed, short(said)),
    }
}

async fn waiting(db: &Db) -> Result<Vec<WorkspaceId>, Refusal> {
    let rows = sqlx::query("select workspace from scan order by workspace limit 10000").fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok(WorkspaceId(row.try_get("workspace")?))).collect()
}

async fn done(db: &Db, workspace: &WorkspaceId) -> Result<(), Refusal> {
    sqlx::query("delete from scan where workspace = $1").bind(workspace.as_str()).execute(db.pool()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_ok_is_clean() {
        let said = |text: &str| verdict(Ok(text.as_bytes().to_vec()));
        assert_eq!(said("stream: OK\0"), (ScanStatus::Clean, None));
        assert_eq!(said("stream: Own.Test.UNOFFICIAL FOUND\0"), (ScanStatus::Infected, Some("Own.Test.UNOFFICIAL".into())));
        assert_eq!(said("INSTREAM size limit exceeded. ERROR\0").0, ScanStatus::Failed);
        assert_eq!(said("").0, ScanStatus::Failed);
        assert_eq!(verdict(Err(io::Error::other("broken"))).0, ScanStatus::Failed);
    }

    #[test]
    fn a_scanner_is_a_socket_or_an_address() {
        assert_eq!("/run/clamd.ctl".parse(), Ok(Clamd::Socket("/run/clamd.ctl".into())));
        assert_eq!("127.0.0.1:3310".parse(), Ok(Clamd::Tcp("127.0.0.1:3310".into())));
        for wrong in ["", "clamd", ":3310", "host:port"] {
            assert!(wrong.parse::<Clamd>().is_err(), "{wrong}");
        }
    }
}
