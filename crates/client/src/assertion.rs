//! The console's side of an assertion: an Ed25519 key per node, and PASETO v4.public tokens signed with it.

use bailiwick_api::Assertion;
use data_encoding::BASE64URL_NOPAD;
use pasetors::{
    keys::{AsymmetricKeyPair, AsymmetricSecretKey, Generate},
    version4::{PublicToken, V4},
};

/// A key that could not be made, read or used.
#[derive(Debug, thiserror::Error)]
#[error("signing key: {0}")]
pub struct KeyError(String);

/// Signs assertions to one node.
#[derive(Clone)]
pub struct SigningKey {
    secret: Vec<u8>,
    public: String,
}

impl SigningKey {
    /// Makes a new key.
    pub fn generate() -> Result<Self, KeyError> {
        let pair = AsymmetricKeyPair::<V4>::generate().map_err(|e| KeyError(e.to_string()))?;
        Ok(Self { secret: pair.secret.as_bytes().to_vec(), public: BASE64URL_NOPAD.encode(pair.public.as_bytes()) })
    }

    /// Reads a key written by [`SigningKey::to_text`].
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let secret = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|e| KeyError(e.to_string()))?;
        AsymmetricSecretKey::<V4>::from(&secret).map_err(|e| KeyError(e.to_string()))?;
        let public = secret.get(32..).map(|p| BASE64URL_NOPAD.encode(p)).unwrap_or_default();
        Ok(Self { secret, public })
    }

    /// The key as text, for the console's store.
    pub fn to_text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.secret)
    }

    /// The public half, base64url, for the node.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// Signs an assertion.
    pub fn sign(&self, assertion: &Assertion) -> Result<String, KeyError> {
        let secret = AsymmetricSecretKey::<V4>::from(&self.secret).map_err(|e| KeyError(e.to_string()))?;
        let payload = serde_json::to_vec(assertion).map_err(|e| KeyError(e.to_string()))?;
        PublicToken::sign(&secret, &payload, Some(assertion.console.as_str().as_bytes()), None).map_err(|e| KeyError(e.to_string()))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}
