//! Notifications: whom the console tells when a customer's health changes or the licence nears its end, and what it told.

use crate::{MailSecurity, NotificationChannel, NotificationState, ToldChange};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How notifications are sent, to be set. A secret that is left out stays as it is while the server it is for stays.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutNotifications {
    /// By mail; null for no mail.
    #[serde(default)]
    pub mail: Option<PutMail>,
    /// To a URL; null for none.
    #[serde(default)]
    pub webhook: Option<PutWebhook>,
    /// Tells of customers that are degraded, too; of those that are down it always does.
    #[serde(default)]
    pub degraded: bool,
    /// A state that lasts shorter is not told: 0 to 3600 seconds.
    #[serde(default = "a_minute")]
    pub settle_seconds: u32,
}

fn a_minute() -> u32 {
    60
}

/// A mail server.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutMail {
    /// Host name or address.
    pub server: String,
    /// Port: 587 for STARTTLS, 465 for TLS, 25 as a rule for none.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// User name, where the server asks for one.
    #[serde(default)]
    pub user: Option<String>,
    /// Password; left out keeps the one that is set. Never sent over a connection that is not protected.
    #[serde(default)]
    pub password: Option<String>,
    /// Address it is from.
    pub from: String,
    /// Addresses it goes to, 1 to 20.
    pub to: Vec<String>,
}

/// A URL that is called.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutWebhook {
    /// `https`, or `http` to this machine.
    pub url: String,
    /// Signs each call: `X-Bailiwick-Signature: sha256=<HMAC-SHA-256 of the body, hex>`. Left out keeps the one that is set.
    #[serde(default)]
    pub secret: Option<String>,
}

impl std::fmt::Debug for PutMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PutMail").field("server", &self.server).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PutWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PutWebhook").finish_non_exhaustive()
    }
}

/// How notifications are sent, without the secrets, and what became of the last ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Notifications {
    /// By mail.
    pub mail: Option<Mail>,
    /// To a URL.
    pub webhook: Option<Webhook>,
    /// Of degraded customers, too.
    pub degraded: bool,
    /// How long a state lasts before it is told.
    pub settle_seconds: u32,
    /// Who set it; null before anybody did.
    pub set_by: Option<String>,
    /// When.
    pub set_time: Option<DateTime<Utc>>,
    /// How many wait to be sent.
    pub waiting: u32,
    /// The last 50, newest first.
    pub recent: Vec<Notification>,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Mail {
    /// Host name or address.
    pub server: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// User name.
    pub user: Option<String>,
    /// Whether a password is set.
    pub has_password: bool,
    /// Address it is from.
    pub from: String,
    /// Addresses it goes to.
    pub to: Vec<String>,
}

/// A URL that is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Which.
    pub url: String,
    /// Whether calls are signed.
    pub has_secret: bool,
}

/// One notification by one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Notification {
    /// Its id; the same for every channel of one event.
    pub id: String,
    /// By which channel.
    pub channel: NotificationChannel,
    /// What it says, in a line.
    pub subject: String,
    /// When it was made.
    pub created_time: DateTime<Utc>,
    /// What became of it.
    pub state: NotificationState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub next_time: Option<DateTime<Utc>>,
    /// When it was sent.
    pub sent_time: Option<DateTime<Utc>>,
    /// Why it was not, the last time.
    pub error: Option<String>,
}

/// What became of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotificationTrial {
    /// By which channel.
    pub channel: NotificationChannel,
    /// Whether it went out.
    pub ok: bool,
    /// Why it did not.
    pub error: Option<String>,
}

/// What a webhook is called with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotificationEvent {
    /// Its id: a call that comes twice carries the same.
    pub id: String,
    /// `customer.health`, `licence.expiry` or `test`.
    pub event: String,
    /// When.
    pub time: DateTime<Utc>,
    /// Name of the MSSP.
    pub console: String,
    /// What it says, in a line.
    pub subject: String,
    /// For `customer.health`: every change, at most 500.
    pub changes: Vec<ToldChange>,
    /// Changes that are not listed.
    pub more: u32,
    /// For `licence.expiry`: days until the licence ends; 0 when it has ended.
    pub days: Option<u32>,
}
