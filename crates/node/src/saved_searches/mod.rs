//! Searches that technicians kept in a workspace: what was searched for is the customer's, so it is here and not at the console.
//! Everybody sees their own and the shared ones; only the owner changes one.

pub(crate) mod http;
mod store;
#[cfg(test)]
mod tests;

use bailiwick_api::NewSavedSearch;
use bailiwick_chassis::Refusal;

/// Searches a workspace keeps.
const MAX_SEARCHES: i64 = 2_000;
/// Of them, one person's.
const MAX_OWN: i64 = 200;
const NAME_CHARS: usize = 100;
const BODY_BYTES: usize = 16 << 10;

/// Refuses what cannot be kept, by name, and trims the name.
fn check(mut new: NewSavedSearch) -> Result<NewSavedSearch, Refusal> {
    let name = new.name.trim();
    let chars = name.chars().count();
    if chars == 0 || chars > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Refusal::invalid("INVALID_INPUT", "name", format!("name: 1 to {NAME_CHARS} characters on one line")));
    }
    new.name = name.to_owned();
    let bytes = serde_json::to_vec(&new.body).map_err(Refusal::internal)?.len();
    if bytes > BODY_BYTES {
        return Err(Refusal::invalid("INVALID_INPUT", "body", format!("body: at most {BODY_BYTES} bytes")));
    }
    Ok(new)
}
