//! Bodies of senders: read under a deadline, inflated as they arrive, bounded in bytes as sent and as inflated, and in memory over all
//! calls together.
//!
//! A body is never inflated past a bound: the decoders hand on what they have before they are fed more. A refusal is answered only after
//! some of what the sender still sends was read and thrown away, since many clients read no answer while they write.

use axum::body::Body as HttpBody;
use bailiwick_chassis::Refusal;
use bytes::Bytes;
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use futures_util::StreamExt;
use http::{HeaderMap, StatusCode, header};
use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

/// Bytes a body may have, as sent and decompressed.
pub const MAX_BODY_BYTES: usize = 64 << 20;
/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(60);
/// How long the rest of a refused body is read.
const DRAIN_DEADLINE: Duration = Duration::from_secs(5);
/// Bytes that are inflated without a pause.
const PIECE: usize = 16 << 10;
/// The unit in which memory is counted.
const UNIT: usize = 1 << 10;
/// A zstd window takes so many bits at most: 8 MiB, what RFC 9659 grants a sender.
const ZSTD_WINDOW_BITS: u32 = 23;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// gzip, RFC 1952.
    Gzip,
    /// zlib, RFC 1950, which HTTP calls deflate.
    Deflate,
    /// zstd, RFC 8878.
    Zstd,
}

impl Encoding {
    /// What `Content-Encoding` says.
    pub fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(Self::Identity) };
        let name = value.to_str().unwrap_or("?").trim().to_ascii_lowercase();
        match name.as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            "zstd" => Ok(Self::Zstd),
            other => {
                let detail = format!("Content-Encoding: {other} is not taken; send gzip, zstd, deflate or plain");
                Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "ENCODING_UNSUPPORTED").field("Content-Encoding").detail(detail))
            }
        }
    }
}

/// Why a body cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// More bytes than a body may have.
    TooLarge,
    /// More bytes than a body may have, once inflated.
    Bomb,
    /// The packed bytes are not what they should be.
    Corrupt,
    /// The packed bytes end too early.
    Truncated,
    /// The connection broke off.
    BrokenOff,
    /// The memory for bodies is used up.
    NoRoom,
    /// It did not arrive in time.
    TooSlow,
}

impl Flaw {
    fn refusal(self) -> Refusal {
        let (status, code, detail) = match self {
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", format!("body: more than {MAX_BODY_BYTES} bytes; nothing was accepted")),
            Self::Bomb => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "TOO_LARGE",
                format!("body: more than {MAX_BODY_BYTES} bytes when decompressed; nothing was accepted"),
            ),
            Self::Corrupt => (StatusCode::BAD_REQUEST, "BODY_CORRUPT", "body: cannot be decompressed; nothing was accepted".to_owned()),
            Self::Truncated => (StatusCode::BAD_REQUEST, "BODY_TRUNCATED", "body: ends within the compressed data; nothing was accepted".to_owned()),
            Self::BrokenOff => (StatusCode::BAD_REQUEST, "BODY_TRUNCATED", "body: broken off; nothing was accepted".to_owned()),
            Self::NoRoom => (StatusCode::TOO_MANY_REQUESTS, "BUSY", "too much is being received at the moment; nothing was accepted".to_owned()),
            Self::TooSlow => {
                (StatusCode::REQUEST_TIMEOUT, "TOO_SLOW", format!("body: not complete after {} s; nothing was accepted", BODY_DEADLINE.as_secs()))
            }
        };
        let refusal = Refusal::new(status, code).field("body").detail(detail);
        if self == Self::NoRoom { refusal.retry_after(2) } else { refusal }
    }
}

/// The memory all bodies of a node may take together while they are received and divided.
#[derive(Clone, Debug)]
pub struct Bodies {
    room: Arc<Semaphore>,
    deadline: Duration,
}

impl Bodies {
    /// So many bytes in all; at least one body of the largest size fits.
    pub fn new(bytes: usize) -> Self {
        let units = (bytes.max(MAX_BODY_BYTES) / UNIT).min(Semaphore::MAX_PERMITS);
        Self { room: Arc::new(Semaphore::new(units)), deadline: BODY_DEADLINE }
    }

    /// Whether a body of usual size would find room now.
    pub fn has_room(&self) -> bool {
        self.room.available_permits() > (1 << 20) / UNIT
    }

