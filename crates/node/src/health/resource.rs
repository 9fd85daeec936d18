//! What can be unhealthy, and what is known of it: names, collectors, whether it is switched on.

use crate::collectors::version_order;
use bailiwick_api::{CollectorId, HealthResource, ResourceKind, SourceId, WorkspaceId};
use std::{cmp::Ordering, collections::HashMap};

/// What can be unhealthy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Who sends.
    Collector(CollectorId),
    /// One stream of logs.
    Source(SourceId),
    /// A rule.
    Rule {
        /// Its id.
        id: String,
        /// Its title.
        name: String,
    },
    /// A parser, by name.
    Parser(String),
    /// The workspace as a whole.
    Workspace,
    /// A bound of the workspace, such as `sources`.
    Limit(&'static str),
}

impl Resource {
    /// Kind and id.
    pub(super) fn key(&self, workspace: &WorkspaceId) -> (ResourceKind, String) {
        match self {
            Self::Collector(id) => (ResourceKind::Collector, id.to_string()),
            Self::Source(id) => (ResourceKind::Source, id.to_string()),
            Self::Rule { id, .. } => (ResourceKind::Rule, id.clone()),
            Self::Parser(name) => (ResourceKind::Parser, name.clone()),
            Self::Workspace => (ResourceKind::Workspace, workspace.to_string()),
            Self::Limit(name) => (ResourceKind::Workspace, format!("{workspace}/{name}")),
        }
    }

    /// As people see it.
    pub(super) fn describe(&self, workspace: &WorkspaceId, known: &Known) -> HealthResource {
        let (kind, id) = self.key(workspace);
        let source = match self {
            Self::Source(source) => known.sources.get(source),
            _ => None,
        };
        let collector = source.and_then(|source| source.collector.clone());
        let collector_name = collector.as_ref().and_then(|id| known.collectors.get(id)).map(|c| c.name.clone());
        let name = match self {
            Self::Collector(id) => known.collectors.get(id).map(|c| c.name.clone()),
            Self::Source(_) => source.map(|source| source.name.clone()),
            Self::Rule { name, .. } | Self::Parser(name) => Some(name.clone()),
            Self::Workspace => Some(workspace.to_string()),
            Self::Limit(name) => Some((*name).to_owned()),
        };
        HealthResource { kind, name: name.unwrap_or_else(|| id.clone()), id, collector, collector_name }
    }
}

/// A source as health needs it.
#[derive(Clone, Debug)]
pub(crate) struct KnownSource {
    pub(crate) name: String,
    pub(crate) collector: Option<CollectorId>,
    pub(crate) enabled: bool,
    pub(crate) deleted: bool,
}

/// A collector as health needs it.
#[derive(Clone, Debug)]
pub(crate) struct KnownCollector {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) enabled: bool,
    pub(crate) version: Option<String>,
}

/// The sources and collectors of a workspace, deleted sources included.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) sources: HashMap<SourceId, KnownSource>,
    pub(crate) collectors: HashMap<CollectorId, KnownCollector>,
}

impl Known {
    /// Whether the source of this id takes events.
    pub(super) fn takes(&self, source: &str) -> bool {
        self.sources.get(&SourceId::from(source)).is_some_and(|s| s.enabled)
    }

    /// Whether a collector told this version last, or is not known at all.
    pub(super) fn told(&self, collector: &CollectorId, version: &str) -> bool {
        self.collectors.get(collector).is_none_or(|known| known.version.as_deref() == Some(version))
    }

    /// Notes a collector's version.
    pub(super) fn tell_version(&mut self, collector: &CollectorId, version: String) {
        if let Some(known) = self.collectors.get_mut(collector) {
            known.version = Some(version);
        }
    }

    /// Takes over what collectors told lately and is not in the table yet.
    pub(super) fn keep_versions(&mut self, before: &Self) {
        for (id, collector) in &mut self.collectors {
            if let Some(told) = before.collectors.get(id).filter(|told| told.kind == collector.kind && told.version.is_some()) {
                collector.version.clone_from(&told.version);
            }
        }
    }

    /// Every collector that is switched on, with its own and the newest version of its type when its own is older.
    pub(super) fn old_versions(&self) -> Vec<(CollectorId, Option<(String, String)>)> {
        let mut newest: HashMap<&str, &str> = HashMap::new();
        let on = || self.collectors.iter().filter(|(_, c)| c.enabled);
        for (_, collector) in on() {
            if let Some(version) = collector.version.as_deref() {
                let best = newest.entry(collector.kind.as_str()).or_insert(version);
                if version_order(version, best) == Ordering::Greater {
                    *best = version;
                }
            }
        }
        let judge = |(id, collector): (&CollectorId, &KnownCollector)| {
            let (own, newest) = (collector.version.as_deref(), newest.get(collector.kind.as_str()).copied());
            let old = own.zip(newest).filter(|(own, newest)| version_order(own, newest) == Ordering::Less);
            (id.clone(), old.map(|(own, newest)| (own.to_owned(), newest.to_owned())))
        };
        on().map(judge).collect()
    }
}
