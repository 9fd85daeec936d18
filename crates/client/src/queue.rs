//! What a node is asked about the queue besides its pages.

use crate::{Caller, ClientError, NodeClient};
use bailiwick_api::{AskChanges, ChangeAnswers, Purpose};
use reqwest::Method;
use std::time::Duration;

impl NodeClient {
    /// What changed in several workspaces since a place in the feed.
    pub async fn changes(&self, caller: &Caller, ask: &AskChanges, deadline: Duration) -> Result<ChangeAnswers, ClientError> {
        self.call(caller, Purpose::Work, Method::POST, "/api/v1/federated/changes", Some(ask), deadline).await
    }
}
