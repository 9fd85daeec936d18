//! A WebSocket as text messages, bounded in size and time, and then as one stream of bytes.

use crate::LinkError;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, future, stream};
use std::{io, pin::Pin};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        protocol::{Role, WebSocketConfig},
    },
};
use tokio_util::io::{CopyToBytes, SinkWriter, StreamReader};

/// Bytes a message of the handshake may have.
pub(crate) const MAX_TEXT: usize = 16 << 10;
/// Bytes a message may have; a write of HTTP/2 is at most a few frames of 16 KiB.
const MAX_BINARY: usize = 256 << 10;
/// Bytes waiting to be written above which the link ends.
const MAX_WAITING: usize = 4 << 20;

/// What a connection can be read from and written to.
pub trait Bytestream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytestream for T {}

pub(crate) type Socket = WebSocketStream<Box<dyn Bytestream>>;

/// A WebSocket on a connection whose upgrade was agreed.
pub(crate) async fn socket(connection: Box<dyn Bytestream>, role: Role) -> Socket {
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = 32 << 10;
    config.write_buffer_size = 32 << 10;
    config.max_write_buffer_size = MAX_WAITING;
    config.max_message_size = Some(MAX_BINARY);
    config.max_frame_size = Some(MAX_BINARY);
    WebSocketStream::from_raw_socket(connection, role, Some(config)).await
}

/// Sends a text.
pub(crate) async fn send(socket: &mut Socket, text: String, until: Instant) -> Result<(), LinkError> {
    let sent = timeout_at(until, socket.send(Message::text(text))).await.map_err(|_| LinkError::Timeout)?;
    sent.map_err(broken)
}

/// Waits for a text.
pub(crate) async fn receive(socket: &mut Socket, until: Instant) -> Result<String, LinkError> {
    loop {
        let message = timeout_at(until, socket.next()).await.map_err(|_| LinkError::Timeout)?;
        match message {
            None | Some(Ok(Message::Close(_))) => return Err(LinkError::Unreachable("the connection was closed".into())),
            Some(Err(error)) => return Err(broken(error)),
            Some(Ok(Message::Text(text))) if text.len() <= MAX_TEXT => return Ok(text.as_str().to_owned()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(_)) => return Err(LinkError::protocol(format!("a message that is no text of at most {MAX_TEXT} bytes"))),
        }
    }
}

/// Says good-bye; whether it is heard does not matter.
pub(crate) async fn close(socket: &mut Socket, until: Instant) {
    let _other_side_gone = timeout_at(until, socket.close(None)).await;
}

/// What comes after the handshake: the binary messages as one stream of bytes.
pub(crate) fn into_bytes(socket: Socket) -> Box<dyn Bytestream> {
    let (sink, messages) = socket.split();
    let chunks = messages.flat_map(|message| {
        let chunk = match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes)),
            Ok(Message::Ping(_) | Message::Pong(_)) => None,
            // The end of the stream follows.
            Ok(Message::Close(_)) => None,
            Ok(Message::Text(_) | Message::Frame(_)) => Some(Err(io::Error::new(io::ErrorKind::InvalidData, "a text where bytes were expected"))),
            Err(error) => Some(Err(io::Error::other(error))),
        };
        stream::iter(chunk)
    });
    let reader: Pin<Box<dyn AsyncRead + Send>> = Box::pin(StreamReader::new(Box::pin(chunks)));
    let frames = sink.sink_map_err(io::Error::other).with(|bytes: Bytes| future::ready(Ok::<_, io::Error>(Message::Binary(bytes))));
    let writer: Pin<Box<dyn AsyncWrite + Send>> = Box::pin(SinkWriter::new(CopyToBytes::new(Box::pin(frames))));
    Box::new(tokio::io::join(reader, writer))
}

fn broken(error: tungstenite::Error) -> LinkError {
    match error {
        tungstenite::Error::Protocol(_) | tungstenite::Error::Capacity(_) | tungstenite::Error::Utf8(_) => LinkError::protocol(error),
        other => LinkError::Unreachable(other.to_string()),
    }
}
