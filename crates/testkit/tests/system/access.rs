//! Who may do what with which customers, from the decision to the node: delegations, groups, people, and how fast something is taken away.

use crate::work::{SOON, page, rows_of, spray};
use bailiwick_api::{
    CustomerId, Delegation, Grant, GrantState, GroupPatch, Investigation, NewDelegations, NewGrant, NewGroup, NewUser, Page, Role, Technician,
    UseLink, UserId, UserPatch, UserState,
};
use bailiwick_client::ConsoleClient;
use bailiwick_console::Pace;
use bailiwick_testkit::{Live, Person, Registered, Session, Setup, Site, World, eventually};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::time::{Duration, Instant};

/// How long a page that is open may show what was taken away.
const LIVE: Duration = Duration::from_secs(5);

fn quick(regions: &'static [&'static str]) -> Setup {
    let millis = Duration::from_millis;
    let pace = Pace { removals: millis(200), probe: millis(200), reconcile: millis(200), ..Pace::default() };
    Setup { pace, ..Setup::new(regions) }
}

pub(crate) fn to(users: &[&Person]) -> NewDelegations {
    NewDelegations { users: users.iter().map(|person| person.client.me.id.clone()).collect(), ..NewDelegations::default() }
}

pub(crate) fn on(new: NewDelegations, customers: &[&Registered]) -> NewDelegations {
    NewDelegations { customers: Some(customers.iter().map(|customer| customer.customer.id.clone()).collect()), ..new }
}

pub(crate) fn in_time(span: Duration) -> Option<DateTime<Utc>> {
    Some(Utc::now() + span)
}

async fn delegate(world: &World, new: NewDelegations) -> Vec<Delegation> {
    world.administrator.client.delegate(&new).await.unwrap().data
}

/// The role the customer's node confirmed, and nothing else is under way.
pub(crate) async fn applied(world: &World, person: &Person, customer: &CustomerId) -> Option<Role> {
    let grant = world.grant_of(person, customer).await?;
    if grant.state == GrantState::Applied && grant.applied == grant.desired { grant.applied } else { None }
}

/// Waits until the node has this role, or nothing of the person.
pub(crate) async fn becomes(world: &World, person: &Person, customer: &Registered, role: Option<Role>) {
    let what = format!("{} is {role:?} at {}", person.email, customer.customer.name);
    let holds = async || {
        let here = applied(world, person, &customer.customer.id).await;
        here == role && technician(customer, person).await.map(|technician| technician.role) == role
    };
    eventually(SOON, &what, holds).await;
}

