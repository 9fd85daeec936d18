//! Merging files, and rewriting them row by row, in little memory.
//!
//! The times of all rows are read first: 16 bytes a row. They are cut into slices of some megabytes of raw text; each slice is
//! read from all the files at once, sorted, and pushed into the new file, whose bytes go to the store as row groups fill. So
//! memory holds the times, a slice, and one compressed row group, however large the files; and files of every version can be
//! merged, since rows are read as a search reads them.

mod plan;
mod slices;

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use xxhash_rust::xxh3::xxh3_128;

pub use plan::{Job, TARGET_BYTES, TARGET_ROWS, next_job};
use slices::Slice;

use crate::encode::{self, Encoder, Level};
use crate::lake::blocking;
use crate::run::{Prune, Runner, Want};
use crate::store::{self, Upload};
use crate::write::Place;
use crate::{FileEntry, Lake, LakeError, Row, decode};

/// What the names of files compressed hard begin with.
const COLD: &str = "cold-";

/// What the names of other merged and rewritten files begin with.
const WARM: &str = "warm-";

/// Bytes of raw text of rows whose time a rewrite changed that are held before they become a file.
const MOVED_BYTES: u64 = 8 << 20;

/// Bytes of a new file that are passed on at once.
const PIECE: usize = 1 << 20;

impl Lake {
    /// Merges files of one day, tier and kind into one, or a few when they are many; the rows stay what they are. The files
    /// count once the caller lists them in place of the inputs. The names follow from the inputs', so a merge cut off by a crash
    /// is simply done again.
    ///
    /// It works for [`crate::Limits::background_percent`] of its time and rests meanwhile.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for inputs that do not belong together, [`LakeError::File`] for one that is missing or damaged,
    /// [`LakeError::Io`] or [`LakeError::Store`] if the store refuses.
    pub async fn compact(&self, inputs: &[FileEntry], level: Level) -> Result<Vec<FileEntry>, LakeError> {
        let place = plan::place(inputs)?;
        let mut output = Output::new(self, place, name("compact", inputs, level), level);
        if let Err(error) = self.copy(inputs, &mut output).await {
            output.abort().await;
            return Err(error);
        }
        let files = output.finish().await?;
        same_rows(inputs, &files)?;
        Ok(files)
    }

    async fn copy(&self, inputs: &[FileEntry], output: &mut Output<'_>) -> Result<(), LakeError> {
        let reader = Reader::new(self, inputs);
        for slice in reader.slices().await? {
            let started = Instant::now();
            output.push(reader.rows(&slice).await?).await?;
            self.rest(started).await;
        }
        Ok(())
    }

    /// Writes files anew with every row changed by `change`, which keeps ids: for events that are normalised again. Each input
    /// gives one file in its place, and rows whose `event_time` changes one or more beside it.
    ///
    /// # Errors
    /// As [`Lake::compact`], and [`LakeError::Invalid`] if `change` gives another id.
    pub async fn rewrite<F>(&self, inputs: &[FileEntry], change: F) -> Result<Vec<FileEntry>, LakeError>
    where
        F: FnMut(Row) -> Row + Send + 'static,
    {
        let mut change = Some(change);
        let mut files = Vec::new();
        for input in inputs {
            files.extend(self.rewrite_one(input, &mut change).await?);
        }
        Ok(files)
    }

    async fn rewrite_one<F>(&self, input: &FileEntry, change: &mut Option<F>) -> Result<Vec<FileEntry>, LakeError>
    where
        F: FnMut(Row) -> Row + Send + 'static,
    {
        let (inputs, level) = (std::slice::from_ref(input), if plan::is_cold(input) { Level::Cold } else { Level::Warm });
        let (place, name) = (Place::of_file(input), name("rewrite", inputs, level));
        let mut output = Output::new(self, place.clone(), name.clone(), level);
        let mut moved = Moved { lake: self, place, name, level, near: Vec::new(), late: Vec::new(), bytes: 0, files: Vec::new() };
        if let Err(error) = self.copy_changed(inputs, change, &mut output, &mut moved).await {
            output.abort().await;
            return Err(error);
        }
        let mut files = output.finish().await?;
        files.extend(moved.finish().await?);
        let count: u64 = files.iter().map(|file| file.rows).sum();
        if count != input.rows {
            return Err(LakeError::file(&input.path, format!("has {count} rows, its entry says {}", input.rows)));
        }
        Ok(files)
    }

