//! People are told by a real mail server and a real webhook when a customer goes down and when it is back: once each, and not of a flicker.

mod receivers;

use crate::sync::quiet;
use bailiwick_api::{
    ComponentState, CustomerHealth, Direction, Health, HealthCause, LicencePool, List, NotificationEvent, NotificationState, NotificationTrial,
    Notifications,
};
use bailiwick_console::Pace;
use bailiwick_testkit::{Registered, Setup, World, eventually};
use http::Method;
use receivers::{Hook, Mailbox};
use serde_json::{Value, json};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

fn often() -> Pace {
    Pace { notify: Duration::from_millis(100), ..quiet() }
}

async fn set(world: &World, settings: &Value) -> Notifications {
    world.administrator.client.call(Method::PUT, "/api/v1/notifications", Some(settings)).await.unwrap()
}

async fn told(world: &World) -> Notifications {
    world.administrator.client.get("/api/v1/notifications").await.unwrap()
}

async fn health(world: &World, of: &Registered) -> CustomerHealth {
    world.administrator.client.get(&format!("/api/v1/customers/{}/health", of.customer.id)).await.unwrap()
}

async fn becomes(world: &World, of: &Registered, state: Health) -> CustomerHealth {
    eventually(SOON, &format!("{} is {state}", of.customer.name), async || health(world, of).await.state == state).await;
    health(world, of).await
}

