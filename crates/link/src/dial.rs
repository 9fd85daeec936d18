//! How a node reaches a console: one request that becomes a WebSocket, over TLS, through a proxy where there is one.

use crate::{Guest, HANDSHAKE, LinkError, code::check_address, error::chain};
use http::{StatusCode, header};
use reqwest::{Certificate, Client, Proxy, redirect::Policy};
use std::time::Duration;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};
use url::Url;

const CONNECT: Duration = Duration::from_secs(5);

/// Opens connections to consoles.
#[derive(Clone, Debug)]
pub struct Dialler(Client);

impl Dialler {
    /// A dialler that trusts the system's root certificates, and these ones (PEM) beside them.
    ///
    /// # Errors
    /// When the certificates or the proxy's address cannot be read; the text names which.
    pub fn new(ca: Option<&[u8]>, proxy: Option<&str>) -> Result<Self, String> {
        let _already_set = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder().redirect(Policy::none()).no_proxy().http1_only().connect_timeout(CONNECT).pool_max_idle_per_host(0);
        if let Some(pem) = ca {
            for certificate in Certificate::from_pem_bundle(pem).map_err(|error| format!("link.ca: {}", chain(&error)))? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        if let Some(proxy) = proxy {
            builder = builder.proxy(Proxy::all(proxy).map_err(|error| format!("link.proxy: {}", chain(&error)))?);
        }
        Ok(Self(builder.build().map_err(|error| format!("link: {}", chain(&error)))?))
    }

    /// Opens a connection to the console at this address.
    ///
    /// # Errors
    /// When nobody answers there in time, or not as a console does.
    pub async fn open(&self, address: &Url) -> Result<Guest, LinkError> {
        check_address(address).map_err(LinkError::protocol)?;
        tokio::time::timeout(HANDSHAKE, self.upgrade(address)).await.map_err(|_| LinkError::Timeout)?
    }

    async fn upgrade(&self, address: &Url) -> Result<Guest, LinkError> {
        let key = generate_key();
        let request = self
            .0
            .get(join(address)?)
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key);
        let response = request.send().await.map_err(|error| LinkError::Unreachable(chain(&error.without_url())))?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(LinkError::protocol(format!(
                "status {}; is this a console, and does its proxy pass WebSockets on?",
                response.status().as_u16()
            )));
        }
        let accepted = response.headers().get(header::SEC_WEBSOCKET_ACCEPT).map(http::HeaderValue::as_bytes);
        if accepted != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(LinkError::protocol("the answer belongs to another request"));
        }
        let upgraded = response.upgrade().await.map_err(|error| LinkError::Unreachable(chain(&error)))?;
        Ok(Guest::new(Box::new(upgraded)).await)
    }
}

/// The link's place below a console's address, which may have a path of its own.
fn join(address: &Url) -> Result<Url, LinkError> {
    let text = format!("{}/api/v1/link", address.as_str().trim_end_matches('/'));
    Url::parse(&text).map_err(LinkError::protocol)
}
