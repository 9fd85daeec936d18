//! Exceptions: what a workspace has decided not to be told about, with who answers for it, why and until when. What one matches is
//! stored as suppressed and counted.

pub(crate) mod http;
mod store;

use crate::{detection::load, operators::plain_name};
use bailiwick_api::NewException;
use bailiwick_chassis::Refusal;
use bailiwick_detect::{Detection, RuleSet};

/// Exceptions a workspace may have, ended ones included.
const MAX_EXCEPTIONS: i64 = 500;
/// Rules one may name.
const MAX_RULES: usize = 500;
/// The longest an exception lasts: 366 days.
const MAX_LIFE_US: i64 = 366 * 24 * 3_600_000_000;

/// Checks an exception and brings its words into the form they are stored in.
fn check(new: &NewException, detection: &Detection, now_us: i64) -> Result<NewException, Refusal> {
    let until = new.expires.timestamp_micros();
    if until <= now_us || until > now_us.saturating_add(MAX_LIFE_US) {
        return Err(Refusal::invalid("INVALID_INPUT", "expires", "expires: later than now, at most a year"));
    }
    let rules: &RuleSet = detection.shared();
    load::exception_kind(&new.excepts, rules)
        .map_err(|(field, reason)| Refusal::invalid("INVALID_INPUT", field, format!("excepts.{field}: {reason}")))?;
    if let Some(named) = &new.rules {
        if named.is_empty() || named.len() > MAX_RULES {
            return Err(Refusal::invalid("INVALID_INPUT", "rules", format!("rules: 1 to {MAX_RULES}, or null for every rule")));
        }
        if let Some(unknown) = named.iter().find(|id| detection.rule(id).is_none()) {
            let shown: String = unknown.chars().take(64).collect();
            return Err(Refusal::invalid("RULE_UNKNOWN", "rules", format!("rules: no rule has the id {shown:?}")));
        }
    }
    Ok(NewException {
        name: plain_name("name", &new.name)?,
        owner: plain_name("owner", &new.owner)?,
        reason: plain_name("reason", &new.reason)?,
        ..new.clone()
    })
}