    /// Memory, nothing of it taken yet.
    pub fn lease(&self) -> Lease {
        Lease { room: Some(Arc::clone(&self.room)), held: None, bytes: 0 }
    }

    /// Reads a body to its end.
    pub async fn read(&self, headers: &HeaderMap, body: HttpBody) -> Result<Body, Refusal> {
        let encoding = Encoding::of(headers)?;
        let mut lease = self.lease();
        let mut stream = body.into_data_stream();
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        let outcome = match announced {
            Some(length) if length > MAX_BODY_BYTES => Err(Flaw::TooLarge),
            Some(length) if encoding == Encoding::Identity && !lease.cover(length) => Err(Flaw::NoRoom),
            _ => {
                let hint = announced.filter(|_| encoding == Encoding::Identity).unwrap_or_default();
                let arriving = receive(&mut stream, Inflater::new(encoding, MAX_BODY_BYTES, hint, lease));
                tokio::time::timeout(self.deadline, arriving).await.unwrap_or(Err(Flaw::TooSlow))
            }
        };
        match outcome {
            Ok(body) => Ok(body),
            Err(flaw) => {
                if matches!(flaw, Flaw::TooLarge | Flaw::Bomb | Flaw::NoRoom | Flaw::Corrupt) {
                    drain(&mut stream).await;
                }
                metrics::counter!("bailiwick_ingest_refused_bodies_total", "reason" => format!("{flaw:?}")).increment(1);
                Err(flaw.refusal())
            }
        }
    }
}

/// Memory for one body, given back when dropped.
#[derive(Debug)]
pub struct Lease {
    /// None: not counted.
    room: Option<Arc<Semaphore>>,
    held: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Lease {
    /// Memory that nobody counts: for a body that is here already.
    pub fn uncounted() -> Self {
        Self { room: None, held: None, bytes: 0 }
    }

    /// Takes so much in all that `bytes` are covered; false, and nothing changes, when there is no room.
    pub fn cover(&mut self, bytes: usize) -> bool {
        let Some(room) = &self.room else { return true };
        let (have, want) = (self.bytes.div_ceil(UNIT), bytes.div_ceil(UNIT));
        if want <= have {
            return true;
        }
        let Ok(more) = u32::try_from(want - have) else { return false };
        let Ok(permit) = Arc::clone(room).try_acquire_many_owned(more) else { return false };
        match &mut self.held {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
        self.bytes = bytes;
        true
    }

    /// Takes so many bytes more.
    pub fn hold(&mut self, more: usize) -> Result<(), Refusal> {
        if self.cover(self.bytes.saturating_add(more)) { Ok(()) } else { Err(Flaw::NoRoom.refusal()) }
    }
}

/// A body and the memory it takes.
#[derive(Debug)]
pub struct Body {
    /// Its bytes, inflated.
    pub bytes: Bytes,
    /// To be held until its events are in the log.
    pub lease: Lease,
}

type Stream = axum::body::BodyDataStream;

async fn receive(stream: &mut Stream, inflater: Result<Inflater, Flaw>) -> Result<Body, Flaw> {
    let (mut inflater, mut sent) = (inflater?, 0);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Flaw::BrokenOff)?;
        sent += chunk.len();
        if sent > MAX_BODY_BYTES {
            return Err(Flaw::TooLarge);
        }
        for piece in chunk.chunks(PIECE) {
            inflater.push(piece)?;
            tokio::task::consume_budget().await;
        }
    }
    inflater.finish()
}

/// Reads on for a while so that the sender gets to read the answer.
async fn drain(stream: &mut Stream) {
    let reading = async {
        let mut left = MAX_BODY_BYTES;
        while let Some(Ok(chunk)) = stream.next().await {
            let Some(less) = left.checked_sub(chunk.len()) else { return };
            left = less;
        }
    };
    let _rest_unread = tokio::time::timeout(DRAIN_DEADLINE, reading).await;
}

/// Inflates what is here already; what a body of these bytes would be.
pub fn inflate(encoding: Encoding, packed: &[u8], limit: usize) -> Result<Bytes, Flaw> {
    let mut inflater = Inflater::new(encoding, limit, 0, Lease::uncounted())?;
    for piece in packed.chunks(PIECE) {
        inflater.push(piece)?;
    }
    inflater.finish().map(|body| body.bytes)
}

