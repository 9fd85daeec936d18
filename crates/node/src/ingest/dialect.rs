//! The protocols senders speak, and how each of them says no: a client that gets an answer in words it does not know gives up, or worse,
//! takes it for a success.

use crate::access::KEY_UNKNOWN;
use bailiwick_chassis::Refusal;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// The header by which Elasticsearch's clients know their server.
pub(super) const PRODUCT: (HeaderName, HeaderValue) = (HeaderName::from_static("x-elastic-product"), HeaderValue::from_static("Elasticsearch"));

/// A protocol of senders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Our own: problems as everywhere in the API.
    Own,
    /// Elasticsearch's `_bulk` and what its clients ask at their start.
    Elasticsearch,
    /// Splunk's HTTP event collector.
    Splunk,
    /// OTLP over HTTP.
    Otlp,
}

impl Dialect {
    /// The refusal in the words of this protocol. Status and `Retry-After` stay, but for a wrong key at Splunk's collector, which is 403.
    pub fn words(self, refusal: Refusal, headers: &HeaderMap) -> Refusal {
        let status = refusal.status();
        match self {
            Self::Own => refusal,
            Self::Elasticsearch => {
                let body = elasticsearch_error(status, error_type(&refusal), &sentence(&refusal));
                let refusal = refusal.worded(status, "application/json", body).header(PRODUCT.0, PRODUCT.1);
                if status == StatusCode::UNAUTHORIZED {
                    refusal.header(header::WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"))
                } else {
                    refusal
                }
            }
            Self::Splunk => {
                let (status, text, code) = splunk(&refusal, headers.contains_key(header::AUTHORIZATION));
                let detail = sentence(&refusal);
                let body = json!({"text": text, "code": code, "detail": detail}).to_string().into_bytes();
                refusal.worded(status, "application/json", body)
            }
            Self::Otlp => {
                let encoding = super::otlp::Encoding::of(headers).unwrap_or(super::otlp::Encoding::Protobuf);
                let body = encoding.status(grpc_code(status), &sentence(&refusal));
                refusal.worded(status, encoding.content_type(), body)
            }
        }
    }
}

/// What the refusal says to people.
fn sentence(refusal: &Refusal) -> String {
    refusal.problem().detail.unwrap_or_else(|| refusal.code().to_owned())
}

/// An error of Elasticsearch as its clients read it.
fn elasticsearch_error(status: StatusCode, kind: &str, reason: &str) -> Vec<u8> {
    let cause: Value = json!({"type": kind, "reason": reason});
    let mut error = cause.clone();
    error["root_cause"] = json!([cause]);
    json!({"error": error, "status": status.as_u16()}).to_string().into_bytes()
}

fn error_type(refusal: &Refusal) -> &'static str {
    match refusal.status() {
        StatusCode::UNAUTHORIZED => "security_exception",
        StatusCode::TOO_MANY_REQUESTS => "es_rejected_execution_exception",
        StatusCode::PAYLOAD_TOO_LARGE => "content_too_long_exception",
        status if status.is_server_error() => "unavailable_shards_exception",
        _ => "illegal_argument_exception",
    }
}

/// Status, text and code as Splunk's collector has them. A wait is 429 as everywhere on a node; its clients retry that like their own 503.
fn splunk(refusal: &Refusal, key_shown: bool) -> (StatusCode, &'static str, u8) {
    let status = refusal.status();
    match status {
        StatusCode::UNAUTHORIZED if refusal.code() == KEY_UNKNOWN && key_shown => (StatusCode::FORBIDDEN, "Invalid token", 4),
        StatusCode::UNAUTHORIZED => (status, "Token is required", 2),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => (status, "Server is busy", 9),
        StatusCode::PAYLOAD_TOO_LARGE => (status, "Request entity too large", 27),
        status if status.is_server_error() => (status, "Internal server error", 8),
        _ => (status, "Invalid data format", 6),
    }
}

/// The code of `google.rpc.Status` for an HTTP status.
fn grpc_code(status: StatusCode) -> i32 {
    match status {
        StatusCode::UNAUTHORIZED => 16,
        StatusCode::FORBIDDEN => 7,
        StatusCode::NOT_FOUND => 5,
        StatusCode::REQUEST_TIMEOUT => 4,
        StatusCode::TOO_MANY_REQUESTS => 8,
        StatusCode::SERVICE_UNAVAILABLE => 14,
        status if status.is_server_error() => 13,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_key_is_another_code_than_no_key_at_the_event_collector() {
        let wrong = || Refusal::new(StatusCode::UNAUTHORIZED, KEY_UNKNOWN);
        assert_eq!(splunk(&wrong(), true), (StatusCode::FORBIDDEN, "Invalid token", 4));
        assert_eq!(splunk(&wrong(), false), (StatusCode::UNAUTHORIZED, "Token is required", 2));
    }

    #[test]
    fn an_error_reads_as_elasticsearch_writes_it() {
        let body: Value = serde_json::from_slice(&elasticsearch_error(StatusCode::BAD_REQUEST, "illegal_argument_exception", "no")).unwrap();
        insta::assert_json_snapshot!(body, @r#"
        {
          "error": {
            "reason": "no",
            "root_cause": [
              {
                "reason": "no",
                "type": "illegal_argument_exception"
              }
            ],
            "type": "illegal_argument_exception"
          },
          "status": 400
        }
        "#);
    }
}
