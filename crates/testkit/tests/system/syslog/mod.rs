//! Syslog as senders speak it: real programs first ([`rsyslog`], [`syslog_ng`], [`logger`]), then what only a bad or an odd one does.

mod clients;
mod elasticsearch_output;
mod flood;
mod logger;
mod ports;
mod rsyslog;
mod shared;
mod syslog_ng;
mod tls;

use bailiwick_api::{CreatedSource, EventRow, Format, NewSource};
use bailiwick_node::ingest::syslog::{SharedPorts, SourcePorts};
use bailiwick_testkit::{Setup, Site, World, eventually};
use std::{net::SocketAddr, time::Duration};

/// How long what was sent may take to be found.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// A node with a workspace.
pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) site: Site,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let world = World::start(Setup::new(&["eu"])).await.unwrap();
        let site = world.site(0, "Acme").await.unwrap();
        Self { world, site }
    }

    /// An address of this world with a port that the system chooses.
    pub(crate) fn any(&self) -> Option<String> {
        Some(format!("{}:0", self.world.nodes[0].address().ip()))
    }

    /// A syslog source with some of these ports.
    pub(crate) async fn source(&self, name: &str, ports: impl FnOnce(&mut NewSource)) -> CreatedSource {
        let mut new = NewSource { format: Format::Syslog, ..NewSource::new(name, "linux/syslog") };
        ports(&mut new);
        self.site.admin.add_source(&new).await.unwrap()
    }

    /// Where a source listens.
    pub(crate) fn ports(&self, source: &CreatedSource) -> SourcePorts {
        self.world.nodes[0].syslog().unwrap().ports(&self.site.id, &source.source.id)
    }

    pub(crate) fn tcp(&self, source: &CreatedSource) -> SocketAddr {
        self.ports(source).tcp.unwrap().unwrap()
    }

    pub(crate) fn udp(&self, source: &CreatedSource) -> SocketAddr {
        self.ports(source).udp.unwrap().unwrap()
    }

    pub(crate) fn tls(&self, source: &CreatedSource) -> SocketAddr {
        self.ports(source).tls.unwrap().unwrap()
    }

    /// Where the shared listener listens.
    pub(crate) fn shared(&self) -> SharedPorts {
        self.world.nodes[0].syslog().unwrap().shared()
    }

    /// Waits until a query finds so many events of a source, and that no more come.
    pub(crate) async fn found(&self, source: &CreatedSource, query: &str, count: usize) -> Vec<EventRow> {
        let id = source.source.id.to_string();
        let of_source = async || {
            let mut rows = self.site.search(query).await.unwrap();
            rows.retain(|row| row.source == id);
            rows
        };
        eventually(SOON, &format!("{count} of {query}"), async || of_source().await.len() >= count).await;
        let rows = of_source().await;
        assert_eq!(rows.len(), count, "{query}: {rows:#?}");
        rows
    }

    /// What the node counts of a source: events kept, as records or as failed ones, and events that were dropped.
    pub(crate) async fn counts(&self, source: &CreatedSource) -> (u64, u64) {
        let now = self.site.source_now(&source.source).await.unwrap();
        assert_eq!(now.received, now.stored + now.failed + now.dropped, "every event is counted once");
        (now.stored + now.failed, now.dropped)
    }

    /// Waits until so many events of a source are counted as kept, none as dropped, and sees that no more come.
    pub(crate) async fn kept(&self, source: &CreatedSource, events: u64) {
        eventually(SOON, &format!("{events} events kept"), async || self.counts(source).await.0 >= events).await;
        assert_eq!(self.counts(source).await, (events, 0), "{}", source.source.name);
    }
}
