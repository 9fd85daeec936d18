//! How notifications are sent. Secrets are kept with the rest and never shown; one that is left out stays while its server does.

use super::store;
use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    store::{set, setting},
};
use bailiwick_api::{Mail, MailSecurity, NotificationChannel, Notifications, PutMail, PutNotifications, PutWebhook, Webhook};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

const KEY: &str = "notifications";
/// Addresses a mail goes to.
const TO: usize = 20;
/// Bytes of a URL, an address, a secret.
const LONG: usize = 1_000;

/// As they are kept.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) mail: Option<PutMail>,
    pub(super) webhook: Option<PutWebhook>,
    pub(super) degraded: bool,
    pub(super) settle_seconds: u32,
    set_by: Option<String>,
    set_us: Option<i64>,
}

impl Settings {
    /// By which channels people are told.
    pub(super) fn channels(&self) -> impl Iterator<Item = NotificationChannel> {
        let mail = self.mail.is_some().then_some(NotificationChannel::Mail);
        mail.into_iter().chain(self.webhook.is_some().then_some(NotificationChannel::Webhook))
    }

    async fn shown(&self, db: &Db) -> Result<Notifications, Refusal> {
        let mail = self.mail.clone().map(|mail| Mail {
            has_password: mail.password.is_some(),
            server: mail.server,
            port: mail.port,
            security: mail.security,
            user: mail.user,
            from: mail.from,
            to: mail.to,
        });
        Ok(Notifications {
            mail,
            webhook: self.webhook.clone().map(|webhook| Webhook { has_secret: webhook.secret.is_some(), url: webhook.url }),
            degraded: self.degraded,
            settle_seconds: if self.set_us.is_some() { self.settle_seconds } else { 60 },
            set_by: self.set_by.clone(),
            set_time: self.set_us.map(from_us),
            waiting: store::waiting(db).await?,
            recent: store::recent(db).await?,
        })
    }
}

pub(super) async fn read(db: &Db) -> Result<Settings, Refusal> {
    Ok(setting(db.pool(), KEY).await?.unwrap_or_default())
}

pub(super) async fn read_in(tx: &mut Tx) -> Result<Settings, Refusal> {
    Ok(setting(&mut **tx, KEY).await?.unwrap_or_default())
}

/// Without the secrets, and with what became of the last notifications.
pub(super) async fn show(state: &State) -> Result<Notifications, Refusal> {
    read(&state.db).await?.shown(&state.db).await
}

/// Sets them.
pub(super) async fn put(state: &State, actor: &Actor, new: PutNotifications) -> Result<Notifications, Refusal> {
    let before = read(&state.db).await?;
    let now_us = state.clock.now_us();
    let settings = Settings {
        mail: new.mail.map(|mail| keep_password(mail, before.mail.as_ref())),
        webhook: new.webhook.map(|webhook| keep_secret(webhook, before.webhook.as_ref())),
        degraded: new.degraded,
        settle_seconds: new.settle_seconds,
        set_by: Some(actor.email().to_owned()),
        set_us: Some(now_us),
    };
    check(&settings)?;
    let mut tx = state.db.begin().await?;
    set(&mut tx, KEY, &settings).await?;
    let line = Line { actor: actor.email(), verb: "settings.notifications", customer: None, outcome: audit::OK };
    audit::record_in(&mut tx, line, now_us).await?;
    tx.commit().await?;
    state.notifier.wake();
    settings.shown(&state.db).await
}

/// A password goes to the server it was entered for and to no other.
fn keep_password(mut mail: PutMail, before: Option<&PutMail>) -> PutMail {
    let same =
        before.filter(|known| (&known.server, known.port, known.security, &known.user) == (&mail.server, mail.port, mail.security, &mail.user));
    mail.password = mail.password.take().or_else(|| same.and_then(|known| known.password.clone()));
    mail
}

fn keep_secret(mut webhook: PutWebhook, before: Option<&PutWebhook>) -> PutWebhook {
    let same = before.filter(|known| known.url == webhook.url);
    webhook.secret = webhook.secret.take().or_else(|| same.and_then(|known| known.secret.clone()));
    webhook
}

fn check(settings: &Settings) -> Result<(), Refusal> {
    if !(0..=3_600).contains(&settings.settle_seconds) {
        return Err(refused("settle_seconds", "0 to 3600"));
    }
    settings.mail.as_ref().map_or(Ok(()), check_mail)?;
    settings.webhook.as_ref().map_or(Ok(()), check_webhook)
}

