//! Acts on a node's workspaces whose path says what is done, and answers that come bit by bit.

use crate::{Caller, ClientError, NodeClient, node::work_path, transport::Chunks};
use bailiwick_api::{AskLogs, Purpose, Role, WorkspaceId};
use futures_util::StreamExt;
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// An act on one workspace: how, and on which noun of it.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Method.
    pub method: &'a Method,
    /// The part of the path behind the workspace, such as `saved-searches`; ids in it as they stand in a path.
    pub noun: &'a str,
    /// How long it may take.
    pub deadline: Duration,
}

impl NodeClient {
    /// Does something in one workspace.
    pub async fn act<B: Serialize, T: DeserializeOwned>(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        act: Act<'_>,
        body: Option<&B>,
    ) -> Result<T, ClientError> {
        self.call(caller, Purpose::Work, act.method.clone(), &work_path(at, act.noun, ""), body, act.deadline).await
    }

    /// Puts a question to several workspaces, or does something in them, by its noun, such as `bulk`.
    pub async fn federated<B: Serialize, T: DeserializeOwned>(
        &self,
        caller: &Caller,
        noun: &str,
        body: &B,
        deadline: Duration,
    ) -> Result<T, ClientError> {
        self.call(caller, Purpose::Work, Method::POST, &format!("/api/v1/federated/{noun}"), Some(body), deadline).await
    }

    /// The same for an answer that may be big: its JSON is read by whoever asked, where that keeps nobody waiting.
    pub async fn federated_bytes<B: Serialize>(&self, caller: &Caller, noun: &str, body: &B, deadline: Duration) -> Result<Vec<u8>, ClientError> {
        let request = self.signed_json(caller, Purpose::Work, Method::POST, &format!("/api/v1/federated/{noun}"), Some(body))?;
        self.send_for_bytes(request, deadline).await
    }

    /// Searches the logs of several workspaces; the answer is a line of JSON each time something is found.
    pub async fn search_logs_across(&self, caller: &Caller, ask: &AskLogs, begins: Duration) -> Result<Lines, ClientError> {
        let chunks = self.stream(caller, "/api/v1/federated/logs/search", ask, begins).await?;
        Ok(Lines { chunks, read: Vec::new() })
    }

    /// A file of one workspace, by its noun, such as `logs/export`, as it comes.
    pub async fn file<B: Serialize>(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        noun: &str,
        body: &B,
        begins: Duration,
    ) -> Result<Chunks, ClientError> {
        self.stream(caller, &work_path(at, noun, ""), body, begins).await
    }
}

/// Bytes one line may have.
const MAX_LINE_BYTES: usize = 64 << 20;

/// The lines of an answer as they come.
pub struct Lines {
    chunks: Chunks,
    read: Vec<u8>,
}

impl Lines {
    /// The next line, read as JSON; none at the end.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ClientError> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return serde_json::from_slice(&line).map(Some).map_err(|e| ClientError::Protocol(e.to_string()));
            }
            match self.chunks.next().await {
                Some(chunk) => self.read.extend_from_slice(&chunk?),
                None if self.read.is_empty() => return Ok(None),
                None => return Err(ClientError::Protocol("the answer ends in the middle of a line".into())),
            }
            if self.read.len() > MAX_LINE_BYTES {
                return Err(ClientError::Protocol(format!("a line of more than {MAX_LINE_BYTES} bytes")));
            }
        }
    }
}
