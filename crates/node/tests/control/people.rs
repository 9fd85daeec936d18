//! Operator and administrators: links, sign-in, workspaces, enrolment.

use crate::support::{Bench, CONSOLE, PASSWORD, refused};
use bailiwick_api::{CreatedWorkspace, List, NewWorkspace, UseLink, WorkspaceInfo};
use bailiwick_client::{SigningKey, WorkspaceClient};

fn link(token: &str, name: Option<&str>, password: &str) -> UseLink {
    UseLink { token: token.into(), name: name.map(Into::into), password: password.into() }
}

#[tokio::test]
async fn a_link_is_good_once_and_a_weak_password_does_not_cost_it() {
    let bench = Bench::start().await;
    let token = bench.node.operator_link().unwrap().split('#').next_back().unwrap().to_owned();
    let open = async |link: UseLink| WorkspaceClient::use_link(&bench.transport, &base!(bench), &link).await;
    assert_eq!(refused(open(link(&token, Some("root"), "short")).await).code, "PASSWORD_WEAK");
    assert_eq!(refused(open(link(&token, None, PASSWORD)).await).field.as_deref(), Some("name"));
    let operator = open(link(&token, Some("Root"), PASSWORD)).await.unwrap();
    assert_eq!((operator.me.kind.as_str(), operator.me.user.as_str()), ("operator", "Root"));
    assert_eq!(refused(open(link(&token, Some("root2"), PASSWORD)).await).code, "LINK_USED");

    let new = |name: &str, admin: &str| NewWorkspace { name: name.into(), admin: admin.into() };
    let made = operator.add_workspace(&new("Acme & Söhne", "Chief")).await.unwrap();
    assert!(made.workspace.id.as_str().starts_with("acme-s-hne-"), "{}", made.workspace.id);
    for taken in ["CHIEF", " chief ", "rOOT"] {
        assert_eq!(refused(operator.add_workspace(&new("Other", taken)).await).code, "ADMIN_TAKEN", "{taken}");
    }
    let all: List<WorkspaceInfo> = operator.get("/api/v1/workspaces").await.unwrap();
    assert_eq!(all.data, std::slice::from_ref(&made.workspace));
    let admin = open(link(&made.link.token, None, PASSWORD)).await.unwrap();
    assert_eq!(admin.me.workspace.as_ref(), Some(&made.workspace.id));
    assert_eq!(refused(open(link(&made.link.token, None, PASSWORD)).await).code, "LINK_USED");
    assert_eq!(refused(admin.get::<List<WorkspaceInfo>>("/api/v1/workspaces").await).status, 403);
    assert_eq!(refused(operator.sources().await).status, 403, "the operator sees no customer's data");
}

#[tokio::test]
async fn guessing_is_slowed_down_for_that_name_alone() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let sign_in = async |user: &str, password: &str| WorkspaceClient::sign_in(&bench.transport, &base!(bench), user, password).await;
    for user in [site.user.as_str(), "nobody"] {
        for _ in 0..10 {
            assert_eq!(refused(sign_in(user, "wrong wrong wrong").await).code, "AUTH_FAILED");
        }
    }
    assert_eq!(refused(sign_in(&site.user.to_uppercase(), PASSWORD).await).code, "THROTTLED");
    let enrolled = bench.try_enrol(&site.user, PASSWORD, CONSOLE, &SigningKey::generate().unwrap()).await;
    assert_eq!(refused(enrolled).code, "THROTTLED", "enrolment is a second door to guess at");
    sign_in("root", PASSWORD).await.unwrap();
    bench.clock.pass(61);
    sign_in(&site.user, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn enrolment_wants_the_workspaces_own_administrator_and_one_console() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let key = SigningKey::generate().unwrap();
    let code = async |user: &str, password: &str, console: &str| refused(bench.try_enrol(user, password, console, &key).await).code;
    assert_eq!(code(&site.user, "wrong wrong wrong", CONSOLE).await, "AUTH_FAILED");
    assert_eq!(code("root", PASSWORD, CONSOLE).await, "NOT_ADMIN");
    assert_eq!(bench.try_enrol(&site.user, PASSWORD, CONSOLE, &key).await.unwrap(), site.id);
    assert_eq!(code(&site.user, PASSWORD, "console-b").await, "ALREADY_INTEGRATED_ELSEWHERE");
    let renewed = SigningKey::generate().unwrap();
    bench.enrol(&site, CONSOLE, &renewed).await;
    let boss = bench.caller("boss@mssp.example");
    let body = bailiwick_api::PutTechnician { name: "Ana".into(), role: bailiwick_api::Role::Viewer, expires_time: None };
    let put = async |key| bench.client(CONSOLE, key).put_technician(&boss, &site.id, "ana@mssp.example", &body, crate::support::DEADLINE).await;
    assert_eq!(refused(put(&key).await).status, 401, "the key before still counts");
    put(&renewed).await.unwrap();
    let seen: List<bailiwick_api::EnrolmentInfo> = site.admin.get("/api/v1/enrolments").await.unwrap();
    assert_eq!((seen.data.len(), seen.data[0].enrolled_by.as_str()), (1, site.user.as_str()));
}

