//! A console on a fresh database with its first administrator signed in, and calls that tell status and code.

use crate::fake_node::FakeNode;
use bailiwick_api::{CreatedUser, Credentials, Customer, Grant, NewCustomer, NewGrant, NewUser, Role, Scheme, UseLink};
use bailiwick_client::{ClientError, ConsoleClient, Transport};
use bailiwick_console::{Console, ConsoleConfig, Database, Pace};
use http::{HeaderMap, Method};
use serde_json::Value;
use std::{future::Future, time::Duration};
use tempfile::TempDir;
use url::Url;

pub(crate) const PASSWORD: &str = "a long enough password";
pub(crate) const ADMIN: &str = "Admin@MSSP.example";

pub(crate) struct Desk {
    pub(crate) console: Console,
    pub(crate) base: Url,
    pub(crate) transport: Transport,
    pub(crate) admin: ConsoleClient,
}

pub(crate) fn config(database: Database) -> ConsoleConfig {
    let millis = Duration::from_millis;
    let pace = Pace {
        probe: millis(100),
        probe_deadline: millis(500),
        reconcile: millis(100),
        change_deadline: millis(1_000),
        removals: millis(100),
        sync: millis(1_000),
        ..Pace::default()
    };
    ConsoleConfig { pace, ..ConsoleConfig::new(database, "127.0.0.1:0".parse().unwrap(), |_| None) }
}

pub(crate) fn token(link: &str) -> String {
    link.split_once('#').unwrap().1.to_owned()
}

pub(crate) fn base(console: &Console) -> Url {
    Url::parse(&format!("http://{}", console.address())).unwrap()
}

pub(crate) fn file(dir: &TempDir) -> Database {
    Database::File(dir.path().join("console.db"))
}

impl Desk {
    pub(crate) async fn open(config: ConsoleConfig) -> Self {
        let console = Console::start(config).await.unwrap();
        let (base, transport) = (base(&console), Transport::new().unwrap());
        let link = UseLink { token: token(&console.setup_link().unwrap()), name: Some(ADMIN.into()), password: PASSWORD.into() };
        let admin = ConsoleClient::use_link(&transport, &base, &link).await.unwrap();
        Self { console, base, transport, admin }
    }

    /// A person with a password, signed in.
    pub(crate) async fn person(&self, email: &str, role: Role) -> ConsoleClient {
        let new = NewUser { email: email.into(), name: "Somebody".into(), role, may_save_dashboards: false };
        let made: CreatedUser = self.admin.add_user(&new).await.unwrap();
        let link = UseLink { token: token(&made.link.link), name: None, password: PASSWORD.into() };
        ConsoleClient::use_link(&self.transport, &self.base, &link).await.unwrap()
    }

    pub(crate) async fn customer(&self, name: &str, node: &FakeNode, admin: &str) -> Customer {
        self.admin.add_customer(&form(name, node, admin)).await.unwrap()
    }

    pub(crate) async fn grant(&self, to: &ConsoleClient, on: &Customer, role: Option<Role>) -> Grant {
        self.admin.put_grant(&NewGrant { user: to.me.id.clone(), customer: on.id.clone(), role }).await.unwrap()
    }

    /// A call with the headers and the body given and no other.
    pub(crate) async fn raw(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Result<(Value, HeaderMap), ClientError> {
        let mut request = self.transport.request(method, self.base.join(path).unwrap()).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (bytes, headers) = Transport::send(request, Duration::from_secs(10)).await?;
        let value = serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into()));
        Ok((value, headers))
    }
}

pub(crate) fn form(name: &str, node: &FakeNode, admin: &str) -> NewCustomer {
    NewCustomer {
        name: name.into(),
        mail: "soc@customer.example".into(),
        server: "127.0.0.1".into(),
        port: node.address.port(),
        scheme: Scheme::Http,
        admin: Credentials { user: admin.into(), password: "the customer's own".into() },
        primary: false,
        fingerprint: None,
    }
}

/// Status, code and field of a refusal.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> (u16, String, String) {
    let error = outcome.unwrap_err();
    let problem = error.problem().unwrap_or_else(|| panic!("not a refusal: {error}"));
    (problem.status, problem.code.clone(), problem.field.clone().unwrap_or_default())
}

/// Waits until something holds, ten seconds at most.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}
