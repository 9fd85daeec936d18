//! People, and sessions whose cookie a test can send as it likes.

use crate::{Headers, answer::call};
use anyhow::{Context, ensure};
use bailiwick_client::{ConsoleClient, Transport};
use http::header;
use serde_json::{Value, json};

/// Somebody at the console.
#[derive(Clone)]
pub struct Person {
    /// Mail address.
    pub email: String,
    /// Made for this test.
    pub password: String,
    /// Signed in.
    pub client: ConsoleClient,
}

/// A session as it travels.
#[derive(Clone, Debug)]
pub struct Session {
    cookie: String,
    csrf: String,
}

impl Session {
    /// Signs in to a console by mail address.
    pub async fn at_console(transport: &Transport, base: &str, email: &str, password: &str) -> anyhow::Result<Self> {
        Self::begin(transport, base, &json!({"email": email, "password": password})).await
    }

    /// Signs in to a node by user name.
    pub async fn at_node(transport: &Transport, base: &str, user: &str, password: &str) -> anyhow::Result<Self> {
        Self::begin(transport, base, &json!({"user": user, "password": password})).await
    }

    async fn begin(transport: &Transport, base: &str, who: &Value) -> anyhow::Result<Self> {
        let answer = call(transport, "POST", &format!("{base}/api/v1/session"), &Headers::new(), who.to_string().into_bytes()).await?;
        ensure!(answer.status == 200, "sign in: {answer:?}");
        let set = answer.headers.get(header::SET_COOKIE).context("no cookie")?.to_str()?;
        let cookie = set.split(';').next().context("no cookie")?.to_owned();
        Ok(Self { cookie, csrf: answer.body["csrf"].as_str().context("no csrf")?.to_owned() })
    }

    /// What a browser sends.
    pub fn headers(&self) -> Headers {
        vec![("cookie", self.cookie.clone()), ("x-csrf-token", self.csrf.clone())]
    }
}
