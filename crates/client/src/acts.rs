//! Acts on a node's workspaces whose path says what is done.

use crate::{Caller, ClientError, NodeClient, node::work_path};
use bailiwick_api::{Purpose, Role, WorkspaceId};
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
}
