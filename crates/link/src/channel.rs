//! The console's end of a link that stands: requests go out over whichever connection the node opened last.

use crate::{LinkError, PING_DEADLINE, PING_EVERY, error::chain, serve::Spawned, wire::Bytestream};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Bytes of one answer that may be under way.
const STREAM_WINDOW: u32 = 1 << 20;
/// Bytes of all answers of a node that may be under way.
const CONNECTION_WINDOW: u32 = 8 << 20;

/// Why a request over a link got no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The node is not connected.
    #[error("the node is not connected")]
    NotConnected,
    /// The link broke.
    #[error("the link broke: {0}")]
    Broken(String),
    /// The answer is longer than asked for.
    #[error("an answer of more than {0} bytes")]
    TooLong(usize),
}

/// Why a connection ended.
#[derive(Debug)]
pub enum Parting {
    /// The node opened another one, or the console hung up.
    HungUp,
    /// It broke, or the node ended it.
    Lost(String),
}

/// The way to one node. Clones are the same way.
#[derive(Clone, Default)]
pub struct Channel(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    generation: u64,
    live: Option<Live>,
}

struct Live {
    requests: SendRequest<reqwest::Body>,
    since_us: i64,
    hang_up: CancellationToken,
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("since_us", &self.since_us()).finish()
    }
}

impl Channel {
    /// Since when the node is connected, microseconds since the epoch.
    pub fn since_us(&self) -> Option<i64> {
        self.slot().live.as_ref().filter(|live| !live.requests.is_closed()).map(|live| live.since_us)
    }

    /// Ends the connection there is.
    pub fn hang_up(&self) {
        if let Some(live) = self.slot().live.take() {
            live.hang_up.cancel();
        }
    }

    /// Makes this connection the way to the node, in place of the one before, and keeps it until it ends. `stands` is called when requests
    /// can be sent.
    ///
    /// # Errors
    /// When the other end does not speak HTTP/2.
    pub async fn hold(
        &self,
        connection: Box<dyn Bytestream>,
        since_us: i64,
        stop: &CancellationToken,
        stands: impl FnOnce(),
    ) -> Result<Parting, LinkError> {
        let tasks = TaskTracker::new();
        let handshake = Builder::new(Spawned(tasks.clone()))
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_DEADLINE)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .handshake::<_, reqwest::Body>(TokioIo::new(connection));
        let (requests, running) = handshake.await.map_err(LinkError::protocol)?;
        let hang_up = stop.child_token();
        let generation = self.replace(Live { requests, since_us, hang_up: hang_up.clone() });
        stands();
        let parting = tokio::select! {
            // Hanging up lets go of the way in, which ends the connection as well: asked first, it is what is told.
            biased;
            () = hang_up.cancelled() => Parting::HungUp,
            ended = running => Parting::Lost(ended.err().map_or_else(|| "the node closed the link".to_owned(), |error| chain(&error))),
        };
        let mut slot = self.slot();
        if slot.generation == generation {
            slot.live = None;
        }
        Ok(parting)
    }

    /// Sends a request and reads its answer of at most so many bytes. Dropping the future takes the request back.
    ///
    /// # Errors
    /// At once when the node is not connected; otherwise when the link breaks meanwhile.
    pub async fn exchange(&self, request: reqwest::Request, at_most: usize) -> Result<(StatusCode, HeaderMap, Vec<u8>), CallError> {
        let response = self.send(request).await?;
        let (parts, mut body) = response.into_parts();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(|error| CallError::Broken(chain(&error)))?.into_data() {
                if bytes.len() + data.len() > at_most {
                    return Err(CallError::TooLong(at_most));
                }
                bytes.extend_from_slice(&data);
            }
        }
        Ok((parts.status, parts.headers, bytes))
    }

    /// Sends a request and hands out its answer as it comes, for answers that are longer than memory or have no end. Dropping what is handed
    /// out takes the request back.
    ///
    /// # Errors
    /// As [`Channel::exchange`]; what breaks later is an item.
    pub async fn stream(&self, request: reqwest::Request) -> Result<(StatusCode, BoxStream<'static, Result<Bytes, CallError>>), CallError> {
        let response = self.send(request).await?;
        let status = response.status();
        let body = response.into_body().into_data_stream().map_err(|error| CallError::Broken(chain(&error)));
        Ok((status, body.boxed()))
    }

    async fn send(&self, request: reqwest::Request) -> Result<http::Response<Incoming>, CallError> {
        let mut requests = self.slot().live.as_ref().map(|live| live.requests.clone()).ok_or(CallError::NotConnected)?;
        let broken = |error: &hyper::Error| CallError::Broken(chain(error));
        let mut request: http::Request<reqwest::Body> = request.try_into().map_err(|error: reqwest::Error| CallError::Broken(error.to_string()))?;
        *request.version_mut() = http::Version::HTTP_2;
        if requests.is_closed() {
            return Err(CallError::NotConnected);
        }
        requests.ready().await.map_err(|error| broken(&error))?;
        requests.send_request(request).await.map_err(|error| broken(&error))
    }

    fn replace(&self, live: Live) -> u64 {
        let mut slot = self.slot();
        slot.generation += 1;
        if let Some(before) = slot.live.replace(live) {
            before.hang_up.cancel();
        }
        slot.generation
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
