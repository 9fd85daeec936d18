//! The console's side of an assertion: an Ed25519 key per node, and PASETO v4.public tokens signed with it.

use bailiwick_api::Assertion;
use data_encoding::BASE64URL_NOPAD;
use pasetors::{
    Public,
    keys::{AsymmetricKeyPair, AsymmetricPublicKey, AsymmetricSecretKey, Generate},
    token::UntrustedToken,
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

    /// Signs a document of some kind, such as a licence; what signs one kind signs no other.
    pub fn sign_document(&self, kind: &str, document: &[u8]) -> Result<String, KeyError> {
        let secret = AsymmetricSecretKey::<V4>::from(&self.secret).map_err(|e| KeyError(e.to_string()))?;
        PublicToken::sign(&secret, document, Some(kind.as_bytes()), None).map_err(|e| KeyError(e.to_string()))
    }
}

/// The document in a signed text, when it is of this kind and the private half of this public key, base64url, signed it.
pub fn open_document(public_key: &str, kind: &str, text: &str) -> Result<Vec<u8>, KeyError> {
    let wrong = |e: pasetors::errors::Error| KeyError(e.to_string());
    let bytes = BASE64URL_NOPAD.decode(public_key.as_bytes()).map_err(|e| KeyError(e.to_string()))?;
    let key = AsymmetricPublicKey::<V4>::from(&bytes).map_err(wrong)?;
    let token = UntrustedToken::<Public, V4>::try_from(text.trim()).map_err(wrong)?;
    let trusted = PublicToken::verify(&key, &token, Some(kind.as_bytes()), None).map_err(wrong)?;
    Ok(trusted.payload().as_bytes().to_vec())
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_opens_with_its_key_as_its_kind_and_unchanged() {
        let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let text = key.sign_document("licence", b"{\"sources\":5}").unwrap();
        assert_eq!(open_document(key.public(), "licence", &format!(" {text}\n")).unwrap(), b"{\"sources\":5}");
        let bent = text.replacen("v4.public.", "v4.public.A", 1);
        for (public, kind, text) in
            [(other.public(), "licence", &text), (key.public(), "assertion", &text), (key.public(), "licence", &bent), ("?", "licence", &text)]
        {
            assert!(open_document(public, kind, text).is_err());
        }
    }
}