/// Turns packed bytes into a body as they come.
enum Inflater {
    Identity(Sink),
    Gzip(Box<MultiGzDecoder<Sink>>),
    Deflate(Box<ZlibDecoder<Sink>>),
    Zstd { decoder: ZstdDecoder<'static>, sink: Sink, ended: bool },
}

impl Inflater {
    fn new(encoding: Encoding, limit: usize, hint: usize, lease: Lease) -> Result<Self, Flaw> {
        let sink = Sink { bytes: Vec::with_capacity(hint), limit, lease, flaw: None };
        Ok(match encoding {
            Encoding::Identity => Self::Identity(sink),
            Encoding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(sink))),
            Encoding::Deflate => Self::Deflate(Box::new(ZlibDecoder::new(sink))),
            Encoding::Zstd => {
                let mut decoder = ZstdDecoder::new().map_err(|_| Flaw::NoRoom)?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_BITS)).map_err(|_| Flaw::NoRoom)?;
                Self::Zstd { decoder, sink, ended: true }
            }
        })
    }

    fn push(&mut self, piece: &[u8]) -> Result<(), Flaw> {
        match self {
            Self::Identity(sink) => sink.write_all(piece).map_err(|_| sink.flaw.map_or(Flaw::Corrupt, plain)),
            Self::Gzip(decoder) => decoder.write_all(piece).map_err(|_| decoder.get_ref().flaw.unwrap_or(Flaw::Corrupt)),
            Self::Deflate(decoder) => decoder.write_all(piece).map_err(|_| decoder.get_ref().flaw.unwrap_or(Flaw::Corrupt)),
            Self::Zstd { decoder, sink, ended } => unpack(decoder, sink, ended, piece),
        }
    }

    fn finish(self) -> Result<Body, Flaw> {
        let sink = match self {
            Self::Identity(sink) => sink,
            Self::Gzip(mut decoder) => {
                if decoder.try_finish().is_err() {
                    return Err(decoder.get_ref().flaw.unwrap_or(Flaw::Truncated));
                }
                std::mem::take(decoder.get_mut())
            }
            Self::Deflate(mut decoder) => {
                if decoder.try_finish().is_err() {
                    return Err(decoder.get_ref().flaw.unwrap_or(Flaw::Truncated));
                }
                std::mem::take(decoder.get_mut())
            }
            Self::Zstd { sink, ended, .. } => {
                if !ended {
                    return Err(Flaw::Truncated);
                }
                sink
            }
        };
        Ok(Body { bytes: Bytes::from(sink.bytes), lease: sink.lease })
    }
}

/// A plain body is no bomb.
fn plain(flaw: Flaw) -> Flaw {
    if flaw == Flaw::Bomb { Flaw::TooLarge } else { flaw }
}

fn unpack(decoder: &mut ZstdDecoder<'_>, sink: &mut Sink, ended: &mut bool, piece: &[u8]) -> Result<(), Flaw> {
    let mut input = InBuffer::around(piece);
    let mut buffer = [0_u8; PIECE];
    loop {
        let mut output = OutBuffer::around(&mut buffer[..]);
        let hint = decoder.run(&mut input, &mut output).map_err(|_| Flaw::Corrupt)?;
        let written = output.pos();
        sink.write_all(&buffer[..written]).map_err(|_| sink.flaw.unwrap_or(Flaw::Corrupt))?;
        *ended = hint == 0;
        // A frame that ended has nothing more to say; asked again, the decoder would wait for the next one.
        if input.pos() == piece.len() && (*ended || written < PIECE) {
            return Ok(());
        }
    }
}

/// Where inflated bytes go. It takes memory before it grows, and stops at the limit.
#[derive(Debug)]
struct Sink {
    bytes: Vec<u8>,
    limit: usize,
    lease: Lease,
    flaw: Option<Flaw>,
}

impl Default for Sink {
    fn default() -> Self {
        Self { bytes: Vec::new(), limit: 0, lease: Lease::uncounted(), flaw: None }
    }
}

impl Write for Sink {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        let wanted = self.bytes.len() + more.len();
        if wanted > self.limit {
            self.flaw = Some(Flaw::Bomb);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if wanted > self.bytes.capacity() || self.lease.bytes < wanted {
            let capacity = wanted.max(self.bytes.capacity() * 2).min(self.limit).max(self.bytes.capacity());
            if !self.lease.cover(capacity) {
                self.flaw = Some(Flaw::NoRoom);
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
