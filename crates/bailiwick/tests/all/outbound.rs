//! A node behind NAT as people run it: processes, `bailiwick node enrol`, kills on either side, and a network that lets nothing in.

use crate::{
    namespace::Namespace,
    process::{ConsoleProcess, NodeProcess, PASSWORD, free_address, set_up},
    tls::TlsFront,
};
use bailiwick_api::{Customer, Health, LinkKind, LogSearch, NewEnrolmentCode, NewGrant, Role};
use bailiwick_client::{ConsoleClient, Transport, WorkspaceClient};
use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

const SOON: Duration = Duration::from_secs(40);

/// Waits until something holds.
async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..SOON.as_millis() / 100 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within {SOON:?}: {what}");
}

/// Runs `bailiwick node enrol`, the password on standard input.
fn enrol(command: Command, code: &str, data: &Path, more: &[&str], input: &str) -> (bool, String, String) {
    let mut command = command;
    command.args(["node", "enrol", code, "--data"]).arg(data).args(more);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have ended before it read anything.
    let _not_read = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.success(), String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
}

fn bailiwick() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bailiwick"))
}

async fn code(admin: &ConsoleClient, name: &str) -> String {
    let new = NewEnrolmentCode { name: name.into(), mail: "soc@customer.example".into(), primary: false };
    admin.add_enrolment_code(&new).await.unwrap().code
}

async fn acme(admin: &ConsoleClient) -> Option<Customer> {
    admin.customers().await.ok()?.data.into_iter().find(|customer| customer.name == "Acme")
}

async fn is_up(admin: &ConsoleClient) -> bool {
    acme(admin).await.is_some_and(|customer| customer.health == Health::Up && customer.connected_time.is_some())
}

