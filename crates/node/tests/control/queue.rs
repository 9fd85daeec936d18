//! The queue in memory follows every write, tells what changed, and every answer out of it is recorded for the customer.

use crate::support::{Bench, CONSOLE, Case, DEADLINE, Site};
use bailiwick_api::{
    AnswerRecord, Ask, AskChanges, AskInvestigations, AuditEntry, Disposition, FeedPosition, InvestigationAnswers, InvestigationPatch, List, Paged,
    Priority, Role, RowFilter, SkipReason, Sort, Status, Technician, Where,
};
use bailiwick_chassis::sql::Db;
use bailiwick_client::{NodeClient, SigningKey, WorkspaceClient};
use serde_json::{Value, json};

const ANA: &str = "ana@mssp.example";

struct Scene {
    bench: Bench,
    operator: WorkspaceClient,
    site: Site,
    key: SigningKey,
    client: NodeClient,
    db: Db,
}

async fn scene() -> Scene {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let key = SigningKey::generate().unwrap();
    let client = bench.enrol(&site, CONSOLE, &key).await;
    bench.technician(&client, &site, ANA, Role::Analyst).await;
    let db = bench.db(&site).await;
    Scene { bench, operator, site, key, client, db }
}

impl Scene {
    fn asks(&self) -> Vec<Ask> {
        vec![Ask { workspace: self.site.id.clone(), role: Role::Analyst }]
    }

    async fn list(&self, filter: RowFilter) -> InvestigationAnswers {
        let ask = AskInvestigations { workspaces: self.asks(), filter, sort: Sort::OLDEST, limit: 500, after: None, names: Default::default() };
        self.client.investigations(&self.bench.caller(ANA), &ask, DEADLINE).await.unwrap()
    }

    async fn ids(&self, filter: RowFilter) -> Vec<String> {
        let answer = self.list(filter).await;
        assert_eq!(answer.workspaces[0].error, None);
        let mut ids: Vec<_> = answer.rows.iter().map(|row| row.rrn.rsplit(':').next().unwrap().to_owned()).collect();
        ids.sort();
        ids
    }

    async fn found(&self, tree: Value) -> String {
        self.ids(RowFilter { tree: Some(Where::read(&tree).unwrap()), ..RowFilter::default() }).await.join(" ")
    }

    async fn skipped(&self) -> Option<SkipReason> {
        self.list(RowFilter::default()).await.workspaces[0].skipped
    }

