//! A live stream as a page reads it, event by event.

use crate::Headers;
use anyhow::{Context, ensure};
use bailiwick_client::Transport;
use http::Method;
use reqwest::Response;
use serde_json::Value;

/// An open stream. Dropping it hangs up.
pub struct Live {
    response: Response,
    text: String,
}

impl Live {
    /// Opens a stream; an error when it is refused.
    pub async fn open(transport: &Transport, url: &str, headers: &Headers) -> anyhow::Result<Self> {
        let request = transport.request(Method::GET, url.parse()?);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let response = request.send().await.with_context(|| url.to_owned())?;
        ensure!(response.status().is_success(), "{url}: {}", response.status());
        Ok(Self::of(response))
    }

    pub(crate) fn of(response: Response) -> Self {
        Self { response, text: String::new() }
    }

    /// The data of the next event; none when the server ended the stream.
    pub async fn next(&mut self) -> anyhow::Result<Option<Value>> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                if let Some(data) = event.lines().find_map(|line| line.strip_prefix("data:")) {
                    return Ok(Some(serde_json::from_str(data.trim())?));
                }
            }
            match self.response.chunk().await? {
                Some(chunk) => self.text.push_str(&String::from_utf8_lossy(&chunk)),
                None => return Ok(None),
            }
        }
    }
}
