//! One connection, plain or TLS, from its first byte to its end.
//!
//! While one batch is made durable the next is read. The protocol has no acknowledgement, so back-pressure is not reading on. A frame that
//! is cut off by the end of a connection is kept as it came.

use super::{
    SyslogPorts,
    frames::{Frames, Limit},
    limits::{Budget, Place},
    outlet::Closed,
    shared::Sink,
};
use crate::{State, wal::Event};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::Instant,
};

/// What becomes one batch.
const BATCH: Limit = Limit { events: 4096, bytes: 1 << 20 };
/// Bytes read at once: what a connection has for nothing, and what a busy one gets.
const WINDOW: (usize, usize) = (8 << 10, 1 << 20);
/// A connection that is silent so long is closed.
const SILENCE: Duration = Duration::from_secs(3600);
/// A frame that has begun must end within.
const FRAME: Duration = Duration::from_secs(300);
/// A connection that is silent so long gives memory back.
const IDLE: Duration = Duration::from_secs(10);
/// How long a connection waits for memory, and how often it asks.
const MEMORY: (Duration, Duration) = (Duration::from_secs(30), Duration::from_millis(50));
/// When told to stop: how long what was sent before may still take to arrive, and the most that is read of it.
const LAST: (Duration, usize) = (Duration::from_millis(100), 4 << 20);

/// A connection and what it may use.
pub(super) struct Connection<S> {
    stream: S,
    place: Place,
    frames: Frames,
    window: usize,
    /// Bytes taken of the budget.
    held: usize,
    budget: Arc<Budget>,
    heard: Instant,
    began: Option<Instant>,
}

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// Bytes.
    More,
    /// The end, or an error, or a deadline.
    Ended,
    /// The port closes or the node stops.
    Stopped,
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.budget.give(self.held);
    }
}

impl<S: AsyncRead + Unpin> Connection<S> {
    pub(super) fn new(ports: &SyslogPorts, stream: S, place: Place) -> Self {
        let budget = Arc::clone(ports.budget());
        Self { stream, place, frames: Frames::default(), window: WINDOW.0, held: 0, budget, heard: Instant::now(), began: None }
    }

    /// Reads to the end and hands on what comes.
    pub(super) async fn run(mut self, state: &State, sink: &mut Sink) -> Result<(), Closed> {
        let mut ready: Vec<Event> = Vec::new();
        loop {
            let (read, handed) = tokio::join!(self.read(), sink.hand_on(std::mem::take(&mut ready)));
            handed?;
            if read == Read::Stopped {
                self.read_last().await;
            }
            let ended = read != Read::More;
            ready = self.frames.take_some(BATCH, ended);
            if !ready.is_empty() {
                self.place.heard(state.clock().now_us());
                self.began = None;
            }
            // A full batch goes on before more is read; what is left goes on while it is.
            while !ready.is_empty() && (ended || ready.len() >= BATCH.events || self.frames.waiting() >= BATCH.bytes) {
                sink.hand_on(ready).await?;
                ready = self.frames.take_some(BATCH, ended);
            }
            if ended {
                return Ok(());
            }
            self.began = if self.frames.begun() { self.began.or_else(|| Some(Instant::now())) } else { None };
        }
    }

    /// Reads once, within the deadlines.
    async fn read(&mut self) -> Read {
        let deadline = (self.heard + SILENCE).min(self.began.map_or(self.heard + SILENCE, |began| began + FRAME));
        let (room, count) = loop {
            if !self.make_room().await {
                tracing::warn!("syslog connection closed: no memory is left for its frame");
                return Read::Ended;
            }
            let room = self.frames.room();
            let until = deadline.min(Instant::now() + IDLE);
            let read = tokio::select! {
                biased;
                () = self.place.stop.cancelled() => return Read::Stopped,
                read = tokio::time::timeout_at(until, self.stream.read_buf(&mut self.frames.buffer)) => read,
            };
            match read {
                Ok(Ok(count)) if count > 0 => break (room, count),
                Err(_) if until < deadline => self.rest(),
                _ => return Read::Ended,
            }
        };
        self.heard = Instant::now();
        self.window = match count {
            full if full >= room => (self.window * 2).min(WINDOW.1),
            little if little < self.window / 8 => (self.window / 2).max(WINDOW.0),
            _ => self.window,
        };
        Read::More
    }

    /// Room for the next read. The first window is free; more comes of the node's budget, and without it a connection goes on slowly. Only
    /// an unended frame needs more than the first; it waits, and is cut off when there is none.
    async fn make_room(&mut self) -> bool {
        let until = Instant::now() + MEMORY.0;
        loop {
            let waiting = self.frames.waiting();
            for window in [self.window, WINDOW.0] {
                let wanted = (window + waiting).saturating_sub(2 * WINDOW.0);
                if wanted <= self.held || self.budget.take(wanted - self.held) {
                    self.budget.give(self.held.saturating_sub(wanted));
                    self.held = wanted;
                    self.window = window;
                    self.frames.reserve(window);
                    return true;
                }
            }
            if Instant::now() >= until || self.place.stop.is_cancelled() {
                return false;
            }
            tokio::time::sleep(MEMORY.1).await;
        }
    }

    /// Gives back what a busy time took.
    fn rest(&mut self) {
        self.window = WINDOW.0;
        if !self.frames.begun() {
            self.frames = Frames::default();
        }
    }

    /// What was sent before we were told to stop and is here already.
    async fn read_last(&mut self) {
        let from = self.frames.waiting();
        while self.frames.waiting() < from + LAST.1 {
            self.frames.reserve(WINDOW.0);
            match tokio::time::timeout(LAST.0, self.stream.read_buf(&mut self.frames.buffer)).await {
                Ok(Ok(count)) if count > 0 => {}
                _ => return,
            }
        }
    }
}
