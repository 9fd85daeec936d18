//! What people do to a case, through the console and back at the customer's own administrator.

mod alerts;
mod attachments;
mod comments;
mod exports;
mod throttles;

use crate::work::{page, spray};
use bailiwick_api::{Investigation, Role};
use bailiwick_testkit::{Answer, Person, Registered, Session, Setup, World};
use serde_json::Value;

/// A console, one node, one customer, two analysts.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) acme: Registered,
    pub(crate) ana: Person,
    pub(crate) at: Session,
    pub(crate) bob: Session,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let world = World::start(Setup::new(&["eu"])).await.unwrap();
        let acme = world.customer(0, "Acme").await.unwrap();
        let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
        let bob = world.granted("bob", Role::Analyst, &[&acme]).await.unwrap();
        let (at, bob) = (world.session(&ana).await.unwrap(), world.session(&bob).await.unwrap());
        Self { world, acme, ana, at, bob }
    }

    /// As many investigations as addresses, newest first.
    pub(crate) async fn sprayed(&self, count: u8) -> Vec<Investigation> {
        spray(&self.acme, 1, count).await;
        page(&self.ana, "sort=-created_time").await.data
    }

    /// A call as ana.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_as(&self.at, method, path, body).await
    }

    /// A call as somebody.
    pub(crate) async fn call_as(&self, who: &Session, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.world.call(Some(who), method, &format!("/api/v1/investigations{path}"), body).await.unwrap()
    }

    /// The same, which must work.
    pub(crate) async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, body).await;
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer.body
    }
}
