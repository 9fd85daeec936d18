//! Custom insights: a workspace's own reasons to open an investigation, whatever the score.

pub(crate) mod http;
mod store;

use crate::{detection::load, operators::plain_name};
use bailiwick_api::{CustomPriority, NewCustomInsight};
use bailiwick_chassis::Refusal;
use std::collections::BTreeSet;

/// Custom insights a workspace may have.
const MAX_INSIGHTS: i64 = 100;
/// Rules one may name.
const MAX_RULES: usize = 20;
/// Thresholds of a dynamic priority.
const MAX_STEPS: usize = 5;

/// Checks a custom insight and brings its words into the form they are stored in.
fn check(new: &NewCustomInsight) -> Result<NewCustomInsight, Refusal> {
    let wrong = |field: &str, detail: String| Refusal::invalid("INVALID_INPUT", field, format!("{field}: {detail}"));
    if new.when.rules.is_empty() || new.when.rules.len() > MAX_RULES {
        return Err(wrong("rules", format!("1 to {MAX_RULES}")));
    }
    if let CustomPriority::Dynamic { thresholds, .. } = &new.when.priority {
        let severities: BTreeSet<u32> = thresholds.iter().map(|step| step.severity).collect();
        if thresholds.is_empty() || thresholds.len() > MAX_STEPS || severities.len() != thresholds.len() {
            return Err(wrong("thresholds", format!("1 to {MAX_STEPS}, each of its own severity")));
        }
    }
    load::custom(String::new(), &new.name, &new.when).map_err(|(field, detail)| wrong(field, detail))?;
    Ok(NewCustomInsight { name: plain_name("name", &new.name)?, ..new.clone() })
}
