//! The API document: what it says of paths and parameters. Who may call what stands in `golden/node-operations.txt`.

use crate::support::{Bench, PASSWORD};
use bailiwick_client::WorkspaceClient;

#[test]
fn every_parameter_of_a_path_is_in_the_document_once() {
    let document = serde_json::to_value(bailiwick_node::openapi()).unwrap();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let names = |place: &str| {
                let here = parameters.iter().filter(|p| p["in"] == place);
                here.map(|p| p["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            let expected: Vec<_> = template.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(names("path"), expected, "{method} {template}");
            let technicians = operation["x-policy"].as_str().is_some_and(|policy| policy.starts_with("Technician"));
            let query = names("query");
            assert_eq!(
                query.first().is_some_and(|name| name == "role"),
                technicians,
                "{method} {template}: a technician's call names the role first"
            );
            let twin = template.replacen("/workspaces/{workspace}", "", 1);
            if let Some(twin) = technicians.then(|| document["paths"].get(&twin)?.get(method)).flatten() {
                let asked = twin["parameters"].as_array().cloned().unwrap_or_default();
                let asked: Vec<_> = asked.iter().filter(|p| p["in"] == "query").map(|p| p["name"].as_str().unwrap().to_owned()).collect();
                assert_eq!(query[1..], asked, "{method} {template}: a technician may ask what the administrator may");
            }
            // The senders' protocols say themselves what may be left out.
            if !template.starts_with("/api/") {
                continue;
            }
            let bodiless = ["/key", "/presence", "/restore"].iter().any(|end| template.ends_with(end));
            let takes_body = ["post", "put", "patch"].contains(&method.as_str()) && !bodiless;
            assert_eq!(operation.get("requestBody").is_some(), takes_body, "{method} {template}");
        }
    }
}

#[tokio::test]
async fn the_document_served_is_the_document_generated() {
    let bench = Bench::start().await;
    let request = bench.transport.request("GET".parse().unwrap(), base!(bench).join("/api/v1/openapi.json").unwrap());
    let served: serde_json::Value = bailiwick_client::Transport::json(request, crate::support::DEADLINE).await.unwrap();
    assert_eq!(served, serde_json::to_value(bailiwick_node::openapi()).unwrap());
}

#[tokio::test]
async fn the_clients_session_is_the_nodes() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let me: bailiwick_api::NodeMe = operator.get("/api/v1/me").await.unwrap();
    assert_eq!((me.kind.as_str(), me.region.as_str(), me.csrf == operator.me.csrf), ("operator", "eu", true));
    let again = WorkspaceClient::sign_in(&bench.transport, &base!(bench), " ROOT ", PASSWORD).await.unwrap();
    assert_eq!(again.me.user, "Root");
}
