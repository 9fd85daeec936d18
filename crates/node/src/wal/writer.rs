//! Appending, with one sync for everybody who waits.

use super::{Batch, Logged, Position, SEGMENT_BYTES, segment_path, sync_dir};
use bailiwick_chassis::tasks::Tasks;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Appends that may wait for their turn; more are told to try again.
const QUEUE: usize = 1024;
/// Batches that share a sync.
const GROUP: usize = 256;
/// Bytes that share a sync.
const GROUP_BYTES: usize = 32 << 20;

/// Why the log could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// The file system refused.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: Arc<io::Error>,
    },
    /// A frame in the middle is damaged.
    #[error("{}: damaged, or of another version, at offset {offset}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where.
        offset: u64,
    },
    /// Too many appends wait.
    #[error("the log is busy")]
    Busy,
    /// The log is closed.
    #[error("the log is closed")]
    Closed,
}

impl WalError {
    pub(super) fn io(path: &Path, cause: io::Error) -> Self {
        Self::Io { path: path.to_owned(), cause: Arc::new(cause) }
    }
}

/// Why a batch is not in the log, and the batch itself for another try. It is gone only when writing it panicked.
#[derive(Debug)]
pub struct Unwritten {
    /// Why.
    pub error: Arc<WalError>,
    /// What was to be written.
    pub batch: Option<Batch>,
}

impl Unwritten {
    fn new(error: Arc<WalError>, batch: Option<Batch>) -> Box<Self> {
        Box::new(Self { error, batch })
    }
}

struct Append {
    batch: Batch,
    done: oneshot::Sender<Result<Position, Box<Unwritten>>>,
}

/// The end of a log that takes appends.
#[derive(Clone, Debug)]
pub struct Wal {
    appends: mpsc::Sender<Append>,
}

impl Wal {
    /// Opens the log for appending at its end. What was made durable goes to `logged`, in order, before its sender is told.
    /// `syncs` bounds how many logs of a node sync at a time.
    pub fn start(dir: PathBuf, end: Position, logged: mpsc::UnboundedSender<Logged>, tasks: &Tasks, syncs: Arc<Semaphore>) -> Result<Self, WalError> {
        let segment = Segment::open(dir, end)?;
        let (appends, queue) = mpsc::channel(QUEUE);
        tasks.spawn_draining(work(segment, queue, logged, syncs));
        Ok(Self { appends })
    }

    /// Appends a batch; when this returns it is durable. Returns the position after it.
    pub async fn append(&self, batch: Batch) -> Result<Position, Box<Unwritten>> {
        let (done, result) = oneshot::channel();
        self.appends.try_send(Append { batch, done }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(append) => Unwritten::new(Arc::new(WalError::Busy), Some(append.batch)),
            mpsc::error::TrySendError::Closed(append) => Unwritten::new(Arc::new(WalError::Closed), Some(append.batch)),
        })?;
        result.await.unwrap_or_else(|_| Err(Unwritten::new(Arc::new(WalError::Closed), None)))
    }
}

/// Takes appends in groups until every [`Wal`] is gone.
async fn work(mut segment: Segment, mut queue: mpsc::Receiver<Append>, logged: mpsc::UnboundedSender<Logged>, syncs: Arc<Semaphore>) {
    while let Some(first) = queue.recv().await {
        let mut group = vec![first];
        let mut bytes = 0;
        while group.len() < GROUP && bytes < GROUP_BYTES {
            let Ok(next) = queue.try_recv() else { break };
            bytes += next.batch.cost();
            group.push(next);
        }
        let Ok(permit) = syncs.acquire().await else { return };
        let joined = tokio::task::spawn_blocking(move || {
            let written = segment.write(group.iter().map(|append| &append.batch));
            (segment, group, written)
        })
        .await;
        drop(permit);
        let Ok((returned, group, written)) = joined else { return };
        segment = returned;
        answer(group, written, &logged);
    }
}

fn answer(group: Vec<Append>, written: Result<Vec<(Position, Position)>, WalError>, logged: &mpsc::UnboundedSender<Logged>) {
    match written {
        Ok(positions) => {
            for (append, (at, end)) in group.into_iter().zip(positions) {
                let _pipeline_gone = logged.send(Logged { at, end, batch: append.batch });
                let _sender_gone = append.done.send(Ok(end));
            }
        }
        Err(error) => {
            tracing::error!(error = %error, "log not written");
            let error = Arc::new(error);
            for append in group {
                let _sender_gone = append.done.send(Err(Unwritten::new(Arc::clone(&error), Some(append.batch))));
            }
        }
    }
}

/// The segment that is written to.
struct Segment {
    dir: PathBuf,
    number: u64,
    file: File,
    length: u64,
    buffer: Vec<u8>,
    /// A failed write could not be taken back yet; nothing is written before it is.
    broken: bool,
}

impl Segment {
    fn open(dir: PathBuf, end: Position) -> Result<Self, WalError> {
        fs::create_dir_all(&dir).map_err(|e| WalError::io(&dir, e))?;
        let number = end.segment.max(1);
        let length = if end.segment == 0 { 0 } else { end.offset };
        let file = Self::file(&dir, number, length)?;
        Ok(Self { dir, number, file, length, buffer: Vec::new(), broken: false })
    }

    fn file(dir: &Path, number: u64, length: u64) -> Result<File, WalError> {
        let path = segment_path(dir, number);
        let open = || {
            let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            file.set_len(length)?;
            file.seek(SeekFrom::End(0))?;
            file.sync_all()?;
            sync_dir(dir)?;
            Ok(file)
        };
        open().map_err(|e| WalError::io(&path, e))
    }

    /// Writes frames and syncs; on failure nothing of them stays.
    fn write<'a>(&mut self, batches: impl Iterator<Item = &'a Batch>) -> Result<Vec<(Position, Position)>, WalError> {
        if self.broken {
            self.file = Self::file(&self.dir, self.number, self.length)?;
            self.broken = false;
        }
        if self.length >= SEGMENT_BYTES {
            self.file = Self::file(&self.dir, self.number + 1, 0)?;
            self.number += 1;
            self.length = 0;
        }
        self.buffer.clear();
        let mut positions = Vec::new();
        for batch in batches {
            let at = self.length + self.buffer.len() as u64;
            batch.encode(self.length, &mut self.buffer);
            let end = self.length + self.buffer.len() as u64;
            let position = |offset| Position { segment: self.number, offset };
            positions.push((position(at), position(end)));
        }
        if let Err(cause) = self.file.write_all(&self.buffer).and_then(|()| self.file.sync_data()) {
            return Err(self.undo(cause));
        }
        self.length += self.buffer.len() as u64;
        self.buffer.shrink_to(GROUP_BYTES);
        Ok(positions)
    }

    /// Takes back what a failed write may have left, so that it is not found again after a start.
    fn undo(&mut self, cause: io::Error) -> WalError {
        let path = segment_path(&self.dir, self.number);
        match Self::file(&self.dir, self.number, self.length) {
            Ok(file) => self.file = file,
            Err(error) => {
                self.broken = true;
                tracing::error!(error = %error, "log not cut back after a failed write");
            }
        }
        WalError::io(&path, cause)
    }
}
