//! Working one investigation: versions, verdicts, history, records, and whose they are.

use crate::support::{Bench, CONSOLE, Case, DEADLINE, PASSWORD, Site, refused};
use bailiwick_api::{Assignee, Disposition, InvestigationPatch, Priority, Role, Status};
use bailiwick_chassis::sql::Db;
use bailiwick_client::{Caller, NodeClient, SigningKey, WorkspaceClient};

const ANA: &str = "ana@mssp.example";

struct Scene {
    bench: Bench,
    site: Site,
    client: NodeClient,
    db: Db,
}

async fn scene() -> Scene {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let client = bench.enrol(&site, CONSOLE, &SigningKey::generate().unwrap()).await;
    bench.technician(&client, &site, ANA, Role::Analyst).await;
    let db = bench.db(&site).await;
    Case::new("a").insert(&db).await;
    Scene { bench, site, client, db }
}

impl Scene {
    fn ana(&self) -> Caller {
        self.bench.caller(ANA)
    }

    fn at(&self) -> (&bailiwick_api::WorkspaceId, Role) {
        (&self.site.id, Role::Analyst)
    }

    async fn patch(&self, patch: InvestigationPatch) -> Result<bailiwick_api::InvestigationRow, bailiwick_client::ClientError> {
        self.client.update_investigation(&self.ana(), self.at(), "a", &patch, DEADLINE).await
    }
}

fn at_version(version: i64) -> InvestigationPatch {
    InvestigationPatch { version, ..Default::default() }
}

#[tokio::test]
async fn the_loser_of_a_race_gets_the_current_row() {
    let s = scene().await;
    let won = s.patch(InvestigationPatch { priority: Some(Priority::High), ..at_version(1) }).await.unwrap();
    assert_eq!((won.version, won.priority), (2, Priority::High));
    let lost = refused(s.patch(InvestigationPatch { priority: Some(Priority::Low), ..at_version(1) }).await);
    assert_eq!((lost.status, lost.code.as_str()), (409, "VERSION_CONFLICT"));
    assert_eq!(lost.current.unwrap()["version"], 2);
    let late = refused(s.patch(InvestigationPatch { priority: Some(Priority::High), ..at_version(1) }).await);
    assert_eq!(late.status, 409, "who was late is told, also when both wanted the same");
    let same = s.patch(InvestigationPatch { priority: Some(Priority::High), ..at_version(2) }).await.unwrap();
    assert_eq!(same, won, "writing what is there changes nothing");
}

#[tokio::test]
async fn a_case_is_worked_and_its_history_tells_it() {
    let s = scene().await;
    let take = InvestigationPatch {
        status: Some(Status::Investigating),
        priority: Some(Priority::Critical),
        assignee: Some(Some(Assignee { email: "ANA@mssp.example".into(), name: "somebody else".into() })),
        ..at_version(1)
    };
    let taken = s.patch(take).await.unwrap();
    assert_eq!(taken.assignee, Some(Assignee { email: ANA.into(), name: ANA.into() }), "the name is the workspace's own");
    let close = InvestigationPatch { status: Some(Status::Closed), ..at_version(2) };
    assert_eq!(refused(s.patch(close.clone()).await).code, "DISPOSITION_REQUIRED");
    s.bench.clock.pass(60);
    s.patch(InvestigationPatch { disposition: Some(Disposition::Malicious), ..close }).await.unwrap();
    let detail = s.client.investigation(&s.ana(), s.at(), "a", DEADLINE).await.unwrap();
    assert!(detail.investigation.closed_time > Some(detail.investigation.created_time));
    assert_eq!(detail.investigation.rrn, format!("rrn:investigation:eu:{}:investigation:a", s.site.id));
    let told: Vec<_> = detail.history.iter().map(|h| (h.actor.as_str(), h.field.as_str(), h.to.as_deref())).collect();
    let expected = [
        (ANA, "status", Some("INVESTIGATING")),
        (ANA, "priority", Some("CRITICAL")),
        (ANA, "assignee", Some(ANA)),
        (ANA, "status", Some("CLOSED")),
        (ANA, "disposition", Some("MALICIOUS")),
    ];
    assert_eq!(told, expected);
    let by_hand: i64 =
        sqlx::Row::try_get(&sqlx::query("select priority_by_hand from investigation").fetch_one(s.db.pool()).await.unwrap(), 0).unwrap();
    assert_eq!(by_hand, 1);
}

