//! What a node is asked for a dashboard: all its panels and all its customers in one question.

use crate::{
    State,
    federation::{Answer, Failure, Heard, Member, NodeAsk, Question, scope},
    rate_cards::{self, Cards},
};
use bailiwick_api::{
    WorkspaceAnswer, WorkspaceId,
    dashboards::{AskDashboard, AskPanels, DashboardAnswers, PanelAsk, PanelPart},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Bytes of an answer that is read where it came.
const SMALL: usize = 64 << 10;

/// The question; clones are one and the same.
#[derive(Clone)]
pub(crate) struct Panels {
    state: State,
    inner: Arc<Inner>,
}

struct Inner {
    panels: Vec<PanelAsk>,
    cards: Cards,
    now: i64,
}

impl Panels {
    pub(crate) fn new(state: &State, panels: Vec<PanelAsk>, cards: Cards, now: i64) -> Self {
        Self { state: state.clone(), inner: Arc::new(Inner { panels, cards, now }) }
    }

    /// The same as one node is asked it about its customers.
    pub(crate) fn about(&self, members: &[Member]) -> AskDashboard {
        let Inner { panels, cards, now } = &*self.inner;
        let from = panels.iter().map(|panel| panel.from).min().unwrap_or_default();
        let to = panels.iter().map(|panel| panel.to).max().unwrap_or_default();
        let within = |cards| rate_cards::within(cards, from, to).to_vec();
        let one =
            |member: &Member| AskPanels { workspace: member.workspace.clone(), role: member.role, rates: within(cards.of(&member.customer.id)) };
        AskDashboard { workspaces: members.iter().map(one).collect(), panels: panels.clone(), rates: within(&cards.everybody), now: *now }
    }
}

impl Question for Panels {
    type Answer = Told;

    async fn put(&self, ask: &NodeAsk, deadline: Duration) -> Result<Told, Failure> {
        let client = self.state.links.client(&ask.node).await.map_err(|refusal| Failure::unlinked(&refusal))?;
        let answer = client.federated_bytes(&ask.caller, "dashboards", &self.about(&ask.members), deadline).await;
        let bytes = answer.map_err(|error| Failure::from(&error))?;
        let DashboardAnswers { workspaces, panels } = if bytes.len() <= SMALL { read(&bytes) } else { read_apart(bytes).await }?;
        Ok(Told { workspaces, parts: Mutex::new(Some(panels)) })
    }
}

fn read(bytes: &[u8]) -> Result<DashboardAnswers, Failure> {
    serde_json::from_slice(bytes).map_err(|_| Failure::version())
}

async fn read_apart(bytes: Vec<u8>) -> Result<DashboardAnswers, Failure> {
    tokio::task::spawn_blocking(move || read(&bytes)).await.unwrap_or_else(|_| Err(Failure::version()))
}

/// A node's answer. Its parts are taken once and merged; that it was heard stays.
pub(crate) struct Told {
    workspaces: Vec<WorkspaceAnswer<u64>>,
    parts: Mutex<Option<Vec<PanelPart>>>,
}

impl Told {
    /// The parts, the first time.
    pub(crate) fn take(&self) -> Option<Vec<PanelPart>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Answer for Told {
    fn heard(&self) -> Vec<(&WorkspaceId, Heard)> {
        scope::heard(&self.workspaces)
    }
}
