//! Ingest on an address of its own: senders' paths are there and nothing else, and the API has none of them.

use bailiwick_api::{CreatedWorkspace, NewSource, NewWorkspace, UseLink};
use bailiwick_chassis::SystemClock;
use bailiwick_client::{Transport, WorkspaceClient};
use bailiwick_node::{FlushConfig, IngestConfig, Node, NodeConfig, RuleConfig};
use bailiwick_testkit::call;
use std::sync::Arc;

const PASSWORD: &str = "correct horse battery staple";

async fn key(node: &Node, transport: &Transport) -> String {
    let base = format!("http://{}/", node.address()).parse().unwrap();
    let token = node.operator_link().unwrap().split('#').next_back().unwrap().to_owned();
    let link = UseLink { token, name: Some("root".into()), password: PASSWORD.into() };
    let operator = WorkspaceClient::use_link(transport, &base, &link).await.unwrap();
    let made: CreatedWorkspace = operator.add_workspace(&NewWorkspace { name: "Acme".into(), admin: "acme".into() }).await.unwrap();
    let link = UseLink { token: made.link.token, name: None, password: PASSWORD.into() };
    let admin = WorkspaceClient::use_link(transport, &base, &link).await.unwrap();
    admin.add_source(&NewSource::new("Logs", "logs")).await.unwrap().ingest_key
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn senders_paths_are_where_ingest_listens_and_only_there() {
    let (dir, transport) = (tempfile::tempdir().unwrap(), Transport::new().unwrap());
    let config = NodeConfig {
        data: dir.path().to_owned(),
        tls: Default::default(),
        listen: "127.0.0.1:0".parse().unwrap(),
        ingest_listen: Some("127.0.0.1:0".parse().unwrap()),
        region: "eu".into(),
        public_url: None,
        secure_cookies: false,
        pages: |_| None,
        clock: Arc::new(SystemClock),
        rules: RuleConfig { starter: false, ..RuleConfig::default() },
        flush: FlushConfig::default(),
        ingest: IngestConfig::default(),
        attachments: bailiwick_node::AttachmentConfig::default(),
        dashboards: bailiwick_node::DashboardConfig::default(),
        syslog: Default::default(),
        lake: Default::default(),
        link: Default::default(),
    };
    let node = Node::start(config).await.unwrap();
    let bearer = [("authorization", format!("Bearer {}", key(&node, &transport).await))];
    let (api, ingest) = (format!("http://{}", node.address()), format!("http://{}", node.ingest_address()));
    let status = async |base: &str, headers: &[(&'static str, String)], method: &str, path: &str, body: &str| {
        call(&transport, method, &format!("{base}{path}"), headers, body.into()).await.unwrap().status
    };
    let sent = [
        ("/ingest/v1/events", "x\n"),
        ("/_bulk", "{\"index\":{}}\n{}\n"),
        ("/i/_bulk", "{\"index\":{}}\n{}\n"),
        ("/services/collector", "{\"event\":1}"),
        ("/v1/logs", "{}"),
    ];
    for (path, body) in sent {
        assert_eq!(status(&ingest, &bearer, "POST", path, body).await, 200, "{path}");
        assert_ne!(status(&api, &bearer, "POST", path, body).await, 200, "{path}");
    }
    assert_eq!(status(&ingest, &bearer, "GET", "/", "").await, 200);
    assert_eq!(status(&ingest, &[], "GET", "/", "").await, 401, "there is no page there");
    assert_eq!(status(&ingest, &[], "GET", "/services/collector/health", "").await, 200);
    assert_eq!(status(&ingest, &[], "GET", "/healthz", "").await, 401, "nothing else is there");
    assert_eq!(status(&api, &[], "GET", "/healthz", "").await, 200);
    node.stop().await;
}
