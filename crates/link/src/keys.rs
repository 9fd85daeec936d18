//! Ed25519 keys of both ends, and fingerprints people can compare.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_compact::{KeyPair, Seed, Signature};
use rand::{TryRngCore, rngs::OsRng};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// A key or a signature that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key of a link")]
pub struct KeyError;

/// A key that proves who one end of a link is.
#[derive(Clone)]
pub struct LinkKey(KeyPair);

impl LinkKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        OsRng.try_fill_bytes(&mut seed).map_err(|_| KeyError)?;
        Ok(Self::from_seed(seed))
    }

    /// The key that a seed stands for.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(KeyPair::from_seed(Seed::new(seed)))
    }

    /// Its seed, the secret.
    pub fn seed(&self) -> [u8; 32] {
        *self.0.sk.seed()
    }

    /// The secret as text, for a store.
    pub fn to_text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.seed())
    }

    /// Reads what [`LinkKey::to_text`] wrote.
    ///
    /// # Errors
    /// When it is not that.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        Ok(Self::from_seed(bytes(text)?))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(*self.0.pk)
    }

    /// Signs.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        BASE64URL_NOPAD.encode(self.0.sk.sign(message, None).as_ref())
    }
}

impl fmt::Debug for LinkKey {
    /// The secret is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LinkKey").field(&self.public()).finish()
    }
}

/// The public half of a [`LinkKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.0).into())
    }

    /// Whether it signed this.
    pub(crate) fn signed(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = BASE64URL_NOPAD.decode(signature.as_bytes()) else { return false };
        let Ok(signature) = Signature::from_slice(&signature) else { return false };
        ed25519_compact::PublicKey::new(self.0).verify(message, &signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Ok(Self(bytes(text)?))
    }
}

/// SHA-256 of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) [u8; 32]);

impl fmt::Display for Fingerprint {
    /// Sixteen groups of four hexadecimal digits, to be compared by eye or over the telephone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, group) in self.0.chunks(2).enumerate() {
            write!(f, "{}{}", if n == 0 { "" } else { "-" }, HEXLOWER.encode(group))?;
        }
        Ok(())
    }
}

impl FromStr for Fingerprint {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let bytes = HEXLOWER.decode(digits.to_ascii_lowercase().as_bytes()).map_err(|_| KeyError)?;
        Ok(Self(bytes.try_into().map_err(|_| KeyError)?))
    }
}

fn bytes(text: &str) -> Result<[u8; 32], KeyError> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| KeyError)?;
    bytes.try_into().map_err(|_| KeyError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_only_its_own_signature_counts() {
        let (key, other) = (LinkKey::generate().unwrap(), LinkKey::generate().unwrap());
        let again = LinkKey::from_text(&key.to_text()).unwrap();
        assert_eq!(again.public(), key.public());
        let signature = again.sign(b"hello");
        assert!(key.public().signed(b"hello", &signature));
        for (by, what, signature) in [(&other, "hello", &*signature), (&key, "hallo", &signature), (&key, "hello", ""), (&key, "hello", "%%")] {
            assert!(!by.public().signed(what.as_bytes(), signature), "{what} {signature}");
        }
        let print = key.public().fingerprint();
        assert_eq!(print.to_string().parse::<Fingerprint>().unwrap(), print);
        assert_eq!(print.to_string().split('-').count(), 16);
        assert_eq!(key.public().to_string().parse::<PublicKey>().unwrap(), key.public());
        assert!("short".parse::<PublicKey>().is_err() && "short".parse::<Fingerprint>().is_err());
    }
}
