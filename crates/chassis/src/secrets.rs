//! Random tokens, their hashes, and comparing without leaking time.

use data_encoding::BASE64URL_NOPAD;
use rand::{TryRngCore, rngs::OsRng};
use sha2::{Digest, Sha256};

/// Random bytes from the operating system.
///
/// # Panics
/// When the operating system has no randomness; nothing safe can be done then.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A secret of 256 bits as text.
pub fn secret() -> String {
    BASE64URL_NOPAD.encode(&random_bytes::<32>())
}

/// A random id: `prefix` and 80 bits in lower-case base 32.
pub fn random_id(prefix: &str) -> String {
    let bytes = random_bytes::<10>();
    format!("{prefix}{}", data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

/// SHA-256 as URL-safe text. Enough for tokens, which are long and random; passwords go through [`crate::passwords`].
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(bytes.as_ref()))
}

/// Equal, in time that depends on length alone.
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}
