//! What a console asserts about one call, and whether the call is that call.
//!
//! `Authorization: Bailiwick <PASETO v4.public>`, the console's id in the footer. Everything that does not depend on a
//! workspace is checked first ([`present`]): audience, purpose, method, path and query, body digest, time. The signature
//! is checked against the key in the workspace's own enrolment ([`Presented::signed_by`]), and only then is the nonce spent.

use super::Access;
use crate::State;
use axum::body::Body;
use bailiwick_api::{Assertion, Purpose};
use bailiwick_chassis::{Refusal, extract::MAX_BODY_BYTES, secrets};
use data_encoding::BASE64URL_NOPAD;
use http::{HeaderMap, StatusCode, header, request::Parts};
use pasetors::{
    Public,
    keys::AsymmetricPublicKey,
    token::UntrustedToken,
    version4::{PublicToken, V4},
};

const LIFE_S: i64 = 60;
const SKEW_S: i64 = 5;
const SECOND_US: i64 = 1_000_000;
const MAX_TOKEN_BYTES: usize = 8 << 10;

/// An assertion that fits its call. Whether it is genuine depends on whose key it is held against.
pub(super) struct Presented {
    token: UntrustedToken<Public, V4>,
    claims: Assertion,
}

impl Presented {
    /// The console it names.
    pub(super) fn console(&self) -> &str {
        self.claims.console.as_str()
    }

    /// The person it names, folded.
    pub(super) fn email(&self) -> String {
        crate::technicians::fold_email(&self.claims.email)
    }

    /// Whether this key signed it.
    pub(super) fn signed_by(&self, public_key: &str) -> bool {
        public_key_of(public_key).is_ok_and(|key| PublicToken::verify(&key, &self.token, Some(self.console().as_bytes()), None).is_ok())
    }

    /// Uses the assertion up under the key that signed it.
    pub(super) fn spend(&self, access: &Access, public_key: &str, now_us: i64) -> Result<(), Refusal> {
        access.nonces.spend(public_key, &self.claims.nonce, (self.claims.issued + LIFE_S + SKEW_S) * SECOND_US, now_us)
    }
}

/// Reads a public key as an enrolment carries it: 32 bytes, base64url.
pub(crate) fn public_key_of(text: &str) -> Result<AsymmetricPublicKey<V4>, Refusal> {
    let wrong = || Refusal::invalid("INVALID_INPUT", "public_key", "public_key: expected an Ed25519 public key, base64url");
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| wrong())?;
    AsymmetricPublicKey::<V4>::from(&bytes).map_err(|_| wrong())
}

/// Reads the assertion of a call and checks that it is about this call. The body is read, bounded, and put back.
pub(super) async fn present(state: &State, purpose: Purpose, parts: &Parts, body: Body) -> Result<(Presented, Body), Refusal> {
    let (token, claims) = read(&parts.headers)?;
    let bytes = axum::body::to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE").detail(format!("body: more than {MAX_BODY_BYTES} bytes")))?;
    let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let of_this_call = [
        ("node", claims.node == *state.id()),
        ("purpose", claims.purpose == purpose),
        ("method", claims.method == parts.method.as_str()),
        ("path", claims.path == path),
        ("body_sha256", claims.body_sha256 == secrets::digest(&bytes)),
        ("console", token.untrusted_footer() == claims.console.as_str().as_bytes()),
        ("nonce", (8..=64).contains(&claims.nonce.len())),
        ("email", !claims.email.trim().is_empty() && claims.email.len() <= 254),
    ];
    if let Some((field, _)) = of_this_call.iter().find(|(_, fits)| !fits) {
        return Err(Refusal::unauthenticated(format!("assertion: {field}: not for this call")));
    }
    in_time(&claims, state.clock().now_us(), state.access().started_us)?;
    Ok((Presented { token, claims }, Body::from(bytes)))
}

fn read(headers: &HeaderMap) -> Result<(UntrustedToken<Public, V4>, Assertion), Refusal> {
    let missing = || Refusal::unauthenticated("expected Authorization: Bailiwick <assertion>");
    let value = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).ok_or_else(missing)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(missing)?;
    if scheme != "Bailiwick" || token.len() > MAX_TOKEN_BYTES {
        return Err(missing());
    }
    let unreadable = || Refusal::unauthenticated("assertion: cannot be read");
    let token = UntrustedToken::<Public, V4>::try_from(token.trim()).map_err(|_| unreadable())?;
    let claims = serde_json::from_slice(token.untrusted_payload()).map_err(|_| unreadable())?;
    Ok((token, claims))
}

/// One minute old at most, five seconds ahead at most, and not older than this process: what was used before is forgotten.
fn in_time(claims: &Assertion, now_us: i64, started_us: i64) -> Result<(), Refusal> {
    let issued_us = claims.issued.checked_mul(SECOND_US).ok_or_else(|| Refusal::unauthenticated("assertion: issued: out of range"))?;
    if now_us - issued_us > LIFE_S * SECOND_US {
        return Err(Refusal::unauthenticated("assertion: issued: more than a minute ago, or a clock is wrong"));
    }
    if issued_us - now_us > SKEW_S * SECOND_US {
        return Err(Refusal::unauthenticated("assertion: issued: in the future, or a clock is wrong"));
    }
    if issued_us < started_us - SKEW_S * SECOND_US {
        return Err(Refusal::unauthenticated("assertion: issued: before this node started"));
    }
    Ok(())
}
