//! Sessions by cookie and single-use links. Only digests are stored; the tables are `session` and `link` (see [`SCHEMA`]).

use crate::{Refusal, secrets, sql::Db};
use http::{HeaderMap, HeaderValue, Method, header};
use sqlx::Row;

/// The two tables, to be part of a server's first migration.
pub const SCHEMA: &str = "create table session (digest text primary key, subject text not null, csrf text not null, expires bigint not null); \
                          create table link (digest text primary key, purpose text not null, subject text not null, expires bigint not null)";

const SESSION_US: i64 = 12 * 3600 * 1_000_000;
const LINK_US: i64 = 7 * 24 * 3600 * 1_000_000;

/// Somebody is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who, as the server names people.
    pub subject: String,
    /// What unsafe calls carry in `X-CSRF-Token`.
    pub csrf: String,
}

/// A session just begun: the cookie's token is shown once.
pub struct Begun {
    /// For the cookie.
    pub token: String,
    /// The session.
    pub session: Session,
}

/// Begins a session.
pub async fn begin(db: &Db, subject: &str, now_us: i64) -> Result<Begun, Refusal> {
    let (token, csrf) = (secrets::secret(), secrets::secret());
    sqlx::query("delete from session where expires <= $1").bind(now_us).execute(db.pool()).await?;
    sqlx::query("insert into session (digest, subject, csrf, expires) values ($1, $2, $3, $4)")
        .bind(secrets::digest(&token))
        .bind(subject)
        .bind(&csrf)
        .bind(now_us + SESSION_US)
        .execute(db.pool())
        .await?;
    Ok(Begun { token, session: Session { subject: subject.to_owned(), csrf } })
}

/// Finds the session of a request. An unsafe call must carry the session's CSRF token.
pub async fn find(db: &Db, cookie: &str, method: &Method, headers: &HeaderMap, now_us: i64) -> Result<Session, Refusal> {
    let token = cookie_value(headers, cookie).ok_or_else(|| Refusal::unauthenticated("sign in first"))?;
    let row = sqlx::query("select subject, csrf from session where digest = $1 and expires > $2")
        .bind(secrets::digest(token))
        .bind(now_us)
        .fetch_optional(db.pool())
        .await?
        .ok_or_else(|| Refusal::unauthenticated("the session has ended; sign in again"))?;
    let session = Session { subject: row.try_get("subject")?, csrf: row.try_get("csrf")? };
    let sent = headers.get("x-csrf-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !method.is_safe() && !secrets::same(sent, &session.csrf) {
        let refusal = Refusal::new(http::StatusCode::FORBIDDEN, "CSRF").field("X-CSRF-Token");
        return Err(refusal.detail("X-CSRF-Token: missing or wrong"));
    }
    Ok(session)
}

/// Ends the session of a request.
pub async fn end(db: &Db, cookie: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    if let Some(token) = cookie_value(headers, cookie) {
        sqlx::query("delete from session where digest = $1").bind(secrets::digest(token)).execute(db.pool()).await?;
    }
    Ok(())
}

/// Ends every session of a subject.
pub async fn end_all(db: &Db, subject: &str) -> Result<(), Refusal> {
    sqlx::query("delete from session where subject = $1").bind(subject).execute(db.pool()).await?;
    Ok(())
}

/// Makes a single-use link token good for seven days; ends earlier ones of the same purpose and subject. Returns token and expiry.
pub async fn make_link(db: &Db, purpose: &str, subject: &str, now_us: i64) -> Result<(String, i64), Refusal> {
    let token = secrets::secret();
    let mut tx = db.begin().await?;
    sqlx::query("delete from link where (purpose = $1 and subject = $2) or expires <= $3")
        .bind(purpose)
        .bind(subject)
        .bind(now_us)
        .execute(&mut *tx)
        .await?;
    sqlx::query("insert into link (digest, purpose, subject, expires) values ($1, $2, $3, $4)")
        .bind(secrets::digest(&token))
        .bind(purpose)
        .bind(subject)
        .bind(now_us + LINK_US)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok((token, now_us + LINK_US))
}

/// Uses a link up: who it was for and what for. A second use, or a late one, is refused.
pub async fn use_link(tx: &mut crate::sql::Tx, token: &str, now_us: i64) -> Result<(String, String), Refusal> {
    let row = sqlx::query("delete from link where digest = $1 and expires > $2 returning purpose, subject")
        .bind(secrets::digest(token))
        .bind(now_us)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or_else(|| Refusal::new(http::StatusCode::FORBIDDEN, "LINK_USED").field("token").detail("token: the link was used or has ended"))?;
    Ok((row.try_get("purpose")?, row.try_get("subject")?))
}

/// `Set-Cookie` that carries a session: for this site only, out of reach of scripts.
pub fn set_cookie(name: &str, token: &str, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}", SESSION_US / 1_000_000);
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// `Set-Cookie` that takes the session away.
pub fn clear_cookie(name: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("{name}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    cookies.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}