    async fn write(&self, text: &'static str) {
        let mut tx = self.db.begin().await.unwrap();
        sqlx::query(text).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn not_closed() -> RowFilter {
    RowFilter { statuses: Some(vec![Status::Open, Status::Investigating, Status::Waiting]), ..RowFilter::default() }
}

#[tokio::test]
async fn whoever_wrote_reads_it_and_what_is_closed_comes_from_the_database() {
    let s = scene().await;
    assert_eq!(s.ids(RowFilter::default()).await, Vec::<String>::new());
    for id in ["a", "b"] {
        Case::new(id).insert(&s.db).await;
        assert!(s.ids(not_closed()).await.contains(&id.to_owned()));
    }
    let (ana, at) = (s.bench.caller(ANA), (&s.site.id, Role::Analyst));
    let patch = |version, status, disposition| InvestigationPatch { version, status, disposition, ..Default::default() };
    let high = InvestigationPatch { version: 1, priority: Some(Priority::Critical), ..Default::default() };
    s.client.update_investigation(&ana, at, "a", &high, DEADLINE).await.unwrap();
    assert_eq!(s.list(not_closed()).await.rows.iter().map(|row| row.priority).max(), Some(Priority::Critical));
    s.client.update_investigation(&ana, at, "a", &patch(2, Some(Status::Closed), Some(Disposition::Benign)), DEADLINE).await.unwrap();
    assert_eq!(s.ids(not_closed()).await, ["b"]);
    assert_eq!(s.ids(RowFilter { statuses: Some(vec![Status::Closed]), ..RowFilter::default() }).await, ["a"]);
    let all = s.list(RowFilter::default()).await;
    assert_eq!((all.rows.len(), all.workspaces[0].answer), (2, Some(2)));
    s.client.update_investigation(&ana, at, "a", &patch(3, Some(Status::Open), None), DEADLINE).await.unwrap();
    assert_eq!(s.ids(not_closed()).await, ["a", "b"]);
    s.write("delete from investigation where id = 'b'").await;
    assert_eq!(s.ids(not_closed()).await, ["a"]);
}

#[tokio::test]
async fn who_may_ask_is_true_from_the_next_question_on() {
    let s = scene().await;
    assert_eq!(s.skipped().await, None);
    s.site.admin.revoke(ANA).await.unwrap();
    assert_eq!(s.skipped().await, Some(SkipReason::NoRole));
    s.write("update technician set revoked = null").await;
    assert_eq!(s.skipped().await, None);
    s.write("update technician set expires = 1").await;
    assert_eq!(s.skipped().await, Some(SkipReason::NoRole));
    s.write("update technician set expires = null").await;
    let boss = s.bench.caller("boss@mssp.example");
    s.client.suspend(&boss, &s.site.id, true, DEADLINE).await.unwrap();
    assert_eq!(s.skipped().await, Some(SkipReason::RelationshipRevoked));
    s.client.suspend(&boss, &s.site.id, false, DEADLINE).await.unwrap();
    s.client.delete_technician(&boss, &s.site.id, ANA, DEADLINE).await.unwrap();
    assert_eq!(s.skipped().await, Some(SkipReason::NoRole));
    s.site.admin.end_enrolment(CONSOLE).await.unwrap();
    assert_eq!(s.skipped().await, Some(SkipReason::RelationshipRevoked));
}

#[tokio::test]
async fn a_workspace_that_nobody_opened_since_the_start_answers_all_the_same() {
    let s = scene().await;
    Case::new("a").insert(&s.db).await;
    s.db.close().await;
    let Scene { bench, operator, site, key, .. } = s;
    let bench = bench.restart(60).await;
    let (client, db) = (bench.client(CONSOLE, &key), bench.db(&site).await);
    let s = Scene { bench, operator, site, key, client, db };
    assert_eq!(s.ids(not_closed()).await, ["a"]);
    assert_eq!(s.skipped().await, None);
    s.client.delete_technician(&s.bench.caller("boss@mssp.example"), &s.site.id, ANA, DEADLINE).await.unwrap();
    assert_eq!(s.skipped().await, Some(SkipReason::NoRole), "opened since, and changed");
}

#[tokio::test]
async fn rules_techniques_entities_comments_and_evidence_are_found_beside_the_row() {
    let s = scene().await;
    for id in ["a", "b", "c"] {
        Case::new(id).insert(&s.db).await;
    }
    s.write(
        "insert into signal (id, rule, name, level, severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched, message, tags, investigation) values \
         ('s1', 'r-1', 'Password Spray', 'high', 7, 'username', 'ÜNAL', 'm', 5, 4, '[]', '[]', 'x', '[\"attack.credential_access\",\"attack.t1110.003\"]', 'a'), \
         ('s2', 'r-2', 'Kerberoasting', 'high', 7, 'ip', '10.0.0.7', 'm', 5, 4, '[]', '[]', 'x', '[]', 'b')",
    )
    .await;
    s.write("insert into comment (id, investigation, author_kind, author_email, author_name, created, body, visibility) values ('c1', 'b', 'USER', 'x', 'x', 1, '100% sure_thing', 'INTERNAL')").await;
    s.write("insert into evidence (investigation, event, body, note, added, added_by) values ('c', 'e-1', '{\"message\":\"whoami /priv\"}', null, 1, 'x')").await;
    let one = |field: &str, op: &str, value: Value| json!({"field": field, "op": op, "value": value});
    for (tree, found) in [
        (one("rule", "equals", json!("R-1")), "a"),
        (one("alert_rule_rrn", "in", json!(["r-1", "r-2"])), "a b"),
        (one("rule_name", "contains", json!("kerb")), "b"),
        (one("rule_name", "starts_with", json!("pass")), "a"),
        (one("technique", "equals", json!("T1110.003")), "a"),
        (one("technique", "starts_with", json!("t1110")), "a"),
        (one("technique", "equals", json!("credential_access")), ""),
        (one("technique", "exists", json!(false)), "b c"),
        (one("username", "equals", json!("ünal")), "a"),
        (one("ip", "starts_with", json!("10.")), "b"),
        (one("hostname", "equals", json!("DC01")), "a b c"),
        (one("username", "exists", json!(true)), "a"),
        (one("username", "exists", json!(false)), "b c"),
        (one("comment", "contains", json!("100% SURE_")), "b"),
        (one("comment", "contains", json!("100x")), ""),
        (one("evidence", "equals", json!("e-1")), "c"),
        (one("evidence", "contains", json!("WHOAMI")), "c"),
        (json!({"not": one("rule_name", "contains", json!("kerb"))}), "a c"),
        (
            json!({"and": [one("title", "contains", json!("case")), {"or": [one("rule", "equals", json!("r-2")), one("evidence", "exists", json!(true))]}]}),
            "b c",
        ),
    ] {
        assert_eq!(s.found(tree.clone()).await, found, "{tree}");
    }
    s.write("update investigation set status = 'CLOSED' where id = 'b'").await;
    assert_eq!(s.found(one("alert_rule_rrn", "in", json!(["r-1", "r-2"]))).await, "a b", "closed ones are decided alike");
}

#[tokio::test]
async fn every_change_is_told_and_none_is_forgotten_on_the_way() {
    let s = scene().await;
    for id in ["a", "b", "c"] {
        Case::new(id).insert(&s.db).await;
    }
    let ana = s.bench.caller(ANA);
    let (mut position, mut seen) = (FeedPosition::default(), Vec::new());
    loop {
        let ask = AskChanges { workspaces: s.asks(), position, limit: 1 };
        let answer = s.client.changes(&ana, &ask, DEADLINE).await.unwrap();
        seen.extend(answer.rows.iter().map(|one| one.row.title.clone()));
        position = answer.position;
        if !answer.more {
            break;
        }
    }
    assert_eq!(seen, ["case a", "case b", "case c"]);
    let patch = InvestigationPatch { version: 1, status: Some(Status::Waiting), ..Default::default() };
    s.client.update_investigation(&ana, (&s.site.id, Role::Analyst), "a", &patch, DEADLINE).await.unwrap();
    s.write("update investigation set last_accessed = 5 where id = 'b'").await;
    let ask = AskChanges { workspaces: s.asks(), position, limit: 10 };
    let answer = s.client.changes(&ana, &ask, DEADLINE).await.unwrap();
    let last = answer.rows.last().unwrap();
    assert_eq!((last.row.title.as_str(), last.row.status), ("case a", Status::Waiting), "the newest change comes last; looking is none");
    assert!(answer.position.after <= last.changed, "what is not settled is told once more");
}

#[tokio::test]
async fn the_administrator_reads_and_downloads_the_record_of_every_answer() {
    let s = scene().await;
    for id in ["a", "b"] {
        Case::new(id).insert(&s.db).await;
    }
    let other = s.bench.site(&s.operator, "beta").await;
    s.bench.clock.pass(100);
    for _ in 0..3 {
        s.ids(not_closed()).await;
    }
    let ana = s.bench.caller(ANA);
    s.client.investigation(&ana, (&s.site.id, Role::Analyst), "a", DEADLINE).await.unwrap();
    let records: Paged<AnswerRecord> = s.site.admin.get("/api/v1/answers").await.unwrap();
    let told: Vec<_> = records.data.iter().map(|one| (one.kind.as_str(), one.rows, one.times, one.email.as_str(), one.status)).collect();
    assert_eq!(told, [("GET investigations/{id}", 1, 1, ANA, 200), ("investigations.list", 2, 3, ANA, 200)]);
    assert_eq!(records.data[0].console.as_str(), CONSOLE);
    let first: Paged<AnswerRecord> = s.site.admin.get("/api/v1/answers?limit=1").await.unwrap();
    let rest: Paged<AnswerRecord> = s.site.admin.get(&format!("/api/v1/answers?limit=1&cursor={}", first.next.unwrap())).await.unwrap();
    assert_eq!((rest.data[0].clone(), rest.next), (records.data[1].clone(), None));
    let none: Paged<AnswerRecord> = s.site.admin.get("/api/v1/answers?email=somebody@else.example").await.unwrap();
    assert!(none.data.is_empty());
    let theirs: Paged<AnswerRecord> = other.admin.get("/api/v1/answers").await.unwrap();
    assert!(theirs.data.is_empty(), "of other customers' nobody learns: {:?}", theirs.data);

    let audit: Paged<AuditEntry> = s.site.admin.get("/api/v1/audit").await.unwrap();
    assert_eq!(audit.data.iter().filter(|line| line.verb == "investigations.list" && line.actor == ANA).count(), 1, "a line a minute");
    let technicians: List<Technician> = s.site.admin.technicians().await.unwrap();
    assert_eq!(technicians.data[0].last_seen.map(|at| at.timestamp()), Some(s.bench.clock.seconds()));
}
