//! How each node is reached: a directory of clients, filled from the store when first asked for. A node with an address is dialled; one
//! without dials this console, and its requests go over the connection it opened last.

mod accept;
pub mod http;
pub(crate) mod store;
#[cfg(test)]
pub(crate) mod testing;

use crate::{customers, removals};
use bailiwick_api::{ConsoleId, LinkKind, NodeId, Scheme};
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_client::{Fingerprint, NodeClient, SigningKey, Transport, base_url};
use bailiwick_link::{Channel, LinkKey, PublicKey};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::sync::Semaphore;
use url::Url;

/// Nodes that may be in a handshake at a time.
const HANDSHAKES: usize = 64;

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
    /// Who opens the connection. An outbound node has no address: the server is empty and the port 0.
    pub kind: LinkKind,
    /// What an outbound node proves itself with.
    pub link_key: Option<PublicKey>,
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
    key: LinkKey,
    channels: RwLock<HashMap<NodeId, Channel>>,
    handshakes: Arc<Semaphore>,
}

impl Links {
    /// An empty directory over the store.
    pub fn new(console: ConsoleId, db: Db, transport: Transport, key: LinkKey) -> Self {
        let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
        Self { console, db, transport, clients: RwLock::default(), key, channels: RwLock::default(), handshakes }
    }

    /// What this console proves itself with to nodes that dial in.
    pub(crate) fn key(&self) -> &LinkKey {
        &self.key
    }

    /// The way to a node that dials in, whether it is connected or not.
    pub(crate) fn channel(&self, node: &NodeId) -> Channel {
        let known = self.channels.read().unwrap_or_else(PoisonError::into_inner).get(node).cloned();
        known.unwrap_or_else(|| self.channels.write().unwrap_or_else(PoisonError::into_inner).entry(node.clone()).or_default().clone())
    }

    /// Since when a node that dials in is connected, microseconds since the epoch.
    pub(crate) fn connected_us(&self, node: &NodeId) -> Option<i64> {
        self.channels.read().unwrap_or_else(PoisonError::into_inner).get(node).and_then(Channel::since_us)
    }

    /// Forgets how a node is reached and ends its link, if it has one: its row changed or went. A node that dials in again is looked up anew.
    pub(crate) fn forget(&self, node: &NodeId) {
        self.clients.write().unwrap_or_else(PoisonError::into_inner).remove(node);
        if let Some(channel) = self.channels.write().unwrap_or_else(PoisonError::into_inner).remove(node) {
            channel.hang_up();
        }
    }

    /// The client of a node; 404 when no workspace of it was enrolled.
    pub async fn client(&self, node: &NodeId) -> Result<NodeClient, Refusal> {
        let known = self.clients.read().unwrap_or_else(PoisonError::into_inner).get(node).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let link = store::get(&self.db, node).await?.ok_or_else(Refusal::not_found)?;
        let (transport, console) = (transport(&self.transport, link.fingerprint)?, self.console.clone());
        let client = match link.kind {
            LinkKind::Direct => NodeClient::new(transport, link.base()?, console, link.node, link.key),
            LinkKind::Outbound => NodeClient::over(transport, self.channel(node), console, link.node, link.key),
        };
        self.clients.write().unwrap_or_else(PoisonError::into_inner).insert(node.clone(), client.clone());
        Ok(client)
    }

    /// Has the client of a node made anew when it is asked for next: its link changed.
    pub(crate) fn renew(&self, node: &NodeId) {
        self.clients.write().unwrap_or_else(PoisonError::into_inner).remove(node);
    }

    /// Forgets a node that has no customer and is to be told nothing more. One that dials hears so when it does next, and stops.
    pub(crate) async fn forget_if_unused(&self, node: &NodeId, now_us: i64) -> Result<(), Refusal> {
        let mut tx = self.db.begin().await?;
        if customers::store::node_has_any(&mut tx, node).await? || removals::store::waits_for(&mut tx, node).await? {
            return Ok(());
        }
        store::end_in(&mut tx, node, now_us).await?;
        store::delete(&mut tx, node).await?;
        tx.commit().await?;
        self.forget(node);
        Ok(())
    }
}

/// The pool of connections for a certificate: the shared one, unless it is accepted by its fingerprint.
pub(crate) fn transport(shared: &Transport, fingerprint: Option<Fingerprint>) -> Result<Transport, Refusal> {
    fingerprint.map_or_else(|| Ok(shared.clone()), |fingerprint| Transport::pinned(fingerprint).map_err(Refusal::internal))
}
