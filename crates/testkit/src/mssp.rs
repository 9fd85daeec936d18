//! A console's side of an enrolment in the hands of a test: it signs whatever the test wants to try.

use crate::{Headers, NodeSlot, Site};
use bailiwick_api::{Assertion, ConsoleId, NewEnrolment, NodeId, Purpose, PutTechnician, Role};
use bailiwick_chassis::{Clock, SystemClock, secrets};
use bailiwick_client::{Caller, NodeClient, SigningKey, Transport};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(10);

/// An MSSP with a key of its own and no console behind it.
pub struct Mssp {
    /// Its console's id.
    pub console: ConsoleId,
    /// Its key.
    pub key: SigningKey,
    node: NodeId,
    client: NodeClient,
    transport: Transport,
    base: url::Url,
}

/// A call that is to be signed.
pub struct Act<'a> {
    /// Who acts.
    pub email: &'a str,
    /// What for.
    pub purpose: Purpose,
    /// Method.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Body.
    pub body: &'a [u8],
}

impl Mssp {
    /// Knows a node and is enrolled nowhere yet.
    pub fn new(transport: &Transport, node: &NodeSlot, console: &str) -> anyhow::Result<Self> {
        let (key, base): (_, url::Url) = (SigningKey::generate()?, format!("{}/", node.url()).parse()?);
        let (console, node) = (ConsoleId::from(console), node.id()?);
        let client = NodeClient::new(transport.clone(), base.clone(), console.clone(), node.clone(), key.clone());
        Ok(Self { console, key, node, client, transport: transport.clone(), base })
    }

    /// What enrols a site.
    pub fn enrolment(&self, site: &Site) -> NewEnrolment {
        NewEnrolment {
            admin: site.credentials.clone(),
            console: self.console.clone(),
            console_name: self.console.to_string(),
            public_key: self.key.public().to_owned(),
            anew: false,
        }
    }

    /// Enrols a site with its administrator's credentials.
    pub async fn enrol(&self, site: &Site) -> anyhow::Result<()> {
        NodeClient::enrol(&self.transport, &self.base, &self.enrolment(site), DEADLINE).await?;
        Ok(())
    }

    /// Gives somebody a role at a site.
    pub async fn put(&self, site: &Site, email: &str, role: Role) -> anyhow::Result<()> {
        let caller = Caller { email: "boss@mssp.example".into(), name: "Boss".into(), now_seconds: SystemClock.now().timestamp() };
        self.client.put_technician(&caller, &site.id, email, &PutTechnician { name: email.into(), role, expires_time: None }, DEADLINE).await?;
        Ok(())
    }

    /// The header that signs a call.
    pub fn sign(&self, act: &Act<'_>) -> anyhow::Result<Headers> {
        let assertion = Assertion {
            console: self.console.clone(),
            node: self.node.clone(),
            email: act.email.into(),
            name: act.email.into(),
            purpose: act.purpose,
            method: act.method.into(),
            path: act.path.into(),
            body_sha256: secrets::digest(act.body),
            nonce: secrets::random_id(""),
            issued: SystemClock.now().timestamp(),
        };
        Ok(vec![("authorization", format!("Bailiwick {}", self.key.sign(&assertion)?))])
    }
}