/// The administrator gives themselves a role and finds the customer's log lines through the console.
async fn works(admin: &ConsoleClient) {
    let customer = acme(admin).await.unwrap();
    let grant = NewGrant { user: admin.me.id.clone(), customer: customer.id.clone(), role: Some(Role::Analyst) };
    admin.put_grant(&grant).await.unwrap();
    let search = LogSearch { query: String::new(), ..LogSearch::default() };
    eventually("the customer's lines are found over the link", async || {
        admin.search_logs(customer.id.as_str(), &search).await.is_ok_and(|found| found.scope.complete && !found.data.is_empty())
    })
    .await;
    assert_eq!(admin.investigations("").await.unwrap().scope.answered, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_is_enrolled_by_its_code_and_survives_kills_on_either_side() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("node");
    std::fs::create_dir_all(&data).unwrap();
    let (transport, listen, console_listen) = (Transport::new().unwrap(), free_address(), free_address());
    let console_data = scratch.path().join("console");
    let console = ConsoleProcess::start(&console_data, console_listen, &[]);
    let admin = console.first(&transport).await;
    let text = code(&admin, "Acme").await;

    let (ok, _, said) = enrol(bailiwick(), &text, &data, &["--admin", "acme", "--yes"], PASSWORD);
    assert!(!ok && said.contains("no node has run"), "{said}");
    let node = NodeProcess::start(&data, listen, &[]);
    let key = set_up(&transport, &node).await;
    let line = "{\"message\":\"hello from behind NAT\",\"host\":\"web-1\"}\n";
    WorkspaceClient::ingest(&transport, &node.base, &key, None, line.into()).await.unwrap();

    let (ok, _, said) = enrol(bailiwick(), &text[..text.len() - 1], &data, &["--admin", "acme", "--yes"], PASSWORD);
    assert!(!ok && said.contains("copy it once more"), "{said}");
    let (ok, _, said) = enrol(bailiwick(), &text, &data, &["--admin", "acme", "--yes"], "wrong password\n");
    assert!(!ok && said.contains("AUTH_FAILED"), "{said}");
    let (ok, _, said) = enrol(bailiwick(), &text, &data, &["--admin", "operator", "--yes"], PASSWORD);
    assert!(!ok && said.contains("runs this node"), "{said}");
    let (ok, shown, said) = enrol(bailiwick(), &text, &data, &["--admin", "acme"], PASSWORD);
    assert!(!ok && said.contains("--yes"), "{said}");
    for part in ["Harbour Security", "Acme", "fingerprint", console.base.as_ref(), "may then"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(acme(&admin).await.is_none(), "nothing happened yet");
    let (ok, shown, said) = enrol(bailiwick(), &text, &data, &["--admin", "acme", "--yes"], PASSWORD);
    assert!(ok && shown.contains("Connected since"), "{shown}{said}");
    assert_eq!(acme(&admin).await.unwrap().link, LinkKind::Outbound);
    works(&admin).await;
    let (ok, _, said) = enrol(bailiwick(), &text, &data, &["--admin", "acme", "--yes"], PASSWORD);
    assert!(ok, "the same once more, as if the answer was lost: {said}");
    assert_eq!(admin.customers().await.unwrap().data.len(), 1);

    let mut node = node;
    for _ in 0..2 {
        node.kill();
        eventually("the console notices", async || acme(&admin).await.is_some_and(|customer| customer.health == Health::Down)).await;
        node = NodeProcess::start(&data, listen, &[]);
        eventually("linked again", async || is_up(&admin).await).await;
    }
    console.kill();
    let console = ConsoleProcess::start(&console_data, console_listen, &[]);
    eventually("linked to the console that came back", async || is_up(&admin).await).await;
    works(&admin).await;

    // The connection goes silent without ending: a machine that sleeps, a router that forgot.
    console.signal("-STOP");
    let local = WorkspaceClient::sign_in(&transport, &node.base, "acme", PASSWORD).await.unwrap();
    eventually("the node notices that nobody answers its pings", async || {
        local.links().await.is_ok_and(|links| links.data[0].connected_time.is_none() && links.data[0].last_error.is_some())
    })
    .await;
    console.signal("-CONT");
    eventually("linked again", async || is_up(&admin).await).await;
    works(&admin).await;
    assert_eq!((node.terminate(), console.terminate()), (Some(0), Some(0)), "SIGTERM drains and exits 0, link or not");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_nothing_reaches_is_enrolled_and_works() {
    let network = match Namespace::new() {
        Ok(network) => network,
        Err(missing) => {
            // Printed, so that a run without it is seen.
            eprintln!("skipped: no network of its own: {missing}");
            return;
        }
    };
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("node");
    std::fs::create_dir_all(&data).unwrap();
    let transport = Transport::new().unwrap();
    let console_listen = free_address();
    let front = TlsFront::start(network.outside, console_listen).await;
    let ca = scratch.path().join("ca.pem");
    std::fs::write(&ca, &front.certificate).unwrap();
    let public = format!("https://{}/", front.address);
    let console = ConsoleProcess::start(&scratch.path().join("console"), console_listen, &["--public-url", &public]);
    let admin = console.first(&transport).await;
    let text = code(&admin, "Acme").await;

    // The workspace is set up while the node can still be reached; then it moves behind the wall.
    let first = NodeProcess::start(&data, free_address(), &[]);
    let key = set_up(&transport, &first).await;
    let line = "{\"message\":\"hello from behind the wall\",\"host\":\"web-1\"}\n";
    WorkspaceClient::ingest(&transport, &first.base, &key, None, line.into()).await.unwrap();
    assert_eq!(first.terminate(), Some(0));
    let listen = format!("{}:9100", network.inside);
    let settings = format!("[link]\nca = {ca:?}\n");
    let node = NodeProcess::start_in(network.command(), &data, "0.0.0.0:9100".parse().unwrap(), &settings);

    let reached = tokio::time::timeout(Duration::from_secs(2), tokio::net::TcpStream::connect(&listen)).await;
    assert!(!matches!(reached, Ok(Ok(_))), "nothing from outside reaches the node");
    let (ok, shown, said) = enrol(network.command(), &text, &data, &["--admin", "acme", "--yes"], PASSWORD);
    assert!(ok && shown.contains("Connected since"), "{shown}{said}");
    eventually("up", async || is_up(&admin).await).await;
    works(&admin).await;
    let reached = tokio::time::timeout(Duration::from_secs(2), tokio::net::TcpStream::connect(&listen)).await;
    assert!(!matches!(reached, Ok(Ok(_))), "and still nothing reaches it");
    drop(node);
    eventually("down", async || acme(&admin).await.is_some_and(|customer| customer.health == Health::Down)).await;
}
