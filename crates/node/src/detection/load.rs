//! What a workspace decided about detection, read from its database.

use super::live::{LiveDetection, OnRuleFailed, OwnTexts};
use crate::console_settings;
use bailiwick_api::{CustomInsightBody, CustomOrder, CustomPriority, DetectionSettings, ExceptionBody, RuleState as ApiState, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_detect::{
    Detection, EntitySetting, Exception, ExceptionKind, Glob, Indicators, Overlay, RuleSet, RuleSetting, RuleState,
    correlate::{CustomInsight, CustomSeverity, Order, Policy, Priority},
};
use bailiwick_event::EntityKind;
use sqlx::{Row, any::AnyRow};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Reads what there is and compiles it, off the async threads.
pub(crate) async fn open(workspace: &WorkspaceId, db: &Db, shared: &Arc<RuleSet>, told: OnRuleFailed) -> Result<Arc<LiveDetection>, Refusal> {
    let rows = Rows::read(db).await?;
    if rows.is_plain() {
        return Ok(LiveDetection::new(workspace.clone(), Detection::plain(Arc::clone(shared)), Vec::new(), told));
    }
    let shared = Arc::clone(shared);
    let texts = rows.own.clone();
    let made = tokio::task::spawn_blocking(move || rows.compile(&shared, None)).await.map_err(Refusal::internal)?;
    Ok(LiveDetection::new(workspace.clone(), made, texts, told))
}

/// Reads everything again after a change.
pub(crate) async fn reload(db: &Db, live: &Arc<LiveDetection>) -> Result<(), Refusal> {
    let rows = Rows::read(db).await?;
    let texts = rows.own.clone();
    let live = Arc::clone(live);
    let work = move || {
        let before = live.current();
        let same_own = (live.own_texts() == texts).then_some(&*before);
        live.replace(rows.compile(before.shared(), same_own), texts);
    };
    tokio::task::spawn_blocking(work).await.map_err(Refusal::internal)
}

/// The numbers of a workspace: its administrator's, else the console's for every customer, else the usual ones.
pub(crate) async fn settings(db: &Db) -> Result<DetectionSettings, Refusal> {
    let row = sqlx::query("select value from detection_setting where name = 'policy'").fetch_optional(db.pool()).await?;
    match row {
        Some(row) => parse(&row.try_get::<String, _>("value")?),
        None => Ok(console_settings::read(db, console_settings::DETECTION).await?.unwrap_or_default()),
    }
}

/// Everything that was decided, as it is stored.
struct Rows {
    settings: DetectionSettings,
    rules: HashMap<String, RuleSetting>,
    own: OwnTexts,
    exceptions: Vec<Stored<ExceptionBody>>,
    entities: Vec<EntitySetting>,
    customs: Vec<Stored<CustomInsightBody>>,
}

struct Stored<T> {
    id: String,
    name: String,
    body: T,
    rules: Option<Vec<String>>,
    expires: i64,
}

impl Rows {
    async fn read(db: &Db) -> Result<Self, Refusal> {
        let all = |text: &'static str| sqlx::query(text).fetch_all(db.pool());
        let rules = all("select rule, state, severity, quiet_us from rule_setting").await?;
        let own = all("select rule, yaml from custom_rule order by created, rule").await?;
        let exceptions = all("select id, name, body, rules, expires from exception order by created, id").await?;
        let entities = all("select entity_type, pattern, criticality, suppressed from entity_setting").await?;
        let customs = all("select id, name, body, null as rules, 0 as expires from custom_insight where enabled = 1 order by created, id").await?;
        Ok(Self {
            settings: settings(db).await?,
            rules: rules.iter().map(rule_setting).collect::<Result<_, Refusal>>()?,
            own: own.iter().map(|row| Ok((row.try_get("rule")?, row.try_get("yaml")?))).collect::<Result<_, sqlx::Error>>()?,
            exceptions: exceptions.iter().map(stored).collect::<Result<_, Refusal>>()?,
            entities: entities.iter().map(entity_setting).collect::<Result<_, Refusal>>()?,
            customs: customs.iter().map(stored).collect::<Result<_, Refusal>>()?,
        })
    }

    fn is_plain(&self) -> bool {
        let nothing = self.rules.is_empty() && self.own.is_empty() && self.exceptions.is_empty();
        nothing && self.entities.is_empty() && self.customs.is_empty() && self.settings == DetectionSettings::default()
    }

    /// Compiles; own rules are taken from `before` where they are the same.
    fn compile(self, shared: &Arc<RuleSet>, before: Option<&Detection>) -> Detection {
        let own = match before {
            Some(before) => before.own().cloned(),
            None => compile_own(shared, self.own),
        };
        let exceptions = self.exceptions.into_iter().filter_map(|stored| {
            let (id, name) = (stored.id.clone(), stored.name.clone());
            match exception(stored, shared) {
                Ok(exception) => Some(exception),
                Err(reason) => {
                    tracing::error!(exception.id = id, exception.name = name, reason, "an exception that was stored does not compile any more");
                    None
                }
            }
        });
        let overlay = Overlay {
            rules: self.rules,
            own,
            exceptions: exceptions.collect(),
            entities: self.entities,
            customs: self.customs.into_iter().filter_map(|stored| custom(stored.id, &stored.name, &stored.body).ok()).collect(),
            policy: policy(&self.settings),
        };
        Detection::new(Arc::clone(shared), overlay, before)
    }
}

fn compile_own(shared: &Arc<RuleSet>, texts: OwnTexts) -> Option<Arc<RuleSet>> {
    if texts.is_empty() {
        return None;
    }
    let (own, report) = shared.beside(texts.into_iter().map(|(id, yaml)| (own_path(&id), yaml)).collect());
    for refused in report.refused {
        tracing::error!(rule.path = refused.path, reason = refused.reason, "an own rule that was stored does not run any more");
    }
    Some(Arc::new(own))
}

/// Where an own rule is said to be.
pub(crate) fn own_path(id: &str) -> String {
    format!("own/{id}.yml")
}

/// The policy that settings make.
pub(crate) fn policy(settings: &DetectionSettings) -> Policy {
    Policy {
        window_days: settings.window_days,
        threshold: settings.threshold,
        quiet_hours: settings.quiet_hours,
        quiet_cap_hours: settings.quiet_cap_hours,
        critical_opens: settings.critical_opens,
        entity_signals_per_minute: settings.entity_signals_per_minute,
        workspace_signals_per_minute: settings.workspace_signals_per_minute,
        rule_openings_per_five_minutes: settings.rule_openings_per_five_minutes,
    }
}

/// Compiles what an exception excepts; the error names the field.
pub(crate) fn exception_kind(body: &ExceptionBody, rules: &RuleSet) -> Result<ExceptionKind, (&'static str, String)> {
    match body {
        ExceptionBody::Filter { yaml } => ExceptionKind::filter(yaml, rules).map_err(|reason| ("yaml", reason)),
        ExceptionBody::Entity { entity_type, value } => {
            let kind: EntityKind = entity_type.parse().map_err(|_| ("entity_type", unknown_kind(entity_type)))?;
            let glob = Glob::new(value).map_err(|error| ("value", error.to_string()))?;
            Ok(ExceptionKind::Entity(kind, glob))
        }
        ExceptionBody::Network { network } => {
            let parsed = network.trim().parse().map_err(|_| ("network", "expected a network such as 10.0.0.0/8".to_owned()))?;
            Ok(ExceptionKind::Network(parsed))
        }
        ExceptionBody::Indicators { values, fields } => Indicators::new(values, fields).map(ExceptionKind::Indicators).map_err(|reason| {
            let field = if reason.starts_with("fields") { "fields" } else { "values" };
            (field, reason)
        }),
    }
}

/// What to say of a word that names no kind of entity.
pub(crate) fn unknown_kind(word: &str) -> String {
    let known: Vec<&str> = EntityKind::ALL.iter().map(|kind| kind.as_str()).collect();
    format!("`{}` is not one of {}", word.chars().take(40).collect::<String>(), known.join(", "))
}

/// Makes a definition of a custom insight; the error names the field.
pub(crate) fn custom(id: String, name: &str, body: &CustomInsightBody) -> Result<CustomInsight, (&'static str, String)> {
    let rules = body.rules.iter().map(|rule| Glob::new(rule)).collect::<Result<_, _>>().map_err(|error| ("rules", error.to_string()))?;
    let severity = match &body.priority {
        CustomPriority::Constant(word) => CustomSeverity::Constant(priority(*word)),
        CustomPriority::Dynamic { thresholds, otherwise } => CustomSeverity::Dynamic {
            thresholds: thresholds.iter().map(|step| (step.severity, priority(step.priority))).collect(),
            otherwise: priority(*otherwise),
        },
    };
    let order = match body.order {
        CustomOrder::Any => Order::Any,
        CustomOrder::Exact => Order::Exact,
    };
    Ok(CustomInsight { id, name: name.to_owned(), rules, order, severity })
}

fn priority(word: bailiwick_api::Priority) -> Priority {
    Priority::parse(word.as_str()).unwrap_or_default()
}

fn exception(stored: Stored<ExceptionBody>, rules: &RuleSet) -> Result<Exception, String> {
    let kind = exception_kind(&stored.body, rules).map_err(|(field, reason)| format!("{field}: {reason}"))?;
    let scope = stored.rules.map(|rules| rules.into_iter().collect::<HashSet<_>>());
    Ok(Exception { id: stored.id, name: stored.name, rules: scope, until_us: stored.expires, kind })
}

fn rule_setting(row: &AnyRow) -> Result<(String, RuleSetting), Refusal> {
    let state: ApiState = row.try_get::<String, _>("state")?.parse().map_err(Refusal::internal)?;
    let severity: Option<i64> = row.try_get("severity")?;
    let setting = RuleSetting {
        state: match state {
            ApiState::Active => RuleState::Active,
            ApiState::Disabled => RuleState::Disabled,
            ApiState::Prototype => RuleState::Prototype,
            ApiState::Failed => RuleState::Failed,
        },
        severity: severity.and_then(|n| u32::try_from(n).ok()),
        quiet_us: row.try_get("quiet_us")?,
    };
    Ok((row.try_get("rule")?, setting))
}

fn entity_setting(row: &AnyRow) -> Result<EntitySetting, Refusal> {
    let criticality: Option<String> = row.try_get("criticality")?;
    Ok(EntitySetting {
        kind: row.try_get::<String, _>("entity_type")?.parse().map_err(Refusal::internal)?,
        pattern: Glob::new(&row.try_get::<String, _>("pattern")?).map_err(Refusal::internal)?,
        criticality: criticality.map(|text| text.parse()).transpose().map_err(Refusal::internal)?,
        suppressed: row.try_get::<i64, _>("suppressed")? != 0,
    })
}

fn stored<T: serde::de::DeserializeOwned>(row: &AnyRow) -> Result<Stored<T>, Refusal> {
    let rules: Option<String> = row.try_get("rules")?;
    Ok(Stored {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        body: parse(&row.try_get::<String, _>("body")?)?,
        rules: rules.map(|text| parse(&text)).transpose()?,
        expires: row.try_get("expires")?,
    })
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(Refusal::internal)
}
