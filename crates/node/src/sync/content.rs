//! Which rules and parsers a workspace works with, as counts and digests: two workspaces with equal digests work alike.

use crate::workspaces::Workspace;
use bailiwick_api::{ContentVersion, VERSION};
use bailiwick_chassis::secrets;
use bailiwick_detect::{Detection, RuleSet};

pub(super) fn version(workspace: &Workspace) -> ContentVersion {
    let detection = workspace.detection().current();
    let parsers = workspace.parsers();
    ContentVersion {
        node_version: VERSION.to_owned(),
        rules: detection.shared().rules().len() as u64,
        own_rules: detection.own().map_or(0, |own| own.rules().len() as u64),
        rules_digest: rules_digest(workspace, &detection),
        parsers: parsers.get().names().count() as u64,
        parsers_digest: parsers.digest(),
    }
}

/// Over the node's rules and the workspace's own.
fn rules_digest(workspace: &Workspace, detection: &Detection) -> String {
    let shared = workspace.shared_rules_digest(of_set);
    let own = detection.own().map(|own| of_set(own)).unwrap_or_default();
    secrets::digest(format!("{shared} {own}"))
}

/// Over the rules by id, each by a digest of its text, so that no two sets read alike.
fn of_set(rules: &RuleSet) -> String {
    let mut each: Vec<_> = rules.rules().map(|rule| (rule.id.as_str(), secrets::digest(&rule.source))).collect();
    each.sort_unstable();
    let mut all = Vec::new();
    for text in each.iter().flat_map(|(id, source)| [*id, source.as_str()]) {
        all.extend_from_slice(&(text.len() as u64).to_be_bytes());
        all.extend_from_slice(text.as_bytes());
    }
    secrets::digest(all)
}
