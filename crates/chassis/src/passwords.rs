//! Passwords: Argon2id with the library's defaults (19 MiB, 2 passes), off the async threads, a few at a time.

use crate::Refusal;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Shortest password accepted.
pub const MIN_CHARS: usize = 12;
/// Longest password accepted.
pub const MAX_CHARS: usize = 1024;

static SLOTS: Semaphore = Semaphore::const_new(4);

/// A hash no password has, so that an unknown name costs the same time as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&crate::secrets::secret()).unwrap_or_default());

/// Hashes a new password; refuses one that is too short or too long.
pub async fn hash(password: &str) -> Result<String, Refusal> {
    let chars = password.chars().count();
    if !(MIN_CHARS..=MAX_CHARS).contains(&chars) {
        let detail = format!("password: {MIN_CHARS} to {MAX_CHARS} characters");
        return Err(Refusal::invalid("PASSWORD_WEAK", "password", detail));
    }
    let password = password.to_owned();
    off_thread(move || hash_now(&password)).await?.map_err(Refusal::internal)
}

/// Whether the password belongs to the hash; without a hash, takes as long and says no.
pub async fn verify(password: &str, hash: Option<&str>) -> Result<bool, Refusal> {
    if password.len() > 4 * MAX_CHARS {
        return Ok(false);
    }
    let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
    off_thread(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let matches = PasswordHash::new(&hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok());
        matches && known
    })
    .await
}

fn hash_now(password: &str) -> Result<String, argon2::password_hash::Error> {
    let salt = SaltString::encode_b64(&crate::secrets::random_bytes::<16>())?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    let _slot = SLOTS.acquire().await.map_err(Refusal::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Refusal::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_and_a_short_one_refused() {
        let stored = hash("correct horse battery").await.unwrap();
        assert!(verify("correct horse battery", Some(&stored)).await.unwrap());
        assert!(!verify("correct horse batterz", Some(&stored)).await.unwrap());
        assert!(!verify("correct horse battery", None).await.unwrap());
        assert_eq!(hash("short").await.unwrap_err().code(), "PASSWORD_WEAK");
    }
}
