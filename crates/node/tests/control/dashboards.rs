//! What a node answers for a dashboard: to whom, out of memory, over a restart, and with the newest rows.

use crate::support::{Bench, CONSOLE, DEADLINE, Site, refused};
use bailiwick_api::{
    AnswerRecord, NewSource, Paged, Role, SkipReason,
    dashboards::{DashboardAnswers, RowValues},
};
use bailiwick_client::{ClientError, NodeClient, SigningKey, WorkspaceClient};
use serde_json::{Value, json};

const ANA: &str = "ana@mssp.example";
const VIC: &str = "vic@mssp.example";
/// 2025-10-09T08:53:20Z, when the clock of a test stands still.
const NOW: i64 = 1_760_000_000_000_000;
const DAY: i64 = 86_400_000_000;

fn panel(id: &str, measure: &str, group_by: &[&str], more: Value) -> Value {
    let mut panel = json!({"id": id, "measure": measure, "group_by": group_by, "tiers": [], "from": NOW - DAY, "to": NOW + DAY, "edges": [],
        "outlier": null, "unfinished": false, "top": null, "rows": 10, "open_now": false});
    more.as_object().unwrap().iter().for_each(|(key, value)| panel[key] = value.clone());
    panel
}

async fn ask(bench: &Bench, client: &NodeClient, who: &str, sites: &[&Site], panels: Value) -> Result<DashboardAnswers, ClientError> {
    let workspaces: Vec<Value> = sites.iter().map(|site| json!({"workspace": site.id, "role": "analyst"})).collect();
    let rates = json!({"continuous": 20.0, "frequent": 9.0, "infrequent": 0.4, "cse": 25.0});
    let body = json!({"workspaces": workspaces, "panels": panels, "rates": [{"from": 0, "rates": rates}], "now": NOW + DAY});
    client.federated(&bench.caller(who), "dashboards", &body, DEADLINE).await
}

async fn send(bench: &Bench, key: &str, good: usize, bad: usize) {
    let good = "{\"host\":\"web-1\",\"time\":\"2025-10-09T08:00:00Z\",\"message\":\"x\"}\n".repeat(good);
    let body = good + &"{\"broken\n".repeat(bad);
    WorkspaceClient::ingest(&bench.transport, &base!(bench), key, None, body.into_bytes()).await.unwrap();
}

#[tokio::test]
async fn panels_are_answered_for_those_that_may_be_asked_and_recorded() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let (acme, other) = (bench.site(&operator, "acme").await, bench.site(&operator, "other").await);
    let key = SigningKey::generate().unwrap();
    let client = bench.enrol(&acme, CONSOLE, &key).await;
    bench.enrol(&other, CONSOLE, &key).await;
    bench.technician(&client, &acme, ANA, Role::Analyst).await;
    bench.technician(&client, &acme, VIC, Role::Viewer).await;
    for (site, bad) in [(&acme, 2), (&other, 5)] {
        let made = site.admin.add_source(&NewSource::new("web", "web/access")).await.unwrap();
        send(&bench, &made.ingest_key, 3, bad).await;
        site.admin.search_logs(&Default::default()).await.unwrap();
    }
    let panels = json!([
        panel("events", "events", &["org", "tier"], json!({})),
        panel("failed", "failed_records", &["source_category", "reason_code"], json!({})),
        panel("newest", "failed_record_rows", &[], json!({"rows": 1})),
        panel("signals", "signal_rows", &[], json!({})),
    ]);
    let told = ask(&bench, &client, ANA, &[&acme, &other], panels.clone()).await.unwrap();
    assert_eq!((told.workspaces[0].skipped, told.workspaces[1].skipped), (None, Some(SkipReason::NoRole)));
    assert_eq!((told.workspaces[0].answer, told.workspaces[1].answer), (Some(4), None), "three groups and a row");
    let group = |at: usize| told.panels[at].groups.iter().map(|group| (group.key.clone(), group.values[0])).collect::<Vec<_>>();
    let id = Some(acme.id.to_string());
    assert_eq!(group(0), [(vec![id.clone(), Some("continuous".into())], 5.0), (vec![id, Some("cse".into())], 5.0)], "in no file yet");
    assert_eq!(group(1).iter().map(|(key, n)| (key[0].as_deref(), *n)).collect::<Vec<_>>(), [(Some("web/access"), 2.0)]);
    assert!(told.panels[2].more && told.panels[2].rows.len() == 1 && told.panels[3].rows.is_empty());
    assert!(matches!(&told.panels[2].rows[0].values, RowValues::FailedRecord(row) if row.raw == "{\"broken" && row.reason.is_some()));
    let viewer = ask(&bench, &client, VIC, &[&acme], panels.clone()).await.unwrap();
    assert!(
        matches!(&viewer.panels[2].rows[0].values, RowValues::FailedRecord(row) if row.raw.is_empty()),
        "who may not search logs sees no raw text"
    );
    let records: Paged<AnswerRecord> = acme.admin.get("/api/v1/answers?kind=dashboards.query").await.unwrap();
    assert_eq!(records.data.iter().map(|record| record.rows).collect::<Vec<_>>(), [4, 4]);

    let bench = bench.restart(60).await;
    let client = bench.client(CONSOLE, &key);
    let again = ask(&bench, &client, ANA, &[&acme], panels).await.unwrap();
    assert_eq!(again.panels, told.panels, "in files, and read from the meters");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_name() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let client = bench.enrol(&site, CONSOLE, &SigningKey::generate().unwrap()).await;
    bench.technician(&client, &site, ANA, Role::Analyst).await;
    let cases: [(&str, &[&str], Value); 6] = [
        ("signals", &["tier"], json!({})),
        ("bytes", &["org"], json!({"edges": [5]})),
        ("bytes", &["org"], json!({"edges": [5, 5]})),
        ("bytes", &["org"], json!({"to": 0})),
        ("bytes", &["tier"], json!({"top": 3})),
        ("failed_record_rows", &[], json!({"rows": 5_001})),
    ];
    for (measure, group_by, more) in cases {
        let error = refused(ask(&bench, &client, ANA, &[&site], json!([panel("one", measure, group_by, more)])).await);
        assert_eq!((error.status, error.field.as_deref()), (400, Some("panels")), "{:?}", error.detail);
    }
}
