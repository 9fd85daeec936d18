//! One search of many customers' logs: rows as they are found, progress of each customer, and nobody missing silently.

use crate::work::SOON;
use bailiwick_api::{AuditEntry, CustomerEvent, LogLine, LogProgress, LogSearchState, Paged, Role, Scope, Surroundings};
use bailiwick_testkit::{Person, Registered, Setup, World, events, eventually};
use futures_util::StreamExt;
use http::Method;
use serde_json::{Value, json};

/// What an answer holds.
#[derive(Default)]
struct Heard {
    rows: Vec<CustomerEvent>,
    progress: Vec<LogProgress>,
    scope: Option<Scope>,
}

async fn search(world: &World, person: &Person, body: Value) -> Heard {
    let session = world.session(person).await.unwrap();
    let answer = world.call(Some(&session), "POST", "/api/v1/logs/search", body.to_string()).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.body.as_str().map_or_else(|| answer.body.to_string(), str::to_owned);
    let mut heard = Heard::default();
    for line in text.lines() {
        assert!(heard.scope.is_none(), "the scope comes last");
        match serde_json::from_str(line).unwrap() {
            LogLine::Rows(rows) => heard.rows.extend(rows),
            LogLine::Progress(progress) => heard.progress.push(progress),
            LogLine::Scope(scope) => heard.scope = Some(scope),
        }
    }
    heard
}

