//! The way back: whether the console can be called from where the node is.

use bailiwick_api::WayBack;
use reqwest::Url;
use std::time::Duration;

/// Longer than this is no answer.
const DEADLINE: Duration = Duration::from_secs(2);

/// Asks the console whether it lives. Only that it answered is told, never what.
pub(crate) async fn probe(console_url: &str) -> WayBack {
    let url = Url::parse(console_url).ok().filter(|url| matches!(url.scheme(), "http" | "https")).and_then(|url| url.join("/healthz").ok());
    let Some(url) = url else { return WayBack { open: false, detail: Some("the console's address is no URL".into()) } };
    match ask(url).await {
        Ok(status) if status.is_success() => WayBack { open: true, detail: None },
        Ok(status) => WayBack { open: false, detail: Some(format!("the console's address answers with status {}", status.as_u16())) },
        Err(error) if error.is_timeout() => WayBack { open: false, detail: Some("the console's address does not answer in time".into()) },
        Err(_) => WayBack { open: false, detail: Some("the console's address cannot be reached".into()) },
    }
}

async fn ask(url: Url) -> Result<reqwest::StatusCode, reqwest::Error> {
    let _already_set = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().timeout(DEADLINE).build()?;
    Ok(client.get(url).send().await?.status())
}
