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
            let of_technician = operation["x-policy"].as_str().is_some_and(|policy| policy.starts_with("Technician"));
            let role = of_technician.then_some("role");
            let more: &[&str] = match template.rsplit_once('/').map_or("", |(_, last)| last) {
                "records" => &["signal"],
                "collectors" if method == "get" => &["limit", "cursor"],
                "sources" if method == "get" => &["state", "limit", "cursor"],
                "issues" => &["state", "severity", "kind", "resource", "tracker", "limit", "cursor"],
                "events" if method == "get" => &["from", "to", "severity", "kind", "resource", "tracker", "limit", "cursor"],
                _ => &[],
            };
            let query: Vec<&str> = role.into_iter().chain(more.iter().copied()).collect();
            assert_eq!(names("query"), query, "{method} {template}");
            let takes_body = ["post", "put", "patch"].contains(&method.as_str()) && !template.ends_with("/key") && !template.ends_with("/restore");
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
