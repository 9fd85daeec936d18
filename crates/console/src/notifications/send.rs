//! The two channels: mail over SMTP, and a signed call of a webhook. Each attempt has a deadline.

use super::{event, settings::Settings};
use crate::State;
use bailiwick_api::{MailSecurity, NotificationChannel, NotificationEvent, PutMail, PutWebhook};
use bailiwick_client::Transport;
use bailiwick_link::chain;
use data_encoding::HEXLOWER;
use http::Method;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use std::time::Duration;
use url::Url;

/// An attempt that takes longer has failed.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);
/// Characters of an error that are kept.
const ERROR: usize = 200;

/// Sends one event by one channel; the error is for people.
pub(super) async fn send(state: &State, settings: &Settings, channel: NotificationChannel, event: &NotificationEvent) -> Result<(), String> {
    let attempt = async {
        match (channel, &settings.mail, &settings.webhook) {
            (NotificationChannel::Mail, Some(mail), _) => by_mail(mail, event, state.public_url.as_str()).await,
            (NotificationChannel::Webhook, _, Some(webhook)) => by_webhook(&state.transport, webhook, event).await,
            _ => Err("this way of telling was switched off".to_owned()),
        }
    };
    let result = tokio::time::timeout(DEADLINE, attempt).await.unwrap_or_else(|_| Err(format!("not done within {} s", DEADLINE.as_secs())));
    result.map_err(|error| error.chars().filter(|c| !c.is_control()).take(ERROR).collect())
}

async fn by_mail(mail: &PutMail, event: &NotificationEvent, console_url: &str) -> Result<(), String> {
    let message = message(mail, event, console_url)?;
    transport(mail)?.send(message).await.map(drop).map_err(|error| chain(&error))
}

fn message(mail: &PutMail, event: &NotificationEvent, console_url: &str) -> Result<Message, String> {
    let address = |text: &str| text.parse::<Mailbox>().map_err(|error| error.to_string());
    let domain = address(&mail.from)?.email.domain().to_owned();
    // The same event tried twice is the same message to who receives it.
    let id = format!("<{}@{domain}>", event.id);
    let subject = format!("[{}] {}", event.console, event.subject);
    let builder = Message::builder().from(address(&mail.from)?).subject(subject).message_id(Some(id)).date(event.time.into());
    let builder = mail.to.iter().try_fold(builder, |builder, to| Ok::<_, String>(builder.to(address(to)?)))?;
    builder.header(ContentType::TEXT_PLAIN).body(event::text(event, console_url)).map_err(|error| error.to_string())
}

fn transport(mail: &PutMail) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let parameters = || TlsParameters::new(mail.server.clone()).map_err(|error| error.to_string());
    let tls = match mail.security {
        MailSecurity::None => Tls::None,
        MailSecurity::Starttls => Tls::Required(parameters()?),
        MailSecurity::Tls => Tls::Wrapper(parameters()?),
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.server).port(mail.port).tls(tls).timeout(Some(DEADLINE));
    Ok(match (&mail.user, &mail.password) {
        (Some(user), Some(password)) => builder.credentials(Credentials::new(user.clone(), password.clone())),
        _ => builder,
    }
    .build())
}

async fn by_webhook(transport: &Transport, webhook: &PutWebhook, event: &NotificationEvent) -> Result<(), String> {
    let url = Url::parse(&webhook.url).map_err(|error| error.to_string())?;
    let body = serde_json::to_vec(event).map_err(|error| error.to_string())?;
    let mut request = transport.request(Method::POST, url).header("content-type", "application/json");
    if let Some(secret) = &webhook.secret {
        request = request.header("x-bailiwick-signature", signature(secret, &body));
    }
    Transport::send(request.body(body), DEADLINE).await.map(drop).map_err(|error| error.to_string())
}

/// `sha256=` and the HMAC-SHA-256 of the body in hex, as webhooks are commonly signed.
fn signature(secret: &str, body: &[u8]) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    format!("sha256={}", HEXLOWER.encode(ring::hmac::sign(&key, body).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation of webhooks.
    #[test]
    fn a_call_is_signed_as_webhooks_are() {
        let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!(signature("It's a Secret to Everybody", b"Hello, World!"), expected);
    }
}
