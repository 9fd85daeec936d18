//! Signing in and out, links, tokens, and calls that are not well formed.

use crate::support::{ADMIN, Desk, PASSWORD, base, config, eventually, file, refused, token};
use bailiwick_api::{Role, UseLink, UserState};
use bailiwick_client::{ConsoleClient, Transport};
use bailiwick_console::Console;
use http::{Method, header};
use serde_json::json;

#[tokio::test]
async fn the_set_up_link_makes_one_administrator_and_no_second() {
    let dir = tempfile::tempdir().unwrap();
    let console = Console::start(config(file(&dir))).await.unwrap();
    let (base, transport) = (base(&console), Transport::new().unwrap());
    let link = console.setup_link().unwrap();
    assert!(link.starts_with(&format!("http://{}/setup#", console.address())), "{link}");
    let mut input = UseLink { token: token(&link), name: None, password: PASSWORD.into() };
    assert_eq!(refused(ConsoleClient::use_link(&transport, &base, &input).await).1, "MISSING_FIELD");
    input = UseLink { name: Some("not a mail".into()), ..input };
    assert_eq!(refused(ConsoleClient::use_link(&transport, &base, &input).await).1, "MAIL_INVALID");
    input = UseLink { name: Some(ADMIN.into()), password: "short".into(), ..input };
    assert_eq!(refused(ConsoleClient::use_link(&transport, &base, &input).await).1, "PASSWORD_WEAK");
    input = UseLink { password: PASSWORD.into(), ..input };
    let admin = ConsoleClient::use_link(&transport, &base, &input).await.unwrap();
    assert_eq!((admin.me.role, admin.me.email.as_str()), (Role::Administrator, ADMIN));
    assert_eq!(console.setup_link(), None);
    assert_eq!(refused(ConsoleClient::use_link(&transport, &base, &input).await), (403, "LINK_USED".into(), "token".into()));
    console.stop().await;
}

#[tokio::test]
async fn a_link_for_a_person_sets_their_password_once_and_ends_their_sessions() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(config(file(&dir))).await;
    let made = desk
        .admin
        .add_user(&bailiwick_api::NewUser { email: "ana@mssp.example".into(), name: "Ana".into(), role: Role::Analyst, may_save_dashboards: false })
        .await
        .unwrap();
    assert!(made.link.link.contains("/welcome#") && made.user.state == UserState::Invited);
    let input = UseLink { token: made.link.token, name: None, password: PASSWORD.into() };
    let ana = ConsoleClient::use_link(&desk.transport, &desk.base, &input).await.unwrap();
    assert_eq!(ana.me.role, Role::Analyst);
    assert_eq!(refused(ConsoleClient::use_link(&desk.transport, &desk.base, &input).await).1, "LINK_USED");
    ConsoleClient::sign_in(&desk.transport, &desk.base, "ANA@mssp.example", PASSWORD).await.unwrap();
    let again = bailiwick_api::NewUser { email: "Ana@MSSP.example".into(), name: "Other".into(), role: Role::Viewer, may_save_dashboards: false };
    assert_eq!(refused(desk.admin.add_user(&again).await), (409, "EMAIL_TAKEN".into(), "email".into()));
    desk.console.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_401_and_many_are_429_and_an_unknown_address_says_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(config(file(&dir))).await;
    let try_it = async |email: &str, password: &str| ConsoleClient::sign_in(&desk.transport, &desk.base, email, password).await.map(|c| c.me);
    let wrong = try_it(ADMIN, "a long enough passwore").await.unwrap_err();
    let unknown = try_it("nobody@mssp.example", PASSWORD).await.unwrap_err();
    assert_eq!(wrong.to_string(), unknown.to_string());
    assert_eq!(wrong.problem().unwrap().status, 401);
    for _ in 0..9 {
        assert_eq!(refused(try_it(ADMIN, "wrong wrong wrong").await).0, 401);
    }
    assert_eq!(refused(try_it(ADMIN, PASSWORD).await).0, 429);
    assert!(desk.admin.audit().await.unwrap().data.iter().any(|l| l.verb == "session.begin" && l.outcome == "AUTH_FAILED"));
    desk.console.stop().await;
}

