//! An assertion is good for one call of one person at one node, and for nothing else.

use crate::support::{Bench, CONSOLE, Case, DEADLINE, PASSWORD, Site, refused};
use bailiwick_api::{Ask, AskSummaries, Assertion, Purpose, PutTechnician, Role, SkipReason};
use bailiwick_client::{NodeClient, SigningKey};

const ANA: &str = "ana@mssp.example";

struct Scene {
    bench: Bench,
    site: Site,
    key: SigningKey,
    client: NodeClient,
}

/// One enrolled workspace with an analyst and an investigation `a`.
async fn scene() -> Scene {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let key = SigningKey::generate().unwrap();
    let client = bench.enrol(&site, CONSOLE, &key).await;
    bench.technician(&client, &site, ANA, Role::Analyst).await;
    Case::new("a").insert(&bench.db(&site).await).await;
    Scene { bench, site, key, client }
}

impl Scene {
    fn path(&self) -> String {
        format!("/api/v1/workspaces/{}/investigations/a?role=analyst", self.site.id)
    }

    async fn call(&self, key: &SigningKey, path: &str, assertion: &Assertion) -> (u16, String) {
        let token = key.sign(assertion).unwrap();
        self.bench.send("GET", path, &[("authorization", format!("Bailiwick {token}"))], b"").await
    }

    /// The status of the honest call with one claim bent.
    async fn bent(&self, bend: impl FnOnce(&mut Assertion)) -> u16 {
        let mut assertion = self.bench.assertion("GET", &self.path(), b"");
        bend(&mut assertion);
        self.call(&self.key, &self.path(), &assertion).await.0
    }
}

#[tokio::test]
async fn an_assertion_fits_one_call_only() {
    let s = scene().await;
    assert_eq!(s.bent(|_| {}).await, 200);
    assert_eq!(s.bent(|a| a.node = "node-other".into()).await, 401);
    assert_eq!(s.bent(|a| a.method = "PATCH".into()).await, 401);
    assert_eq!(s.bent(|a| a.path = a.path.replace("investigations/a", "investigations/b")).await, 401);
    assert_eq!(s.bent(|a| a.path = a.path.replace("analyst", "administrator")).await, 401);
    assert_eq!(s.bent(|a| a.body_sha256 = "x".into()).await, 401);
    assert_eq!(s.bent(|a| a.purpose = Purpose::Manage).await, 401);
    assert_eq!(s.bent(|a| a.console = "console-b".into()).await, 401);
    assert_eq!(s.bent(|a| a.nonce = "short".into()).await, 401);
    assert_eq!(s.bent(|a| a.email = "eve@mssp.example".into()).await, 403);
}

#[tokio::test]
async fn an_assertion_lives_a_minute_and_once() {
    let s = scene().await;
    s.bench.clock.pass(300);
    assert_eq!(s.bent(|a| a.issued -= 60).await, 200);
    assert_eq!(s.bent(|a| a.issued -= 61).await, 401);
    assert_eq!(s.bent(|a| a.issued += 5).await, 200);
    assert_eq!(s.bent(|a| a.issued += 6).await, 401);
    let once = s.bench.assertion("GET", &s.path(), b"");
    assert_eq!(s.call(&s.key, &s.path(), &once).await.0, 200);
    s.bench.clock.pass(30);
    assert_eq!(s.call(&s.key, &s.path(), &once).await.0, 401);
}

#[tokio::test]
async fn an_assertion_from_before_the_start_is_refused() {
    let s = scene().await;
    // The node just started; an assertion may be a minute old, but not from a time whose nonces it does not know.
    assert_eq!(s.bent(|a| a.issued -= 6).await, 401);
    assert_eq!(s.bent(|a| a.issued -= 5).await, 200);
}

#[tokio::test]
async fn only_the_enrolled_key_of_that_workspace_counts() {
    let s = scene().await;
    let stranger = SigningKey::generate().unwrap();
    let fits = |path: &str| s.bench.assertion("GET", path, b"");
    assert_eq!(s.call(&stranger, &s.path(), &fits(&s.path())).await, (401, "NOT_ENROLLED".into()));

    let other = s.bench.site(&operator_again(&s.bench).await, "beta").await;
    let other_key = SigningKey::generate().unwrap();
    s.bench.enrol(&other, CONSOLE, &other_key).await;
    assert_eq!(s.call(&other_key, &s.path(), &fits(&s.path())).await.0, 401, "another workspace's key opened this one");

    let unknown = "/api/v1/workspaces/nobody-1/investigations/a?role=analyst";
    let (known, not_known) = (s.call(&stranger, &s.path(), &fits(&s.path())).await, s.call(&s.key, unknown, &fits(unknown)).await);
    assert_eq!(known, not_known, "an unknown workspace can be told from one that is not enrolled");
}

async fn operator_again(bench: &Bench) -> bailiwick_client::WorkspaceClient {
    bailiwick_client::WorkspaceClient::sign_in(&bench.transport, &base!(bench), "root", PASSWORD).await.unwrap()
}