fn mail_to(port: u16) -> Value {
    json!({"server": "127.0.0.1", "port": port, "security": "none", "from": "Bailiwick <console@mssp.example>", "to": ["soc@mssp.example", "duty@mssp.example"]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_that_goes_down_and_comes_back_is_told_once_each_by_mail_and_webhook() {
    let mut world = World::start(Setup { pace: often(), ..Setup::new(&["eu", "us"]) }).await.unwrap();
    let (near, far) = (world.customer(0, "Near").await.unwrap(), world.customer(1, "Far").await.unwrap());
    let (mut mailbox, mut hook) = (Mailbox::open(None).await, Hook::open().await);
    let webhook = json!({"url": hook.url(), "secret": "shared"});
    set(&world, &json!({"mail": mail_to(mailbox.port), "webhook": webhook, "settle_seconds": 0})).await;
    world.nodes[1].stop().await;
    let down = becomes(&world, &far, Health::Down).await;
    assert_eq!(down.cause, Some(HealthCause::ConnectionRefused));
    assert!(down.advice[0].contains("start the node"), "{:?}", down.advice);
    let mail = mailbox.next().await;
    assert_eq!((mail["subject"].as_str(), mail["from"].as_str()), (Some("[Test MSSP] Far is down"), Some("console@mssp.example")));
    assert_eq!(mail["to"], json!(["soc@mssp.example", "duty@mssp.example"]));
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("CONNECTION_REFUSED") && text.contains("start the node") && text.contains(world.url()), "{text}");
    let event: NotificationEvent = hook.next("shared").await;
    assert_eq!((event.event.as_str(), event.changes.len()), ("customer.health", 1));
    assert_eq!((event.changes[0].customer.clone(), event.changes[0].to), (far.customer.id.clone(), Health::Down));
    assert!(mail["id"].as_str().unwrap().contains(&event.id), "both channels name the same event");
    world.nodes[1].start_again().await.unwrap();
    assert_eq!(mailbox.next().await["subject"], "[Test MSSP] Far is up again");
    assert_eq!(hook.next("shared").await.changes[0].from, Health::Down);
    assert_eq!(health(&world, &near).await.history.len(), 1, "nothing happened to the other");
    let recent = told(&world).await;
    assert_eq!((recent.waiting, recent.recent.len()), (0, 4), "{:?}", recent.recent);
    assert!(recent.recent.iter().all(|one| one.state == NotificationState::Sent && one.attempts == 1), "{:?}", recent.recent);
    let states: Vec<_> = health(&world, &far).await.history.iter().map(|change| change.state).collect();
    assert_eq!(states, [Health::Up, Health::Down, Health::Up], "newest first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_direction_the_parts_and_the_latency_of_a_customer_are_shown_and_a_flicker_is_not_told() {
    let mut world = World::start(Setup { pace: often(), ..Setup::new(&["eu"]) }).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    set(&world, &json!({"webhook": {"url": "http://127.0.0.1:9/"}, "settle_seconds": 3600})).await;
    let way = async |direction, state| health(&world, &acme).await.directions.iter().any(|way| way.direction == direction && way.state == state);
    eventually(SOON, "commands are answered", async || way(Direction::ConsoleToNode, Health::Up).await).await;
    eventually(SOON, "and the node reaches the console", async || way(Direction::NodeToConsole, Health::Up).await).await;
    let well = health(&world, &acme).await;
    assert_eq!((well.state, well.cause, well.advice.len()), (Health::Up, None, 0));
    assert!(well.components.iter().any(|part| part.name == "disk" && part.state == ComponentState::Ok), "{:?}", well.components);
    let now = well.latency.last().unwrap();
    assert!(now.answered > 0 && now.median_us.is_some_and(|us| us > 0 && us <= now.most_us.unwrap()), "{now:?}");
    world.nodes[0].hang().await.unwrap();
    let hung = becomes(&world, &acme, Health::Down).await;
    assert_eq!(hung.cause, Some(HealthCause::Timeout));
    assert!(hung.directions.iter().any(|way| way.direction == Direction::ConsoleToNode && way.state == Health::Down), "{:?}", hung.directions);
    assert!(hung.latency.last().unwrap().missed >= 3);
    world.nodes[0].start_again().await.unwrap();
    becomes(&world, &acme, Health::Up).await;
    assert_eq!(told(&world).await.recent, [], "what did not last is not told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_that_ended_the_relationship_is_down_and_says_so() {
    let world = World::start(Setup { pace: often(), ..Setup::new(&["eu"]) }).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    becomes(&world, &acme, Health::Up).await;
    let enrolments: Value = acme.admin.get("/api/v1/enrolments").await.unwrap();
    let console = enrolments["data"][0]["console"].as_str().unwrap().to_owned();
    acme.admin.call::<Value>(Method::DELETE, &format!("/api/v1/enrolments/{console}"), None::<&()>).await.unwrap();
    // One that is at work already is joined and may have been heard before; another is asked for.
    let down = async || {
        let path = format!("/api/v1/customers/{}/sync", acme.customer.id);
        world.administrator.client.call::<Value>(Method::POST, &path, None::<&()>).await.unwrap();
        health(&world, &acme).await.state == Health::Down
    };
    eventually(SOON, "it is down", down).await;
    let revoked = health(&world, &acme).await;
    assert_eq!(revoked.cause, Some(HealthCause::NotEnrolled));
    assert!(revoked.advice[0].contains("ended the relationship"), "{:?}", revoked.advice);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_sent_waits_and_goes_out_later_and_a_trial_says_why_not() {
    let world = World::start(Setup { pace: often(), ..Setup::new(&["eu"]) }).await.unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let shown = set(&world, &json!({"mail": mail_to(closed), "settle_seconds": 0})).await;
    assert_eq!((shown.mail.unwrap().has_password, shown.webhook), (false, None));
    let client = &world.administrator.client;
    let trial: List<NotificationTrial> = client.call(Method::POST, "/api/v1/notifications/test", None::<&()>).await.unwrap();
    assert!(!trial.data[0].ok && trial.data[0].error.as_ref().is_some_and(|error| error.to_lowercase().contains("refused")), "{trial:?}");
    let soon = (chrono::Utc::now() + chrono::TimeDelta::days(5)).to_rfc3339();
    let pool = json!({"sources": 10, "expires_at": soon});
    client.call::<LicencePool>(Method::PUT, "/api/v1/licences/pool", Some(&pool)).await.unwrap();
    let waits = async || told(&world).await.recent.iter().any(|one| one.state == NotificationState::Waiting && one.error.is_some());
    eventually(SOON, "the warning of the licence waits", waits).await;
    let mut mailbox = Mailbox::open(None).await;
    set(&world, &json!({"mail": mail_to(mailbox.port), "settle_seconds": 0})).await;
    assert_eq!(mailbox.next().await["subject"], "[Test MSSP] The licence ends within 7 days");
}
