//! HTTP with a deadline and a bound on what is read; problems become typed errors.

use crate::{
    ClientError,
    tls::{self, Fingerprint, Shown},
};
use bailiwick_api::{Problem, Scheme};
use bailiwick_link::Channel;
use futures_util::StreamExt;
use reqwest::{ClientBuilder, Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;

/// Bytes an answer may have.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// A pool of connections, shared by all clients of a process.
#[derive(Clone, Debug)]
pub struct Transport {
    http: reqwest::Client,
}

impl Transport {
    /// A pool with system roots for TLS; redirects are not followed and no proxy is used.
    pub fn new() -> Result<Self, ClientError> {
        let _already_set = rustls::crypto::ring::default_provider().install_default();
        Self::built(builder())
    }

    /// A pool of its own that accepts one more certificate than those an authority vouches for.
    pub fn pinned(fingerprint: Fingerprint) -> Result<Self, ClientError> {
        Self::built(builder().tls_backend_preconfigured(tls::pinned(fingerprint)?))
    }

    fn built(builder: ClientBuilder) -> Result<Self, ClientError> {
        builder.build().map(|http| Self { http }).map_err(|e| ClientError::Protocol(e.to_string()))
    }

    /// The certificate a server shows, whoever it is.
    pub async fn certificate(base: &Url, deadline: Duration) -> Result<Shown, ClientError> {
        let (config, shown) = tls::looking()?;
        let transport = Self::built(builder().tls_backend_preconfigured(config))?;
        let answer = Self::send(transport.request(Method::GET, base.clone()), deadline).await;
        match (shown.get(), answer) {
            (Some(shown), _) => Ok(*shown),
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(ClientError::Tls("the server shows no certificate".into())),
        }
    }

    /// Begins a request.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// Sends a request and reads a JSON answer, all within the deadline.
    pub async fn json<T: DeserializeOwned>(request: RequestBuilder, deadline: Duration) -> Result<T, ClientError> {
        let (bytes, _) = Self::send(request, deadline).await?;
        parse(bytes)
    }

    /// The same over a link that the other side opened: nobody connected is [`ClientError::Unreachable`] at once.
    pub async fn json_over<T: DeserializeOwned>(channel: &Channel, request: RequestBuilder, deadline: Duration) -> Result<T, ClientError> {
        Self::bytes_over(channel, request, deadline).await.and_then(parse)
    }

    /// The same for an answer that is no JSON.
    pub async fn bytes_over(channel: &Channel, request: RequestBuilder, deadline: Duration) -> Result<Vec<u8>, ClientError> {
        let request = request.build().map_err(|e| ClientError::Protocol(e.to_string()))?;
        let exchange = channel.exchange(request, MAX_ANSWER_BYTES);
        let exchanged = tokio::time::timeout(deadline, exchange).await.map_err(|_| ClientError::Timeout(deadline.as_millis()))?;
        let (status, _, bytes) = exchanged?;
        if status.is_success() { Ok(bytes) } else { Err(refused(status.as_u16(), &bytes)) }
    }

    /// Sends a request and tells of every line of the answer as it comes, without its line feed. A line is bounded like an answer.
    pub async fn lines(request: RequestBuilder, deadline: Duration, mut each: impl FnMut(&[u8])) -> Result<(), ClientError> {
        let millis = deadline.as_millis();
        let exchange = async {
            let response = request.send().await.map_err(|e| ClientError::from_reqwest(&e, millis))?;
            let status = response.status();
            if !status.is_success() {
                return Err(refused(status.as_u16(), &read(response, millis).await?));
            }
            let (mut stream, mut rest) = (response.bytes_stream(), Vec::new());
            while let Some(chunk) = stream.next().await {
                rest.extend_from_slice(&chunk.map_err(|e| ClientError::from_reqwest(&e, millis))?);
                while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = rest.drain(..=end).collect();
                    each(&line[..end]);
                }
                if rest.len() > MAX_ANSWER_BYTES {
                    return Err(ClientError::Protocol(format!("a line of more than {MAX_ANSWER_BYTES} bytes")));
                }
            }
            if !rest.is_empty() {
                each(&rest);
            }
            Ok(())
        };
        tokio::time::timeout(deadline, exchange).await.unwrap_or(Err(ClientError::Timeout(millis)))
    }

    /// Sends a request and reads the answer with its headers.
    pub async fn send(request: RequestBuilder, deadline: Duration) -> Result<(Vec<u8>, http::HeaderMap), ClientError> {
        let millis = deadline.as_millis();
        let exchange = async {
            let response = request.send().await.map_err(|e| ClientError::from_reqwest(&e, millis))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let bytes = read(response, millis).await?;
            if status.is_success() { Ok((bytes, headers)) } else { Err(refused(status.as_u16(), &bytes)) }
        };
        tokio::time::timeout(deadline, exchange).await.unwrap_or(Err(ClientError::Timeout(millis)))
    }
}

fn parse<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<T, ClientError> {
    let bytes = if bytes.is_empty() { b"null".to_vec() } else { bytes };
    serde_json::from_slice(&bytes).map_err(|e| ClientError::Protocol(e.to_string()))
}

async fn read(response: Response, millis: u128) -> Result<Vec<u8>, ClientError> {
    let mut stream = response.bytes_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(|e| ClientError::from_reqwest(&e, millis))?);
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err(ClientError::Protocol(format!("answer of more than {MAX_ANSWER_BYTES} bytes")));
        }
    }
    Ok(bytes)
}

fn refused(status: u16, bytes: &[u8]) -> ClientError {
    match serde_json::from_slice::<Problem>(bytes) {
        Ok(problem) => ClientError::Refused(Box::new(problem)),
        Err(_) => ClientError::Protocol(format!("status {status} without a problem document")),
    }
}

fn builder() -> ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(3))
        .pool_idle_timeout(Duration::from_secs(30))
}

/// The address of a server as a URL.
pub fn base_url(scheme: Scheme, server: &str, port: u16) -> Result<Url, ClientError> {
    let scheme = match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    let server = if server.contains(':') && !server.starts_with('[') { format!("[{server}]") } else { server.to_owned() };
    let url = Url::parse(&format!("{scheme}://{server}:{port}/")).map_err(|e| ClientError::Unreachable(format!("server: {e}")))?;
    let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    if plain { Ok(url) } else { Err(ClientError::Unreachable("server: a host name or an address, nothing else".into())) }
}
