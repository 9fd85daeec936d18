//! What people typed as a secret is in no file the console writes.

use crate::{
    fake_node::FakeNode,
    support::{Desk, config, file, form, refused},
};
use bailiwick_api::{Credentials, NewCustomer};
use bailiwick_client::ConsoleClient;
use std::path::Path;

const CUSTOMERS_PASSWORD: &str = "canary-of-the-customers-admin";
const MISTYPED: &str = "canary-typed-where-the-address-goes";
const WRONG: &str = "canary-a-wrong-password";

#[tokio::test]
async fn typed_passwords_are_not_in_what_the_console_keeps() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let admin = Credentials { user: "acme".into(), password: CUSTOMERS_PASSWORD.into() };
    let new = NewCustomer { admin, ..form("Acme", &node, "acme") };
    node.shared.mind().enrol_refusal = Some((401, "AUTH_FAILED"));
    let error = desk.admin.add_customer(&new).await.unwrap_err();
    assert!(!format!("{error:?} {new:?}").contains(CUSTOMERS_PASSWORD));
    node.shared.mind().enrol_refusal = None;
    desk.admin.add_customer(&new).await.unwrap();
    assert_eq!(node.shared.mind().enrolled[0].admin.password, CUSTOMERS_PASSWORD, "the node did get it");
    for (email, password) in [(MISTYPED, WRONG), ("admin@mssp.example", WRONG)] {
        assert_eq!(refused(ConsoleClient::sign_in(&desk.transport, &desk.base, email, password).await).0, 401);
    }
    desk.console.stop().await;
    let written = contents(dir.path());
    assert!(written.contains("soc@customer.example"), "the files were read");
    for secret in [CUSTOMERS_PASSWORD, MISTYPED, WRONG, crate::support::PASSWORD] {
        assert!(!written.contains(secret), "{secret} was kept");
    }
}

fn contents(dir: &Path) -> String {
    let files = dir.read_dir().unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_the_owners_alone_and_an_odd_url_is_not_shown() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(config(file(&dir))).await;
    for entry in dir.path().read_dir().unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
    let url = bailiwick_console::Database::Url("postgres://user:secret@host/db".into());
    assert!(!format!("{url:?}").contains("secret"));
    desk.console.stop().await;
}
