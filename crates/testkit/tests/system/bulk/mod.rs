//! One change of many investigations: previewed, capped, told for each, made once however often it is asked for, and undone.

mod lost;

use crate::work::{page, spray};
use bailiwick_api::{AuditEntry, BulkOutcome, BulkResult, Investigation, Paged, Role, Status};
use bailiwick_client::ClientError;
use bailiwick_testkit::{Answer, Person, Registered, Session, Setup, World};
use http::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/investigations/bulk";

async fn bulk(person: &Person, body: &Value) -> Result<BulkResult, ClientError> {
    person.client.call(Method::POST, PATH, Some(body)).await
}

async fn undo(person: &Person, id: &str) -> Result<BulkResult, ClientError> {
    person.client.call(Method::POST, &format!("{PATH}/{id}/undo"), None::<&()>).await
}

/// The same with a key, as a program calls it.
async fn keyed(world: &World, session: &Session, key: &str, body: &Value) -> Answer {
    let mut headers = session.headers();
    headers.push(("idempotency-key", key.to_owned()));
    bailiwick_testkit::call(&world.transport, "POST", &format!("{}{PATH}", world.url()), &headers, body.to_string().into_bytes()).await.unwrap()
}

fn outcomes(result: &BulkResult) -> Vec<BulkOutcome> {
    result.items.iter().map(|item| item.outcome).collect()
}

fn rrns(rows: &[Investigation]) -> Vec<&str> {
    rows.iter().map(|row| row.row.rrn.as_str()).collect()
}

struct Scene {
    world: World,
    acme: Registered,
    beta: Registered,
    ana: Person,
}

async fn scene() -> Scene {
    let world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (acme, beta) = (world.customer(0, "Acme").await.unwrap(), world.customer(1, "Beta").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&acme, &beta]).await.unwrap();
    spray(&acme, 1, 2).await;
    spray(&beta, 2, 1).await;
    Scene { world, acme, beta, ana }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_counts_and_changes_nothing_and_a_change_is_told_for_each_and_undone() {
    let Scene { world, acme, beta, ana } = scene().await;
    let before = page(&ana, "").await.data;
    let set = json!({"status": "CLOSED", "disposition": "BENIGN", "assignee": {"email": ana.email}, "priority": "LOW", "add_tags": ["swept"],
        "responsibility": "MSSP", "comment": {"body": "swept up", "visibility": "PUBLIC"}});
    let all = |cap: u32, preview: bool| json!({"select": {"all": true}, "set": set, "cap": cap, "preview": preview});
    let told = bulk(&ana, &all(10, true)).await.unwrap();
    assert_eq!((told.preview, told.id.as_ref(), told.matched, told.changed, told.failed), (true, None, 3, 3, 0), "{told:?}");
    let counts: Vec<_> = told.customers.iter().map(|count| (count.customer.name.as_str(), count.count, count.changed)).collect();
    assert_eq!((counts, told.scope.complete), (vec![("Acme", 2, 2), ("Beta", 1, 1)], true));
    assert_eq!(page(&ana, "").await.data, before, "a preview changes nothing");

    let over = bulk(&ana, &all(2, false)).await.unwrap_err();
    let problem = over.problem().unwrap();
    assert_eq!((problem.status, problem.code.as_str(), problem.matched, problem.field.as_deref()), (400, "CAP_EXCEEDED", Some(3), Some("cap")));
    assert_eq!(page(&ana, "").await.data, before, "over the cap nothing changes");

    let made = bulk(&ana, &all(3, false)).await.unwrap();
    assert_eq!((made.matched, made.changed, outcomes(&made)), (3, 3, vec![BulkOutcome::Changed; 3]), "{made:?}");
    assert!(made.undo_until.is_some());
    for row in page(&ana, "").await.data {
        let was = before.iter().find(|was| was.row.rrn == row.row.rrn).unwrap();
        let row = &row.row;
        assert_eq!((row.status, row.tags.as_slice(), row.comment_count), (Status::Closed, &["swept".to_owned()][..], 1));
        assert_eq!((row.version, row.assignee.as_ref().map(|a| a.email.as_str())), (was.row.version + 1, Some(ana.email.as_str())));
        assert!(row.closed_time.is_some() && made.items.iter().any(|item| item.rrn == row.rrn && item.version == Some(row.version)));
    }
    let detail: Value = ana.client.get(&format!("/api/v1/investigations/{}", before[0].row.rrn)).await.unwrap();
    let told: Vec<_> = detail["history"].as_array().unwrap().iter().map(|entry| entry["field"].as_str().unwrap()).collect();
    assert!(["status", "disposition", "assignee", "priority", "tags", "comment"].iter().all(|field| told.contains(field)), "{told:?}");
    let again = bulk(&ana, &all(3, false)).await.unwrap();
    assert_eq!((again.matched, again.undo_until), (0, None), "what is closed is not among all that is open");

    // Somebody works on one of them meanwhile.
    let touched = page(&ana, "").await.data.into_iter().find(|row| row.customer.name == "Acme").unwrap().row;
    let patch = json!({"version": touched.version, "title": "Mine now"});
    ana.client.call::<Value>(Method::PATCH, &format!("/api/v1/investigations/{}", touched.rrn), Some(&patch)).await.unwrap();
    let id = made.id.unwrap();
    let undone = undo(&ana, &id).await.unwrap();
    assert_eq!((undone.changed, undone.failed), (2, 1), "{undone:?}");
    let conflict = undone.items.iter().find(|item| item.outcome == BulkOutcome::Conflict).unwrap();
    assert_eq!((conflict.rrn.as_str(), conflict.code.as_deref()), (touched.rrn.as_str(), Some("VERSION_CONFLICT")));
    for row in page(&ana, "").await.data {
        let was = before.iter().find(|was| was.row.rrn == row.row.rrn).unwrap();
        assert_eq!(row.row.comment_count, 0, "its comments are gone");
        if row.row.rrn != touched.rrn {
            let same = |row: &Investigation| {
                let row = &row.row;
                (row.status, row.priority, row.priority_inherited, row.disposition, row.assignee.clone(), row.tags.clone(), row.closed_time)
            };
            assert_eq!(same(&row), same(was));
            assert_eq!(row.row.responsibility, None);
        } else {
            assert_eq!((row.row.status, row.row.title.as_str()), (Status::Closed, "Mine now"));
        }
    }
    assert_eq!(outcomes(&undo(&ana, &id).await.unwrap()), outcomes(&undone), "asked again it says the same");
    audited(&world, &[&acme, &beta]).await;
}

