//! A node as a process of its own.

use bailiwick_api::{NewSource, NewWorkspace, UseLink};
use bailiwick_client::{Transport, WorkspaceClient};
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
        let settings = data.with_extension("toml");
        std::fs::write(&settings, "[flush]\nrows = 400\nage_seconds = 1\n[log]\nfilter = \"warn\"\n").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
        command.args(["node", "--region", "eu", "--data"]).arg(data).arg("--listen").arg(listen.to_string()).arg("--config").arg(settings);
        command.envs(environment.iter().map(|(name, value)| (*name, value.clone()))).stdout(Stdio::piped());
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