fn rows_of(heard: &Heard, customer: &Registered) -> usize {
    heard.rows.iter().filter(|row| row.customer.id == customer.customer.id).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_question_to_all_tells_rows_progress_and_who_is_missing() {
    let mut world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (acme, beta) = (world.customer(0, "Acme").await.unwrap(), world.customer(0, "Beta").await.unwrap());
    let (far, hidden) = (world.customer(1, "Far").await.unwrap(), world.customer(0, "Hidden").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&acme, &beta, &far]).await.unwrap();
    let vic = world.granted("vic", Role::Viewer, &[&acme]).await.unwrap();
    for (customer, net) in [(&acme, 1), (&beta, 2), (&far, 3), (&hidden, 4)] {
        customer.send(&events::spray("dc01.corp.example", &format!("203.0.113.{net}"))).await.unwrap();
    }
    let heard = search(&world, &ana, json!({"query": "event.code:4625"})).await;
    assert_eq!((rows_of(&heard, &acme), rows_of(&heard, &beta), rows_of(&heard, &far), rows_of(&heard, &hidden)), (12, 12, 12, 0));
    let scope = heard.scope.unwrap();
    assert_eq!((scope.asked, scope.answered, scope.failed.len()), (3, 3, 0), "{scope:?}");
    assert_eq!(scope.skipped.iter().map(|skipped| skipped.count).sum::<u32>(), 1, "the one without a grant is counted");
    let last = heard.progress.last().unwrap();
    assert_eq!((last.asked, last.answered, last.rows), (3, 3, 36));
    let done = |progress: &&LogProgress| progress.state == Some(LogSearchState::Done);
    assert!(heard.progress.iter().filter(done).count() == 3 && heard.progress.iter().filter(done).all(|one| !one.more));

    let few = search(&world, &ana, json!({"query": "event.code:4625", "limit": 5})).await;
    assert_eq!(few.rows.len(), 15);
    assert!(few.progress.iter().filter(done).all(|one| one.more && one.customer_rows == 5), "what was left out is said");
    let one = search(&world, &ana, json!({"query": "event.code:4625", "customers": [acme.customer.id]})).await;
    assert_eq!((one.rows.len(), one.scope.unwrap().complete), (12, true));

    let session = world.session(&ana).await.unwrap();
    let wrong = world.call(Some(&session), "POST", "/api/v1/logs/search", json!({"query": "(a"}).to_string()).await.unwrap();
    assert_eq!((wrong.status, wrong.code()), (400, "QUERY_INVALID"), "{wrong:?}");
    let viewer = world.session(&vic).await.unwrap();
    assert_eq!(world.call(Some(&viewer), "POST", "/api/v1/logs/search", "{}").await.unwrap().status, 403);

    for (customer, searched) in [(&acme, true), (&hidden, false)] {
        let theirs: Paged<AuditEntry> = customer.admin.get("/api/v1/audit?limit=500").await.unwrap();
        let line = theirs.data.iter().any(|line| line.verb == "logs.search" && line.actor == ana.email && line.subject == "event.code:4625");
        assert_eq!(line, searched, "{}", customer.customer.name);
    }
    let ours = world.administrator.client.audit().await.unwrap().data;
    assert!(ours.iter().any(|line| line.verb == "logs.search" && line.customer.as_ref().is_some_and(|one| one.name == "Far")));
    assert!(!serde_json::to_string(&ours).unwrap().contains("event.code"), "never what was searched for");

    ana.client.call::<Value>(Method::PATCH, "/api/v1/me/preferences", Some(&json!({"multi_customer": false}))).await.unwrap();
    let off = search(&world, &ana, json!({"query": ""})).await;
    assert!(off.rows.is_empty() && off.scope.unwrap().skipped.iter().any(|skipped| skipped.reason.as_str() == "TOGGLE_OFF"));
    ana.client.call::<Value>(Method::PATCH, "/api/v1/me/preferences", Some(&json!({"multi_customer": true}))).await.unwrap();

    world.nodes[1].stop().await;
    let partial = search(&world, &ana, json!({"query": "event.code:4625"})).await;
    let scope = partial.scope.unwrap();
    assert_eq!((partial.rows.len(), scope.complete, scope.failed.len(), scope.failed[0].customer.name.as_str()), (24, false, 1, "Far"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_goes_away_frees_the_seat_and_the_turns() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    acme.send(&events::spray("dc01.corp.example", "203.0.113.1")).await.unwrap();
    let session = world.session(&ana).await.unwrap();
    // More than a person has seats for, each read to its first bytes and dropped.
    for _ in 0..12 {
        let opened = async || {
            let request = world.transport.request(Method::POST, format!("{}/api/v1/logs/search", world.url()).parse().unwrap());
            let request = session.headers().iter().fold(request, |request, (name, value)| request.header(*name, value));
            let response = request.body(r#"{"query":""}"#).send().await.unwrap();
            response.status() == 200 && response.bytes_stream().next().await.is_some()
        };
        eventually(SOON, "a seat", opened).await;
    }
    let heard = search(&world, &ana, json!({"query": "event.code:4625"})).await;
    assert_eq!(heard.rows.len(), 12);
    let theirs: Paged<AuditEntry> = acme.admin.get("/api/v1/audit?limit=500").await.unwrap();
    assert!(theirs.data.iter().any(|line| line.verb == "logs.search" && line.subject.is_empty()), "who went away has searched all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn around_an_event_are_those_of_its_source_and_files_are_off_until_allowed() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    acme.send(&events::spray("dc01.corp.example", "203.0.113.1")).await.unwrap();
    acme.send_syslog(format!("{}\n", events::sshd("elsewhere", "=cmd, \"quoted\"")).as_bytes()).await.unwrap();
    let found = async || acme.search("").await.unwrap().len() >= 13;
    eventually(SOON, "both sources", found).await;
    let mut own: Vec<_> = acme.search("").await.unwrap().into_iter().filter(|row| row.source == acme.source.id.as_str()).collect();
    own.reverse();
    let middle = &own[own.len() / 2];
    let path = format!("/api/v1/customers/{}/logs", acme.customer.id);
    let ask = json!({"event": middle.id, "before": 3, "after": 4});
    let around: Surroundings = ana.client.call(Method::POST, &format!("{path}/context"), Some(&ask)).await.unwrap();
    let at = own.len() / 2;
    let ids = |rows: &[bailiwick_api::EventRow]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&around.before), ids(&around.after)), (ids(&own[at - 3..at]), ids(&own[at + 1..at + 5])));
    assert!(around.event == *middle && around.more_before && around.more_after);
    let wide: Surroundings =
        ana.client.call(Method::POST, &format!("{path}/context"), Some(&json!({"event": middle.id, "before": 200, "after": 200}))).await.unwrap();
    assert_eq!((ids(&wide.before), ids(&wide.after)), (ids(&own[..at]), ids(&own[at + 1..])));
    assert!(!wide.more_before && !wide.more_after);
    let none = ana.client.call::<Value>(Method::POST, &format!("{path}/context"), Some(&json!({"event": "none"}))).await.unwrap_err();
    assert_eq!(none.problem().unwrap().status, 404);

    let off = ana.client.call::<Value>(Method::POST, &format!("{path}/export"), Some(&json!({"query": ""}))).await.unwrap_err();
    assert_eq!((off.problem().unwrap().status, off.code()), (403, Some("EXPORT_OFF")));
}
