//! Signing in at a console for the length of one command.

use super::{Failure, arguments::ConsoleOf};
use crate::terminal::{environment, password};
use bailiwick_api::{Customer, Removal, RemovalState};
use bailiwick_client::{ConsoleClient, Transport};
use bailiwick_link::check_address;
use url::Url;

const CONSOLE: &str = "BAILIWICK_CONSOLE";
const EMAIL: &str = "BAILIWICK_EMAIL";
const PASSWORD: &str = "BAILIWICK_PASSWORD";

/// Somebody signed in at a console.
pub(super) struct Session {
    pub(super) client: ConsoleClient,
    /// Their own password, which letting a customer go asks for once more.
    pub(super) password: String,
    pub(super) json: bool,
}

/// Signs in.
pub(super) async fn open(of: &ConsoleOf) -> Result<Session, Failure> {
    let wanted = |given: &Option<String>, variable: &str| given.clone().or_else(|| environment(variable));
    let console = wanted(&of.console, CONSOLE).ok_or_else(|| Failure::usage(format!("which console? say --console URL, or set {CONSOLE}")))?;
    let email = wanted(&of.email, EMAIL).ok_or_else(|| Failure::usage(format!("who signs in? say --email ADDRESS, or set {EMAIL}")))?;
    let base: Url = console.parse().map_err(|error| Failure::usage(format!("--console {console}: {error}")))?;
    check_address(&base).map_err(|_| {
        Failure::usage(format!("--console {console}: a password must not travel in clear; use https, or run this on the console's own machine"))
    })?;
    let transport = match &of.fingerprint {
        Some(text) => Transport::pinned(text.parse().map_err(|what| Failure::usage(format!("--fingerprint: {what}")))?)?,
        None => Transport::new()?,
    };
    let password = password(&email, PASSWORD).await?;
    let client = ConsoleClient::sign_in(&transport, &base, &email, &password).await?;
    Ok(Session { client, password, json: of.json })
}

impl Session {
    /// Signs out; a session that stays behind ends by itself.
    pub(super) async fn close(&self) {
        if let Err(error) = self.client.sign_out().await {
            tracing::debug!(error = %error, "not signed out");
        }
    }

    /// A customer by id, or by name whatever the case.
    pub(super) async fn customer(&self, wanted: &str) -> Result<Customer, Failure> {
        let all = self.client.customers().await?.data;
        let folded = wanted.trim().to_lowercase();
        let found = all.into_iter().find(|customer| customer.id.as_str() == wanted || customer.name.to_lowercase() == folded);
        found.ok_or_else(|| Failure::refused(format!("{wanted}: no customer has this name or id")))
    }

    /// The latest removal of a customer that can still be taken back, or forced.
    pub(super) async fn leaving(&self, wanted: &str) -> Result<Option<Removal>, Failure> {
        let all = self.client.removals().await?.data;
        let folded = wanted.trim().to_lowercase();
        let meant = |removal: &Removal| removal.customer.as_str() == wanted || removal.name.to_lowercase() == folded;
        Ok(all.into_iter().find(|removal| removal.state == RemovalState::Suspended && meant(removal)))
    }
}
