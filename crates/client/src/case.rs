//! What people do to a case, as the console asks a node: any verb on what belongs to an investigation, and files in parts.

use crate::{
    Caller, ClientError, NodeClient, WorkspaceClient,
    node::{segment, work_path},
};
use bailiwick_api::{Exports, Purpose, Role, WorkspaceId};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// The path of something of an investigation within its workspace, such as `investigations/abc/comments/c-1`.
pub fn case_noun(id: &str, rest: &[&str]) -> String {
    let mut path = format!("investigations/{}", segment(id));
    for part in rest {
        path.push('/');
        path.push_str(&segment(part));
    }
    path
}

/// Further parameters of a call on a workspace: those that are given, each with an `&` before it.
pub fn with_query(parameters: &[(&str, Option<String>)]) -> String {
    let given = parameters.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    given.map(|(name, value)| format!("&{name}={}", segment(value))).collect()
}

impl NodeClient {
    /// Does something at a workspace, by its noun.
    pub async fn work<B: Serialize, T: DeserializeOwned>(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        (method, noun): (Method, &str),
        body: Option<&B>,
        deadline: Duration,
    ) -> Result<T, ClientError> {
        self.call(caller, Purpose::Work, method, &work_path(at, noun, ""), body, deadline).await
    }

    /// Sends a part of a file.
    pub async fn put_part(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        (noun, offset): (&str, u64),
        part: Vec<u8>,
        deadline: Duration,
    ) -> Result<(), ClientError> {
        let path = work_path(at, noun, &format!("&offset={offset}"));
        let request = self.signed(caller, Purpose::Work, Method::PUT, &path, (part, "application/octet-stream"))?;
        self.send(request, deadline).await
    }

    /// Reads what is no JSON.
    pub async fn read_bytes(
        &self,
        caller: &Caller,
        at: (&WorkspaceId, Role),
        (noun, query): (&str, &str),
        deadline: Duration,
    ) -> Result<Vec<u8>, ClientError> {
        let request = self.signed(caller, Purpose::Work, Method::GET, &work_path(at, noun, query), (Vec::new(), ""))?;
        self.send_for_bytes(request, deadline).await
    }
}

impl WorkspaceClient {
    /// Lets cases leave as files, or takes that back.
    pub async fn allow_exports(&self, allowed: bool) -> Result<Exports, ClientError> {
        self.call(Method::PUT, "/api/v1/exports", Some(&Exports { allowed })).await
    }
}
