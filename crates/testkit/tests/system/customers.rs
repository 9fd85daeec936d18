//! A customer's life at the console: looked at, added, edited, let go, taken back, forced, and let in again; with real nodes.

use bailiwick_api::{
    Customer, CustomerPatch, ImportLine, ImportReport, ImportResult, List, LogSearch, NewCustomer, Preflight, PreflightCheck, PreflightResult,
    PreflightStep, Removal, RemovalKind, RemovalState, Role, Scheme,
};
use bailiwick_chassis::tasks::Tasks;
use bailiwick_client::Transport;
use bailiwick_console::Pace;
use bailiwick_testkit::{Answer, Registered, Session, Setup, Site, World, call, events, eventually};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::net::{TcpListener, TcpStream};

const SOON: Duration = Duration::from_secs(10);

fn quick() -> Setup {
    let millis = Duration::from_millis;
    let pace = Pace { removals: millis(200), probe: millis(200), reconcile: millis(200), ..Pace::default() };
    Setup { pace, ..Setup::new(&["eu", "us"]) }
}

struct Scene {
    world: World,
    session: Session,
}

impl Scene {
    async fn start() -> Self {
        let world = World::start(quick()).await.unwrap();
        let session = world.session(&world.administrator).await.unwrap();
        Self { world, session }
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.world.call(Some(&self.session), method, &format!("/api/v1/{path}"), body).await.unwrap()
    }

    async fn delete(&self, customer: &Registered, now: bool) -> Answer {
        let body = json!({"password": self.world.administrator.password, "now": now});
        self.call("DELETE", &format!("customers/{}", customer.customer.id), body).await
    }

    async fn force(&self, customer: &Registered, reason: &str) -> Answer {
        let body = json!({"password": self.world.administrator.password, "reason": reason});
        self.call("POST", &format!("customers/{}/force-delete", customer.customer.id), body).await
    }

    async fn names(&self) -> Vec<String> {
        self.world.administrator.client.customers().await.unwrap().data.into_iter().map(|customer| customer.name).collect()
    }

    async fn removal(&self, customer: &Registered) -> Removal {
        let all: List<Removal> = self.world.administrator.client.get("/api/v1/removals").await.unwrap();
        all.data.into_iter().find(|removal| removal.customer == customer.customer.id).unwrap()
    }

    async fn outcomes(&self, verb: &str) -> Vec<(String, Option<String>)> {
        let lines = self.world.administrator.client.audit().await.unwrap().data;
        lines.into_iter().filter(|line| line.verb == verb).map(|line| (line.outcome, line.customer.map(|customer| customer.name))).collect()
    }
}

fn read<T: serde::de::DeserializeOwned>(answer: Answer) -> T {
    assert!((200..300).contains(&answer.status), "{answer:?}");
    serde_json::from_value(answer.body).unwrap()
}

/// Consoles that are enrolled, as the customer's administrator sees it.
async fn enrolments(site: &Site) -> usize {
    let list: List<Value> = site.admin.get("/api/v1/enrolments").await.unwrap();
    list.data.len()
}

async fn verbs(site: &Site) -> Vec<String> {
    let list: List<Value> = site.admin.get("/api/v1/audit").await.unwrap();
    list.data.into_iter().map(|line| line["verb"].as_str().unwrap().to_owned()).collect()
}

