//! Entities: what signals were made about, and how much each matters to the workspace.

pub(crate) mod http;
mod store;

use crate::detection::load::unknown_kind;
use bailiwick_api::EntitySetting;
use bailiwick_chassis::Refusal;
use bailiwick_detect::{Glob, correlate::Criticality};
use bailiwick_event::EntityKind;

/// Settings of entities a workspace may have.
const MAX_SETTINGS: i64 = 1_000;
/// Of these, patterns: each is tried on every signal.
const MAX_PATTERNS: i64 = 200;
/// The longest notes, in characters.
const MAX_NOTES: usize = 500;

/// Checks a setting and brings its words into the form they are stored in.
fn check(setting: &EntitySetting) -> Result<EntitySetting, Refusal> {
    let wrong = |field: &'static str, detail: String| Refusal::invalid("INVALID_INPUT", field, format!("{field}: {detail}"));
    let kind: EntityKind = setting.kind.parse().map_err(|_| wrong("type", unknown_kind(&setting.kind)))?;
    let value = Glob::new(&setting.value).map_err(|error| wrong("value", error.to_string()))?;
    // Hosts, users and addresses are kept in lower case, so that one name is one entity.
    let folded = if kind.scores() { value.as_str().to_lowercase() } else { value.as_str().to_owned() };
    let criticality = setting.criticality.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let criticality = criticality.map(|text| text.parse::<Criticality>().map_err(|error| wrong("criticality", error.to_string()))).transpose()?;
    if setting.notes.chars().count() > MAX_NOTES {
        return Err(wrong("notes", format!("at most {MAX_NOTES} characters")));
    }
    Ok(EntitySetting {
        kind: kind.as_str().to_owned(),
        value: folded,
        criticality: criticality.map(|criticality| criticality.to_string()),
        suppressed: setting.suppressed,
        notes: setting.notes.trim().to_owned(),
    })
}
