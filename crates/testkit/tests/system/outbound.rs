//! Customers whose node dials the console: enrolled by a code, and then like any other.

use crate::work::{SOON, page, rows_of, spray};
use bailiwick_api::{
    AuditEntry, Customer, EnrolmentCodeInfo, EnrolmentInfo, GrantState, Health, Histogram, InvestigationPatch, LinkKind, List, LogSearch,
    NewEnrolmentCode, Removal, RemovalState, Role, Scoped, SqlAnswer, SqlQuery, Status,
};
use bailiwick_client::ClientError;
use bailiwick_console::Pace;
use bailiwick_link::EnrolmentCode;
use bailiwick_testkit::{Registered, Setup, Site, World, contains, eventually};
use serde_json::json;
use std::time::{Duration, Instant};

fn form(name: &str) -> NewEnrolmentCode {
    NewEnrolmentCode { name: name.into(), mail: "soc@customer.example".into(), primary: false }
}

async fn code(world: &World, name: &str) -> String {
    world.administrator.client.add_enrolment_code(&form(name)).await.unwrap().code
}

/// A workspace that came by a code.
async fn outbound(world: &World, node: usize, name: &str) -> Registered {
    let site = world.site(node, name).await.unwrap();
    let link = site.admin.add_link(&code(world, name).await).await.unwrap();
    assert!(link.connected_time.is_some(), "{link:?}");
    Registered { customer: customer(world, name).await, site }
}

async fn customer(world: &World, name: &str) -> Customer {
    let customers = world.administrator.client.customers().await.unwrap().data;
    customers.into_iter().find(|customer| customer.name == name).unwrap()
}

fn refused<T>(result: Result<T, ClientError>) -> (u16, String) {
    match result {
        Err(ClientError::Refused(problem)) => (problem.status, problem.code),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("was not refused"),
    }
}