#[tokio::test]
async fn the_lower_role_decides_and_a_revoked_person_is_out_at_once() {
    let s = scene().await;
    let (at, ana) = ((&s.site.id, Role::Administrator), s.bench.caller(ANA));
    let patch = bailiwick_api::InvestigationPatch { version: 1, title: Some("renamed".into()), ..Default::default() };
    s.client.update_investigation(&ana, at, "a", &patch, DEADLINE).await.unwrap();
    let lower = refused(s.client.update_investigation(&ana, (&s.site.id, Role::Viewer), "a", &patch, DEADLINE).await);
    assert_eq!((lower.status, lower.code.as_str()), (403, "FORBIDDEN"));
    assert!(lower.detail.unwrap().contains("investigations.edit"));

    s.site.admin.revoke(ANA).await.unwrap();
    assert_eq!(refused(s.client.investigation(&ana, at, "a", DEADLINE).await).code, "NO_ROLE");
    let again = PutTechnician { name: "Ana".into(), role: Role::Analyst, expires_time: None };
    let put = s.client.put_technician(&s.bench.caller("boss@mssp.example"), &s.site.id, ANA, &again, DEADLINE).await;
    assert_eq!(refused(put).code, "REVOKED_BY_CUSTOMER");
    s.client.delete_technician(&s.bench.caller("boss@mssp.example"), &s.site.id, ANA, DEADLINE).await.unwrap();
    let put = s.client.put_technician(&s.bench.caller("boss@mssp.example"), &s.site.id, ANA, &again, DEADLINE).await;
    assert_eq!(refused(put).code, "REVOKED_BY_CUSTOMER", "taking the person away first undid the revocation");

    let path = format!("/api/v1/technicians/{ANA}/restore");
    s.site.admin.call::<bailiwick_api::Technician>("POST".parse().unwrap(), &path, None::<&()>).await.unwrap();
    s.client.investigation(&ana, at, "a", DEADLINE).await.unwrap();
}

#[tokio::test]
async fn a_question_to_many_is_decided_by_each() {
    let s = scene().await;
    let operator = operator_again(&s.bench).await;
    let (no_role, other_key, broken, aside) = (
        s.bench.site(&operator, "beta").await,
        s.bench.site(&operator, "gamma").await,
        s.bench.site(&operator, "delta").await,
        s.bench.site(&operator, "epsilon").await,
    );
    s.bench.enrol(&no_role, CONSOLE, &s.key).await;
    s.bench.enrol(&other_key, CONSOLE, &SigningKey::generate().unwrap()).await;
    s.bench.enrol(&broken, CONSOLE, &s.key).await;
    s.bench.technician(&s.client, &broken, ANA, Role::Viewer).await;
    sqlx::query("drop table investigation").execute(s.bench.db(&broken).await.pool()).await.unwrap();

    let ids = [&s.site.id, &no_role.id, &other_key.id, &broken.id, &aside.id, &"nobody-1".into()];
    let workspaces = ids.map(|id| Ask { workspace: id.clone(), role: Role::Analyst }).to_vec();
    let answers = s.client.summaries(&s.bench.caller(ANA), &AskSummaries { workspaces }, DEADLINE).await.unwrap().workspaces;
    let said: Vec<_> = answers.iter().map(|a| (a.skipped, a.error.is_some(), a.answer.map(|c| c.medium))).collect();
    assert_eq!(answers.iter().map(|a| &a.workspace).collect::<Vec<_>>(), ids);
    let gone = (Some(SkipReason::RelationshipRevoked), false, None);
    assert_eq!(said, [(None, false, Some(1)), (Some(SkipReason::NoRole), false, None), gone, (None, true, None), gone, gone]);

    s.site.admin.call::<Option<()>>("DELETE".parse().unwrap(), &format!("/api/v1/enrolments/{CONSOLE}"), None::<&()>).await.unwrap();
    let workspaces = vec![Ask { workspace: s.site.id.clone(), role: Role::Analyst }];
    let answers = s.client.summaries(&s.bench.caller(ANA), &AskSummaries { workspaces: workspaces.clone() }, DEADLINE).await.unwrap().workspaces;
    assert_eq!(answers[0].skipped, Some(SkipReason::RelationshipRevoked));

    let twice = AskSummaries { workspaces: [workspaces.clone(), workspaces].concat() };
    assert_eq!(refused(s.client.summaries(&s.bench.caller(ANA), &twice, DEADLINE).await).field.as_deref(), Some("workspaces"));
}

#[tokio::test]
async fn a_replayed_question_to_many_is_refused() {
    let s = scene().await;
    let body = serde_json::to_vec(&AskSummaries { workspaces: vec![Ask { workspace: s.site.id.clone(), role: Role::Viewer }] }).unwrap();
    let path = "/api/v1/federated/summaries";
    let token = s.key.sign(&s.bench.assertion("POST", path, &body)).unwrap();
    let headers = [("authorization", format!("Bailiwick {token}"))];
    assert_eq!(s.bench.send("POST", path, &headers, &body).await.0, 200);
    assert_eq!(s.bench.send("POST", path, &headers, &body).await, (401, "AUTH_FAILED".into()));
    assert_eq!(s.bench.send("POST", path, &headers, b"{\"workspaces\":[]}").await.0, 401, "the body was changed");
}

#[tokio::test]
async fn a_restart_does_not_make_an_assertion_good_again() {
    let s = scene().await;
    let once = s.bench.assertion("GET", &s.path(), b"");
    assert_eq!(s.call(&s.key, &s.path(), &once).await.0, 200);
    let s = Scene { bench: s.bench.restart(6).await, ..s };
    assert_eq!(s.call(&s.key, &s.path(), &once).await.0, 401);
    assert_eq!(s.bent(|_| {}).await, 200);
}
