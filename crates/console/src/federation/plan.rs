//! Whom a question goes to: the grants of one person, gathered so that each node is asked once.

use crate::access::Reach;
use bailiwick_api::{Ask, CustomerRef, NodeId, Role, Skipped, WorkspaceId};
use bailiwick_client::Caller;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// One customer among those a node is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The customer.
    pub customer: CustomerRef,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The role granted at the console.
    pub role: Role,
}

/// What one node is asked about, and by whom.
#[derive(Clone, Debug)]
pub struct NodeAsk {
    /// The node.
    pub node: NodeId,
    /// The person who asks.
    pub caller: Caller,
    /// Its customers, in the order of their workspaces.
    pub members: Vec<Member>,
}

impl NodeAsk {
    /// The workspaces as the node is told them.
    pub fn workspaces(&self) -> Vec<Ask> {
        self.members.iter().map(|member| Ask { workspace: member.workspace.clone(), role: member.role }).collect()
    }

    /// The customer of a workspace; none when it was not asked about.
    pub fn member(&self, workspace: &WorkspaceId) -> Option<&Member> {
        self.members.iter().find(|member| member.workspace == *workspace)
    }
}

/// Whom to ask, and whom not.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One entry a node.
    pub nodes: Vec<NodeAsk>,
    /// Customers left out before asking.
    pub skipped: Vec<Skipped>,
}

impl Plan {
    /// Gathers the grants of one person by node.
    pub fn new(reach: &Reach, now: DateTime<Utc>) -> Self {
        let mut nodes: BTreeMap<NodeId, NodeAsk> = BTreeMap::new();
        for grant in &reach.grants {
            let fresh = || NodeAsk { node: grant.node().clone(), caller: grant.caller(now), members: Vec::new() };
            let member = Member { customer: grant.customer().clone(), workspace: grant.workspace().clone(), role: grant.role() };
            nodes.entry(grant.node().clone()).or_insert_with(fresh).members.push(member);
        }
        for ask in nodes.values_mut() {
            ask.members.sort_by(|a, b| a.workspace.cmp(&b.workspace));
        }
        Self { nodes: nodes.into_values().collect(), skipped: reach.skipped.clone() }
    }
}
