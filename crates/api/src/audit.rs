//! Audit: who did what to whom, and how it ended; never content. Each line holds the hash of the line before, so that a line that was
//! changed or taken away is found by anybody who has the lines (see docs/guides/audit.md).

use crate::CustomerId;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `previous` of the first line.
pub const AUDIT_BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Customer an act was on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditCustomer {
    /// Id.
    pub id: CustomerId,
    /// Name as it is; of one that is gone, as it was; the id where nobody knows it any more.
    pub name: String,
}

/// One line of an audit: the console's, or a workspace's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Rises by one.
    pub id: i64,
    /// When.
    pub time: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What: `customer.add`, `grant.set`, `investigation.update`, `logs.search`…
    pub verb: String,
    /// Part of the product the verb belongs to.
    pub module: AuditModule,
    /// On which customer; null for what the provider does for itself, and always null at a workspace, whose lines are all its own.
    pub customer: Option<AuditCustomer>,
    /// Whom or what it was done to, as an id, a name or a mail address; empty when that is the customer, or the workspace, as a whole.
    pub subject: String,
    /// `ok` or the code of the refusal.
    pub outcome: String,
    /// What the person gave as a reason, where one is asked for.
    pub detail: Option<String>,
    /// Hash of the line before; 64 zeros before the first.
    pub previous: String,
    /// SHA-256 over this line, 64 hexadecimal digits.
    pub hash: String,
}

impl AuditCustomer {
    /// A customer whose name is not looked up yet.
    pub fn unnamed(id: &str) -> Self {
        Self { id: CustomerId(id.to_owned()), name: id.to_owned() }
    }
}

impl AuditEntry {
    /// Names of [`AuditEntry::cells`].
    pub const COLUMNS: [&'static str; 12] =
        ["id", "time", "actor", "verb", "module", "customer_id", "customer", "subject", "outcome", "detail", "previous", "hash"];

    /// An empty line on a customer, or on none.
    pub fn on(customer: Option<&str>) -> Self {
        Self {
            id: 0,
            time: DateTime::UNIX_EPOCH,
            actor: String::new(),
            verb: String::new(),
            module: AuditModule::Other,
            customer: customer.map(AuditCustomer::unnamed),
            subject: String::new(),
            outcome: String::new(),
            detail: None,
            previous: AUDIT_BEGINNING.to_owned(),
            hash: String::new(),
        }
    }

    /// The line as a row of a table.
    pub fn cells(&self) -> [String; 12] {
        let (id, name) = self.customer.as_ref().map_or_else(Default::default, |customer| (customer.id.0.clone(), customer.name.clone()));
        [
            self.id.to_string(),
            self.time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            self.actor.clone(),
            self.verb.clone(),
            self.module.to_string(),
            id,
            name,
            self.subject.clone(),
            self.outcome.clone(),
            self.detail.clone().unwrap_or_default(),
            self.previous.clone(),
            self.hash.clone(),
        ]
    }

    /// What the hash is over: previous hash, id, time, actor, verb, customer's id, subject, outcome and detail, separated by tabulators.
    /// In each, backslash, tabulator, line feed and carriage return are written `\\`, `\t`, `\n` and `\r`; what is missing is empty. It is what
    /// `jq -j '[…] | @tsv'` prints.
    pub fn canonical(&self) -> String {
        let customer = self.customer.as_ref().map_or("", |customer| customer.id.as_str());
        let id = self.id.to_string();
        let time = self.time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let detail = self.detail.as_deref().unwrap_or_default();
        let fields = [&self.previous, &id, &time, &self.actor, &self.verb, customer, &self.subject, &self.outcome, detail];
        fields.map(escape).join("\t")
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            c => escaped.push(c),
        }
    }
    escaped
}

crate::words::words!(
    /// Part of the product an act belongs to.
    AuditModule {
        /// Registering customers and changing that.
        Customers = "customers",
        /// Letting customers go, and taking it back.
        Removals = "removals",
        /// Enrolments, enrolment codes and links between console and node.
        Links = "links",
        /// Sync.
        Sync = "sync",
        /// Licences.
        Licences = "licences",
        /// People, and who of them may act at a workspace.
        Technicians = "technicians",
        /// Grants.
        Access = "access",
        /// Signing in and out.
        Sessions = "sessions",
        /// Investigations, with their signals and records.
        Investigations = "investigations",
        /// Searches.
        Logs = "logs",
        /// Collectors and sources.
        Sources = "sources",
        /// Parsers and failed records.
        Parsers = "parsers",
        /// Rules, exceptions, entities, custom insights.
        Detection = "detection",
        /// Health, meters and notifications.
        Health = "health",
        /// Settings.
        Settings = "settings",
        /// The audit itself.
        Audit = "audit",
        /// Anything else.
        Other = "other",
    }
);

