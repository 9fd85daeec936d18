//! What a node believes over a link: no more than over its listener, whoever the console is.

use crate::work::SOON;
use axum::{Router, extract::Request, response::Response, routing};
use bailiwick_api::{ConsoleId, EnrolmentInfo, List, Purpose, Role};
use bailiwick_link::{Answer, Channel, Enrolled, EnrolmentCode, Host, LinkKey, NODE_UNKNOWN, Refused, Verdict, Want, accept};
use bailiwick_testkit::{Act, Mssp, Setup, Site, World, eventually};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio_util::sync::CancellationToken;

/// A console in the hands of a test: it enrols and links whoever comes, or says that it knows nobody.
#[derive(Clone)]
struct Fake(Arc<Inner>);

struct Inner {
    id: ConsoleId,
    key: LinkKey,
    assertion_key: String,
    channel: Channel,
    knows_nobody: AtomicBool,
}

impl Fake {
    async fn start(mssp: &Mssp) -> (Self, EnrolmentCode) {
        let key = LinkKey::generate().unwrap();
        let inner = Inner {
            id: mssp.console.clone(),
            key: key.clone(),
            assertion_key: mssp.key.public().to_owned(),
            channel: Channel::default(),
            knows_nobody: AtomicBool::new(false),
        };
        let fake = Self(Arc::new(inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let taker = fake.clone();
        let router = Router::new().route("/api/v1/link", routing::get(move |request: Request| async move { taker.take(request) }));
        tokio::task::spawn(async move { axum::serve(listener, router).await });
        (fake, EnrolmentCode::generate(address.parse().unwrap(), key.public().fingerprint()).unwrap())
    }

    fn take(&self, request: Request) -> Response {
        let (response, connection) = accept(request).unwrap();
        let fake = self.0.clone();
        tokio::task::spawn(async move {
            let host = Host { console: &fake.id, name: "Fake", key: &fake.key };
            let asked = host.ask(connection.await.unwrap()).await.unwrap();
            if fake.knows_nobody.load(Ordering::Relaxed) {
                let refused = Refused { code: NODE_UNKNOWN.into(), detail: "who?".into() };
                return drop(asked.conclude(&host, &Verdict::Refused(refused)).await);
            }
            match (&asked.want, &asked.answer) {
                (Want::Enrol { .. }, Answer::Enrol { .. }) => {
                    let enrolled = Enrolled { customer: "Acme".into(), assertion_key: fake.assertion_key.clone() };
                    drop(asked.conclude(&host, &Verdict::Enrolled(enrolled)).await);
                }
                _ => drop(fake.channel.hold(asked.welcome(&host).await.unwrap(), 1, &CancellationToken::new(), || ()).await),
            }
        });
        response
    }

    /// Asks the node over the link.
    async fn ask(&self, method: &str, path: &str, headers: &[(&'static str, String)], body: &str) -> u16 {
        let mut request = reqwest::Client::new().request(method.parse().unwrap(), format!("http://node.link{path}")).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.0.channel.exchange(request.build().unwrap(), 1 << 20).await.unwrap().0.as_u16()
    }
}

async fn enrolled(site: &Site) -> usize {
    site.admin.get::<List<EnrolmentInfo>>("/api/v1/enrolments").await.unwrap().data.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_nothing_that_the_listener_keeps_shut() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let (acme, beta) = (world.site(0, "Acme").await.unwrap(), world.site(0, "Beta").await.unwrap());
    let mssp = Mssp::new(&world.transport, &world.nodes[0], "console-fake").unwrap();
    let stranger = Mssp::new(&world.transport, &world.nodes[0], "console-fake").unwrap();
    let (fake, code) = Fake::start(&mssp).await;
    acme.admin.add_link(&code.to_string()).await.unwrap();
    mssp.put(&acme, "ana@mssp.example", Role::Viewer).await.unwrap();
    eventually(SOON, "linked", async || fake.0.channel.since_us().is_some()).await;

    assert_eq!(fake.ask("GET", "/api/v1/about", &[], "").await, 200);
    for path in ["/api/v1/investigations", "/api/v1/sources", "/api/v1/links", "/api/v1/workspaces", "/api/v1/audit"] {
        assert_eq!(fake.ask("GET", path, &[], "").await, 401, "{path}");
    }
    let path = |site: &Site| format!("/api/v1/workspaces/{}/assignees?role=viewer", site.id);
    let signed = |by: &Mssp, path: &str| by.sign(&Act { email: "ana@mssp.example", purpose: Purpose::Work, method: "GET", path, body: b"" }).unwrap();
    let (ours, theirs) = (path(&acme), path(&beta));
    let once = signed(&mssp, &ours);
    assert_eq!(fake.ask("GET", &ours, &once, "").await, 200, "a signed call is answered");
    assert_eq!(fake.ask("GET", &ours, &once, "").await, 401, "once");
    assert_eq!(fake.ask("GET", &ours, &[], "").await, 401);
    assert_eq!(fake.ask("GET", &ours, &signed(&stranger, &ours), "").await, 401, "with the key of the enrolment and no other");
    assert_eq!(fake.ask("GET", &theirs, &signed(&mssp, &theirs), "").await, 401, "in the workspace that agreed and no other");
    assert_eq!(fake.ask("GET", &ours, &signed(&mssp, &theirs), "").await, 401);
    let search = format!("/api/v1/workspaces/{}/logs/search?role=analyst", acme.id);
    let body = json!({"query": ""}).to_string();
    let act = Act { email: "ana@mssp.example", purpose: Purpose::Work, method: "POST", path: &search, body: body.as_bytes() };
    assert_eq!(fake.ask("POST", &search, &mssp.sign(&act).unwrap(), &body).await, 403, "a viewer there is no analyst, whatever the console says");
    let line = json!({"message": "hello"}).to_string();
    assert_eq!(fake.ask("POST", "/ingest/v1/events", &[], &line).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_that_forgot_a_node_does_not_make_it_forget() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = world.site(0, "Acme").await.unwrap();
    let mssp = Mssp::new(&world.transport, &world.nodes[0], "console-fake").unwrap();
    let (fake, code) = Fake::start(&mssp).await;
    acme.admin.add_link(&code.to_string()).await.unwrap();
    eventually(SOON, "linked", async || fake.0.channel.since_us().is_some()).await;
    let second = world.site(0, "Beta").await.unwrap();
    let other = Mssp::new(&world.transport, &world.nodes[0], "console-else").unwrap();
    other.enrol(&second).await.unwrap();
    let refused = second.admin.add_link(&code.to_string()).await.unwrap_err();
    assert_eq!(refused.code(), Some("ALREADY_INTEGRATED_ELSEWHERE"));

    fake.0.knows_nobody.store(true, Ordering::Relaxed);
    fake.0.channel.hang_up();
    let trouble = async || acme.admin.links().await.unwrap().data[0].last_error.as_ref().map(|trouble| trouble.code.clone());
    eventually(SOON, "refused", async || trouble().await.as_deref() == Some(NODE_UNKNOWN)).await;
    assert_eq!((enrolled(&acme).await, acme.admin.links().await.unwrap().data.len()), (1, 1));
    fake.0.knows_nobody.store(false, Ordering::Relaxed);
    eventually(SOON, "linked again", async || fake.0.channel.since_us().is_some()).await;
}