    async fn copy_changed<F>(
        &self,
        inputs: &[FileEntry],
        change: &mut Option<F>,
        output: &mut Output<'_>,
        moved: &mut Moved<'_>,
    ) -> Result<(), LakeError>
    where
        F: FnMut(Row) -> Row + Send + 'static,
    {
        let reader = Reader::new(self, inputs);
        for slice in reader.slices().await? {
            let started = Instant::now();
            let rows = reader.rows(&slice).await?;
            let (changed, back) = apply(change.take(), rows).await?;
            *change = Some(back);
            output.push(changed.same).await?;
            moved.push(changed.moved).await?;
            self.rest(started).await;
        }
        Ok(())
    }

    /// Leaves the machine to others in proportion to what was used of it.
    async fn rest(&self, started: Instant) {
        let percent = self.engine.limits.background_percent.clamp(1, 100);
        tokio::time::sleep(started.elapsed() * (100 - percent) / percent).await;
    }
}

/// Rows after a change, by whether their time is what it was.
#[derive(Default)]
struct Changed {
    same: Vec<Arc<Row>>,
    moved: Vec<Arc<Row>>,
}

async fn apply<F>(change: Option<F>, rows: Vec<Arc<Row>>) -> Result<(Changed, F), LakeError>
where
    F: FnMut(Row) -> Row + Send + 'static,
{
    let mut change = change.ok_or_else(|| LakeError::Engine("a rewrite lost its change".to_owned()))?;
    blocking(move || {
        let mut changed = Changed::default();
        for row in rows {
            let (id, time) = (row.id.clone(), row.event_time);
            let row = change(Arc::unwrap_or_clone(row));
            if row.id != id {
                return Err(LakeError::invalid("change", format!("must keep the id {id}, gave {}", row.id)));
            }
            let side = if row.event_time == time { &mut changed.same } else { &mut changed.moved };
            side.push(Arc::new(row));
        }
        Ok((changed, change))
    })
    .await
}

/// A name that follows from what a file is made of.
fn name(what: &str, inputs: &[FileEntry], level: Level) -> String {
    let mut paths: Vec<&str> = inputs.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    let of = format!("{what}\n{}", paths.join("\n"));
    format!("{}{:032x}", if level == Level::Cold { COLD } else { WARM }, xxh3_128(of.as_bytes()))
}

/// A merge that lost or doubled a row must never be listed.
fn same_rows(inputs: &[FileEntry], outputs: &[FileEntry]) -> Result<(), LakeError> {
    let sum = |files: &[FileEntry]| files.iter().fold((0, 0), |(rows, raw), file| (rows + file.rows, raw + file.raw_bytes));
    let (before, after) = (sum(inputs), sum(outputs));
    if before == after {
        return Ok(());
    }
    Err(LakeError::Engine(format!("merging {} files gave {after:?} rows and raw bytes for {before:?}", inputs.len())))
}

/// Reads the rows of some files slice by slice, newest first.
struct Reader<'a> {
    runner: Runner<'a>,
    inputs: &'a [FileEntry],
}

impl<'a> Reader<'a> {
    fn new(lake: &'a Lake, inputs: &'a [FileEntry]) -> Self {
        Self { runner: Runner { files: &lake.files, engine: &lake.engine, partitions: 1 }, inputs }
    }

