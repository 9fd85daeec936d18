//! What a node is asked for a dashboard: all its panels and all its customers in one question.

use crate::{
    State,
    federation::{Answer, Failure, Heard, Member, NodeAsk, Question, scope},
    rate_cards::Cards,
};
use bailiwick_api::{
    WorkspaceAnswer, WorkspaceId,
    dashboards::{AskDashboard, AskPanels, DashboardAnswers, PanelAsk, PanelPart},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

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
        let one = |member: &Member| AskPanels { workspace: member.workspace.clone(), role: member.role, rates: cards.of(&member.customer.id) };
        AskDashboard { workspaces: members.iter().map(one).collect(), panels: panels.clone(), rates: cards.everybody.clone(), now: *now }
    }
}

impl Question for Panels {
    type Answer = Told;

    async fn put(&self, ask: &NodeAsk, deadline: Duration) -> Result<Told, Failure> {
        let client = self.state.links.client(&ask.node).await.map_err(|refusal| Failure::unlinked(&refusal))?;
        let answer = client.federated(&ask.caller, "dashboards", &self.about(&ask.members), deadline).await;
        let DashboardAnswers { workspaces, panels } = answer.map_err(|error| Failure::from(&error))?;
        Ok(Told { workspaces, parts: Mutex::new(Some(panels)) })
    }
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
