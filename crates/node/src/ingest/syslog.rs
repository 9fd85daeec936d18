//! Syslog over TCP (RFC 6587): a port per source, octet counting or newline framing by connection as its first byte tells.
//!
//! The protocol has no acknowledgement, so back-pressure is not reading on. A frame that is cut off by the end of a connection is kept as
//! it came. What is too long becomes a failed record that says so.

use super::event;
use crate::{
    State,
    access::{self, IngestGrant},
    wal::{Batch, Event},
    workspaces::Workspace,
};
use bailiwick_api::{SourceId, WorkspaceId};
use bailiwick_event::MAX_EVENT_BYTES;
use bytes::{Buf, Bytes, BytesMut};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;

/// Connections a port takes at a time.
const CONNECTIONS: usize = 1024;
/// A connection that is silent so long is closed.
const SILENCE: Duration = Duration::from_secs(3600);
/// Bytes read before they are handed on.
const CHUNK: usize = 256 << 10;
/// Bytes after which an unended frame is cut.
const MAX_FRAME: usize = MAX_EVENT_BYTES + 1;

type Key = (WorkspaceId, SourceId);

struct Port {
    wanted: String,
    bound: Result<SocketAddr, String>,
    stop: CancellationToken,
}

impl Drop for Port {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The syslog ports of a node.
#[derive(Clone, Default)]
pub struct SyslogPorts {
    ports: Arc<Mutex<HashMap<Key, Port>>>,
    /// One change at a time, so that no port is opened twice.
    changing: Arc<tokio::sync::Mutex<()>>,
}

impl SyslogPorts {
    /// Where a source's port listens, or why it does not.
    pub fn bound(&self, workspace: &WorkspaceId, source: &SourceId) -> Option<Result<SocketAddr, String>> {
        self.lock().get(&(workspace.clone(), source.clone())).map(|port| port.bound.clone())
    }

    /// Whether a workspace has ports.
    pub(crate) fn listens(&self, workspace: &WorkspaceId) -> bool {
        self.lock().keys().any(|(of, _)| of == workspace)
    }