impl AuditModule {
    /// The module of a verb, by its noun: the one place that says so.
    pub fn of(verb: &str) -> Self {
        let (noun, act) = verb.split_once('.').unwrap_or((verb, ""));
        match (noun, act) {
            ("customer", "sync") | ("sync", _) => Self::Sync,
            ("customer", "delete" | "force_delete" | "restore" | "removed") => Self::Removals,
            ("customer" | "customers" | "workspace" | "workspaces", _) => Self::Customers,
            ("enrolment" | "enrolment_code" | "link", _) => Self::Links,
            ("licence" | "rate_card", _) => Self::Licences,
            ("user" | "technician" | "technicians" | "assignees" | "admin" | "operator" | "console", _) => Self::Technicians,
            ("grant" | "group" | "delegation" | "access", _) => Self::Access,
            ("session", _) => Self::Sessions,
            ("investigation" | "investigations" | "signal" | "saved_search" | "saved_searches", _) => Self::Investigations,
            ("logs" | "sql", _) => Self::Logs,
            ("source" | "sources" | "collector", _) => Self::Sources,
            ("parser" | "parsers" | "failed_records", _) => Self::Parsers,
            ("rule" | "exception" | "entity" | "custom_insight" | "detection", _) => Self::Detection,
            ("health" | "meters" | "volume" | "silence" | "notification" | "notifications", _) => Self::Health,
            ("settings" | "proxy" | "retention" | "preferences" | "dashboard" | "dashboards", _) => Self::Settings,
            ("audit" | "answers", _) => Self::Audit,
            _ => Self::Other,
        }
    }
}

/// What walking the chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditCheck {
    /// Lines that were walked.
    pub entries: u64,
    /// The first of them; null when there is none.
    pub first_id: Option<i64>,
    /// The last of them; null when there is none.
    pub last_id: Option<i64>,
    /// Hash of the last line that fits. Whoever keeps it elsewhere can tell later that nothing before it was changed.
    pub head: String,
    /// Every line that was walked fits.
    pub ok: bool,
    /// The first line that does not fit, or is not there.
    pub broken_at: Option<i64>,
    /// The newest line was reached. When there was no time for that, `?after=` with `last_id` walks on.
    pub complete: bool,
}

/// How lines are written to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditFormat {
    /// One JSON object a line, as lists have them. Can be verified.
    #[default]
    Ndjson,
    /// A heading and one row a line, for tables.
    Csv,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_one_line_with_the_time_as_it_is_in_json() {
        let mut entry = AuditEntry {
            id: 7,
            time: DateTime::from_timestamp_micros(1_700_000_000_120_000).unwrap(),
            actor: "ana@mssp.example".into(),
            verb: "customer.force_delete".into(),
            module: AuditModule::of("customer.force_delete"),
            customer: Some(AuditCustomer { id: "customer-1".into(), name: "Acme".into() }),
            subject: String::new(),
            outcome: "ok".into(),
            detail: Some("a\tb\\\nc".into()),
            previous: AUDIT_BEGINNING.into(),
            hash: String::new(),
        };
        assert_eq!(entry.module, AuditModule::Removals);
        let rest = "7\t2023-11-14T22:13:20.120Z\tana@mssp.example\tcustomer.force_delete\tcustomer-1\t\tok\ta\\tb\\\\\\nc";
        assert_eq!(entry.canonical(), format!("{AUDIT_BEGINNING}\t{rest}"));
        let wire = serde_json::json!({
            "id": 7, "time": "2023-11-14T22:13:20.120Z", "actor": "ana@mssp.example", "verb": "customer.force_delete", "module": "removals",
            "customer": {"id": "customer-1", "name": "Acme"}, "subject": "", "outcome": "ok", "detail": "a\tb\\\nc",
            "previous": AUDIT_BEGINNING, "hash": ""
        });
        assert_eq!(serde_json::to_value(&entry).unwrap(), wire);
        assert_eq!(serde_json::from_value::<AuditEntry>(wire).unwrap(), entry);
        for micros in [0, 1, 1_000, 1_000_000, 1_700_000_000_123_456] {
            entry.time = DateTime::from_timestamp_micros(micros).unwrap();
            let json = serde_json::to_value(&entry).unwrap();
            assert_eq!(entry.canonical().split('\t').nth(2), json["time"].as_str());
        }
    }
}
