//! Technicians: people with a role at a workspace on behalf of the MSSP. The console writes them as it grants; the
//! customer's administrator sees each and can revoke, and a revocation sticks until the administrator takes it back.

pub(crate) mod http;
mod store;

pub(crate) use store::{assignable, list, me, me_in, set_admin_password};

use bailiwick_chassis::Refusal;

/// A mail address as it is compared and stored: trimmed, lower case.
pub(crate) fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Checks that a technician's address can be one.
fn check_email(email: &str) -> Result<String, Refusal> {
    let email = fold_email(email);
    let plain = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if !plain || email.len() > 254 || email.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Refusal::invalid("MAIL_INVALID", "email", "email: expected a mail address"));
    }
    Ok(email)
}