fn check_mail(mail: &PutMail) -> Result<(), Refusal> {
    let plain_host = Host::parse(&mail.server).is_ok() || mail.server.parse::<std::net::IpAddr>().is_ok();
    if !plain_host || mail.server.len() > 255 {
        return Err(refused("mail.server", "a host name or an address, nothing else"));
    }
    if mail.port == 0 {
        return Err(refused("mail.port", "1 to 65535"));
    }
    if mail.security == MailSecurity::None && (mail.password.is_some() || mail.user.is_some()) {
        return Err(refused("mail.password", "a password is not sent over a connection that is not protected: choose starttls or tls"));
    }
    if mail.password.is_some() && mail.user.is_none() {
        return Err(refused("mail.user", "a password needs a user name"));
    }
    let secrets = [("mail.user", &mail.user), ("mail.password", &mail.password)];
    if let Some((field, _)) = secrets.iter().find(|(_, text)| text.as_ref().is_some_and(|text| text.is_empty() || text.len() > LONG)) {
        return Err(refused(field, "1 to 1000 bytes"));
    }
    address("mail.from", &mail.from)?;
    if mail.to.is_empty() || mail.to.len() > TO {
        return Err(refused("mail.to", "1 to 20 addresses"));
    }
    mail.to.iter().try_for_each(|to| address("mail.to", to))
}

fn address(field: &'static str, text: &str) -> Result<(), Refusal> {
    let valid = text.len() <= 254 && text.parse::<Mailbox>().is_ok();
    if valid { Ok(()) } else { Err(refused(field, "a valid mail address")) }
}

fn check_webhook(webhook: &PutWebhook) -> Result<(), Refusal> {
    let url = Url::parse(&webhook.url).ok().filter(|url| webhook.url.len() <= LONG && url.host().is_some());
    let Some(url) = url else { return Err(refused("webhook.url", "a URL such as https://example.com/hook")) };
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err(refused("webhook.url", "https, or http to this machine"));
    }
    match &webhook.secret {
        Some(secret) if secret.is_empty() || secret.len() > LONG => Err(refused("webhook.secret", "1 to 1000 bytes")),
        _ => Ok(()),
    }
}

fn refused(field: &'static str, expected: &str) -> Refusal {
    Refusal::invalid("INVALID_INPUT", field, format!("{field}: {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> PutMail {
        PutMail {
            server: "mail.example.com".into(),
            port: 587,
            security: MailSecurity::Starttls,
            user: Some("u".into()),
            password: Some("secret".into()),
            from: "Bailiwick <console@example.com>".into(),
            to: vec!["soc@example.com".into()],
        }
    }

    fn at_fault(mail: PutMail) -> Option<String> {
        check_mail(&mail).err().and_then(|refusal| refusal.problem().field)
    }

    #[test]
    fn a_mail_server_is_checked_field_by_field() {
        assert_eq!(at_fault(mail()), None);
        assert_eq!(at_fault(PutMail { server: "mail.example.com:25/x".into(), ..mail() }).as_deref(), Some("mail.server"));
        assert_eq!(at_fault(PutMail { port: 0, ..mail() }).as_deref(), Some("mail.port"));
        assert_eq!(at_fault(PutMail { security: MailSecurity::None, ..mail() }).as_deref(), Some("mail.password"));
        assert_eq!(at_fault(PutMail { user: None, ..mail() }).as_deref(), Some("mail.user"));
        assert_eq!(at_fault(PutMail { from: "nobody".into(), ..mail() }).as_deref(), Some("mail.from"));
        assert_eq!(at_fault(PutMail { to: vec![], ..mail() }).as_deref(), Some("mail.to"));
        assert_eq!(at_fault(PutMail { to: vec!["a@b\r\nBcc: x@y".into()], ..mail() }).as_deref(), Some("mail.to"));
    }

    #[test]
    fn a_secret_stays_with_its_server_and_goes_to_no_other() {
        let without = PutMail { password: None, ..mail() };
        assert_eq!(keep_password(without.clone(), Some(&mail())).password.as_deref(), Some("secret"));
        let elsewhere = PutMail { server: "evil.example".into(), ..without };
        assert_eq!(keep_password(elsewhere, Some(&mail())).password, None);
        let hook = |url: &str, secret: Option<&str>| PutWebhook { url: url.into(), secret: secret.map(str::to_owned) };
        assert_eq!(keep_secret(hook("https://a/", None), Some(&hook("https://a/", Some("s")))).secret.as_deref(), Some("s"));
        assert_eq!(keep_secret(hook("https://b/", None), Some(&hook("https://a/", Some("s")))).secret, None);
    }

    #[test]
    fn a_webhook_is_called_over_tls_or_on_this_machine() {
        for (url, good) in [
            ("https://example.com/hook", true),
            ("http://127.0.0.1:9/x", true),
            ("http://[::1]:9/x", true),
            ("http://localhost:9/x", true),
            ("http://example.com/hook", false),
            ("ftp://example.com/", false),
            ("nothing", false),
        ] {
            assert_eq!(check_webhook(&PutWebhook { url: url.into(), secret: None }).is_ok(), good, "{url}");
        }
    }
}
