//! Senders of other products, unchanged: what they ask, what they send, and what they are told.

mod apart;
mod bodies;
mod bulk;
mod clients;
mod hec;
mod otlp;

use bailiwick_testkit::{Answer, Headers, Setup, Site, World, call};

/// A node with a workspace, and calls to it with the ingest key.
struct Scene {
    world: World,
    site: Site,
}

impl Scene {
    async fn start() -> Self {
        let world = World::start(Setup::new(&["eu"])).await.unwrap();
        let site = world.site(0, "Acme").await.unwrap();
        Self { world, site }
    }

    fn url(&self) -> String {
        self.world.nodes[0].url()
    }

    /// Calls with the key shown under a scheme, such as `Splunk`.
    async fn send(&self, scheme: &str, method: &str, path: &str, more: &[(&'static str, &str)], body: impl Into<Vec<u8>>) -> Answer {
        let mut headers: Headers = vec![("authorization", format!("{scheme} {}", self.site.ingest_key))];
        headers.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        call(&self.world.transport, method, &format!("{}{path}", self.url()), &headers, body.into()).await.unwrap()
    }

    /// The raw texts of what is stored, sorted.
    async fn raws(&self) -> Vec<String> {
        let mut raws: Vec<String> = self.site.search("").await.unwrap().into_iter().map(|row| row.raw).collect();
        raws.sort_unstable();
        raws
    }

    /// Events stored and bytes of them, as the source counts.
    async fn stored(&self) -> (u64, u64) {
        // A search waits for what was acknowledged before it.
        self.site.search("").await.unwrap();
        let source = self.site.source_now(&self.site.source).await.unwrap();
        (source.stored + source.failed, source.bytes)
    }
}
