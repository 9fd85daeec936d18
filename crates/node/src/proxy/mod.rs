//! How a workspace is reached through a reverse proxy: told by its administrator, kept here, carried to the console by sync. The node does
//! not set up the proxy and does not look whether it works.

pub(crate) mod http;
pub(crate) mod store;

use bailiwick_api::{Proxy, ProxyMode};
use bailiwick_chassis::Refusal;
use std::collections::HashSet;

const PATH_CHARS: usize = 200;
const HOST_CHARS: usize = 253;

/// Refuses what cannot be meant, by name.
fn check(proxy: &Proxy) -> Result<(), Refusal> {
    let wrong = |field: &str, detail: &str| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {detail}")));
    match proxy.public_address.as_deref() {
        None if proxy.enabled => return wrong("public_address", "where the proxy is reached; needed when there is one"),
        Some(host) if !is_host(host) => return wrong("public_address", "a host name or an address, nothing else"),
        _ => {}
    }
    if proxy.port == Some(0) {
        return wrong("port", "1 to 65535");
    }
    if proxy.path_prefix.as_deref().is_some_and(|path| !is_path(path)) {
        return wrong("path_prefix", "a path such as /siem");
    }
    let (mut parts, mut paths, mut ports) = (HashSet::new(), HashSet::new(), HashSet::new());
    for component in &proxy.components {
        if !parts.insert(component.component) {
            return wrong("components", &format!("{} is named twice", component.component));
        }
        if component.path.as_deref().is_some_and(|path| !is_path(path)) {
            return wrong("components.path", "a path such as /ingest");
        }
        if component.port == Some(0) {
            return wrong("components.port", "1 to 65535");
        }
        if !component.enabled {
            continue;
        }
        match proxy.mode {
            ProxyMode::Context if component.port.is_some() => return wrong("components.port", "none in mode context: all have one port"),
            ProxyMode::Context if !paths.insert(component.path.as_deref()) => return wrong("components.path", "each another in mode context"),
            ProxyMode::Port if component.port.is_none() => return wrong("components.port", "needed in mode port"),
            ProxyMode::Port if !ports.insert(component.port) => return wrong("components.port", "each another in mode port"),
            _ => {}
        }
    }
    Ok(())
}

fn is_host(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !text.is_empty() && text.chars().count() <= HOST_CHARS && text.chars().all(plain)
}

fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
    text.starts_with('/') && text.len() <= PATH_CHARS && text.chars().all(plain) && !text.contains("//") && !text.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn field(body: Value) -> Option<String> {
        check(&serde_json::from_value(body).unwrap()).err().and_then(|refusal| refusal.problem().field)
    }

    #[test]
    fn every_wrong_field_is_named() {
        let parts = |first: Value, second: Value| json!([first, second]);
        let (api, ingest) = (json!({"component": "api", "enabled": true}), json!({"component": "ingest", "enabled": true}));
        let with = |part: &Value, name: &str, value: Value| {
            let mut part = part.clone();
            part[name] = value;
            part
        };
        let of = |mode: &str, components: Value| json!({"enabled": true, "public_address": "siem.example", "mode": mode, "components": components});
        let cases = [
            (json!({"enabled": false}), None),
            (json!({"enabled": true}), Some("public_address")),
            (json!({"enabled": true, "public_address": "https://siem.example/x"}), Some("public_address")),
            (json!({"enabled": true, "public_address": "siem.example", "port": 0}), Some("port")),
            (json!({"enabled": true, "public_address": "siem.example", "path_prefix": "siem"}), Some("path_prefix")),
            (json!({"enabled": true, "public_address": "siem.example", "path_prefix": "/siem/../x"}), Some("path_prefix")),
            (of("context", parts(api.clone(), api.clone())), Some("components")),
            (of("context", parts(api.clone(), ingest.clone())), Some("components.path")),
            (of("context", parts(api.clone(), with(&ingest, "path", json!("/ingest")))), None),
            (of("context", parts(api.clone(), with(&ingest, "port", json!(1)))), Some("components.port")),
            (of("port", parts(with(&api, "port", json!(443)), ingest.clone())), Some("components.port")),
            (of("port", parts(with(&api, "port", json!(443)), with(&ingest, "port", json!(443)))), Some("components.port")),
            (of("port", parts(with(&api, "port", json!(443)), json!({"component": "syslog", "enabled": false}))), None),
        ];
        for (body, expected) in cases {
            assert_eq!(field(body.clone()).as_deref(), expected, "{body}");
        }
    }
}
