//! One HTTP call with exactly the headers and the body given, and its answer whatever the status.

use crate::Live;
use anyhow::Context;
use bailiwick_client::Transport;
use http::{HeaderMap, Method, header};
use serde_json::Value;
use std::time::Duration;

/// Headers of a call.
pub type Headers = Vec<(&'static str, String)>;

const DEADLINE: Duration = Duration::from_secs(30);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The JSON body; of a live stream its first event; text that is no JSON as a string; null without a body.
    pub body: Value,
    /// Headers.
    pub headers: HeaderMap,
}

impl Answer {
    /// The code of a refusal; empty without one.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The field a refusal names; empty without one.
    pub fn field(&self) -> &str {
        self.body["field"].as_str().unwrap_or_default()
    }

    /// Status, code and field in one, to compare.
    pub fn refusal(&self) -> (u16, &str, &str) {
        (self.status, self.code(), self.field())
    }
}

/// Calls. Of a live stream only the first event is read.
pub async fn call(transport: &Transport, method: &str, url: &str, headers: &[(&'static str, String)], body: Vec<u8>) -> anyhow::Result<Answer> {
    let method: Method = method.parse()?;
    let request = transport.request(method, url.parse()?).body(body);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    let exchange = async {
        let response = request.send().await.with_context(|| url.to_owned())?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let live = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let body = if live { Live::of(response).next().await?.unwrap_or_default() } else { to_value(&response.bytes().await?) };
        anyhow::Ok(Answer { status, body, headers })
    };
    tokio::time::timeout(DEADLINE, exchange).await.with_context(|| format!("no answer: {url}"))?
}

fn to_value(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}
