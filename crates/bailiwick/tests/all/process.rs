//! A node and a console, each as a process of its own.

use bailiwick_api::{NewSource, NewWorkspace, UseLink};
use bailiwick_client::{ConsoleClient, Transport, WorkspaceClient};
use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
};
use url::Url;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A running node.
pub(crate) struct NodeProcess {
    child: Child,
    pub(crate) base: Url,
    pub(crate) operator_link: Option<String>,
}

impl NodeProcess {
    /// Starts a node and waits until it says where it listens.
    pub(crate) fn start(data: &Path, listen: SocketAddr, environment: &[(&str, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
        command.envs(environment.iter().map(|(name, value)| (*name, value.clone())));
        Self::start_in(command, data, listen, "")
    }

    /// The same by another command, with more settings.
    pub(crate) fn start_in(mut command: Command, data: &Path, listen: SocketAddr, settings_more: &str) -> Self {
        let settings = data.with_extension("toml");
        let text = format!("[flush]\nrows = 400\nage_seconds = 1\n[log]\nfilter = \"warn\"\n{settings_more}");
        std::fs::write(&settings, text).unwrap();
        command.args(["node", "--region", "eu", "--data"]).arg(data).arg("--listen").arg(listen.to_string()).arg("--config").arg(settings);
        command.stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the node says where it listens").unwrap();
        let base = Url::parse(first.rsplit(' ').next().unwrap()).unwrap();
        let fresh = !data.with_extension("made").exists();
        let operator_link = fresh.then(|| lines.next().unwrap().unwrap().rsplit(' ').next().unwrap().to_owned());
        std::fs::write(data.with_extension("made"), "").unwrap();
        Self { child, base, operator_link }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        let _already_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A running console.
pub(crate) struct ConsoleProcess {
    child: Child,
    pub(crate) base: Url,
    setup_link: Option<String>,
}

impl ConsoleProcess {
    /// Starts a console and waits until it says where it listens.
    pub(crate) fn start(data: &Path, listen: SocketAddr, more: &[&str]) -> Self {
        let settings = data.with_extension("toml");
        std::fs::write(&settings, "[log]\nfilter = \"warn\"\n").unwrap();
        let fresh = !data.exists();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
        command.args(["console", "--name", "Harbour Security", "--data"]).arg(data).arg("--listen").arg(listen.to_string());
        let mut child = command.arg("--config").arg(settings).args(more).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the console says where it listens").unwrap();
        let base = Url::parse(first.rsplit(' ').next().unwrap()).unwrap();
        let setup_link = fresh.then(|| lines.next().unwrap().unwrap().rsplit(' ').next().unwrap().to_owned());
        Self { child, base, setup_link }
    }

    /// Its first administrator, signed in.
    pub(crate) async fn first(&self, transport: &Transport) -> ConsoleClient {
        let token = self.setup_link.as_deref().unwrap().split_once('#').unwrap().1.to_owned();
        let link = UseLink { token, name: Some("ada@mssp.example".into()), password: PASSWORD.into() };
        ConsoleClient::use_link(transport, &self.base, &link).await.unwrap()
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal, such as `-STOP`.
    pub(crate) fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// SIGTERM; the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        self.signal("-TERM");
        self.child.wait().unwrap().code()
    }
}

impl Drop for ConsoleProcess {
    fn drop(&mut self) {
        let _already_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A free port of this machine.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Makes a workspace with its administrator and one source on a fresh node; returns the source's key.
pub(crate) async fn set_up(transport: &Transport, node: &NodeProcess) -> String {
    let token = |link: &str| link.split_once('#').unwrap().1.to_owned();
    let link = UseLink { token: token(node.operator_link.as_deref().unwrap()), name: Some("operator".into()), password: PASSWORD.into() };
    let operator = WorkspaceClient::use_link(transport, &node.base, &link).await.unwrap();
    let created = operator.add_workspace(&NewWorkspace { name: "Acme".into(), admin: "acme".into() }).await.unwrap();
    let link = UseLink { token: created.link.token, name: None, password: PASSWORD.into() };
    let admin = WorkspaceClient::use_link(transport, &node.base, &link).await.unwrap();
    let source = NewSource::new("all", "test");
    admin.add_source(&source).await.unwrap().ingest_key
}