    async fn slices(&self) -> Result<Vec<Slice>, LakeError> {
        let all: Vec<&FileEntry> = self.inputs.iter().collect();
        let rows = self.inputs.iter().map(|file| usize::try_from(file.rows).unwrap_or(0)).sum();
        let mut times = Vec::with_capacity(rows);
        for batch in self.runner.run(&Want::Times, &Prune::NOTHING, &all, Vec::new()).await? {
            let (time, bytes) = (decode::times(&batch, "event_time")?, decode::integers(&batch, "raw_bytes")?);
            times.extend(time.values().iter().copied().zip(bytes.values().iter().map(|bytes| u64::try_from(*bytes).unwrap_or(0))));
        }
        let mut slices = Vec::new();
        for slice in slices::cut(times) {
            if slice.is_crowded() {
                slices.extend(slice.cut_by_id(self.ids(&slice).await?));
            } else {
                slices.push(slice);
            }
        }
        Ok(slices)
    }

    async fn ids(&self, slice: &Slice) -> Result<Vec<String>, LakeError> {
        let mut ids = Vec::new();
        for batch in self.runner.run(&Want::Ids { condition: slice.condition() }, &slice.prune(), &self.of(slice), Vec::new()).await? {
            ids.extend(decode::texts(&batch, "id")?.iter().flatten().map(str::to_owned));
        }
        Ok(ids)
    }

    async fn rows(&self, slice: &Slice) -> Result<Vec<Arc<Row>>, LakeError> {
        let want = Want::Rows { condition: slice.condition() };
        let derive = Arc::clone(&self.runner.engine.derive);
        let batches = self.runner.run(&want, &slice.prune(), &self.of(slice), Vec::new()).await?;
        let rows = blocking(move || {
            let mut rows = Vec::new();
            for batch in &batches {
                rows.extend(decode::rows(batch, derive.as_ref())?.into_iter().map(Arc::new));
            }
            encode::sort(&mut rows);
            Ok(rows)
        });
        let rows = rows.await?;
        if rows.len() == slice.rows { Ok(rows) } else { Err(LakeError::Engine(format!("found {} rows of {}", rows.len(), slice.rows))) }
    }

    fn of(&self, slice: &Slice) -> Vec<&FileEntry> {
        self.inputs.iter().filter(|file| slice.overlaps(file)).collect()
    }
}

/// Writes rows that come in order to one file after the other.
struct Output<'a> {
    lake: &'a Lake,
    place: Place,
    name: String,
    level: Level,
    current: Option<Current>,
    files: Vec<FileEntry>,
}

struct Current {
    encoder: Encoder<Pieces>,
    pieces: mpsc::Receiver<Vec<u8>>,
    upload: Upload,
    path: String,
    bytes: u64,
    rows: u64,
}

impl<'a> Output<'a> {
    fn new(lake: &'a Lake, place: Place, name: String, level: Level) -> Self {
        Self { lake, place, name, level, current: None, files: Vec::new() }
    }

    async fn push(&mut self, rows: Vec<Arc<Row>>) -> Result<(), LakeError> {
        if rows.is_empty() {
            return Ok(());
        }
        let full = |current: &Current| current.rows + rows.len() as u64 > TARGET_ROWS || current.encoder.bytes() as u64 > TARGET_BYTES;
        if self.current.as_ref().is_some_and(full) {
            self.close().await?;
        }
        let mut current = match self.current.take() {
            Some(current) => current,
            None => {
                let number = self.files.len();
                let name = if number == 0 { self.name.clone() } else { format!("{}-{number}", self.name) };
                Current::begin(self.lake, self.place.path(&name), self.level).await?
            }
        };
        current.rows += rows.len() as u64;
        let mut encoder = current.encoder;
        let work = tokio::task::spawn_blocking(move || encoder.push(&rows).map(|()| encoder));
        current.encoder = send(work, &mut current.pieces, &mut current.upload, &mut current.bytes).await?;
        self.current = Some(current);
        Ok(())
    }