#[tokio::test]
async fn only_somebody_who_may_work_here_is_assigned() {
    let s = scene().await;
    s.bench.technician(&s.client, &s.site, "vera@mssp.example", Role::Viewer).await;
    let assign = |email: &str| InvestigationPatch { assignee: Some(Some(Assignee { email: email.into(), name: String::new() })), ..at_version(1) };
    assert_eq!(refused(s.patch(assign("vera@mssp.example")).await).code, "ASSIGNEE_UNKNOWN");
    assert_eq!(refused(s.patch(assign("nobody@mssp.example")).await).code, "ASSIGNEE_UNKNOWN");
    let people = s.client.assignees(&s.ana(), s.at(), DEADLINE).await.unwrap().data;
    assert_eq!(people.iter().map(|p| p.email.as_str()).collect::<Vec<_>>(), [ANA]);
}

#[tokio::test]
async fn what_belongs_to_another_case_or_workspace_is_not_found() {
    let s = scene().await;
    let operator = WorkspaceClient::sign_in(&s.bench.transport, &base!(s.bench), "root", PASSWORD).await.unwrap();
    let other = s.bench.site(&operator, "beta").await;
    Case::new("theirs").insert(&s.bench.db(&other).await).await;
    assert_eq!(refused(s.client.investigation(&s.ana(), s.at(), "theirs", DEADLINE).await).status, 404);
    Case::new("b").insert(&s.db).await;
    sqlx::query(
        "insert into signal (id, rule, name, level, severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched, message, tags, investigation)
         values ('s1', 'r1', 'Spray', 'high', 7, 'username', 'bob', 'm', 5, 4, '[\"gone\"]', '[{\"field\":\"f\",\"value\":\"v\"}]', 'x', '[\"attack.t1110\"]', 'a')",
    )
    .execute(s.db.pool())
    .await
    .unwrap();
    assert_eq!(s.client.records(&s.ana(), s.at(), "a", "s1", DEADLINE).await.unwrap().data, []);
    assert_eq!(refused(s.client.records(&s.ana(), s.at(), "b", "s1", DEADLINE).await).status, 404);
    let detail = s.client.investigation(&s.ana(), s.at(), "a", DEADLINE).await.unwrap();
    assert_eq!((detail.signals[0].matched[0].field.as_str(), detail.signals[0].severity), ("f", 7));

    assert_eq!(refused(s.client.rule(&s.ana(), s.at(), "r1", DEADLINE).await).status, 404);
    let body = r#"{"id":"r1","title":"Spray","level":"high","description":"","tags":[],"author":null,"false_positives":[],"references":[],"source":"title: Spray"}"#;
    sqlx::query("insert into rule (id, body) values ('r1', $1)").bind(body).execute(s.db.pool()).await.unwrap();
    assert_eq!(s.client.rule(&s.ana(), s.at(), "r1", DEADLINE).await.unwrap().title, "Spray");
}

#[tokio::test]
async fn the_customer_sees_what_technicians_did() {
    let s = scene().await;
    s.patch(InvestigationPatch { title: Some("secret words".into()), ..at_version(1) }).await.unwrap();
    let _refused = s.patch(InvestigationPatch { title: Some("late".into()), ..at_version(1) }).await;
    let audit: serde_json::Value = s.site.admin.get("/api/v1/audit").await.unwrap();
    let lines: Vec<_> = audit["data"].as_array().unwrap().iter().filter(|l| l["actor"] == ANA).collect();
    assert_eq!(
        (&lines[0]["verb"], &lines[0]["subject"], &lines[0]["outcome"]),
        (&"investigation.update".into(), &"a".into(), &"VERSION_CONFLICT".into())
    );
    assert_eq!(lines[1]["outcome"], "ok");
    assert!(!audit.to_string().contains("secret words"), "the audit holds content");
    let seen = s.site.admin.technicians().await.unwrap().data;
    assert!(seen.iter().all(|t| t.last_seen.is_some() && t.granted_by == "boss@mssp.example at MSSP"));
}