/// A person as the customer's administrator sees them.
async fn technician(site: &Site, person: &Person) -> Option<Technician> {
    site.admin.technicians().await.unwrap().data.into_iter().find(|technician| technician.email == person.email)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_delegated_all_gets_tomorrows_customer_by_itself_with_no_more_than_their_own_role() {
    let world = World::start(quick(&["eu"])).await.unwrap();
    let (ana, bob) = (world.person("ana", Role::Analyst).await.unwrap(), world.person("bob", Role::Viewer).await.unwrap());
    let made =
        delegate(&world, NewDelegations { all: true, role: Some(Role::Administrator), reason: Some("night shift".into()), ..to(&[&ana, &bob]) })
            .await;
    assert_eq!((made.len(), made[0].all, made[0].role), (2, true, Some(Role::Administrator)));
    let acme = world.customer(0, "Acme").await.unwrap();
    becomes(&world, &ana, &acme, Some(Role::Analyst)).await;
    becomes(&world, &bob, &acme, Some(Role::Viewer)).await;
    let grant = world.grant_of(&ana, &acme.customer.id).await.unwrap();
    assert_eq!((grant.reason.as_deref(), grant.via.len(), grant.via[0].all), (Some("night shift"), 1, true));
    let shown = technician(&acme, &ana).await.unwrap();
    assert_eq!((shown.granted_by, shown.last_seen, shown.expires_time), ("ada@mssp.example at Test MSSP".into(), None, None));

    let delete = async |now: bool| {
        let path = format!("/api/v1/customers/{}", acme.customer.id);
        let session = world.session(&world.administrator).await.unwrap();
        let body = json!({"password": world.administrator.password, "now": now}).to_string();
        world.call(Some(&session), "DELETE", &path, body).await.unwrap().status
    };
    assert_eq!(delete(false).await, 200);
    // Decided while it was on its way out: it counts when it is back.
    delegate(&world, NewDelegations { all: true, role: Some(Role::Viewer), ..to(&[&ana]) }).await;
    let session = world.session(&world.administrator).await.unwrap();
    assert_eq!(world.call(Some(&session), "POST", &format!("/api/v1/customers/{}/restore", acme.customer.id), "").await.unwrap().status, 200);
    becomes(&world, &ana, &acme, Some(Role::Viewer)).await;
    assert_eq!(delete(true).await, 200);
    assert!(acme.admin.technicians().await.unwrap().data.is_empty(), "who was a technician there is none any more");
    assert_eq!(world.grant_of(&ana, &acme.customer.id).await, None);
    assert_eq!(world.administrator.client.delegations("").await.unwrap().data.len(), 2, "all stays all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_wins_a_group_carries_and_what_is_left_counts() {
    let world = World::start(quick(&["eu"])).await.unwrap();
    let (acme, beta) = (world.customer(0, "Acme").await.unwrap(), world.customer(0, "Beta").await.unwrap());
    let ana = world.person("ana", Role::Analyst).await.unwrap();
    let admin = &world.administrator.client;
    let new = NewGroup { name: "Banks".into(), customers: vec![acme.customer.id.clone()] };
    let banks = admin.add_group(&new).await.unwrap();
    let twice = admin.add_group(&NewGroup { name: "bANKS".into(), customers: Vec::new() }).await.unwrap_err();
    assert_eq!(twice.code(), Some("NAME_TAKEN"));
    let of_group = NewDelegations { groups: Some(vec![banks.group.id.clone()]), role: Some(Role::Analyst), ..to(&[&ana]) };
    let by_group = delegate(&world, of_group).await.remove(0);
    becomes(&world, &ana, &acme, Some(Role::Analyst)).await;
    let seen = ana.client.customers().await.unwrap().data;
    assert_eq!((seen.len(), seen[0].groups[0].name.as_str()), (1, "Banks"));

    let both = GroupPatch { customers: Some(vec![acme.customer.id.clone(), beta.customer.id.clone()]), ..GroupPatch::default() };
    assert_eq!(admin.update_group(&banks.group.id, &both).await.unwrap().customers.len(), 2);
    becomes(&world, &ana, &beta, Some(Role::Analyst)).await;
    let before = world.grant_of(&ana, &acme.customer.id).await.unwrap();
    let denial = delegate(&world, on(NewDelegations { deny: true, ..to(&[&ana]) }, &[&beta])).await.remove(0);
    becomes(&world, &ana, &beta, None).await;
    assert_eq!(world.grant_of(&ana, &acme.customer.id).await.unwrap().updated_time, before.updated_time, "what stays is not written anew");
    assert_eq!(ana.client.customers().await.unwrap().data.len(), 1);

    // The shorthand sets and takes back the delegation to one customer, and says what is left.
    let set = world.decide(&ana, &beta, Some(Role::Viewer)).await.unwrap();
    assert_eq!((set.desired, set.via.len()), (Some(Role::Analyst), 2), "it stands where the denial stood, and the group gives more");
    assert_eq!(world.decide(&ana, &beta, None).await.unwrap().desired, Some(Role::Analyst));
    let put = async |role| admin.put_grant(&NewGrant { user: ana.client.me.id.clone(), customer: beta.customer.id.clone(), role }).await;
    assert_eq!(put(None).await.unwrap_err().code(), Some("DELEGATED_OTHERWISE"));
    let gone = admin.remove_delegation(&denial.id).await.unwrap_err();
    assert_eq!(gone.problem().map(|problem| problem.status), Some(404));
    delegate(&world, NewDelegations { all: true, deny: true, ..to(&[&ana]) }).await;
    assert_eq!(put(Some(Role::Viewer)).await.unwrap_err().code(), Some("DENIED"));
    becomes(&world, &ana, &acme, None).await;
    let all = admin.delegations(&format!("customer={}", acme.customer.id)).await.unwrap().data;
    assert_eq!(all.iter().filter(|delegation| delegation.deny).count(), 1);
    let everything = all.iter().find(|delegation| delegation.all).unwrap();
    admin.remove_delegation(&everything.id).await.unwrap();
    becomes(&world, &ana, &acme, Some(Role::Analyst)).await;
    becomes(&world, &ana, &beta, Some(Role::Analyst)).await;

    // A group that delegations name goes only when that is meant.
    let session = world.session(&world.administrator).await.unwrap();
    let remove = async |query: &str| world.call(Some(&session), "DELETE", &format!("/api/v1/groups/{}{query}", banks.group.id), "").await.unwrap();
    assert_eq!(remove("").await.refusal(), (409, "GROUP_IN_USE", ""));
    let without = GroupPatch { customers: Some(vec![beta.customer.id.clone()]), ..GroupPatch::default() };
    admin.update_group(&banks.group.id, &without).await.unwrap();
    becomes(&world, &ana, &acme, None).await;
    assert_eq!(remove("?force=true").await.status, 204);
    becomes(&world, &ana, &beta, None).await;
    assert!(!admin.delegations("").await.unwrap().data.iter().any(|delegation| delegation.id == by_group.id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_delegated_until_then_ends_then_at_the_console_and_at_the_node() {
    let world = World::start(quick(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let ana = world.person("ana", Role::Analyst).await.unwrap();
    let short =
        NewDelegations { role: Some(Role::Analyst), expires_time: in_time(Duration::from_secs(9)), reason: Some("one case".into()), ..to(&[&ana]) };
    delegate(&world, NewDelegations { all: true, role: Some(Role::Viewer), ..to(&[&ana]) }).await;
    let made = delegate(&world, on(short, &[&acme])).await.remove(0);
    becomes(&world, &ana, &acme, Some(Role::Analyst)).await;
    assert_eq!(technician(&acme, &ana).await.unwrap().expires_time, made.expires_time, "the customer sees until when");
    let grant = world.grant_of(&ana, &acme.customer.id).await.unwrap();
    assert_eq!((grant.expires_time, grant.reason.as_deref(), grant.via.len()), (made.expires_time, Some("one case"), 2));
    becomes(&world, &ana, &acme, Some(Role::Viewer)).await;
    assert!(Some(Utc::now()) >= made.expires_time, "not before its time");
    assert_eq!(technician(&acme, &ana).await.unwrap().expires_time, None);
    let kept = world.administrator.client.delegations(&format!("user={}", ana.client.me.id)).await.unwrap().data;
    assert_eq!(kept.iter().filter(|delegation| delegation.expired).count(), 1, "who asks why is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_after_a_revocation_has_none_of_its_rows() {
    let world = World::start(quick(&["eu"])).await.unwrap();
    let (keeps, loses) = (world.customer(0, "Keeps").await.unwrap(), world.customer(0, "Loses").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&keeps, &loses]).await.unwrap();
    spray(&keeps, 1, 4).await;
    spray(&loses, 2, 4).await;
    let first = page(&ana, "limit=3&sort=-created_time").await;
    assert_eq!(first.data.len(), 3);
    let before = rows_of(&first, &keeps);
    world.decide(&ana, &loses, None).await.unwrap();
    let (mut next, mut found) = (first.next, before);
    while let Some(cursor) = next {
        let more = page(&ana, &format!("limit=3&sort=-created_time&cursor={cursor}")).await;
        assert_eq!(rows_of(&more, &loses), 0);
        found += rows_of(&more, &keeps);
        next = more.next;
    }
    assert_eq!(found, 4, "and all of the others");
}

/// Reads pages until one is as wanted, or the stream ends; how long that took.
async fn until(live: &mut Live, what: &str, holds: impl Fn(Option<&Page<Investigation>>) -> bool) -> Duration {
    let began = Instant::now();
    let reading = async {
        loop {
            let page: Option<Page<Investigation>> = live.next().await.unwrap().map(|value| serde_json::from_value(value).unwrap());
            if holds(page.as_ref()) {
                return true;
            }
            if page.is_none() {
                return false;
            }
        }
    };
    assert_eq!(tokio::time::timeout(SOON, reading).await, Ok(true), "the stream never showed: {what}");
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_page_loses_what_is_taken_away_within_five_seconds_though_a_node_hangs() {
    let mut world = World::start(quick(&["eu", "us"])).await.unwrap();
    let (one, two) = (world.customer(0, "One").await.unwrap(), world.customer(0, "Two").await.unwrap());
    let (slow, ends) = (world.customer(1, "Slow").await.unwrap(), world.customer(0, "Ends").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&one, &two, &slow]).await.unwrap();
    for (net, customer) in [(1, &one), (2, &two), (3, &ends)] {
        spray(customer, net, 1).await;
    }
    let session = world.session(&ana).await.unwrap();
    let mut live = world.live(&session, "").await.unwrap();
    until(&mut live, "two customers", |page| page.is_some_and(|page| page.data.len() == 2)).await;
    world.nodes[1].hang().await.unwrap();
    let held = Instant::now();
    let short = NewDelegations { role: Some(Role::Viewer), expires_time: in_time(Duration::from_secs(12)), ..to(&[&ana]) };
    let short = delegate(&world, on(short, &[&ends])).await.remove(0);
    until(&mut live, "the third", |page| page.is_some_and(|page| page.data.len() == 3)).await;

    world.decide(&ana, &two, None).await.unwrap();
    let took = until(&mut live, "two is gone", |page| page.is_some_and(|page| rows_of(page, &two) == 0 && rows_of(page, &one) == 1)).await;
    assert!(took < LIVE, "taken away: {took:?}");

    until(&mut live, "what has ended is gone", |page| page.is_some_and(|page| rows_of(page, &ends) == 0)).await;
    let late = Utc::now() - short.expires_time.unwrap();
    assert!((0..5_000).contains(&late.num_milliseconds()), "ended: {late} late, {:?} after it began", held.elapsed());

    let disable = UserPatch { disabled: Some(true), ..UserPatch::default() };
    let off = world.administrator.client.update_user(&ana.client.me.id, &disable).await.unwrap();
    assert_eq!(off.state, UserState::Disabled);
    let took = until(&mut live, "the end of the stream", |page| page.is_none()).await;
    assert!(took < LIVE, "disabled: {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_disabled_or_let_go_is_out_at_once_here_and_at_a_node_when_it_is_back() {
    let mut world = World::start(quick(&["eu", "us"])).await.unwrap();
    let (near, far) = (world.customer(0, "Near").await.unwrap(), world.customer(1, "Far").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&near, &far]).await.unwrap();
    let admin = world.administrator.client.clone();
    let (id, session) = (ana.client.me.id.clone(), world.session(&ana).await.unwrap());
    let me = async |session: &Session| world.call(Some(session), "GET", "/api/v1/me", "").await.unwrap().status;
    assert_eq!(me(&session).await, 200);
    let shown = async || admin.users().await.unwrap().data.into_iter().find(|user| user.id == id);
    eventually(SOON, "she was seen", async || shown().await.unwrap().last_seen_time.is_some()).await;
    assert_eq!(shown().await.unwrap().customers.applied, 2);

    let patch = |disabled| UserPatch { disabled: Some(disabled), ..UserPatch::default() };
    let off = admin.update_user(&id, &patch(true)).await.unwrap();
    assert_eq!((off.state, off.customers.granted), (UserState::Disabled, 0));
    assert_eq!(me(&session).await, 401);
    assert!(world.session(&ana).await.is_err(), "nor does the password open anything");
    assert_eq!(admin.user_link(&id).await.unwrap_err().code(), Some("USER_DISABLED"));
    let refused = admin.delegate(&NewDelegations { all: true, role: Some(Role::Viewer), ..to(&[&ana]) }).await.unwrap_err();
    assert_eq!(refused.code(), Some("USER_DISABLED"));
    becomes(&world, &ana, &near, None).await;
    becomes(&world, &ana, &far, None).await;
    admin.update_user(&id, &patch(false)).await.unwrap();
    becomes(&world, &ana, &near, Some(Role::Analyst)).await;
    becomes(&world, &ana, &far, Some(Role::Analyst)).await;
    assert_eq!(me(&session).await, 401, "a session that ended stays so");

    world.nodes[1].stop().await;
    let session = world.session(&ana).await.unwrap();
    admin.remove_user(&id).await.unwrap();
    assert_eq!(world.call(Some(&session), "GET", "/api/v1/me", "").await.unwrap().status, 401);
    assert_eq!(shown().await, None);
    eventually(SOON, "gone where the node answers", async || technician(&near, &ana).await.is_none()).await;
    let waits = async || world.grant_of(&ana, &far.customer.id).await.is_some_and(|grant| grant.detail.is_some() && grant.desired.is_none());
    eventually(SOON, "what waits says why", waits).await;
    // The address is free, and whoever has it now is another person: their role is not taken away with hers.
    let again = NewUser { email: ana.email.clone(), name: "Ana again".into(), role: Role::Viewer, may_save_dashboards: false };
    let anew: UserId = admin.add_user(&again).await.unwrap().user.id;
    let of_anew = NewDelegations { users: vec![anew.clone()], role: Some(Role::Viewer), ..NewDelegations::default() };
    delegate(&world, on(of_anew, &[&far])).await;
    world.nodes[1].start_again().await.unwrap();
    let grants = async || admin.grants().await.unwrap().data;
    let settled = |grants: &[Grant]| grants.len() == 1 && grants[0].user == anew && grants[0].state == GrantState::Applied;
    eventually(SOON, "one person has a role", async || settled(&grants().await)).await;
    let there = technician(&far, &ana).await.unwrap();
    assert_eq!((there.name.as_str(), there.role), ("Ana again", Role::Viewer));
    let audit = admin.audit().await.unwrap().data;
    for verb in ["user.disable", "user.enable", "user.remove", "delegation.add", "grant.apply"] {
        assert!(audit.iter().any(|line| line.verb == verb && line.outcome == "ok"), "{verb}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lower_role_at_the_console_is_a_lower_role_at_the_node_and_an_administrator_is_left() {
    let world = World::start(quick(&["eu"])).await.unwrap();
    let acme = world.customer(0, "Acme").await.unwrap();
    let boss = world.granted("boss", Role::Administrator, &[&acme]).await.unwrap();
    let admin = &world.administrator.client;
    let role = |role| UserPatch { role: Some(role), ..UserPatch::default() };
    let code =
        async |client: &ConsoleClient, id: &UserId, patch: &UserPatch| client.update_user(id, patch).await.unwrap_err().code().map(str::to_owned);
    assert_eq!(code(admin, &admin.me.id, &role(Role::Viewer)).await.as_deref(), Some("OWN_ROLE"));
    let named = UserPatch { name: Some("The Boss".into()), ..role(Role::Analyst) };
    assert_eq!(admin.update_user(&boss.client.me.id, &named).await.unwrap().role, Role::Analyst);
    becomes(&world, &boss, &acme, Some(Role::Analyst)).await;
    eventually(SOON, "the node knows the name", async || technician(&acme, &boss).await.is_some_and(|t| t.name == "The Boss")).await;
    admin.update_user(&boss.client.me.id, &role(Role::Viewer)).await.unwrap();
    becomes(&world, &boss, &acme, Some(Role::Viewer)).await;
    let grant = world.grant_of(&boss, &acme.customer.id).await.unwrap();
    assert_eq!((grant.desired, grant.via[0].role), (Some(Role::Viewer), Some(Role::Administrator)));
    admin.update_user(&boss.client.me.id, &role(Role::Administrator)).await.unwrap();
    becomes(&world, &boss, &acme, Some(Role::Administrator)).await;

    admin.update_user(&boss.client.me.id, &role(Role::Viewer)).await.unwrap();
    let disable = UserPatch { disabled: Some(true), ..UserPatch::default() };
    for patch in [role(Role::Viewer), disable] {
        assert_eq!(code(admin, &admin.me.id, &patch).await.as_deref(), Some("LAST_ADMINISTRATOR"));
    }
    assert_eq!(admin.remove_user(&admin.me.id).await.unwrap_err().code(), Some("LAST_ADMINISTRATOR"));

    // Somebody locked out gets another link; the one before is of no use then.
    let (first, second) = (admin.user_link(&boss.client.me.id).await.unwrap(), admin.user_link(&boss.client.me.id).await.unwrap());
    let open = |token: String| UseLink { token, name: None, password: "a password of sixteen words".into() };
    let base = format!("{}/", world.url()).parse().unwrap();
    assert_eq!(ConsoleClient::use_link(&world.transport, &base, &open(first.token)).await.unwrap_err().code(), Some("LINK_USED"));
    assert_eq!(ConsoleClient::use_link(&world.transport, &base, &open(second.token)).await.unwrap().me.id, boss.client.me.id);
    assert_eq!(code(&boss.client, &boss.client.me.id, &UserPatch::default()).await, Some("AUTH_FAILED".into()), "her session before ended");
}
