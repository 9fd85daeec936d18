//! A node for tests that never ask it.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use super::{NodeLink, store};
use crate::State;
use bailiwick_api::{LinkKind, Scheme};
use bailiwick_client::SigningKey;

/// Enters `node-1`, at an address where nobody listens.
pub(crate) async fn nobody(state: &State) {
    let link = NodeLink {
        node: "node-1".into(),
        server: "127.0.0.1".into(),
        port: 9,
        scheme: Scheme::Http,
        region: "eu".into(),
        version: "0.1.0".into(),
        fingerprint: None,
        key: SigningKey::generate().unwrap(),
        kind: LinkKind::Direct,
        link_key: None,
    };
    let mut tx = state.db.begin().await.unwrap();
    assert!(store::insert(&mut tx, &link, 0).await.unwrap());
    tx.commit().await.unwrap();
}
