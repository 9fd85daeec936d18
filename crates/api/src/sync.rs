//! Sync: one request a customer that carries what the console decided to the node and what the node knows to the console, and how the
//! console shows it, module by module. No text of a customer's logs, and no name a customer gave, is in any of it.

use crate::{DetectionSettings, Licence, LicenceState, Proxy, Retention, Role, words::words};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the console tells a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskSync {
    /// The console's time.
    pub now: DateTime<Utc>,
    /// What belongs to every customer; null leaves it as it was told before.
    #[serde(default)]
    pub settings: Option<CustomerSettings>,
    /// The licence as allocated; null leaves it as it is.
    #[serde(default)]
    pub licence: Option<Licence>,
    /// Where the console is called, for the node to try the way back; null where the node dials the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_url: Option<String>,
}

/// What belongs to every customer, set once at the console. What a customer's administrator decided wins; null is the product's own standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerSettings {
    /// How long events are kept.
    pub retention: Option<Retention>,
    /// How signals add up.
    pub detection: Option<DetectionSettings>,
}

/// What belongs to every customer, and who set it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerSettingsNow {
    /// As they are.
    #[serde(flatten)]
    pub settings: CustomerSettings,
    /// Who set them; null while nobody did.
    pub set_by: Option<String>,
    /// When.
    pub set_time: Option<DateTime<Utc>>,
}

words!(
    /// Who decided a setting.
    SettingOrigin {
        /// The product's own standard.
        Standard = "standard",
        /// The console, for every customer.
        Console = "console",
        /// The customer's administrator.
        Own = "own",
    }
);

/// Who decided what of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingOrigins {
    /// Retention.
    pub retention: SettingOrigin,
    /// Detection.
    pub detection: SettingOrigin,
}

words!(
    /// How a part of a node is.
    ComponentState {
        /// It works.
        Ok = "OK",
        /// It works less well than it should, or in part.
        Degraded = "DEGRADED",
        /// It does not work.
        Down = "DOWN",
        /// It is not in use, or nothing is known of it.
        Unknown = "UNKNOWN",
    }
);

/// A part of a node as it is for one workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Component {
    /// Which: `ingest`, `listeners`, `pipeline`, `lake`, `disk`, `rules`, `parsers`, `collectors`, `clock`, `certificate`, `licence`.
    pub name: String,
    /// How it is.
    pub state: ComponentState,
    /// Since when, where known.
    pub since: Option<DateTime<Utc>>,
    /// Why, in codes and counts.
    pub detail: Option<String>,
    /// A number that tells more, such as the days a certificate is left.
    pub value: Option<i64>,
    /// What the number counts: `bytes`, `ms`, `days`, `rules`…
    pub unit: Option<String>,
}

/// A technician as the workspace has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncedTechnician {
    /// Mail address.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Whether the customer's administrator revoked it.
    pub revoked: bool,
}

/// Which content a workspace works with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContentVersion {
    /// The node's version.
    pub node_version: String,
    /// Rules that come with the node.
    pub rules: u64,
    /// The workspace's own rules.
    pub own_rules: u64,
    /// SHA-256 over the ids and texts of all rules, base64url.
    pub rules_digest: String,
    /// Parsers in use.
    pub parsers: u64,
    /// SHA-256 over their names and programs, base64url.
    pub parsers_digest: String,
}

/// Something the node did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncRefusal {
    /// Of which module.
    pub module: SyncModuleName,
    /// Why, for programs.
    pub code: String,
    /// Why, for people.
    pub detail: String,
}

/// What a workspace tells the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncAnswer {
    /// The node's time.
    pub now: DateTime<Utc>,
    /// Its parts.
    pub components: Vec<Component>,
    /// How it is reached through a reverse proxy.
    pub proxy: Proxy,
    /// The technicians it has.
    pub technicians: Vec<SyncedTechnician>,
    /// The licence as applied, and what is used.
    pub licence: LicenceState,
    /// Its content.
    pub content: ContentVersion,
    /// Who decided its settings.
    pub settings: SettingOrigins,
    /// What of the question it did not take; the rest it did.
    pub refused: Vec<SyncRefusal>,
    /// Whether the console can be called from the node; null when it was not told where.
    #[serde(default)]
    pub way_back: Option<crate::WayBack>,
}