#[tokio::test]
async fn an_unsafe_call_without_the_token_is_refused_and_signing_out_ends_the_session() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(config(file(&dir))).await;
    let body = json!({"email": ADMIN, "password": PASSWORD}).to_string();
    let (me, headers) = desk.raw(Method::POST, "/api/v1/session", &[], &body).await.unwrap();
    let set = headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && !set.contains("Secure"), "{set}");
    let (cookie, csrf) = (set.split(';').next().unwrap(), me["csrf"].as_str().unwrap());
    let user = json!({"email": "v@mssp.example", "name": "V", "role": "viewer"}).to_string();
    let add = async |headers: &[(&str, &str)]| desk.raw(Method::POST, "/api/v1/users", headers, &user).await;
    assert_eq!(refused(add(&[]).await).0, 401);
    assert_eq!(refused(add(&[("cookie", cookie)]).await), (403, "CSRF".into(), "X-CSRF-Token".into()));
    assert_eq!(refused(add(&[("cookie", cookie), ("x-csrf-token", "guess")]).await).1, "CSRF");
    add(&[("cookie", cookie), ("x-csrf-token", csrf)]).await.unwrap();
    let signed_in = [("cookie", cookie), ("x-csrf-token", csrf)];
    assert_eq!(desk.raw(Method::GET, "/api/v1/me", &signed_in, "").await.unwrap().0["role"], "administrator");
    desk.raw(Method::DELETE, "/api/v1/session", &signed_in, "").await.unwrap();
    assert_eq!(refused(desk.raw(Method::GET, "/api/v1/me", &signed_in, "").await).0, 401);
    desk.console.stop().await;
}

#[tokio::test]
async fn what_a_call_does_not_know_is_named_and_roles_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(config(file(&dir))).await;
    assert_eq!(
        refused(desk.admin.get::<serde_json::Value>("/api/v1/customers?colour=red").await),
        (400, "UNKNOWN_PARAMETER".into(), "colour".into())
    );
    let odd = json!({"email": "a@b.co", "name": "A", "role": "viewer", "colour": "red"});
    let outcome = desk.admin.call::<serde_json::Value>(Method::POST, "/api/v1/users", Some(&odd)).await;
    assert_eq!(refused(outcome), (400, "UNKNOWN_FIELD".into(), "colour".into()));
    let ana = desk.person("ana@mssp.example", Role::Analyst).await;
    for path in ["/api/v1/users", "/api/v1/audit/verify"] {
        assert_eq!(refused(ana.get::<serde_json::Value>(path).await).0, 403, "{path}");
        assert_eq!(refused(desk.raw(Method::GET, path, &[], "").await).0, 401, "{path}");
    }
    assert_eq!(refused(desk.raw(Method::GET, "/api/v1/nowhere", &[], "").await).0, 404);
    desk.console.stop().await;
}

#[tokio::test]
async fn the_document_describes_every_operation_with_its_policy_and_the_console_says_it_is_ready() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(config(file(&dir))).await;
    let (document, _) = desk.raw(Method::GET, "/api/v1/openapi.json", &[], "").await.unwrap();
    assert_eq!(document, serde_json::to_value(bailiwick_console::openapi()).unwrap());
    let operations: Vec<_> = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values()).collect();
    assert!(operations.len() >= 24, "{}", operations.len());
    assert!(operations.iter().all(|o| o["x-policy"].is_string() && o["operationId"].is_string()));
    assert_eq!(document["paths"]["/api/v1/customers"]["post"]["x-policy"], "May(ManageCustomers)");
    for path in ["/healthz", "/readyz"] {
        eventually(path, async || desk.raw(Method::GET, path, &[], "").await.is_ok()).await;
    }
    desk.console.stop().await;
}
