//! The console's side of a handshake.

use crate::{
    Answer, LinkError, LinkKey, PublicKey, Refused, Verdict, Want,
    messages::{Challenge, Farewell, Hello, PROTOCOL},
    talk::{Heard, Step, Talk, is_nonce, nonce},
    wire::Bytestream,
};
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bailiwick_api::{ConsoleId, VERSION};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use std::future::Future;
use tokio_tungstenite::tungstenite::{handshake::server::create_response_with_body, protocol::Role};

/// Who a console is.
#[derive(Clone, Copy, Debug)]
pub struct Host<'a> {
    /// Its id.
    pub console: &'a ConsoleId,
    /// Its name.
    pub name: &'a str,
    /// Its link key.
    pub key: &'a LinkKey,
}

/// A node that said what it wants and signed the console's nonce; whose key that is, the console knows.
pub struct Asked {
    talk: Talk,
    heard: Heard,
    /// What it wants.
    pub want: Want,
    /// Its version.
    pub version: String,
    /// What it answered.
    pub answer: Answer,
}

/// A connection that became a link, or why it did not.
type Opened = Result<Box<dyn Bytestream>, LinkError>;

/// Agrees to the upgrade of a request: the answer to give, and the connection once it was given. None when the request asks for no
/// WebSocket.
pub fn accept(mut request: Request) -> Option<(Response, impl Future<Output = Opened> + Send)> {
    let upgrade = request.extensions_mut().remove::<OnUpgrade>()?;
    let response = create_response_with_body(&request, Body::empty).ok()?.into_response();
    let connection = async move {
        let upgraded = upgrade.await.map_err(|error| LinkError::Unreachable(error.to_string()))?;
        Ok(Box::new(TokioIo::new(upgraded)) as Box<dyn Bytestream>)
    };
    Some((response, connection))
}

impl Host<'_> {
    /// Hears what a node wants, proves the console's key, and hears the node's answer.
    ///
    /// # Errors
    /// When the connection breaks, takes too long, or says nothing that a node says.
    pub async fn ask(&self, connection: Box<dyn Bytestream>) -> Result<Asked, LinkError> {
        let mut talk = Talk::new(connection, Role::Server).await;
        let (hello, _): (Hello, Heard) = talk.hear(Step::Hello).await?;
        if hello.protocol != PROTOCOL || !is_nonce(&hello.nonce) {
            return Err(LinkError::protocol("another form of handshake"));
        }
        let challenge = Challenge {
            protocol: PROTOCOL,
            version: VERSION.into(),
            console: self.console.clone(),
            console_name: self.name.to_owned(),
            public_key: self.key.public().to_string(),
            nonce: nonce().map_err(LinkError::protocol)?,
        };
        talk.say(Step::Challenge, &challenge, &[self.key]).await?;
        let (answer, heard) = talk.hear(Step::Answer).await?;
        Ok(Asked { talk, heard, want: hello.want, version: hello.version, answer })
    }
}

impl Asked {
    /// Whether this key signed the answer.
    pub fn is_by(&self, key: &PublicKey) -> bool {
        self.heard.is_by(key)
    }

    /// Says no, or anything else that ends the conversation.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn conclude(mut self, host: &Host<'_>, verdict: &Verdict) -> Result<(), LinkError> {
        self.talk.say(Step::Verdict, verdict, &[host.key]).await?;
        self.talk.close().await;
        Ok(())
    }

    /// Says yes: HTTP/2 begins.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn welcome(mut self, host: &Host<'_>) -> Result<Box<dyn Bytestream>, LinkError> {
        self.talk.say(Step::Verdict, &Verdict::Welcome, &[host.key]).await?;
        Ok(self.talk.into_bytes())
    }

    /// Tells a node that its enrolment ended, and waits until it says that it cleaned up. True when it did.
    ///
    /// # Errors
    /// When the connection breaks or the node takes too long.
    pub async fn dismiss(mut self, host: &Host<'_>, refused: Refused, node: &PublicKey) -> Result<bool, LinkError> {
        self.talk.extend(crate::HANDSHAKE * 2);
        self.talk.say(Step::Verdict, &Verdict::Refused(refused), &[host.key]).await?;
        let (farewell, heard): (Farewell, Heard) = self.talk.hear(Step::Farewell).await?;
        self.talk.close().await;
        Ok(farewell.cleaned && heard.is_by(node))
    }
}
