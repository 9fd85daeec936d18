//! The node's end of a link that stands: its ordinary router answers, as it does on its listener.

use crate::{PING_DEADLINE, PING_EVERY, error::chain, wire::Bytestream};
use axum::Router;
use hyper::{rt::Executor, server::conn::http2::Builder};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{future::Future, pin::pin, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Requests a console may have under way.
const REQUESTS: u32 = 256;
/// Bytes the headers of a request may have.
const HEADERS: u32 = 64 << 10;
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
/// How long running requests may take to end when the link does.
const DRAIN: Duration = Duration::from_secs(5);

/// Why a link ended.
#[derive(Debug)]
pub enum Gone {
    /// This end was told to.
    Stopped,
    /// It broke, or the console ended it.
    Lost(String),
}

/// Answers requests until the connection ends, or until told to stop; running ones may finish then.
pub async fn serve(connection: Box<dyn Bytestream>, router: Router, stop: &CancellationToken) -> Gone {
    let tasks = TaskTracker::new();
    let running = Builder::new(Spawned(tasks.clone()))
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_DEADLINE)
        .max_concurrent_streams(REQUESTS)
        .max_header_list_size(HEADERS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .serve_connection(TokioIo::new(connection), TowerToHyperService::new(router));
    let mut running = pin!(running);
    tokio::select! {
        ended = running.as_mut() => match ended {
            // Both ends were told to stop, and the other was quicker.
            _ if stop.is_cancelled() => Gone::Stopped,
            Ok(()) => Gone::Lost("the console closed the link".to_owned()),
            Err(error) => Gone::Lost(chain(&error)),
        },
        () = stop.cancelled() => {
            running.as_mut().graceful_shutdown();
            let _cut_short = tokio::time::timeout(DRAIN, running).await;
            Gone::Stopped
        }
    }
}

/// Runs what HTTP/2 wants to run beside the connection; it ends with it.
#[derive(Clone)]
pub(crate) struct Spawned(pub(crate) TaskTracker);

impl<F> Executor<F> for Spawned
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, work: F) {
        self.0.spawn(work);
    }
}