#[tokio::test]
async fn a_role_ends_at_its_time_though_no_console_says_so_again() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let console = bench.enrol(&site, CONSOLE, &SigningKey::generate().unwrap()).await;
    let ends = chrono::DateTime::from_timestamp(bench.clock.seconds() + 60, 0);
    let put = async |expires_time| {
        let body = bailiwick_api::PutTechnician { name: "Ana".into(), role: bailiwick_api::Role::Analyst, expires_time };
        let boss = bench.caller("boss@mssp.example");
        console.put_technician(&boss, &site.id, "ana@mssp.example", &body, crate::support::DEADLINE).await.unwrap()
    };
    let asks = async || {
        let ask =
            bailiwick_api::AskSummaries { workspaces: vec![bailiwick_api::Ask { workspace: site.id.clone(), role: bailiwick_api::Role::Analyst }] };
        let said = console.summaries(&bench.caller("ana@mssp.example"), &ask, crate::support::DEADLINE).await.unwrap();
        said.workspaces[0].skipped
    };
    assert_eq!(put(ends).await.expires_time, ends);
    let seen: List<bailiwick_api::Technician> = site.admin.technicians().await.unwrap();
    assert_eq!((seen.data[0].expires_time, seen.data[0].granted_by.as_str()), (ends, "boss@mssp.example at MSSP"));
    assert_eq!(asks().await, None);
    bench.clock.pass(59);
    assert_eq!(asks().await, None);
    bench.clock.pass(1);
    assert_eq!(asks().await, Some(bailiwick_api::SkipReason::NoRole));
    assert_eq!(put(None).await.expires_time, None, "the console may give it anew, without an end");
    assert_eq!(asks().await, None);
}

#[tokio::test]
async fn wrong_input_is_named_and_a_foreign_page_cannot_act() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let made: Result<CreatedWorkspace, _> =
        operator.call("POST".parse().unwrap(), "/api/v1/workspaces", Some(&serde_json::json!({"name": "a", "admin": "b", "adnim": "c"}))).await;
    let problem = refused(made);
    assert_eq!((problem.code.as_str(), problem.field.as_deref()), ("UNKNOWN_FIELD", Some("adnim")));
    let listed = refused(operator.get::<List<WorkspaceInfo>>("/api/v1/workspaces?nmae=x").await);
    assert_eq!((listed.status, listed.field.as_deref()), (400, Some("nmae")));
    let about = bench.send("GET", "/api/v1/about?x=1", &[], b"").await;
    assert_eq!(about, (400, "UNKNOWN_PARAMETER".into()));

    let mut foreign = operator.clone();
    foreign.me.csrf = "wrong".into();
    assert_eq!(refused(foreign.add_workspace(&NewWorkspace { name: "a".into(), admin: "b".into() }).await).code, "CSRF");
    operator.call::<Option<()>>("DELETE".parse().unwrap(), "/api/v1/session", None::<&()>).await.unwrap();
    assert_eq!(refused(operator.get::<List<WorkspaceInfo>>("/api/v1/workspaces").await).status, 401);
    for path in ["/healthz", "/readyz", "/api/v1/openapi.json"] {
        assert_eq!(bench.send("GET", path, &[], b"").await.0, 200, "{path}");
    }
    assert_eq!(bench.send("GET", "/api/v1/nothing", &[], b"").await.0, 404);
}

#[tokio::test]
async fn a_workspace_made_beside_a_running_node_is_taken_up() {
    let bench = Bench::start().await;
    let new = NewWorkspace { name: "Acme".into(), admin: "chief".into() };
    let made = bailiwick_node::operators::add_workspace(bench.node.state().db(), "http://node.example/", 1_760_000_000_000_000, &new).await.unwrap();
    assert!(made.link.link.starts_with("http://node.example/setup#"), "{}", made.link.link);
    let open = link(&made.link.token, None, PASSWORD);
    let admin = WorkspaceClient::use_link(&bench.transport, &base!(bench), &open).await.unwrap();
    assert_eq!(admin.me.workspace_name.as_deref(), Some("Acme"));
}

#[tokio::test]
async fn a_restart_renews_the_first_link_and_keeps_people_and_workspaces() {
    let bench = Bench::start().await;
    let token = |bench: &Bench| bench.node.operator_link().unwrap().split('#').next_back().unwrap().to_owned();
    let first = token(&bench);
    let bench = bench.restart(1).await;
    let old = WorkspaceClient::use_link(&bench.transport, &base!(bench), &link(&first, Some("root"), PASSWORD)).await;
    assert_eq!(refused(old).code, "LINK_USED");
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let bench = bench.restart(1).await;
    assert_eq!(bench.node.operator_link(), None);
    let admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    assert_eq!(admin.me.workspace, Some(site.id));
}
