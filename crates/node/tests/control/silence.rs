//! Source categories that fell silent, and saying that it is known, as people and consoles meet it.

use crate::support::{Bench, CONSOLE, DEADLINE, Site, refused};
use bailiwick_api::{
    Acknowledgement, Paged, Role,
    dashboards::{AskDashboard, AskPanels, DashboardAnswers, Measure, PanelAsk, RowValues, SilentCategoryRow},
};
use bailiwick_chassis::{clock::from_us, sql::Db};
use bailiwick_client::{Act, ClientError, NodeClient, SigningKey};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: i64 = 3_600_000_000;
const NOUN: &str = "silent-categories/acknowledge";

async fn came(db: &Db, category: &str, at: i64) {
    let mut tx = db.begin().await.unwrap();
    for grain in [300, 900, 3600] {
        let text = "insert into meter (grain, bucket, source, name, category, collector, host, tier, cse, received, stored, failed, dropped, bytes, \
                    field_bytes, cse_bytes) values ($1, $2, 's', 'n', $3, '', '', 'continuous', 0, 1, 1, 0, 0, 700, 0, 0) on conflict do nothing";
        sqlx::query(text).bind(grain).bind(at - at.rem_euclid(grain * 1_000_000)).bind(category).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn listed(bench: &Bench, client: &NodeClient, site: &Site) -> Vec<SilentCategoryRow> {
    let now = bench.clock.seconds() * 1_000_000;
    let panel = PanelAsk {
        id: "silent".into(),
        measure: Measure::SilentCategoryRows,
        group_by: Vec::new(),
        tiers: Vec::new(),
        from: now - 24 * HOUR,
        to: now,
        edges: Vec::new(),
        outlier: None,
        unfinished: false,
        top: None,
        rows: 100,
        open_now: false,
    };
    let workspaces = vec![AskPanels { workspace: site.id.clone(), role: Role::Viewer, rates: Vec::new() }];
    let ask = AskDashboard { workspaces, panels: vec![panel], rates: Vec::new(), now };
    let answers: DashboardAnswers = client.federated(&bench.caller("viewer@mssp.example"), "dashboards", &ask, DEADLINE).await.unwrap();
    let rows = answers.panels.into_iter().flat_map(|panel| panel.rows);
    rows.map(|row| if let RowValues::SilentCategory(row) = row.values { *row } else { panic!("of another kind") }).collect()
}

async fn know(bench: &Bench, client: &NodeClient, site: &Site, who: (&str, Role), body: &Value) -> Result<Acknowledgement, ClientError> {
    let act = Act { method: &Method::POST, noun: NOUN, deadline: DEADLINE };
    client.act(&bench.caller(who.0), (&site.id, who.1), act, Some(body)).await
}

#[tokio::test]
async fn a_silence_is_listed_until_somebody_who_may_says_they_know() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let key = SigningKey::generate().unwrap();
    let client = bench.enrol(&site, CONSOLE, &key).await;
    let (ana, viewer) = (("ana@mssp.example", Role::Analyst), ("viewer@mssp.example", Role::Viewer));
    for (email, role) in [ana, viewer] {
        bench.technician(&client, &site, email, role).await;
    }
    let db = bench.db(&site).await;
    let now = bench.clock.seconds() * 1_000_000;
    let last = now - now.rem_euclid(HOUR) - 30 * HOUR;
    came(&db, "web", last).await;
    came(&db, "dns", now - HOUR).await;
    let rows = listed(&bench, &client, &site).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].source_category.as_str(), rows[0].last_seen, rows[0].bytes_before), ("web", last + 300_000_000, 700));
    let body = |category: &str, last_seen: i64| json!({"tier": "continuous", "source_category": category, "last_seen": from_us(last_seen)});
    let web = body("web", last + 300_000_000);
    assert_eq!(refused(know(&bench, &client, &site, viewer, &web).await).status, 403);
    // No such silence: another category, another time, one that sends, another tier.
    let mut other = web.clone();
    other["tier"] = json!("frequent");
    for unknown in [body("www", last + 300_000_000), body("web", last), body("dns", now - HOUR + 300_000_000), other] {
        assert_eq!(refused(know(&bench, &client, &site, ana, &unknown).await).status, 404, "{unknown}");
    }
    let mut wrong = web.clone();
    wrong["because"] = json!("x");
    assert_eq!(refused(know(&bench, &client, &site, ana, &wrong).await).field.as_deref(), Some("because"));
    let mut noted = web.clone();
    noted["note"] = json!("  moved to another site ");
    let said = know(&bench, &client, &site, ana, &noted).await.unwrap();
    assert_eq!((said.by.as_str(), said.note.as_deref()), (ana.0, Some("moved to another site")));
    // What was looked at a moment ago is not read again at once.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(listed(&bench, &client, &site).await, []);
    // The workspace's own administrator may as well.
    let by_admin: Acknowledgement = site.admin.call(Method::POST, &format!("/api/v1/{NOUN}"), Some(&web)).await.unwrap();
    assert_eq!(by_admin.by, site.user);
    let audit: Paged<Value> = site.admin.get("/api/v1/audit?limit=500").await.unwrap();
    let lines: Vec<_> = audit.data.iter().filter(|line| line["verb"] == "health.acknowledge_silence").collect();
    assert!(lines.iter().any(|line| line["outcome"] == "ok" && line["actor"] == ana.0 && line["subject"] == "web" && line["module"] == "health"));
    assert_eq!(lines.iter().filter(|line| line["outcome"] == "NOT_FOUND").count(), 4);
}