    /// Opens and closes ports so that they are what the workspace's sources say.
    pub async fn apply(&self, state: &State, workspace: &Arc<Workspace>) {
        let _turn = self.changing.lock().await;
        let mut wanted: HashMap<Key, String> = HashMap::new();
        for source in workspace.sources().into_iter().filter(|s| s.enabled) {
            if let Some(address) = source.syslog_tcp {
                wanted.insert((workspace.id().clone(), source.id), address);
            }
        }
        self.lock().retain(|key, port| key.0 != *workspace.id() || wanted.get(key) == Some(&port.wanted));
        for (key, address) in wanted {
            let known = self.lock().get(&key).is_some_and(|port| port.bound.is_ok());
            if !known {
                let port = open(state, key.clone(), address).await;
                self.lock().insert(key, port);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Port>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open(state: &State, key: Key, wanted: String) -> Port {
    let stop = state.tasks().stopping().child_token();
    let bound = match TcpListener::bind(&wanted).await {
        Ok(listener) => {
            let address = listener.local_addr().map_err(|e| e.to_string());
            let (state, stop) = (state.clone(), stop.clone());
            state.clone().tasks().spawn_draining(async move { accept(state, key, listener, stop).await });
            address
        }
        Err(error) => Err(format!("{wanted}: {error}")),
    };
    Port { wanted, bound, stop }
}

async fn accept(state: State, key: Key, listener: TcpListener, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(error = %error, "syslog connection not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stop.cancelled() => return,
        };
        let (state, key, stop) = (state.clone(), key.clone(), stop.clone());
        state.clone().tasks().spawn_draining(async move {
            receive(&state, &key, stream, &stop).await;
            drop(place);
        });
    }
}

/// Reads one connection to its end.
async fn receive(state: &State, (workspace, source): &Key, mut stream: TcpStream, stop: &CancellationToken) {
    let grant = match access::ingest_source(state, workspace, source).await {
        Ok(grant) => grant,
        Err(refusal) => return tracing::warn!(source.id = %source, code = refusal.code(), "syslog connection closed unread"),
    };
    let mut frames = Frames::default();
    loop {
        let read = tokio::select! {
            read = tokio::time::timeout(SILENCE, stream.read_buf(&mut frames.buffer)) => read,
            () = stop.cancelled() => break,
        };
        let open = matches!(read, Ok(Ok(count)) if count > 0);
        let events = frames.take(!open);
        if !events.is_empty() {
            hand_on(state, &grant, events, stop).await;
        }
        if !open {
            return;
        }
    }
    let rest = frames.take(true);
    if !rest.is_empty() {
        hand_on(state, &grant, rest, stop).await;
    }
}

/// Appends until the log takes it; the connection waits meanwhile.
async fn hand_on(state: &State, grant: &IngestGrant, events: Vec<Event>, stop: &CancellationToken) {
    let count = events.len() as u64;
    let source = grant.source();
    let batch = Batch { received: state.clock().now_us(), source: source.id.clone(), format: source.format, idempotency_key: None, events, dropped: Vec::new() };
    let mut wait = Duration::from_millis(50);
    while let Err(refusal) = grant.workspace().append(batch.clone()).await {
        tracing::warn!(code = refusal.code(), source.id = %source.id, "syslog waits for the log");
        if tokio::time::timeout(wait, stop.cancelled()).await.is_ok() {
            tracing::error!(source.id = %source.id, events = count, "syslog events dropped: the node stopped while its log could not be written");
            metrics::counter!("bailiwick_syslog_dropped_events_total").increment(count);
            return;
        }
        wait = (wait * 2).min(Duration::from_secs(2));
    }
    metrics::counter!("bailiwick_ingest_events_total").increment(count);
}

/// What was read and not handed on yet.
#[derive(Debug)]
pub struct Frames {
    buffer: BytesMut,
    /// Bytes of an over-long line that are still to be thrown away, counted into the event they belong to.
    overlong: Option<(Bytes, usize)>,
}

impl Default for Frames {
    fn default() -> Self {
        Self { buffer: BytesMut::with_capacity(CHUNK), overlong: None }
    }
}

impl Frames {
    /// Adds what was read; for tests and fuzzing.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Takes every whole frame; at the end of a connection also what is left.
    pub fn take(&mut self, ended: bool) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(frame) = self.next(ended) {
            events.extend(frame);
        }
        if self.buffer.capacity() - self.buffer.len() < CHUNK / 4 {
            self.buffer.reserve(CHUNK);
        }
        events
    }

    /// The next frame; `Some(None)` when bytes were used up without one.
    fn next(&mut self, ended: bool) -> Option<Option<Event>> {
        if self.overlong.is_none()
            && let Some((digits, length)) = octet_count(&self.buffer)
        {
            return self.counted(digits, length, ended);
        }
        match memchr::memchr(b'\n', &self.buffer) {
            Some(at) => {
                let line = self.buffer.split_to(at).freeze();
                self.buffer.advance(1);
                Some(self.line(line))
            }
            None if ended && (!self.buffer.is_empty() || self.overlong.is_some()) => {
                let rest = self.buffer.split().freeze();
                Some(self.line(rest))
            }
            None if self.buffer.len() > MAX_FRAME => {
                let part = self.buffer.split().freeze();
                let (kept, length) = self.overlong.take().unwrap_or((part.slice(..MAX_EVENT_BYTES), 0));
                self.overlong = Some((kept, length + part.len()));
                None
            }
            None => None,
        }
    }

    fn line(&mut self, line: Bytes) -> Option<Event> {
        if let Some((kept, length)) = self.overlong.take() {
            return Some(Event::new(kept, u32::try_from(length + line.len()).unwrap_or(u32::MAX)));
        }
        let line = if line.last() == Some(&b'\r') { line.slice(..line.len() - 1) } else { line };
        (!line.iter().all(|b| b.is_ascii_whitespace() || *b == 0)).then(|| event(line))
    }

    fn counted(&mut self, digits: usize, length: usize, ended: bool) -> Option<Option<Event>> {
        let whole = digits + 1 + length;
        if self.buffer.len() < whole && !ended {
            return None;
        }
        self.buffer.advance(digits + 1);
        let frame = self.buffer.split_to(length.min(self.buffer.len())).freeze();
        Some(self.line(frame))
    }
}

/// `MSG-LEN SP` at the start: how many digits, and how many octets follow. A frame begins with `<`, so a number can be nothing else.
fn octet_count(buffer: &[u8]) -> Option<(usize, usize)> {
    let digits = buffer.iter().take(8).take_while(|b| b.is_ascii_digit()).count();
    if matches!(buffer.first(), Some(b'0'))
        || digits == 0
        || buffer.get(digits) != Some(&b' ')
        || !matches!(buffer.get(digits + 1), Some(b'<') | None)
    {
        return None;
    }
    let length = std::str::from_utf8(buffer.get(..digits)?).ok()?.parse().ok()?;
    (length <= 16 * MAX_EVENT_BYTES).then_some((digits, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(events: &[Event]) -> Vec<String> {
        events.iter().map(|e| String::from_utf8_lossy(&e.raw).into_owned()).collect()
    }

    #[test]
    fn both_framings_are_read_on_one_connection() {
        let mut frames = Frames::default();
        frames.feed(b"<13>one\n<13>two\r\n11 <13>three\nx8 <13>fou");
        assert_eq!(texts(&frames.take(false)), ["<13>one", "<13>two", "<13>three\nx"]);
        frames.feed(b"r<13>rest");
        assert_eq!(texts(&frames.take(true)), ["<13>four", "<13>rest"]);
    }

    #[test]
    fn an_overlong_line_is_cut_and_says_how_long_it_was() {
        let mut frames = Frames::default();
        frames.feed(b"<13>");
        frames.feed(&vec![b'x'; 3 << 20]);
        let mut events = frames.take(false);
        frames.feed(b"yy\n<13>next\n");
        events.extend(frames.take(false));
        assert_eq!(events.len(), 2);
        assert_eq!((events[0].raw.len(), events[0].length), (MAX_EVENT_BYTES, (3 << 20) + 6));
        assert_eq!(&events[1].raw[..], b"<13>next");
    }

    #[test]
    fn a_count_begins_with_no_zero() {
        for whole in ["0 x\n", "007 <13>abc\n"] {
            for cut in 0..whole.len() {
                let mut frames = Frames::default();
                frames.feed(&whole.as_bytes()[..cut]);
                let mut events = frames.take(false);
                frames.feed(&whole.as_bytes()[cut..]);
                events.extend(frames.take(true));
                assert_eq!(texts(&events), [whole.trim_end()], "cut at {cut}");
            }
        }
    }

    proptest! {
        #[test]
        fn frames_do_not_depend_on_how_the_bytes_arrive(lines in proptest::collection::vec("<13>[a-z ]{1,20}", 1..8), cut in 0usize..200, counted in any::<bool>()) {
            let sent: String = lines.iter().map(|l| if counted { format!("{} {l}", l.len()) } else { format!("{l}\n") }).collect();
            let cut = cut.min(sent.len());
            let mut frames = Frames::default();
            frames.feed(&sent.as_bytes()[..cut]);
            let mut events = frames.take(false);
            frames.feed(&sent.as_bytes()[cut..]);
            events.extend(frames.take(true));
            prop_assert_eq!(texts(&events), lines);
        }

        #[test]
        fn any_bytes_end(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut frames = Frames::default();
            frames.feed(&noise);
            let _events = frames.take(true);
        }
    }
}
