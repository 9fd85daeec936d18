//! How an operation of an API document is called: path and body filled with things that exist.

use serde_json::Value;

/// A call made from a recipe.
pub(crate) struct Call {
    /// Path and query.
    pub(crate) path: String,
    /// JSON, or nothing.
    pub(crate) body: String,
    /// Whether path or body name a tenant, so that the same call can be made about another's things.
    pub(crate) names_one: bool,
}

/// Names nobody.
pub(crate) fn plain(path: &str) -> Call {
    Call { path: path.into(), body: String::new(), names_one: false }
}

/// The path of an operation without parameters, when it is one of these.
pub(crate) fn listed(operation: &str, plain_ones: &[&str]) -> Option<Call> {
    let (_, path) = operation.split_once(' ')?;
    plain_ones.contains(&operation).then(|| plain(path))
}

/// Names somebody's things.
pub(crate) fn of(path: impl Into<String>) -> Call {
    Call { path: path.into(), body: String::new(), names_one: true }
}

impl Call {
    pub(crate) fn body(self, body: Value) -> Self {
        Self { body: body.to_string(), ..self }
    }
}

/// The operations that senders of other products call.
pub(crate) fn of_senders(operation: &str) -> Option<Call> {
    const CHANNEL: &str = "fe0ecfad-13d5-401b-847d-77833bd77131";
    let (method, path) = operation.split_once(' ')?;
    let text = |path: &str, body: &str| Some(Call { body: body.into(), ..plain(path) });
    match path {
        "/" | "/_license" | "/_xpack" | "/_cluster/health" | "/_cat/health" => Some(plain(path)),
        "/_bulk" | "/{index}/_bulk" => text(&path.replace("{index}", "logs"), "{\"create\":{}}\n{\"message\":\"hello\"}\n"),
        "/services/collector" | "/services/collector/event" | "/services/collector/event/1.0" => text(path, "{\"event\":\"hello\"}"),
        "/services/collector/raw" | "/services/collector/raw/1.0" => text(path, "hello\n"),
        "/services/collector/ack" => text(&format!("{path}?channel={CHANNEL}"), "{\"acks\":[0]}"),
        "/services/collector/health" | "/services/collector/health/1.0" => Some(plain(path)),
        "/v1/logs" => text(path, "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"hello\"}}]}]}]}"),
        "/{index}" => text("/logs", if method == "PUT" { "{}" } else { "" }),
        _ => {
            let named = path.strip_suffix("{name}").filter(|start| start.starts_with("/_"))?;
            text(&format!("{named}logs"), if method == "PUT" { "{}" } else { "" })
        }
    }
}

/// A name nobody has had.
pub(crate) fn fresh(what: &str) -> String {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    format!("{what}{}", NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}
