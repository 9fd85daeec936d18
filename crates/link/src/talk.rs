//! The handshake as both ends do it: signed messages over a running digest of everything said before.
//!
//! A message is `{"body": "<json>", "proofs": ["<signature>", …]}`. A proof signs the step's name, the digest of all bodies before, and this
//! body, so no message can be moved to another place, another handshake or the other direction.

use crate::{
    HANDSHAKE, LinkError, LinkKey, PublicKey,
    keys::KeyError,
    wire::{self, Bytestream, Socket},
};
use data_encoding::BASE64URL_NOPAD;
use rand::{TryRngCore, rngs::OsRng};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::Role;

/// Signatures a message carries at most.
const MAX_PROOFS: usize = 2;

/// A place in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Hello,
    Challenge,
    Answer,
    Verdict,
    Farewell,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Hello => "bailiwick link 1 hello",
            Self::Challenge => "bailiwick link 1 challenge",
            Self::Answer => "bailiwick link 1 answer",
            Self::Verdict => "bailiwick link 1 verdict",
            Self::Farewell => "bailiwick link 1 farewell",
        }
    }
}

/// A message as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sealed {
    body: String,
    #[serde(default)]
    proofs: Vec<String>,
}

impl Sealed {
    /// Reads a message.
    pub(crate) fn parse(text: &str) -> Result<Self, LinkError> {
        let sealed: Self = serde_json::from_str(text).map_err(LinkError::protocol)?;
        if sealed.proofs.len() > MAX_PROOFS {
            return Err(LinkError::protocol("more proofs than anybody has keys"));
        }
        Ok(sealed)
    }

    /// Reads what it says.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, LinkError> {
        serde_json::from_str(&self.body).map_err(LinkError::protocol)
    }
}

/// A message that was heard, and what its proofs are about.
#[derive(Debug)]
pub(crate) struct Heard {
    signed: Vec<u8>,
    proofs: Vec<String>,
}

impl Heard {
    /// Whether this key signed it.
    pub(crate) fn is_by(&self, key: &PublicKey) -> bool {
        self.proofs.iter().any(|proof| key.signed(&self.signed, proof))
    }
}

/// One handshake.
pub(crate) struct Talk {
    socket: Socket,
    said: Sha256,
    until: Instant,
}

impl Talk {
    /// Begins one on a connection whose upgrade was agreed.
    pub(crate) async fn new(connection: Box<dyn Bytestream>, role: Role) -> Self {
        Self { socket: wire::socket(connection, role).await, said: Sha256::new(), until: Instant::now() + HANDSHAKE }
    }

    /// Says something, signed with these keys.
    pub(crate) async fn say(&mut self, step: Step, body: &impl Serialize, keys: &[&LinkKey]) -> Result<(), LinkError> {
        let body = serde_json::to_string(body).map_err(LinkError::protocol)?;
        let signed = self.signed(step, &body);
        let sealed = Sealed { proofs: keys.iter().map(|key| key.sign(&signed)).collect(), body };
        let text = serde_json::to_string(&sealed).map_err(LinkError::protocol)?;
        self.absorb(step, &sealed.body);
        wire::send(&mut self.socket, text, self.until).await
    }

    /// Waits for what the other end says.
    pub(crate) async fn hear<T: DeserializeOwned>(&mut self, step: Step) -> Result<(T, Heard), LinkError> {
        let text = wire::receive(&mut self.socket, self.until).await?;
        let sealed = Sealed::parse(&text)?;
        let value = sealed.read()?;
        let signed = self.signed(step, &sealed.body);
        self.absorb(step, &sealed.body);
        Ok((value, Heard { signed, proofs: sealed.proofs }))
    }

    /// Gives the other end more time, for work between two messages.
    pub(crate) fn extend(&mut self, by: Duration) {
        self.until = Instant::now() + by;
    }

    /// Ends it without a link.
    pub(crate) async fn close(mut self) {
        wire::close(&mut self.socket, self.until).await;
    }

    /// Ends it with a link.
    pub(crate) fn into_bytes(self) -> Box<dyn Bytestream> {
        wire::into_bytes(self.socket)
    }

    fn signed(&self, step: Step, body: &str) -> Vec<u8> {
        let before = self.said.clone().finalize();
        [step.name().as_bytes(), &[0], before.as_slice(), body.as_bytes()].concat()
    }

    fn absorb(&mut self, step: Step, body: &str) {
        self.said.update(step.name());
        self.said.update(u64::try_from(body.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.said.update(body);
    }
}

/// A nonce.
pub(crate) fn nonce() -> Result<String, KeyError> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| KeyError)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// Whether a nonce is long enough to be one.
pub(crate) fn is_nonce(text: &str) -> bool {
    (32..=128).contains(&text.len())
}
