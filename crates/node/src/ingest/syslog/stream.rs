//! One connection, plain or TLS, from its first byte to its end.
//!
//! While one batch is made durable the next is read. The protocol has no acknowledgement, so back-pressure is not reading on. A frame that
//! is cut off by the end of a connection is kept as it came.

use super::{
    frames::{Frames, Limit},
    limits::{Budget, Place},
    outlet::Closed,
};
use crate::wal::Event;
use bailiwick_chassis::clock::SharedClock;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
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
/// How long taking leave may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// When told to stop: how long what was sent before may still take to arrive, and the most that is read of it.
const LAST: (Duration, usize) = (Duration::from_millis(100), 4 << 20);

/// Where the events of a connection go.
pub(super) trait Takes: Send {
    /// Makes events durable, waiting as long as it takes.
    fn hand_on(&mut self, events: Vec<Event>) -> impl Future<Output = Result<(), Closed>> + Send;
}

/// How long a connection may take.
#[derive(Clone, Copy, Debug)]
struct Patience {
    silence: Duration,
    frame: Duration,
}

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
    patience: Patience,
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

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(budget: &Arc<Budget>, stream: S, place: Place) -> Self {
        let budget = Arc::clone(budget);
        Self {
            stream,
            place,
            frames: Frames::default(),
            window: WINDOW.0,
            held: 0,
            budget,
            heard: Instant::now(),
            began: None,
            patience: Patience { silence: SILENCE, frame: FRAME },
        }
    }

    /// Reads to the end, hands on what comes, and takes leave.
    pub(super) async fn run(mut self, clock: &SharedClock, sink: &mut impl Takes) -> Result<(), Closed> {
        let ended = self.read_all(clock, sink).await;
        // Over TLS a close that is not announced looks like an attack.
        let _peer_gone = tokio::time::timeout(FAREWELL, self.stream.shutdown()).await;
        ended
    }

    async fn read_all(&mut self, clock: &SharedClock, sink: &mut impl Takes) -> Result<(), Closed> {
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
                self.place.heard(clock.now_us());
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
        let deadline =
            self.began.map_or(self.heard + self.patience.silence, |began| (self.heard + self.patience.silence).min(began + self.patience.frame));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ingest::syslog::token,
        wal::{Batch, Position, Wal},
    };
    use bailiwick_api::{Format, SourceId};
    use bailiwick_chassis::SystemClock;
    use bailiwick_chassis::tasks::Tasks;
    use std::{fs, io::Write, net::TcpListener};
    use tokio::io::DuplexStream;
    use tokio_util::sync::CancellationToken;

    /// Keeps what comes.
    #[derive(Default)]
    struct Kept(Vec<Event>);

    impl Takes for Kept {
        async fn hand_on(&mut self, events: Vec<Event>) -> Result<(), Closed> {
            self.0.extend(events);
            Ok(())
        }
    }

    fn connection(budget: usize) -> (DuplexStream, Connection<DuplexStream>, CancellationToken) {
        let ((ours, theirs), stop) = (tokio::io::duplex(64 << 10), CancellationToken::new());
        let place = crate::ingest::syslog::limits::Places::default().enter(1, &stop, 0).unwrap();
        (ours, Connection::new(&Arc::new(Budget::new(budget)), theirs, place), stop)
    }

    async fn kept(connection: Connection<DuplexStream>) -> Vec<String> {
        let (clock, mut kept): (SharedClock, Kept) = (Arc::new(SystemClock), Kept::default());
        tokio::time::timeout(Duration::from_secs(20), connection.run(&clock, &mut kept)).await.expect("it ends").unwrap();
        kept.0.iter().map(|event| String::from_utf8_lossy(&event.raw).into_owned()).collect()
    }

    #[tokio::test]
    async fn a_sender_of_a_byte_now_and_then_is_let_go_and_its_bytes_are_kept() {
        let (mut sender, mut connection, _stop) = connection(0);
        connection.patience.frame = Duration::from_millis(200);
        let slow = async {
            for byte in b"<13>".iter().chain(std::iter::repeat_n(&b'x', 2000)) {
                if sender.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let (texts, ()) = tokio::join!(kept(connection), slow);
        assert!(texts.len() == 1 && texts[0].starts_with("<13>x") && texts[0].len() < 100, "{texts:?}");
    }

    #[tokio::test]
    async fn a_sender_that_never_sends_is_let_go() {
        let (_sender, mut connection, _stop) = connection(0);
        connection.patience.silence = Duration::from_millis(100);
        assert_eq!(kept(connection).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn whole_frames_go_on_slowly_when_no_memory_is_left() {
        let (mut sender, connection, _stop) = connection(0);
        let lines: String = (0..20_000).map(|n| format!("<13>line {n}\n")).collect();
        let send = async {
            sender.write_all(lines.as_bytes()).await.unwrap();
            drop(sender);
        };
        let (texts, ()) = tokio::join!(kept(connection), send);
        assert_eq!((texts.len(), texts[19_999].as_str()), (20_000, "<13>line 19999"));
    }

    #[tokio::test]
    async fn what_is_here_when_told_to_stop_is_kept() {
        let (mut sender, connection, stop) = connection(1 << 20);
        sender.write_all(b"<13>one\n<13>two\n<13>hal").await.unwrap();
        stop.cancel();
        assert_eq!(kept(connection).await, ["<13>one", "<13>two", "<13>hal"]);
    }

    /// User and system time of this process in seconds.
    fn cpu() -> f64 {
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        let words: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        (words[11].parse::<f64>().unwrap() + words[12].parse::<f64>().unwrap()) / 100.0
    }

    /// From a TCP socket to the synced log, by itself: `cargo nextest run … --run-ignored only -E 'test(lines_a_cpu_second)' --no-capture`.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "measures, checks nothing"]
    #[expect(clippy::disallowed_methods, reason = "a measurement owns its task")]
    async fn lines_a_cpu_second() {
        const LINES: usize = 2_000_000;
        let line = "<38>1 2026-11-22T02:00:00.123456Z web-01 sshd 4242 - - Failed password for invalid user admin from 203.0.113.9 port 4022 ssh2\n";
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let block = line.repeat(1000);
        let sender = std::thread::spawn(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            for _ in 0..LINES / 1000 {
                stream.write_all(block.as_bytes()).unwrap();
            }
        });
        let (accepted, _) = listener.accept().unwrap();
        accepted.set_nonblocking(true).unwrap();
        let mut stream = tokio::net::TcpStream::from_std(accepted).unwrap();
        let (dir, tasks) = (tempfile::tempdir().unwrap(), Tasks::new());
        let (logged, mut queue) = tokio::sync::mpsc::unbounded_channel();
        tokio::task::spawn(async move { while queue.recv().await.is_some() {} });
        let wal = Wal::start(dir.path().into(), Position::default(), logged, &tasks, Arc::new(tokio::sync::Semaphore::new(8))).unwrap();
        let (mut frames, mut total, began, cpu_began) = (Frames::default(), 0, Instant::now(), cpu());
        loop {
            frames.reserve(WINDOW.1);
            let ended = stream.read_buf(&mut frames.buffer).await.unwrap() == 0;
            loop {
                let events: Vec<Event> = frames.take_some(BATCH, ended).into_iter().map(|event| token::take(event).event).collect();
                if events.is_empty() {
                    break;
                }
                total += events.len();
                let batch =
                    Batch { received: 0, source: SourceId("src-a".into()), format: Format::Syslog, idempotency_key: None, events, dropped: vec![] };
                wal.append(batch).await.unwrap();
            }
            if ended {
                break;
            }
        }
        sender.join().unwrap();
        assert_eq!(total, LINES);
        let (wall, used) = (began.elapsed().as_secs_f64(), cpu() - cpu_began);
        eprintln!("{LINES} lines, sender included: {:.0} a second, {:.0} a CPU second", LINES as f64 / wall, LINES as f64 / used);
    }
}
