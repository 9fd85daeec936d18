//! A rule as a person reads it: what it is called, how serious it is, where it came from and its full text.
//!
//! The compiled form lives in the engine; this is what a signal points to, so that an analyst can always open the rule
//! behind it.

use serde::Serialize;

use crate::Level;
use crate::ids;

/// Which logs a rule is written for. A part that is `None` matches anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RuleLogSource {
    /// `windows`, `linux`, `aws`, …
    pub product: Option<String>,
    /// `process_creation`, `webserver`, …
    pub category: Option<String>,
    /// `security`, `sshd`, `cloudtrail`, …
    pub service: Option<String>,
}

impl From<&rsigma_parser::LogSource> for RuleLogSource {
    fn from(logsource: &rsigma_parser::LogSource) -> Self {
        let lower = |part: &Option<String>| part.as_deref().map(str::to_lowercase);
        Self { product: lower(&logsource.product), category: lower(&logsource.category), service: lower(&logsource.service) }
    }
}

impl RuleLogSource {
    /// Whether each part that is named here is the same in `rule`.
    pub(crate) fn contains(&self, rule: &Self) -> bool {
        let part = |mine: &Option<String>, theirs: &Option<String>| mine.is_none() || mine == theirs;
        part(&self.product, &rule.product) && part(&self.category, &rule.category) && part(&self.service, &rule.service)
    }
}

/// One Sigma rule, detection or correlation.
#[derive(Debug, Clone, Serialize)]
pub struct Rule {
    /// The Sigma id, or a stable hash of path and title when the rule has none.
    pub id: String,
    /// The Sigma `name`, which correlation rules may use to refer to it.
    pub name: Option<String>,
    /// One line, as the author wrote it.
    pub title: String,
    /// How serious; medium when the rule does not say.
    pub level: Level,
    /// What a signal of this rule weighs: the level's weight, or the rule's own `bailiwick.severity` (0 to 100).
    pub severity: u32,
    /// The author's text, empty when there is none.
    pub description: String,
    /// `attack.t1059` and the like.
    pub tags: Vec<String>,
    /// Which logs it reads. Empty for a correlation.
    pub logsource: RuleLogSource,
    /// Who wrote it.
    pub author: Option<String>,
    /// Addresses to read more.
    pub references: Vec<String>,
    /// When it is known to be wrong.
    pub falsepositives: Vec<String>,
    /// The YAML text of the file that holds it.
    pub source: String,
    /// Where it was found: the path inside its pack, directory or archive.
    pub path: String,
    /// False for a rule that only feeds a correlation (`generate: false`, the default): it makes no signal of its own.
    pub alerts: bool,
    /// True for a correlation rule.
    pub correlation: bool,
}

/// The highest severity a rule may give itself.
const MAX_OWN_SEVERITY: u64 = 100;

impl Rule {
    /// The rule of a Sigma detection document. `text` is the file it stands in, `path` its place.
    pub(crate) fn from_detection(sigma: &rsigma_parser::SigmaRule, path: &str, text: &str) -> Self {
        let level = Level::from_sigma(sigma.level);
        let own = sigma.custom_attributes.get("bailiwick.severity").and_then(|v| v.as_u64());
        Self {
            id: identity(sigma.id.as_deref(), path, &sigma.title),
            name: sigma.name.clone(),
            title: sigma.title.clone(),
            level,
            severity: severity(level, own),
            description: sigma.description.clone().unwrap_or_default(),
            tags: sigma.tags.clone(),
            logsource: RuleLogSource::from(&sigma.logsource),
            author: sigma.author.clone(),
            references: sigma.references.clone(),
            falsepositives: sigma.falsepositives.clone(),
            source: text.to_owned(),
            path: path.to_owned(),
            alerts: true,
            correlation: false,
        }
    }

    /// The rule of a Sigma correlation document.
    pub(crate) fn from_correlation(sigma: &rsigma_parser::CorrelationRule, path: &str, text: &str) -> Self {
        let level = Level::from_sigma(sigma.level);
        let own = sigma.custom_attributes.get("bailiwick.severity").and_then(|v| v.as_u64());
        Self {
            id: identity(sigma.id.as_deref(), path, &sigma.title),
            name: sigma.name.clone(),
            title: sigma.title.clone(),
            level,
            severity: severity(level, own),
            description: sigma.description.clone().unwrap_or_default(),
            tags: sigma.tags.clone(),
            logsource: RuleLogSource::default(),
            author: sigma.author.clone(),
            references: sigma.references.clone(),
            falsepositives: sigma.falsepositives.clone(),
            source: text.to_owned(),
            path: path.to_owned(),
            alerts: true,
            correlation: true,
        }
    }
}

fn severity(level: Level, own: Option<u64>) -> u32 {
    own.map_or(level.weight(), |n| u32::try_from(n.min(MAX_OWN_SEVERITY)).unwrap_or(u32::MAX))
}

fn identity(id: Option<&str>, path: &str, title: &str) -> String {
    match id.map(str::trim) {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => ids::rule_id(path, title),
    }
}
