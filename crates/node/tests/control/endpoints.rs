//! Every operation of the API document × every persona → status, reviewed as a diff of `tests/golden/node-endpoints.txt`.
//! The table is walked from the document, so a new route shows up by itself.

use crate::support::{Bench, CONSOLE, PASSWORD, Site};
use bailiwick_api::{Purpose, Role};
use bailiwick_client::{SigningKey, WorkspaceClient};
use std::fmt::Write;

const PERSONAS: [&str; 8] = ["nobody", "operator", "admin", "viewer", "analyst", "stranger", "revoked", "console"];

struct Scene {
    bench: Bench,
    site: Site,
    key: SigningKey,
}

impl Scene {
    async fn start() -> Self {
        let bench = Bench::start().await;
        let operator = bench.operator().await;
        let site = bench.site(&operator, "acme").await;
        let key = SigningKey::generate().unwrap();
        let client = bench.enrol(&site, CONSOLE, &key).await;
        for (name, role) in [("viewer", Role::Viewer), ("analyst", Role::Analyst), ("revoked", Role::Analyst)] {
            bench.technician(&client, &site, &format!("{name}@mssp.example"), role).await;
        }
        site.admin.revoke("revoked@mssp.example").await.unwrap();
        Self { bench, site, key }
    }

    async fn headers(&self, persona: &str, method: &str, path: &str, body: &[u8]) -> Vec<(&'static str, String)> {
        match persona {
            "nobody" => vec![],
            "operator" => self.session("root").await,
            "admin" => self.session(&self.site.user).await,
            other => {
                let mut assertion = self.bench.assertion(method, path, body);
                assertion.email = format!("{other}@mssp.example");
                assertion.purpose = if other == "console" { Purpose::Manage } else { Purpose::Work };
                vec![("authorization", format!("Bailiwick {}", self.key.sign(&assertion).unwrap()))]
            }
        }
    }

    async fn session(&self, user: &str) -> Vec<(&'static str, String)> {
        let body = serde_json::json!({"user": user, "password": PASSWORD});
        let request = self.bench.transport.request("POST".parse().unwrap(), base!(self.bench).join("/api/v1/session").unwrap()).json(&body);
        let (bytes, headers) = bailiwick_client::Transport::send(request, crate::support::DEADLINE).await.unwrap();
        let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let me: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        vec![("cookie", cookie), ("x-csrf-token", me["csrf"].as_str().unwrap().to_owned())]
    }

    fn path(&self, template: &str) -> String {
        let path = template.replace("{workspace}", self.site.id.as_str());
        let path = path.replace("{email}", "nobody@mssp.example").replace("{console}", "none");
        let path = path.split('/').map(|part| if part.starts_with('{') { "none" } else { part }).collect::<Vec<_>>().join("/");
        let query = match template {
            t if t.ends_with("/records") => "?role=analyst&signal=none",
            t if t.contains("{workspace}") && !t.contains("technicians") => "?role=analyst",
            _ => "",
        };
        path + query
    }
}

#[tokio::test]
async fn the_endpoint_table_is_the_golden_one() {
    let scene = Scene::start().await;
    let document = serde_json::to_value(bailiwick_node::openapi()).unwrap();
    let mut table = format!("{:<66}{:<34}{}", "", "policy", PERSONAS.map(|p| format!("{p:<10}")).concat());
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(m, _)| *m != "parameters") {
            let policy = operation["x-policy"].as_str().expect("an operation without a policy");
            let method = method.to_uppercase();
            write!(table, "\n{:<66}{policy:<34}", format!("{method} {template}")).unwrap();
            let body: &[u8] = if method == "GET" || method == "DELETE" { b"" } else { b"{}" };
            for persona in PERSONAS {
                let path = scene.path(template);
                let headers = scene.headers(persona, &method, &path, body).await;
                write!(table, "{:<10}", scene.bench.send(&method, &path, &headers, body).await.0).unwrap();
            }
        }
    }
    let table = table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n";
    assert_eq!(table, include_str!("../golden/node-endpoints.txt"), "the endpoints changed; if that is meant, this is the new table:\n{table}");
}

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
            let query: &[&str] = match operation["x-policy"].as_str() {
                Some(policy) if template.ends_with("/records") && policy.starts_with("Technician") => &["role", "signal"],
                Some(policy) if policy.starts_with("Technician") => &["role"],
                _ => &[],
            };
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
