//! How many rows an answer holds, told from its bytes, so that no route can forget to say: the entries of the lists at the top of a JSON document,
//! one for a document without a list, lines of a stream.

use super::{Given, record};
use crate::State;
use axum::{body::Body, response::Response};
use bailiwick_api::WorkspaceId;
use bailiwick_chassis::Refusal;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// Largest document that is read to be counted; answers of this node are smaller, unless they stream.
const MAX_DOCUMENT: usize = 64 << 20;

/// Whose answer it is, and to whom.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) workspace: WorkspaceId,
    pub(crate) console: String,
    pub(crate) email: String,
    pub(crate) kind: String,
}

impl Receiver {
    async fn record(&self, state: &State, status: u16, rows: u64) -> Result<(), Refusal> {
        let rows = BTreeMap::from([(&self.workspace, rows)]);
        record(state, &Given { console: &self.console, email: &self.email, kind: &self.kind, status, rows }).await
    }
}

/// Records an answer about one workspace. A document is recorded before it leaves; a stream when it ends.
pub(crate) async fn recorded(state: State, receiver: Receiver, response: Response) -> Result<Response, Refusal> {
    let status = response.status().as_u16();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if kind.starts_with("application/x-ndjson") || kind.starts_with("text/event-stream") {
        return Ok(response
            .map(|body| Body::from_stream(Counted { inner: body.into_data_stream().boxed(), lines: 0, whom: Some((state, receiver, status)) })));
    }
    if !kind.starts_with("application/json") && !kind.starts_with("application/problem+json") {
        let rows = u64::from(response.status().is_success() && !kind.is_empty());
        receiver.record(&state, status, rows).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, MAX_DOCUMENT).await.map_err(Refusal::internal)?;
    let rows = if parts.status.is_success() { rows(&bytes) } else { u64::from(status == 409) };
    receiver.record(&state, status, rows).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// Entries of the list named `data` or `rows`; else of all lists at the top of a document, and 1 for one without any.
pub(super) fn rows(json: &[u8]) -> u64 {
    serde_json::from_slice::<Document>(json).map_or_else(|_| u64::from(!json.is_empty()), |document| document.0)
}

struct Document(u64);

/// A value within a document: the entries it has, when it is a list.
struct Inner(Option<u64>);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counter { deep: false }).map(|count| Self(count.unwrap_or(1)))
    }
}

impl<'de> Deserialize<'de> for Inner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counter { deep: true }).map(Self)
    }
}

struct Counter {
    deep: bool,
}

impl<'de> Visitor<'de> for Counter {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Option<u64>, A::Error> {
        let mut count = 0;
        while entries.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Some(count))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Option<u64>, A::Error> {
        let (mut named, mut all) = (None, 0);
        while let Some(key) = entries.next_key::<String>()? {
            if self.deep {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            let Inner(count) = entries.next_value()?;
            all += count.unwrap_or_default();
            if matches!(key.as_str(), "data" | "rows") {
                named = named.or(count);
            }
        }
        Ok(if self.deep { None } else { Some(named.unwrap_or(all.max(1))) })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }
}

/// A stream that knows how many lines left.
struct Counted {
    inner: Pin<Box<dyn Stream<Item = Result<Bytes, axum::Error>> + Send>>,
    lines: u64,
    whom: Option<(State, Receiver, u16)>,
}

impl Stream for Counted {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.inner.as_mut().poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
        polled
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Some((state, receiver, status)) = self.whom.take() else { return };
        let lines = self.lines;
        let tasks = state.tasks().clone();
        tasks.spawn_draining(async move {
            if let Err(refusal) = receiver.record(&state, status, lines).await {
                tracing::error!(workspace.id = %receiver.workspace, code = refusal.code(), "an answer that streamed was not recorded");
            }
        });
    }
}