words!(
    /// What a sync is made of.
    SyncModuleName {
        /// The node's parts and their health.
        Components = "components",
        /// How it is reached through a reverse proxy.
        Proxy = "proxy",
        /// Technicians, held against grants.
        Technicians = "technicians",
        /// The licence and its use.
        Licence = "licence",
        /// Versions of rules and parsers.
        Content = "content",
        /// What belongs to every customer.
        Settings = "settings",
    }
);

words!(
    /// How a customer's sync stands.
    SyncState {
        /// None was begun yet.
        Never = "NEVER",
        /// One is about to begin.
        Queued = "QUEUED",
        /// One is at work.
        Running = "RUNNING",
        /// The last one took everything.
        Ok = "OK",
        /// The last one took some modules.
        Partial = "PARTIAL",
        /// The last one took nothing.
        Failed = "FAILED",
        /// The last good one is older than three intervals.
        Stale = "STALE",
    }
);

/// How a customer's sync stands, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncSummary {
    /// How it stands.
    pub state: SyncState,
    /// When the one at work, or the last one, began.
    pub started: Option<DateTime<Utc>>,
    /// When the last one ended.
    pub finished: Option<DateTime<Utc>>,
    /// Things the last good one took.
    pub items: u32,
    /// Modules the last one did not take.
    pub failed: Vec<SyncModuleName>,
    /// Why the last one failed, for programs.
    pub code: Option<String>,
    /// Why, for people.
    pub detail: Option<String>,
    /// Since when every one fails.
    pub since: Option<DateTime<Utc>>,
    /// How many have failed in a row.
    pub consecutive: u32,
    /// When the next one begins by itself.
    pub next_time: Option<DateTime<Utc>>,
    /// When one last took every module, or some.
    pub last_success: Option<DateTime<Utc>>,
}

/// One module of a customer's sync.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncModule {
    /// Which.
    pub name: SyncModuleName,
    /// `NEVER`, `OK` or `FAILED`.
    pub state: SyncState,
    /// When it was last taken.
    pub last_success: Option<DateTime<Utc>>,
    /// Why it was not taken the last time, for programs.
    pub code: Option<String>,
    /// Why, for people.
    pub detail: Option<String>,
}

/// One sync that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncRun {
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// `OK`, `PARTIAL` or `FAILED`.
    pub state: SyncState,
    /// Things it took.
    pub items: u32,
    /// Modules it did not take.
    pub failed: Vec<SyncModuleName>,
    /// Why, for programs.
    pub code: Option<String>,
    /// Why, for people.
    pub detail: Option<String>,
}

/// How technicians at the node compare with the grants here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TechnicianCheck {
    /// Grants that count as applied here.
    pub granted: u32,
    /// Of these, technicians the node has with the same role.
    pub present: u32,
    /// Addresses the node has no such role for; the grants go there once more.
    pub lost: Vec<String>,
    /// Addresses the customer's administrator revoked.
    pub revoked: Vec<String>,
    /// Technicians there that nobody has a grant for here.
    pub unknown: u32,
}

/// How a customer's sync stands, module by module, with what the node told last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncStatus {
    /// In short.
    #[serde(flatten)]
    pub summary: SyncSummary,
    /// Every module, in the same order always.
    pub modules: Vec<SyncModule>,
    /// The last 20, newest first.
    pub runs: Vec<SyncRun>,
    /// The node's parts; null before the first good sync, here and below.
    pub components: Option<Vec<Component>>,
    /// How it is reached through a reverse proxy.
    pub proxy: Option<Proxy>,
    /// Technicians held against grants.
    pub technicians: Option<TechnicianCheck>,
    /// The licence as the node has it, and what is used.
    pub licence: Option<LicenceState>,
    /// Its content.
    pub content: Option<ContentVersion>,
    /// Who decided its settings.
    pub settings: Option<SettingOrigins>,
}
