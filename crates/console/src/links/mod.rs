//! How each node is reached: a directory of clients, filled from the store when first asked for.

pub(crate) mod store;

use crate::{customers, removals};
use bailiwick_api::{ConsoleId, NodeId, Scheme};
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_client::{Fingerprint, NodeClient, SigningKey, Transport, base_url};
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};
use url::Url;

/// A node this console has enrolled a workspace of.
#[derive(Clone, Debug)]
pub struct NodeLink {
    /// Its id.
    pub node: NodeId,
    /// Host name or address.
    pub server: String,
    /// Port.
    pub port: u16,
    /// Scheme.
    pub scheme: Scheme,
    /// Its region.
    pub region: String,
    /// The version it last reported.
    pub version: String,
    /// Of a certificate that is accepted though no authority vouches for it.
    pub fingerprint: Option<Fingerprint>,
    /// Signs this console's assertions to it.
    pub key: SigningKey,
}

impl NodeLink {
    /// Its address as a URL.
    pub fn base(&self) -> Result<Url, Refusal> {
        base_url(self.scheme, &self.server, self.port).map_err(Refusal::internal)
    }
}

/// Clients of all nodes.
pub struct Links {
    console: ConsoleId,
    db: Db,
    transport: Transport,
    clients: RwLock<HashMap<NodeId, NodeClient>>,
}

impl Links {
    /// An empty directory over the store.
    pub fn new(console: ConsoleId, db: Db, transport: Transport) -> Self {
        Self { console, db, transport, clients: RwLock::default() }
    }

    /// The client of a node; 404 when no workspace of it was enrolled.
    pub async fn client(&self, node: &NodeId) -> Result<NodeClient, Refusal> {
        let known = self.clients.read().unwrap_or_else(PoisonError::into_inner).get(node).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let link = store::get(&self.db, node).await?.ok_or_else(Refusal::not_found)?;
        let transport = transport(&self.transport, link.fingerprint)?;
        let client = NodeClient::new(transport, link.base()?, self.console.clone(), link.node, link.key);
        self.clients.write().unwrap_or_else(PoisonError::into_inner).insert(node.clone(), client.clone());
        Ok(client)
    }

    /// Has the client of a node made anew when it is asked for next: its link changed.
    pub(crate) fn renew(&self, node: &NodeId) {
        self.clients.write().unwrap_or_else(PoisonError::into_inner).remove(node);
    }

    /// Forgets a node that has no customer and is to be told nothing more.
    pub(crate) async fn forget_if_unused(&self, node: &NodeId) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        if customers::store::node_has_any(&mut tx, node).await? || removals::store::waits_for(&mut tx, node).await? {
            return Ok(());
        }
        store::delete(&mut tx, node).await?;
        tx.commit().await?;
        self.renew(node);
        Ok(())
    }
}

/// The pool of connections for a certificate: the shared one, unless it is accepted by its fingerprint.
pub(crate) fn transport(shared: &Transport, fingerprint: Option<Fingerprint>) -> Result<Transport, Refusal> {
    fingerprint.map_or_else(|| Ok(shared.clone()), |fingerprint| Transport::pinned(fingerprint).map_err(Refusal::internal))
}