/// Both sides wrote down who did it, on whom and how many, and the console not what.
async fn audited(world: &World, customers: &[&Registered]) {
    let lines: Paged<AuditEntry> = world.administrator.client.audit().await.unwrap();
    for customer in customers {
        for verb in ["investigation.bulk", "investigation.bulk_undo"] {
            let of = |line: &&AuditEntry| line.verb == verb && line.customer.as_ref().is_some_and(|one| one.id == customer.customer.id);
            assert!(lines.data.iter().any(|line| of(&line) && line.subject.contains(" of ")), "{verb} of {}", customer.customer.name);
        }
        let theirs: Paged<AuditEntry> = customer.admin.get("/api/v1/audit?limit=500").await.unwrap();
        let told: Vec<_> = theirs.data.iter().filter(|line| line.verb == "investigations.bulk").collect();
        assert!(told.len() == 1 && told[0].actor == "ana@mssp.example" && told[0].subject.contains(" of "), "{told:?}");
    }
    assert!(!serde_json::to_string(&lines.data).unwrap().contains("swept"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_has_its_outcome_whoever_it_belongs_to() {
    let Scene { world, acme, beta, ana } = scene().await;
    let other = world.customer(0, "Other").await.unwrap();
    spray(&other, 3, 1).await;
    let gamma = world.customer(1, "Gamma").await.unwrap();
    spray(&gamma, 4, 1).await;
    world.grant(&ana, &gamma, Role::Viewer).await.unwrap();
    let only_acme = world.granted("bob", Role::Analyst, &[&acme]).await.unwrap();
    let rows = page(&ana, "").await.data;
    let of = |customer: &Registered| rows.iter().filter(|row| row.customer.id == customer.customer.id).map(|row| row.row.clone()).collect::<Vec<_>>();
    let (acme_rows, beta_rows, gamma_rows) = (of(&acme), of(&beta), of(&gamma));
    let foreign = other.investigations().await.unwrap().remove(0).rrn;
    let none = acme_rows[0].rrn.rsplit_once(':').map(|(start, _)| format!("{start}:none")).unwrap();
    let late = json!({"rrn": acme_rows[1].rrn, "version": acme_rows[1].version - 1});
    let items = json!([{"rrn": acme_rows[0].rrn, "version": acme_rows[0].version}, late, {"rrn": beta_rows[0].rrn}, {"rrn": gamma_rows[0].rrn},
        {"rrn": foreign}, {"rrn": none}, {"rrn": "not one"}]);
    let set = json!({"assignee": {"email": only_acme.email}});
    let told = bulk(&ana, &json!({"select": {"items": items}, "set": set, "cap": 10})).await.unwrap();
    let outcome = |rrn: &str| {
        let item = told.items.iter().find(|item| item.rrn == rrn).unwrap_or_else(|| panic!("{rrn} in {told:?}"));
        (item.outcome, item.code.as_deref())
    };
    assert_eq!(outcome(&acme_rows[0].rrn), (BulkOutcome::Changed, None));
    assert_eq!(outcome(&acme_rows[1].rrn), (BulkOutcome::Conflict, Some("VERSION_CONFLICT")));
    assert_eq!(outcome(&beta_rows[0].rrn), (BulkOutcome::Refused, Some("ASSIGNEE_UNKNOWN")), "no grant there");
    assert_eq!(outcome(&gamma_rows[0].rrn), (BulkOutcome::Forbidden, Some("FORBIDDEN")));
    for rrn in [foreign.as_str(), &none, "not one"] {
        assert_eq!(outcome(rrn), (BulkOutcome::NotFound, Some("NOT_FOUND")));
    }
    assert_eq!((told.changed, told.unchanged, told.failed, told.items.len()), (1, 0, 6, 7));
    let same = bulk(&ana, &json!({"select": {"rrns": [acme_rows[0].rrn]}, "set": set, "cap": 1})).await.unwrap();
    assert_eq!((outcomes(&same), same.undo_until), (vec![BulkOutcome::Unchanged], None));
    assert_eq!(other.investigations().await.unwrap()[0].assignee, None, "a foreign one is not touched");
    let vic = world.granted("vic", Role::Viewer, &[&acme]).await.unwrap();
    let refused = bulk(&vic, &json!({"select": {"all": true}, "set": set, "cap": 10})).await.unwrap_err();
    assert_eq!(refused.problem().unwrap().status, 403);
    assert_eq!(undo(&only_acme, told.id.as_deref().unwrap()).await.unwrap_err().problem().unwrap().status, 404, "another person's is not theirs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_is_the_lists_own_and_the_switch_for_many_holds_here_too() {
    let Scene { world: _world, acme, ana, .. } = scene().await;
    let rows = page(&ana, "").await.data;
    let of_acme = json!({"customers": [acme.customer.id], "statuses": ["open"], "sort": "-priority"});
    let told = bulk(&ana, &json!({"select": {"filter": of_acme}, "set": {"status": "WAITING"}, "cap": 5})).await.unwrap();
    assert_eq!((told.matched, told.changed, told.scope.asked), (2, 2, 1));
    let unknown = bulk(&ana, &json!({"select": {"filter": {"colour": 1}}, "set": {"status": "WAITING"}, "cap": 5})).await.unwrap_err();
    assert_eq!((unknown.code(), unknown.problem().unwrap().field.as_deref()), (Some("UNKNOWN_FIELD"), Some("colour")));
    ana.client.call::<Value>(Method::PATCH, "/api/v1/me/preferences", Some(&json!({"multi_customer": false}))).await.unwrap();
    let off = bulk(&ana, &json!({"select": {"all": true}, "set": {"priority": "LOW"}, "cap": 5})).await.unwrap();
    assert_eq!((off.matched, off.scope.skipped.len()), (0, 2), "{off:?}");
    let many = bulk(&ana, &json!({"select": {"rrns": rrns(&rows)}, "set": {"priority": "LOW"}, "cap": 5})).await.unwrap();
    assert!(many.items.len() == 3 && many.items.iter().all(|item| item.code.as_deref() == Some("TOGGLE_OFF")), "{many:?}");
    let one: Vec<_> = rows.iter().filter(|row| row.customer.id == acme.customer.id).map(|row| row.row.rrn.as_str()).collect();
    let one = bulk(&ana, &json!({"select": {"rrns": one}, "set": {"priority": "CRITICAL"}, "cap": 5})).await.unwrap();
    assert_eq!((one.changed, one.scope.complete), (2, true), "one customer alone is worked as ever: {one:?}");
}