async fn searches(session: &Session, world: &World, customer: &Registered) -> u16 {
    let path = format!("/api/v1/customers/{}/logs/search", customer.customer.id);
    world.call(Some(session), "POST", &path, r#"{"query":""}"#).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_let_go_is_out_of_reach_at_once_and_can_be_taken_back() {
    let scene = Scene::start().await;
    let acme = scene.world.customer(0, "Acme").await.unwrap();
    let ana = scene.world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    let hers = scene.world.session(&ana).await.unwrap();
    assert_eq!(searches(&hers, &scene.world, &acme).await, 200);
    let wrong = scene.call("DELETE", &format!("customers/{}", acme.customer.id), json!({"password": "not my password"})).await;
    assert_eq!(wrong.refusal(), (403, "PASSWORD_WRONG", "password"));

    let removal: Removal = read(scene.delete(&acme, false).await);
    assert_eq!((removal.how, removal.state), (RemovalKind::Soft, RemovalState::Suspended));
    let window = removal.undo_until.unwrap() - removal.requested_time;
    assert_eq!(window.num_hours(), 24);
    assert!(scene.names().await.is_empty());
    assert_eq!(searches(&hers, &scene.world, &acme).await, 404);
    assert_eq!(scene.call("GET", &format!("customers/{}", acme.customer.id), Value::Null).await.status, 404);
    assert_eq!(scene.delete(&acme, false).await.status, 404, "it is gone already");

    let twin = scene.world.customer(1, "ACME").await.unwrap();
    let restore = format!("customers/{}/restore", acme.customer.id);
    assert_eq!(scene.call("POST", &restore, Value::Null).await.refusal(), (409, "NAME_TAKEN", "name"));
    read::<Removal>(scene.delete(&twin, true).await);
    let back: Customer = read(scene.call("POST", &restore, Value::Null).await);
    assert_eq!((back.id, back.name.as_str()), (acme.customer.id.clone(), "Acme"));
    assert_eq!(searches(&hers, &scene.world, &acme).await, 200, "her grant came back with it");
    assert_eq!(scene.removal(&acme).await.state, RemovalState::Undone);
    assert_eq!(scene.call("POST", &restore, Value::Null).await.status, 404);
    let at_node = verbs(&acme).await;
    assert!(at_node.contains(&"enrolment.suspend".into()) && at_node.contains(&"enrolment.resume".into()), "{at_node:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleting_now_leaves_nothing_on_either_side_and_the_same_workspace_may_come_again() {
    let scene = Scene::start().await;
    let acme = scene.world.customer(0, "Acme").await.unwrap();
    scene.world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    let removal: Removal = read(scene.delete(&acme, true).await);
    assert_eq!(removal.state, RemovalState::Done);
    assert!(acme.admin.technicians().await.unwrap().data.is_empty());
    assert!(enrolments(&acme).await == 0);
    assert!(scene.world.administrator.client.grants().await.unwrap().data.is_empty());
    let told = scene.outcomes("customer.removed").await;
    assert_eq!(told, [("ok".to_owned(), Some("Acme".to_owned()))], "the audit still names it");
    let again = scene.world.administrator.client.add_customer(&acme.form("Acme")).await.unwrap();
    assert_ne!(again.id, acme.customer.id);
    // While it can still be undone, letting the same workspace in again ends what was before.
    let acme = Registered { customer: again, site: acme.site.clone() };
    read::<Removal>(scene.delete(&acme, false).await);
    scene.world.administrator.client.add_customer(&acme.form("Acme once more")).await.unwrap();
    assert_eq!(scene.removal(&acme).await.state, RemovalState::Done);
    assert_eq!(scene.names().await, ["Acme once more"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn force_is_offered_only_after_the_node_failed_and_cleans_up_when_it_is_back() {
    let mut scene = Scene::start().await;
    let acme = scene.world.customer(0, "Acme").await.unwrap();
    let other = scene.world.customer(0, "Other").await.unwrap();
    let ana = scene.world.granted("ana", Role::Analyst, &[&acme, &other]).await.unwrap();
    assert_eq!(scene.force(&acme, "contract ended").await.refusal().1, "SOFT_DELETE_FIRST");
    scene.world.nodes[0].stop().await;
    let failed = scene.delete(&acme, false).await;
    assert_eq!((failed.status, failed.body["code"].as_str()), (502, Some("NODE_UNREACHABLE")));
    let one: Customer = read(scene.call("GET", &format!("customers/{}", acme.customer.id), Value::Null).await);
    assert_eq!(one.delete_failed.as_deref(), Some("NODE_UNREACHABLE"));
    assert_eq!(scene.force(&acme, "  ").await.refusal(), (400, "REASON_MISSING", "reason"));
    let removal: Removal = read(scene.force(&acme, "contract ended").await);
    assert_eq!((removal.how, removal.state, removal.reason.as_deref()), (RemovalKind::Forced, RemovalState::Pending, Some("contract ended")));
    assert_eq!(scene.names().await, ["Other"]);
    let waits = async || scene.removal(&acme).await.detail.is_some();
    eventually(SOON, "the removal says what it waits for", waits).await;

    scene.world.nodes[0].start_again().await.unwrap();
    eventually(SOON, "the node cleaned up", async || scene.removal(&acme).await.state == RemovalState::Done).await;
    assert!(enrolments(&acme).await == 0 && acme.admin.technicians().await.unwrap().data.is_empty());
    assert_eq!(other.admin.technicians().await.unwrap().data[0].email, ana.email, "the neighbour keeps its own");
    scene.world.administrator.client.add_customer(&acme.form("Acme")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn editing_keeps_history_and_asks_for_credentials_only_when_the_server_changes() {
    let scene = Scene::start().await;
    let (acme, beta) = (scene.world.customer(0, "Acme").await.unwrap(), scene.world.customer(0, "Beta").await.unwrap());
    let ana = scene.world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    let path = format!("customers/{}", acme.customer.id);
    let patch = async |patch: CustomerPatch| scene.call("PATCH", &path, serde_json::to_value(patch).unwrap()).await;
    let name = |name: &str| CustomerPatch { name: Some(name.into()), ..CustomerPatch::default() };
    assert_eq!(patch(name("bETA")).await.refusal(), (409, "NAME_TAKEN", "name"));
    assert_eq!(patch(CustomerPatch { mail: Some("no".into()), ..CustomerPatch::default() }).await.refusal(), (400, "MAIL_INVALID", "mail"));
    let renamed: Customer = read(patch(name("ACME Ltd")).await);
    assert_eq!((renamed.name.as_str(), renamed.mail.as_str()), ("ACME Ltd", acme.customer.mail.as_str()));

    let new_home = scene.world.site(1, "New Home").await.unwrap();
    let form = new_home.form("x");
    let away = CustomerPatch { server: Some(form.server.clone()), port: Some(form.port), ..CustomerPatch::default() };
    assert_eq!(patch(away.clone()).await.refusal(), (400, "MISSING_FIELD", "admin"));
    let wrong = CustomerPatch { admin: Some(beta.credentials.clone()), ..away.clone() };
    assert_eq!(patch(wrong).await.refusal(), (422, "AUTH_FAILED", "admin.password"));
    let moved: Customer = read(patch(CustomerPatch { admin: Some(form.admin), ..away }).await);
    assert_eq!((&moved.id, moved.region.as_str(), &moved.workspace), (&acme.customer.id, "us", &new_home.id));
    let there = async || new_home.admin.technicians().await.unwrap().data.iter().any(|t| t.email == ana.email);
    eventually(SOON, "her role followed", there).await;
    let gone = async || enrolments(&acme).await == 0;
    eventually(SOON, "nothing is left where it was", gone).await;
    assert_eq!(scene.removal(&acme).await.how, RemovalKind::Moved);
    let kept: Value = read(scene.call("GET", &format!("{path}/registration"), Value::Null).await);
    assert_eq!((kept["customer"]["name"].as_str(), kept["grants"].as_array().map(Vec::len)), (Some("ACME Ltd"), Some(1)));
}

/// What each step said, as far as it was looked at.
async fn looked(scene: &Scene, form: &NewCustomer) -> (bool, Vec<(PreflightCheck, PreflightResult, Option<String>)>) {
    let seen: Preflight = read(scene.call("POST", "customers/preflight", serde_json::to_value(form).unwrap()).await);
    assert_eq!(seen.steps.len(), PreflightCheck::ALL.len());
    for step in &seen.steps {
        assert_eq!(step.result == PreflightResult::Failed, step.code.is_some() && step.result != PreflightResult::Warning, "{step:?}");
        assert!(step.code.is_none() || step.remedy.is_some(), "what is to be done? {step:?}");
    }
    (seen.ok, seen.steps.into_iter().map(|step| (step.check, step.result, step.code)).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_preflight_finds_what_saving_would_find_and_saves_nothing() {
    let scene = Scene::start().await;
    let (acme, site) = (scene.world.customer(0, "Acme").await.unwrap(), scene.world.site(1, "Beta").await.unwrap());
    let good = site.form("Beta");
    let (ok, steps) = looked(&scene, &good).await;
    assert!(ok && steps.iter().all(|(_, result, _)| *result == PreflightResult::Passed), "{steps:?}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let with = |password: &str| bailiwick_api::Credentials { password: password.into(), ..good.admin.clone() };
    let cases = [
        (NewCustomer { name: "aCME".into(), ..good.clone() }, PreflightCheck::Form, "NAME_TAKEN"),
        (NewCustomer { mail: "beta".into(), ..good.clone() }, PreflightCheck::Form, "MAIL_INVALID"),
        (NewCustomer { server: "no.such.host.invalid".into(), ..good.clone() }, PreflightCheck::Address, "HOST_UNREACHABLE"),
        (NewCustomer { port: closed, ..good.clone() }, PreflightCheck::Port, "HOST_UNREACHABLE"),
        (NewCustomer { scheme: Scheme::Https, ..good.clone() }, PreflightCheck::Tls, "TLS_FAILED"),
        (NewCustomer { admin: with("wrong wrong wrong"), ..good.clone() }, PreflightCheck::Credentials, "AUTH_FAILED"),
        (NewCustomer { name: "Acme again".into(), ..acme.form("Acme again") }, PreflightCheck::Enrolment, "ALREADY_ENROLLED"),
    ];
    for (form, check, code) in cases {
        let (ok, steps) = looked(&scene, &form).await;
        let found = steps.iter().find(|(_, result, _)| *result == PreflightResult::Failed).unwrap();
        assert_eq!((ok, found.0, found.2.as_deref()), (false, check, Some(code)));
        let behind = steps.iter().skip_while(|step| step.0 != check).skip(1);
        assert!(behind.clone().all(|(_, result, _)| *result == PreflightResult::Skipped), "{steps:?}");
    }
    assert_eq!(scene.names().await, ["Acme"]);
    assert!(enrolments(&site).await == 0);
    // The customer that is edited may keep its own name and workspace.
    let own: Preflight = read(
        scene.call("POST", &format!("customers/preflight?customer={}", acme.customer.id), serde_json::to_value(acme.form("Acme")).unwrap()).await,
    );
    assert!(own.ok, "{own:?}");
}

/// A self-signed front for a node; its port.
async fn front(tasks: &Tasks, node: std::net::SocketAddr) -> u16 {
    let own = rcgen::generate_simple_self_signed(vec!["node.example".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key).unwrap();
    let (acceptor, listener) = (tokio_rustls::TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let (Ok(mut inside), Ok(mut outside)) = (TcpStream::connect(node).await, acceptor.accept(stream).await) else { return };
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_self_signed_node_is_accepted_by_its_fingerprint_and_by_no_other() {
    let (scene, tasks) = (Scene::start().await, Tasks::new());
    let site = scene.world.site(0, "Acme").await.unwrap();
    let port = front(&tasks, scene.world.nodes[0].address()).await;
    let form = NewCustomer { server: "127.0.0.1".into(), port, scheme: Scheme::Https, ..site.form("Acme") };
    let seen: Preflight = read(scene.call("POST", "customers/preflight", serde_json::to_value(&form).unwrap()).await);
    let certificate = seen.certificate.unwrap();
    assert!(!seen.ok && !certificate.trusted);
    let add = async |fingerprint: Option<String>| {
        scene.call("POST", "customers", serde_json::to_value(NewCustomer { fingerprint, ..form.clone() }).unwrap()).await
    };
    assert_eq!(add(None).await.refusal(), (422, "TLS_FAILED", "server"));
    assert_eq!(add(Some("00".repeat(32))).await.refusal(), (422, "TLS_FAILED", "server"));
    assert_eq!(add(Some("short".into())).await.refusal(), (400, "FINGERPRINT_INVALID", "fingerprint"));
    let customer: Customer = read(add(Some(certificate.fingerprint.to_uppercase())).await);
    let acme = Registered { customer, site };
    let ana = scene.world.granted("ana", Role::Analyst, &[&acme]).await.unwrap();
    let hers = scene.world.session(&ana).await.unwrap();
    assert_eq!(searches(&hers, &scene.world, &acme).await, 200);
    tasks.stop(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_customers_tells_each_line_and_changes_nothing_the_second_time() {
    let scene = Scene::start().await;
    let mut file = "name,mail,server,port,scheme,admin_user,admin_password\n".to_owned();
    for name in ["Alpha", "Beta", "Gamma"] {
        let site = scene.world.site(0, name).await.unwrap();
        let form = site.form(name);
        let password = if name == "Beta" { "wrong" } else { &form.admin.password };
        file += &format!("{name},soc@customer.example,{},{},http,{},{password}\n", form.server, form.port, form.admin.user);
    }
    let import = async |file: &str| {
        let answer = scene.world.call(Some(&scene.session), "POST", "/api/v1/customers/import", file.to_owned()).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        let mut lines: Vec<Value> = answer.body.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let report: ImportReport = serde_json::from_value(lines.pop().unwrap()).unwrap();
        let lines: Vec<ImportLine> = lines.into_iter().map(|line| serde_json::from_value(line).unwrap()).collect();
        (lines, report)
    };
    let (lines, report) = import(&file).await;
    assert_eq!(report, ImportReport { added: 2, unchanged: 0, failed: 1 });
    assert_eq!((lines[1].line, lines[1].name.as_str(), lines[1].code.as_deref()), (3, "Beta", Some("AUTH_FAILED")));
    let (lines, report) = import(&file).await;
    assert_eq!(report, ImportReport { added: 0, unchanged: 2, failed: 1 });
    assert!(lines[0].result == ImportResult::Unchanged && lines[0].customer.is_some());
    assert_eq!(scene.names().await, ["Alpha", "Gamma"]);
    let refused = scene.world.call(Some(&scene.session), "POST", "/api/v1/customers/import", "name;mail\n").await.unwrap();
    assert_eq!(refused.refusal(), (400, "FILE_INVALID", "body"));
}

/// A workspace that was its own for weeks has logs, investigations and sources: all of it is there afterwards, for whoever is granted it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_that_ran_alone_is_enrolled_without_loss() {
    let scene = Scene::start().await;
    let site = scene.world.site(0, "Alone").await.unwrap();
    site.send(&events::spray("dc01.corp.example", "203.0.7.7")).await.unwrap();
    eventually(SOON, "an investigation", async || site.investigations().await.unwrap().len() == 1).await;
    let mine = site.investigations().await.unwrap().remove(0);
    let before = site.search("").await.unwrap().len();
    let customer = scene.world.administrator.client.add_customer(&site.form("Alone")).await.unwrap();
    let alone = Registered { customer, site };
    let alice = scene.world.granted("alice", Role::Analyst, &[&alone]).await.unwrap();
    let rows = alice.client.investigations("").await.unwrap().data;
    assert_eq!((rows.len(), &rows[0].row.rrn, rows[0].row.created_time), (1, &mine.rrn, mine.created_time), "it is in the queue");
    let found = alice.client.search_logs(alone.customer.id.as_str(), &LogSearch::default()).await.unwrap().data;
    assert_eq!((found.len(), alone.search("").await.unwrap().len()), (before, before), "nothing is lost, for either");
    alone.send(&events::spray("dc02.corp.example", "203.0.7.8")).await.unwrap();
    eventually(SOON, "its keys work on", async || alone.investigations().await.unwrap().len() == 2).await;
}

/// Whoever looks sees each step as it ends, and at last the whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_preflight_is_told_step_by_step() {
    let scene = Scene::start().await;
    let site = scene.world.site(0, "Beta").await.unwrap();
    let mut headers = scene.session.headers();
    headers.extend([("content-type", "application/json".to_owned()), ("accept", "application/x-ndjson".to_owned())]);
    let body = serde_json::to_vec(&site.form("Beta")).unwrap();
    let url = format!("{}/api/v1/customers/preflight", scene.world.url());
    let told = call(&Transport::new().unwrap(), "POST", &url, &headers, body).await.unwrap();
    let lines: Vec<Value> = told.body.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (whole, steps) = lines.split_last().unwrap();
    let whole: Preflight = serde_json::from_value(whole.clone()).unwrap();
    let steps: Vec<PreflightStep> = steps.iter().map(|step| serde_json::from_value(step.clone()).unwrap()).collect();
    assert!(whole.ok);
    assert_eq!(steps, whole.steps);
}
