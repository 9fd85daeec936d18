//! The line breaks in the middle: the node did what it was asked, and its answer never arrived. Adding, syncing and deleting all come through.

use bailiwick_api::{Customer, Removal, RemovalState, SyncState, SyncStatus};
use bailiwick_console::Pace;
use bailiwick_testkit::{Setup, Site, World, eventually};
use http::Method;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const SOON: Duration = Duration::from_secs(20);

/// What is cut: the answer to the next requests that begin so.
#[derive(Clone, Default)]
pub(crate) struct Scissors(Arc<Mutex<Option<&'static str>>>);

impl Scissors {
    pub(crate) fn cut(&self, request: &'static str) {
        *self.0.lock().unwrap() = Some(request);
    }

    pub(crate) fn rest(&self) {
        *self.0.lock().unwrap() = None;
    }

    fn meets(&self, bytes: &[u8]) -> bool {
        self.0.lock().unwrap().is_some_and(|request| bytes.windows(request.len()).any(|window| window == request.as_bytes()))
    }
}

/// A line to a node that can be cut; its port.
pub(crate) async fn line(node: SocketAddr, scissors: Scissors) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((console, _)) = listener.accept().await {
            tokio::spawn(carry(console, node, scissors.clone()));
        }
    });
    port
}

/// Carries bytes both ways until the answer to a request that is cut begins.
async fn carry(mut console: TcpStream, node: SocketAddr, scissors: Scissors) -> std::io::Result<()> {
    let mut node = TcpStream::connect(node).await?;
    let (mut asked, mut answered, mut doomed) = (vec![0; 64 << 10], vec![0; 64 << 10], false);
    loop {
        tokio::select! {
            read = console.read(&mut asked) => match read? {
                0 => return Ok(()),
                n => {
                    doomed |= scissors.meets(&asked[..n]);
                    node.write_all(&asked[..n]).await?;
                }
            },
            read = node.read(&mut answered) => match read? {
                0 => return Ok(()),
                _ if doomed => return Ok(()),
                n => console.write_all(&answered[..n]).await?,
            },
        }
    }
}

struct Scene {
    world: World,
    site: Site,
    scissors: Scissors,
    port: u16,
}

impl Scene {
    async fn start() -> Self {
        let millis = Duration::from_millis;
        let pace = Pace { removals: millis(200), probe: millis(200), sync: Duration::from_secs(2), ..Pace::default() };
        let world = World::start(Setup { pace, ..Setup::new(&["eu"]) }).await.unwrap();
        let (site, scissors) = (world.site(0, "Acme").await.unwrap(), Scissors::default());
        let port = line(world.nodes[0].address(), scissors.clone()).await;
        Self { world, site, scissors, port }
    }

    async fn add(&self) -> Result<Customer, bailiwick_client::ClientError> {
        let form = bailiwick_api::NewCustomer { server: "127.0.0.1".into(), port: self.port, ..self.site.form("Acme") };
        self.world.administrator.client.add_customer(&form).await
    }

    async fn enrolments(&self) -> usize {
        self.site.admin.get::<Value>("/api/v1/enrolments").await.unwrap()["data"].as_array().unwrap().len()
    }

    async fn sync(&self, customer: &Customer) -> SyncStatus {
        self.world.administrator.client.get(&format!("/api/v1/customers/{}/sync", customer.id)).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_off_while_adding_nothing_is_saved_and_adding_again_works() {
    let scene = Scene::start().await;
    scene.scissors.cut("POST /api/v1/enrolments ");
    scene.add().await.unwrap_err();
    assert_eq!(scene.world.administrator.client.customers().await.unwrap().data, [], "nothing is saved");
    assert_eq!(scene.enrolments().await, 1, "the node did its part");
    scene.scissors.rest();
    let acme = scene.add().await.unwrap();
    assert_eq!(scene.enrolments().await, 1);
    eventually(SOON, "its sync works", async || scene.sync(&acme).await.summary.state == SyncState::Ok).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_off_while_syncing_it_is_told_and_tried_again() {
    let scene = Scene::start().await;
    let acme = scene.add().await.unwrap();
    eventually(SOON, "synced", async || scene.sync(&acme).await.summary.state == SyncState::Ok).await;
    scene.scissors.cut("/sync ");
    eventually(SOON, "failed", async || scene.sync(&acme).await.summary.state == SyncState::Failed).await;
    let failed = scene.sync(&acme).await.summary;
    assert!(failed.code.is_some() && failed.next_time.is_some(), "{failed:?}");
    scene.scissors.rest();
    eventually(SOON, "well again by itself", async || scene.sync(&acme).await.summary.state == SyncState::Ok).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_off_while_deleting_it_ends_by_itself_and_nothing_is_left() {
    let scene = Scene::start().await;
    let (acme, client) = (scene.add().await.unwrap(), &scene.world.administrator.client);
    scene.scissors.cut("DELETE /api/v1/workspaces/");
    let body = json!({"password": scene.world.administrator.password, "now": true});
    let _told_or_not = client.call::<Value>(Method::DELETE, &format!("/api/v1/customers/{}", acme.id), Some(&body)).await;
    assert_eq!(client.customers().await.unwrap().data, [], "it is gone from the list at once");
    scene.scissors.rest();
    let closed = async || {
        let all: bailiwick_api::List<Removal> = client.get("/api/v1/removals").await.unwrap();
        all.data.iter().all(|removal| removal.state == RemovalState::Done)
    };
    eventually(SOON, "the removal ends", closed).await;
    assert_eq!(scene.enrolments().await, 0, "nothing is left on the node");
    let again = scene.add().await.unwrap();
    eventually(SOON, "and it may come again", async || scene.sync(&again).await.summary.state == SyncState::Ok).await;
}