    async fn close(&mut self) -> Result<(), LakeError> {
        let Some(Current { encoder, mut pieces, mut upload, path, mut bytes, .. }) = self.current.take() else { return Ok(()) };
        let work = tokio::task::spawn_blocking(move || {
            let (out, index, facts) = encoder.finish()?;
            Ok((out.rest, index, facts))
        });
        let (rest, index, facts) = send(work, &mut pieces, &mut upload, &mut bytes).await?;
        let entry = facts.entry(path, bytes + rest.len() as u64, index.len() as u64);
        upload.write(rest).await?;
        // The index first: a file that is there has its index.
        if !index.is_empty() {
            self.lake.files.put(&store::index_path(&entry.path), index).await?;
        }
        upload.finish().await?;
        self.files.push(entry);
        Ok(())
    }

    async fn finish(mut self) -> Result<Vec<FileEntry>, LakeError> {
        self.close().await?;
        Ok(self.files)
    }

    async fn abort(self) {
        if let Some(current) = self.current {
            current.upload.abort().await;
        }
    }
}

impl Current {
    async fn begin(lake: &Lake, path: String, level: Level) -> Result<Self, LakeError> {
        let (sender, pieces) = mpsc::channel(1);
        let upload = lake.files.upload(&path).await?;
        let encoder = Encoder::new(Pieces { rest: Vec::new(), sender }, level)?;
        Ok(Self { encoder, pieces, upload, path, bytes: 0, rows: 0 })
    }
}

/// Lets an encoder work and sends on what it writes meanwhile: a row group is written at once, and need not be held twice.
async fn send<T>(
    mut work: JoinHandle<Result<T, LakeError>>,
    pieces: &mut mpsc::Receiver<Vec<u8>>,
    upload: &mut Upload,
    bytes: &mut u64,
) -> Result<T, LakeError> {
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            Some(piece) = pieces.recv() => {
                *bytes += piece.len() as u64;
                upload.write(piece).await?;
            }
        }
    };
    while let Ok(piece) = pieces.try_recv() {
        *bytes += piece.len() as u64;
        upload.write(piece).await?;
    }
    done.map_err(|error| LakeError::Engine(error.to_string()))?
}

/// Rows that a rewrite moved to another time; they go into files of their own, so that the others stay in order.
struct Moved<'a> {
    lake: &'a Lake,
    place: Place,
    name: String,
    level: Level,
    near: Vec<Arc<Row>>,
    late: Vec<Arc<Row>>,
    bytes: u64,
    files: Vec<FileEntry>,
}

impl Moved<'_> {
    async fn push(&mut self, rows: Vec<Arc<Row>>) -> Result<(), LakeError> {
        for row in rows {
            self.bytes += row.raw.len() as u64 + 1;
            let side = if Place::is_late(&row) { &mut self.late } else { &mut self.near };
            side.push(row);
        }
        if self.bytes >= MOVED_BYTES { self.write().await } else { Ok(()) }
    }

    async fn write(&mut self) -> Result<(), LakeError> {
        for (late, rows) in [(false, std::mem::take(&mut self.near)), (true, std::mem::take(&mut self.late))] {
            if rows.is_empty() {
                continue;
            }
            let (place, name) = (Place { late, ..self.place.clone() }, format!("{}-m{}", self.name, self.files.len()));
            let (path, level) = (place.path(&name), self.level);
            let encoded = blocking(move || encode::file(&rows, level)).await?;
            self.files.push(self.lake.place(path, encoded).await?);
        }
        self.bytes = 0;
        Ok(())
    }

    async fn finish(mut self) -> Result<Vec<FileEntry>, LakeError> {
        self.write().await?;
        Ok(self.files)
    }
}

/// Takes what an encoder writes and passes it on in pieces; the encoder waits while one is on its way.
#[derive(Debug)]
struct Pieces {
    rest: Vec<u8>,
    sender: mpsc::Sender<Vec<u8>>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        if self.rest.len() >= PIECE {
            let piece = std::mem::take(&mut self.rest);
            self.sender.blocking_send(piece).map_err(|_| std::io::Error::other("the file is given up"))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