async fn connected(site: &Site) -> bool {
    site.admin.links().await.is_ok_and(|links| links.data.iter().all(|link| link.connected_time.is_some()) && !links.data.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_that_dials_out_is_like_any_other() {
    let world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let direct = world.customer(1, "Direct").await.unwrap();
    let acme = outbound(&world, 0, "Acme").await;
    assert_eq!((acme.customer.link, acme.customer.server.as_str(), acme.customer.port), (LinkKind::Outbound, "", 0));
    assert_eq!((direct.customer.link, acme.customer.region.as_str()), (LinkKind::Direct, "eu"));
    eventually(SOON, "up and connected", async || {
        let now = customer(&world, "Acme").await;
        now.health == Health::Up && now.connected_time.is_some()
    })
    .await;

    let ana = world.granted("ana", Role::Analyst, &[&acme, &direct]).await.unwrap();
    spray(&acme, 1, 2).await;
    spray(&direct, 2, 1).await;
    let queue = page(&ana, "").await;
    assert_eq!((rows_of(&queue, &acme), rows_of(&queue, &direct), queue.scope.complete), (2, 1, true));
    let row = queue.data.iter().find(|row| row.customer.id == acme.customer.id).unwrap();
    let patch = InvestigationPatch { version: row.row.version, status: Some(Status::Investigating), ..InvestigationPatch::default() };
    ana.client.update_investigation(&row.row.rrn, &patch).await.unwrap();
    let mine = acme.investigations().await.unwrap().into_iter().find(|mine| mine.rrn == row.row.rrn).unwrap();
    assert_eq!(mine.status, Status::Investigating);

    let found =
        ana.client.search_logs(acme.customer.id.as_str(), &LogSearch { query: "event.code:4625".into(), ..LogSearch::default() }).await.unwrap();
    assert!(!found.data.is_empty() && found.scope.complete);
    let at = |noun: &str| format!("/api/v1/customers/{}/{noun}", acme.customer.id);
    let post = "POST".parse::<http::Method>().unwrap();
    let told: Scoped<Histogram> = ana.client.call(post.clone(), &at("logs/histogram"), Some(&json!({"query": "event.code:4625"}))).await.unwrap();
    assert_eq!(told.answer.total, 24);
    let told: SqlAnswer = ana.client.call(post, &at("sql"), Some(&SqlQuery::new("select count(*) from events"))).await.unwrap();
    assert!(told.rows[0][0].as_i64().unwrap() >= 24);

    // A second workspace of the same node comes over the same link, and neither sees the other.
    let beta = outbound(&world, 0, "Beta").await;
    assert_eq!(beta.customer.node, acme.customer.node);
    assert_eq!(rows_of(&page(&ana, "").await, &beta), 0, "nobody has a grant on it");
    world.grant(&ana, &beta, Role::Viewer).await.unwrap();
    assert_eq!((rows_of(&page(&ana, "").await, &beta), rows_of(&page(&ana, "").await, &acme)), (0, 2));

    // What the customer's administrator takes away is away.
    acme.admin.revoke("ana@mssp.example").await.unwrap();
    assert_eq!(rows_of(&page(&ana, "").await, &acme), 0);
    for (entries, verb) in [(world.administrator.client.audit().await.unwrap().data, "customer.add"), (audit(&acme).await, "enrolment.add")] {
        assert!(entries.iter().any(|line| line.verb == verb && line.outcome == "ok"), "{verb}");
    }
    let other = world.customer(0, "By address").await.map(drop).unwrap_err();
    assert!(format!("{other:#}").contains("enrolment code"), "{other:#}");
}

async fn audit(site: &Site) -> Vec<AuditEntry> {
    site.admin.get::<List<AuditEntry>>("/api/v1/audit").await.unwrap().data
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_for_one_customer_once_and_not_for_long() {
    let world = World::start(Setup { code_life: Duration::from_secs(15), ..Setup::new(&["eu"]) }).await.unwrap();
    let site = world.site(0, "Acme").await.unwrap();
    let admin = &site.admin;
    let text = code(&world, "Acme").await;
    let console = &world.administrator.client;
    assert_eq!(refused(console.add_enrolment_code(&form(" ACME ")).await), (409, "NAME_TAKEN".into()), "an open code holds the name");
    assert_eq!(refused(console.add_enrolment_code(&form("")).await), (400, "NAME_INVALID".into()));
    assert_eq!(refused(console.add_enrolment_code(&NewEnrolmentCode { mail: "x".into(), ..form("Else") }).await), (400, "MAIL_INVALID".into()));
    let vic = world.person("vic", Role::Viewer).await.unwrap();
    assert_eq!(refused(vic.client.add_enrolment_code(&form("Else")).await), (403, "FORBIDDEN".into()));

    let offer = admin.preview_link(&text).await.unwrap();
    assert_eq!((offer.console_name.as_str(), offer.customer.as_str(), offer.workspace_name.as_str()), ("Test MSSP", "Acme", "Acme"));
    let read: EnrolmentCode = text.parse().unwrap();
    assert_eq!((offer.address, offer.fingerprint), (read.address.to_string(), read.fingerprint.to_string()));

    let stranger = EnrolmentCode::generate(read.address.clone(), read.fingerprint).unwrap();
    let forged = EnrolmentCode { id: read.id.clone(), ..stranger.clone() };
    let elsewhere = EnrolmentCode { fingerprint: stranger.key.public().fingerprint(), ..read.clone() };
    let nobody = EnrolmentCode { address: "http://127.0.0.1:9/".parse().unwrap(), ..read.clone() };
    let wrong = [
        (text[..text.len() - 2].to_owned(), "CODE_INVALID"),
        (stranger.to_string(), "CODE_UNKNOWN"),
        (forged.to_string(), "CODE_UNKNOWN"),
        (elsewhere.to_string(), "CONSOLE_DIFFERS"),
        (nobody.to_string(), "CONSOLE_UNREACHABLE"),
    ];
    for (text, code) in &wrong {
        assert_eq!(refused(admin.preview_link(text).await), (422, (*code).into()));
        assert_eq!(refused(admin.add_link(text).await), (422, (*code).into()));
    }
    assert!(admin.links().await.unwrap().data.is_empty());

    // Two workspaces at the same moment: one of them is the customer.
    let rival = world.site(0, "Rival").await.unwrap();
    let (one, other) = tokio::join!(admin.add_link(&text), rival.admin.add_link(&text));
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    won.unwrap();
    assert_eq!(refused(lost), (422, "CODE_USED".into()));
    let winner = if admin.links().await.unwrap().data.is_empty() { &rival.admin } else { admin };
    winner.add_link(&text).await.expect("who used it may ask again, as if the answer was lost");
    assert_eq!(world.administrator.client.customers().await.unwrap().data.len(), 1);

    let withdrawn = console.add_enrolment_code(&form("Withdrawn")).await.unwrap();
    let open: List<EnrolmentCodeInfo> = console.get("/api/v1/enrolment-codes").await.unwrap();
    assert_eq!(open.data.iter().map(|code| code.name.as_str()).collect::<Vec<_>>(), ["Withdrawn"], "a used one is not open");
    let path = format!("/api/v1/enrolment-codes/{}", withdrawn.id);
    console.call::<Option<()>>("DELETE".parse().unwrap(), &path, None::<&()>).await.unwrap();
    assert_eq!(refused(console.call::<Option<()>>("DELETE".parse().unwrap(), &path, None::<&()>).await).0, 404);
    assert_eq!(refused(site.admin.add_link(&withdrawn.code).await), (422, "CODE_WITHDRAWN".into()));
    let late = code(&world, "Late").await;
    eventually(2 * SOON, "expired", async || admin.preview_link(&late).await.is_err_and(|error| error.code() == Some("CODE_EXPIRED"))).await;
    assert_eq!(refused(site.admin.add_link(&late).await), (422, "CODE_EXPIRED".into()));
    code(&world, "Late").await;

    let secret = late.parse::<EnrolmentCode>().unwrap().key.to_text();
    let dir = world.console_dir();
    let _kept = world.stop().await;
    assert!(
        contains(&dir, &late).unwrap().is_empty() && contains(&dir, &secret).unwrap().is_empty(),
        "a code cannot be made again from what the console keeps"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_comes_back_by_itself_whichever_side_went_away() {
    let mut world = World::start(Setup::new(&["eu"])).await.unwrap();
    let acme = outbound(&world, 0, "Acme").await;
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    spray(&acme, 1, 1).await;
    for _ in 0..2 {
        world.start_console().await.unwrap();
        eventually(SOON, "linked to the console that came back", async || rows_of(&page(&ana, "").await, &acme) == 1).await;
    }
    world.stop_console().await;
    eventually(SOON, "the node says that it is not linked, and why", async || {
        let links = acme.admin.links().await.unwrap().data;
        links[0].connected_time.is_none() && links[0].last_error.is_some() && links[0].next_try_time.is_some()
    })
    .await;
    world.start_console().await.unwrap();
    eventually(SOON, "connected again", async || connected(&acme).await).await;

    world.nodes[0].stop().await;
    let asked = Instant::now();
    let without = page(&ana, "").await;
    assert_eq!((without.data.len(), without.scope.failed[0].code.as_str(), without.scope.complete), (0, "NODE_DOWN", false));
    assert!(asked.elapsed() < Duration::from_secs(1), "a node that is not connected costs no wait: {:?}", asked.elapsed());
    eventually(SOON, "down", async || {
        let now = customer(&world, "Acme").await;
        now.health == Health::Down && now.connected_time.is_none() && now.health_detail.is_some_and(|detail| detail.contains("node to console"))
    })
    .await;
    // What is decided meanwhile reaches the node when it is back.
    let bob = world.person("bob", Role::Viewer).await.unwrap();
    world.decide(&bob, &acme, Some(Role::Viewer)).await.unwrap();
    assert_eq!(world.grant_of(&bob, &acme.customer.id).await.unwrap().state, GrantState::Pending);
    world.nodes[0].start_again().await.unwrap();
    eventually(SOON, "applied", async || world.grant_of(&bob, &acme.customer.id).await.unwrap().state == GrantState::Applied).await;
    assert_eq!(rows_of(&page(&bob, "").await, &acme), 1);
    eventually(SOON, "up", async || customer(&world, "Acme").await.health == Health::Up).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_customers_administrator_ends_it_and_the_node_hangs_up() {
    let mut world = World::start(Setup::new(&["eu"])).await.unwrap();
    let (acme, beta) = (outbound(&world, 0, "Acme").await, outbound(&world, 0, "Beta").await);
    let ana = world.granted("ana", Role::Analyst, &[&acme, &beta]).await.unwrap();
    let console = world.console().state().id().to_string();
    acme.admin.end_enrolment(&console).await.unwrap();
    assert!(acme.admin.links().await.unwrap().data.is_empty());
    eventually(SOON, "Acme is not answered any more, Beta is", async || {
        let scope = page(&ana, "").await.scope;
        let skipped: Vec<_> = scope.skipped.iter().filter_map(|s| s.customer.as_ref()).map(|c| c.name.as_str()).collect();
        skipped == ["Acme"] && scope.failed.is_empty()
    })
    .await;
    assert!(connected(&beta).await, "another workspace of the node keeps the link");
    beta.admin.end_enrolment(&console).await.unwrap();
    eventually(SOON, "the node hung up", async || customer(&world, "Beta").await.connected_time.is_none()).await;
    assert_eq!(refused(beta.admin.end_enrolment(&console).await).0, 404);
    world.nodes[0].start_again().await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(customer(&world, "Beta").await.connected_time, None, "and does not dial again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_let_go_cleans_up_when_it_dials_and_stops_dialling() {
    let pace = Pace { removals: Duration::from_millis(200), ..Pace::default() };
    let mut world = World::start(Setup { pace, ..Setup::new(&["eu"]) }).await.unwrap();
    let acme = outbound(&world, 0, "Acme").await;
    let ana = world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    assert_eq!(acme.admin.technicians().await.unwrap().data.len(), 1);
    world.nodes[0].stop().await;
    let session = world.session(&world.administrator).await.unwrap();
    let (path, password) = (format!("/api/v1/customers/{}", acme.customer.id), &world.administrator.password);
    let answer = world.call(Some(&session), "DELETE", &path, json!({"password": password}).to_string()).await.unwrap();
    assert_eq!((answer.status, answer.code()), (502, "NODE_UNREACHABLE"));
    let force = json!({"password": password, "reason": "contract ended"}).to_string();
    assert_eq!(world.call(Some(&session), "POST", &format!("{path}/force-delete"), force).await.unwrap().status, 200);
    world.nodes[0].start_again().await.unwrap();
    let enrolments = async || acme.admin.get::<List<EnrolmentInfo>>("/api/v1/enrolments").await.unwrap().data;
    eventually(SOON, "no enrolment is left", async || enrolments().await.is_empty()).await;
    eventually(SOON, "no link is left", async || acme.admin.links().await.unwrap().data.is_empty()).await;
    assert!(acme.admin.technicians().await.unwrap().data.is_empty());
    assert_eq!(page(&ana, "").await.data.len(), 0);
    let removals: List<Removal> = world.administrator.client.get("/api/v1/removals").await.unwrap();
    assert_eq!(removals.data[0].state, RemovalState::Done);
    world.nodes[0].start_again().await.unwrap();
    assert!(acme.admin.links().await.unwrap().data.is_empty(), "and it does not dial again");
}
