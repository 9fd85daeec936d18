//! The same story on SQLite and on PostgreSQL: what is decided stays decided over a restart, in the order people expect.

use crate::{
    audit,
    fake_node::FakeNode,
    postgres::Postgres,
    support::{ADMIN, Desk, PASSWORD, base, config, eventually, form, refused},
};
use bailiwick_api::{GrantState, Health, NewCustomer, NewDelegations, NewGroup, Role};
use bailiwick_client::{ConsoleClient, Transport};
use bailiwick_console::{Console, Database};

#[tokio::test]
async fn sqlite() {
    let dir = tempfile::tempdir().unwrap();
    story(Database::File(dir.path().join("a console.db"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql() {
    let Some(cluster) = tokio::task::spawn_blocking(Postgres::start).await.unwrap() else { return };
    story(Database::Url(cluster.url())).await;
    tokio::task::spawn_blocking(move || drop(cluster)).await.unwrap();
}

async fn story(database: Database) {
    let desk = Desk::open(config(database.clone())).await;
    let node = FakeNode::start("node-1").await;
    customers(&desk, &node).await;
    delegations(&desk, &node).await;
    let node = node_away_and_back(&desk, node).await;
    audit::story(&desk, &node).await;
    desk.console.stop().await;
    restart(database, &node).await;
}

/// Order and case are folded by the program, also beyond ASCII.
async fn customers(desk: &Desk, node: &FakeNode) {
    for (name, admin) in [("zeta", "zeta"), ("Éclair", "eclair"), ("apple", "apple"), ("Banana", "banana")] {
        desk.customer(name, node, admin).await;
    }
    let own = NewCustomer { primary: true, ..form("Yours truly", node, "own") };
    desk.admin.add_customer(&own).await.unwrap();
    for taken in ["ÉCLAIR", " éclair ", "APPLE"] {
        assert_eq!(refused(desk.admin.add_customer(&form(taken, node, "else")).await), (409, "NAME_TAKEN".into(), "name".into()));
    }
    let second = NewCustomer { primary: true, ..form("Ours", node, "ours") };
    assert_eq!(refused(desk.admin.add_customer(&second).await), (409, "PRIMARY_TAKEN".into(), "primary".into()));
    let names: Vec<_> = desk.admin.customers().await.unwrap().data.into_iter().map(|c| c.name).collect();
    assert_eq!(names, ["Yours truly", "apple", "Banana", "zeta", "Éclair"]);
    let mind = node.shared.mind();
    assert!(mind.enrolled.iter().all(|e| e.public_key == mind.enrolled[0].public_key), "one key for one node");
}

/// Several people on groups and on all: written and listed page by page, with names folded by the program, and gone with the group.
async fn delegations(desk: &Desk, node: &FakeNode) {
    let (uma, vic) = (desk.person("uma@mssp.example", Role::Analyst).await, desk.person("vic@mssp.example", Role::Viewer).await);
    let customers: Vec<_> = desk.admin.customers().await.unwrap().data.into_iter().map(|customer| customer.id).collect();
    let group = desk.admin.add_group(&NewGroup { name: "Écoles".into(), customers: customers[..2].to_vec() }).await.unwrap().group;
    let taken = desk.admin.add_group(&NewGroup { name: "écoles".into(), customers: Vec::new() }).await;
    assert_eq!(refused(taken), (409, "NAME_TAKEN".into(), "name".into()));
    let people = vec![uma.me.id.clone(), vic.me.id.clone()];
    let to = |role| NewDelegations { users: people.clone(), role, deny: role.is_none(), ..NewDelegations::default() };
    let ends = chrono::DateTime::from_timestamp(4_000_000_000, 0);
    let new =
        NewDelegations { groups: Some(vec![group.id.clone()]), expires_time: ends, reason: Some("東京".into()), ..to(Some(Role::Administrator)) };
    assert_eq!(desk.admin.delegate(&new).await.unwrap().data.len(), 2);
    desk.admin.delegate(&NewDelegations { customers: Some(customers[1..3].to_vec()), ..to(Some(Role::Viewer)) }).await.unwrap();
    desk.admin.delegate(&NewDelegations { customers: Some(customers[3..4].to_vec()), ..to(None) }).await.unwrap();
    let roles = async |email: &str| {
        let mut roles: Vec<_> = node.shared.mind().technicians.iter().filter(|((_, of), _)| of == email).map(|(_, role)| *role).collect();
        roles.sort();
        roles
    };
    eventually("what follows is at the node", async || roles("uma@mssp.example").await == [Role::Viewer, Role::Analyst, Role::Analyst]).await;
    eventually("no more than their own", async || roles("vic@mssp.example").await == [Role::Viewer; 3]).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk.admin.delegations(&format!("limit=3{cursor}")).await.unwrap();
        seen.extend(page.data);
        let Some(next) = page.next else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((seen.len(), seen.iter().filter(|d| d.deny).count(), seen[7].reason.as_deref()), (8, 2, Some("東京")));
    assert!(seen.windows(2).all(|pair| pair[0].created_time >= pair[1].created_time) && seen[7].expires_time == ends);
    desk.admin.call::<Option<()>>("DELETE".parse().unwrap(), &format!("/api/v1/groups/{}?force=true", group.id), None::<&()>).await.unwrap();
    for id in people {
        desk.admin.remove_user(&id).await.unwrap();
    }
    eventually("nothing is left", async || desk.admin.grants().await.unwrap().data.is_empty() && node.shared.mind().technicians.is_empty()).await;
}

/// A grant made while the node is away is applied by itself when it is back, and health tells both.
async fn node_away_and_back(desk: &Desk, node: FakeNode) -> FakeNode {
    let apple = desk.admin.customers().await.unwrap().data.into_iter().find(|c| c.name == "apple").unwrap();
    let ana = desk.person("ana@mssp.example", Role::Analyst).await;
    let health = async || desk.admin.get::<bailiwick_api::Customer>(&format!("/api/v1/customers/{}", apple.id)).await.unwrap();
    assert_eq!(health().await.health, Health::Up);
    let gone = node.stop().await;
    eventually("health is down", async || health().await.health == Health::Down).await;
    let down = health().await;
    assert!(down.health_detail.is_some() && down.health_since > apple.health_since);
    desk.grant(&ana, &apple, Some(Role::Analyst)).await;
    let grant = async || desk.admin.grants().await.unwrap().data.pop().unwrap();
    eventually("the grant waits and says why", async || grant().await.detail.is_some()).await;
    let waiting = grant().await;
    assert_eq!((waiting.desired, waiting.applied, waiting.state), (Some(Role::Analyst), None, GrantState::Pending));
    let missing = ana.customers().await.unwrap();
    assert_eq!((missing.data.len(), missing.data[0].open, missing.scope.failed.len()), (1, None, 1));
    let why: bailiwick_api::List<bailiwick_api::Access> = ana.get("/api/v1/me/access").await.unwrap();
    assert_eq!(why.data[0].reason, Some(bailiwick_api::SkipReason::NoRole), "the node never confirmed her");
    let node = FakeNode::again(gone).await;
    eventually("the grant is applied", async || grant().await.state == GrantState::Applied).await;
    assert_eq!((grant().await.applied, grant().await.detail), (Some(Role::Analyst), None));
    eventually("health is up", async || health().await.health == Health::Up && health().await.health_detail.is_none()).await;
    eventually("the counts are there", async || ana.customers().await.unwrap().data[0].open.is_some_and(|o| o.high == 3)).await;
    node
}

async fn restart(database: Database, node: &FakeNode) {
    let console = Console::start(config(database.clone())).await.unwrap();
    assert_eq!(console.setup_link(), None);
    let transport = Transport::new().unwrap();
    let admin = ConsoleClient::sign_in(&transport, &base(&console), &ADMIN.to_lowercase(), PASSWORD).await.unwrap();
    assert_eq!(admin.customers().await.unwrap().data.len(), 7);
    admin.add_customer(&form("After the restart", node, "later")).await.unwrap();
    {
        let mind = node.shared.mind();
        let (first, last) = (mind.enrolled.first().unwrap(), mind.enrolled.last().unwrap());
        assert_eq!((&first.public_key, &first.console), (&last.public_key, &last.console), "the same console, the same key");
    }
    let audit = admin.audit().await.unwrap().data;
    let ids: Vec<_> = audit.iter().map(|line| line.id).collect();
    let expected: Vec<_> = (1..=i64::try_from(ids.len()).unwrap()).rev().collect();
    assert_eq!(ids, expected, "newest first, without gaps");
    for verb in ["console.setup", "user.add", "customer.add", "grant.set", "grant.apply", "session.begin"] {
        assert!(audit.iter().any(|line| line.verb == verb && line.outcome == "ok"), "{verb}");
    }
    let named = audit.iter().rfind(|line| line.verb == "grant.set").unwrap();
    assert_eq!((named.customer.as_ref().map(|c| c.name.as_str()), named.actor.as_str()), (Some("apple"), ADMIN));
    audit::tampering(&database, &admin).await;
    console.stop().await;
}
