//! Builders of plans for the tests of this crate.

use super::{Member, NodeAsk, Plan};
use bailiwick_api::{CustomerRef, Role};
use bailiwick_client::Caller;

/// A customer whose id, name and workspace are the same word.
pub(crate) fn customer(word: &str) -> CustomerRef {
    CustomerRef { id: word.into(), name: word.into(), region: "eu".into() }
}

/// A question to one node about these workspaces.
pub(crate) fn ask(node: &str, workspaces: &[&str]) -> NodeAsk {
    let member = |word: &&str| Member { customer: customer(word), workspace: (*word).into(), role: Role::Analyst };
    let caller = Caller { email: "ana@mssp.example".into(), name: "Ana".into(), now_seconds: 0 };
    NodeAsk { node: node.into(), caller, members: workspaces.iter().map(member).collect() }
}

/// A plan over these nodes, each with one customer named after it.
pub(crate) fn plan(nodes: &[&str]) -> Plan {
    Plan { nodes: nodes.iter().map(|node| ask(node, &[node])).collect(), skipped: Vec::new() }
}
