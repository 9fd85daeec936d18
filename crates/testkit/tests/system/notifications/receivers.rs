//! Who is told: a mail server, started as a process, and a server that takes calls of a webhook and checks their signature.

use axum::{Router, body::Bytes, extract::State, routing::post};
use bailiwick_api::NotificationEvent;
use data_encoding::HEXLOWER;
use http::HeaderMap;
use serde_json::Value;
use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const SOON: Duration = Duration::from_secs(30);

/// A mail server.
pub(super) struct Mailbox {
    pub(super) port: u16,
    mails: UnboundedReceiver<Value>,
    server: Child,
}

impl Mailbox {
    /// Opens one; with a certificate and its key it asks for TLS and a sign-in.
    pub(super) async fn open(certificate: Option<[&Path; 2]>) -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (script, maker) = (here.join("tests/system/notifications/smtp_server.py"), here.join("../../scripts/python-clients"));
        let made = tokio::task::spawn_blocking(move || Command::new(&maker).output().unwrap()).await.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let python = String::from_utf8(made.stdout).unwrap();
        let arguments = certificate.into_iter().flatten();
        let mut server = Command::new(python.trim()).arg(script).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let (put, mails) = unbounded_channel();
        let out = server.stdout.take().unwrap();
        let (say_port, port) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut lines = std::io::BufRead::lines(std::io::BufReader::new(out)).map_while(Result::ok);
            let _gone = say_port.send(lines.next().unwrap_or_default());
            lines.for_each(|line| put.send(serde_json::from_str(&line).unwrap()).unwrap_or_default());
        });
        Self { port: port.await.unwrap().parse().unwrap(), mails, server }
    }

    /// The next mail.
    pub(super) async fn next(&mut self) -> Value {
        tokio::time::timeout(SOON, self.mails.recv()).await.expect("a mail").unwrap()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let _gone = self.server.kill();
        let _reaped = self.server.wait();
    }
}

type Call = (Option<String>, Bytes);

/// Takes calls.
pub(super) struct Hook {
    address: SocketAddr,
    calls: UnboundedReceiver<Call>,
}

impl Hook {
    pub(super) async fn open() -> Self {
        let (put, calls) = unbounded_channel();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/hook", post(take)).with_state(put);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, calls }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The next call, whose signature is right.
    pub(super) async fn next(&mut self, secret: &str) -> NotificationEvent {
        let (signature, body) = tokio::time::timeout(SOON, self.calls.recv()).await.expect("a call").unwrap();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let signature = signature.unwrap();
        let given = HEXLOWER.decode(signature.strip_prefix("sha256=").unwrap().as_bytes()).unwrap();
        ring::hmac::verify(&key, &body, &given).expect("signed with the secret");
        serde_json::from_slice(&body).unwrap()
    }
}

async fn take(State(put): State<UnboundedSender<Call>>, headers: HeaderMap, body: Bytes) {
    let signature = headers.get("x-bailiwick-signature").map(|value| value.to_str().unwrap().to_owned());
    put.send((signature, body)).unwrap_or_default();
}
