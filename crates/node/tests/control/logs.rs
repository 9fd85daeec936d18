//! What a workspace says of its logs beside a page of them: histograms, facets, and SQL with its bounds and its switch.

use crate::support::{Bench, CONSOLE, DEADLINE, Site, refused};
use bailiwick_api::{
    AuditEntry, Facets, Histogram, LogFacets, LogHistogram, LogSearch, NewSource, Position, Role, RunningSql, SqlAnswer, SqlCut, SqlQuery,
    WorkspaceId,
};
use bailiwick_client::{ClientError, NodeClient, SigningKey, WorkspaceClient};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What takes longer than anybody waits.
const ENDLESS: &str = "select count(*) from events a, events b, events c, events d
    where regexp_like(concat_ws('-', a.id, b.id, c.id, d.id, a.raw, b.raw, c.raw, d.raw), 'x[0-9]+y.*z')";

/// A workspace with 60 events, one each minute, every tenth of which cannot be read.
async fn site(bench: &Bench) -> Site {
    filled(bench, &bench.operator().await).await
}

async fn filled(bench: &Bench, operator: &WorkspaceClient) -> Site {
    let site = bench.site(operator, "acme").await;
    let source = site.admin.add_source(&NewSource::new("web", "web/access")).await.unwrap();
    let line = |n: usize| match n % 10 {
        9 => "{\"broken\n".to_owned(),
        _ => format!("{{\"user\":\"user{}\",\"time\":\"2025-10-09T08:{n:02}:00Z\",\"message\":\"hello {n}\"}}\n", n % 3),
    };
    let body: String = (0..60).map(line).collect();
    WorkspaceClient::ingest(&bench.transport, &base!(bench), &source.ingest_key, None, body.into_bytes()).await.unwrap();
    site
}

async fn post<T: serde::de::DeserializeOwned>(site: &Site, path: &str, body: &impl serde::Serialize) -> Result<T, ClientError> {
    site.admin.call("POST".parse().unwrap(), path, Some(body)).await
}

async fn sql(site: &Site, text: &str) -> Result<SqlAnswer, ClientError> {
    post(site, "/api/v1/sql", &SqlQuery::new(text)).await
}

#[tokio::test]
async fn a_histogram_and_facets_see_what_was_just_acknowledged() {
    let bench = Bench::start().await;
    let site = site(&bench).await;
    let ask = LogHistogram { query: "hello".into(), buckets: Some(6), ..LogHistogram::default() };
    let told: Histogram = post(&site, "/api/v1/logs/histogram", &ask).await.unwrap();
    assert_eq!((told.total, told.width_ms, told.data.len()), (54, 600_000, 6));
    assert_eq!(told.from.unwrap().to_rfc3339(), "2025-10-09T08:00:00+00:00");
    assert!(told.data.iter().all(|bucket| (bucket.records, bucket.failed_records) == (9, 0)), "{told:?}");
    let all: Histogram = post(&site, "/api/v1/logs/histogram", &json!({})).await.unwrap();
    assert_eq!((all.total, all.data.iter().map(|bucket| bucket.failed_records).sum::<u64>()), (60, 6));

    let told: Facets = post(&site, "/api/v1/logs/facets", &LogFacets::default()).await.unwrap();
    assert_eq!((told.total, told.data.len(), told.data[0].field.as_str()), (60, 10, "record_type"));
    assert!(told.data.iter().all(|facet| facet.exact), "{told:?}");
    let ask = LogFacets { fields: Some(vec!["user".into(), "nothing.at.all".into()]), limit: Some(2), ..LogFacets::default() };
    let told: Facets = post(&site, "/api/v1/logs/facets", &ask).await.unwrap();
    assert_eq!(told.data[0].values.iter().map(|value| value.rows).sum::<u64>() + told.data[0].other_rows, 54);
    assert_eq!((told.data[0].values.len(), told.data[0].missing_rows, told.data[1].missing_rows), (2, 6, 60));

    for (path, body, field) in [
        ("histogram", json!({"buckets": 0}), "buckets"),
        ("histogram", json!({"buckets": 201}), "buckets"),
        ("facets", json!({"limit": 101}), "limit"),
        ("facets", json!({"fields": ["a", ""]}), "fields"),
        ("facets", json!({"fields": vec!["a"; 21]}), "fields"),
        ("facets", json!({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}), "to"),
    ] {
        let error = refused(post::<Value>(&site, &format!("/api/v1/logs/{path}"), &body).await);
        assert_eq!((error.status, error.field.as_deref()), (400, Some(field)), "{body}");
    }
    let error = refused(post::<Value>(&site, "/api/v1/logs/histogram", &json!({"bucket": 3})).await);
    assert_eq!((error.code.as_str(), error.detail.unwrap().contains("bucket")), ("UNKNOWN_FIELD", true));
}

#[tokio::test]
async fn a_mistake_in_a_query_is_pointed_at() {
    let bench = Bench::start().await;
    let site = site(&bench).await;
    for path in ["histogram", "facets", "search"] {
        let error = refused(post::<Value>(&site, &format!("/api/v1/logs/{path}"), &json!({"query": "ü )"})).await);
        assert_eq!((error.code.as_str(), error.position), ("QUERY_INVALID", Some(Position { offset: 2, line: 1, column: 3 })), "{path}");
    }
    let error = refused(sql(&site, "select id,\n  usr_name from events").await);
    assert_eq!((error.status, error.code.as_str(), error.field.as_deref()), (400, "SQL_INVALID", Some("sql")));
    assert_eq!(error.position, Some(Position { offset: 13, line: 2, column: 3 }));
    assert!(error.detail.unwrap().contains("line 2, column 3"));
    let error = refused(sql(&site, "drop table events").await);
    assert_eq!((error.status, error.code.as_str()), (400, "SQL_INVALID"));
    let error = refused(sql(&site, "select cast(message as bigint) from records").await);
    assert_eq!((error.status, error.code.as_str()), (400, "SQL_FAILED"));
    for (body, field) in [(json!({"sql": "select 1", "limit": 0}), "limit"), (json!({"sql": "select 1", "deadline_ms": 60_001}), "deadline_ms")] {
        assert_eq!(refused(post::<Value>(&site, "/api/v1/sql", &body).await).field.as_deref(), Some(field));
    }
    assert_eq!(refused(post::<Value>(&site, "/api/v1/sql", &json!({"sql": "select 1", "rows": 3})).await).code, "UNKNOWN_FIELD");
}

#[tokio::test]
async fn sql_reads_events_and_signals_and_says_when_it_is_cut_off() {
    let bench = Bench::start().await;
    let site = site(&bench).await;
    let counted =
        sql(&site, "select (select count(*) from events) as e, (select count(*) from records) as r, (select count(*) from failed_records) as f")
            .await
            .unwrap();
    assert_eq!((&counted.rows, counted.truncated, counted.columns.len()), (&vec![vec![json!(60), json!(54), json!(6)]], false, 3));
    let by_user = "select field(fields, 'user') as u, count(*) as n, min(event_time) as first from records group by u order by u";
    let by_user = sql(&site, by_user).await.unwrap();
    assert_eq!(by_user.rows[0], [json!("user0"), json!(18), json!("2025-10-09T08:00:00Z")]);
    assert_eq!(by_user.columns.iter().map(|column| column.kind.as_str()).collect::<Vec<_>>(), ["text", "integer", "time"]);
    let cut: SqlAnswer = post(&site, "/api/v1/sql", &SqlQuery { limit: Some(7), ..SqlQuery::new("select id from events") }).await.unwrap();
    assert_eq!((cut.rows.len(), cut.truncated_by), (7, Some(SqlCut::Rows)));
    let now = sql(&site, "select now()").await.unwrap();
    assert_eq!(
        now.rows,
        [[json!(chrono::DateTime::from_timestamp(bench.clock.seconds(), 0).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Secs, true))]]
    );

    let db = bench.db(&site).await;
    // More than one page of them.
    sqlx::query(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 4500)
         insert into signal (id, rule, name, level, severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched, message, tags, prototype)
         select 's' || i, 'r' || (i % 2), 'Rule', 'high', i % 10, 'hostname', 'dc01', 'm', i * 1000000, 1, '[\"e\"]', '{}', 'm', '[]', i % 2 from n",
    )
    .execute(db.pool())
    .await
    .unwrap();
    let told = sql(&site, "select rule, count(*), max(created), bool_or(prototype), count(suppressed) from signals group by rule order by rule")
        .await
        .unwrap();
    assert_eq!(told.rows[0], [json!("r0"), json!(2250), json!("1970-01-01T01:15:00Z"), json!(false), json!(0)]);
    assert_eq!(told.rows[1], [json!("r1"), json!(2250), json!("1970-01-01T01:14:59Z"), json!(true), json!(0)]);
    let audit: bailiwick_api::List<AuditEntry> = site.admin.get("/api/v1/audit").await.unwrap();
    assert!(audit.data.iter().any(|line| line.verb == "sql.run" && line.outcome == "ok"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_ends_at_its_deadline_and_by_the_switch() {
    let bench = Bench::start().await;
    let site = site(&bench).await;
    let began = Instant::now();
    let error = refused(post::<Value>(&site, "/api/v1/sql", &SqlQuery { deadline_ms: Some(300), ..SqlQuery::new(ENDLESS) }).await);
    assert_eq!((error.status, error.code.as_str()), (422, "SQL_DEADLINE"));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());

    let endless = sql(&site, ENDLESS);
    let stop = async {
        let running = loop {
            let running: bailiwick_api::List<RunningSql> = site.admin.get("/api/v1/sql").await.unwrap();
            match running.data.into_iter().next() {
                Some(running) => break running,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        assert_eq!((running.who.as_str(), running.sql.as_str()), (site.user.as_str(), ENDLESS));
        site.admin.call::<()>("DELETE".parse().unwrap(), &format!("/api/v1/sql/{}", running.id), None::<&()>).await.unwrap();
        running.id
    };
    let (stopped, id) = tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(endless, stop) }).await.unwrap();
    let error = refused(stopped);
    assert_eq!((error.status, error.code.as_str()), (409, "CANCELLED"));
    let gone = refused(site.admin.call::<()>("DELETE".parse().unwrap(), &format!("/api/v1/sql/{id}"), None::<&()>).await);
    assert_eq!(gone.status, 404);
    let running: bailiwick_api::List<RunningSql> = site.admin.get("/api/v1/sql").await.unwrap();
    assert!(running.data.is_empty());
    assert_eq!(sql(&site, "select count(*) from events").await.unwrap().rows, [[json!(60)]], "what was stopped is not in the way");
}

/// A technician's way to one workspace.
struct Technician<'a> {
    bench: &'a Bench,
    client: &'a NodeClient,
    at: (&'a WorkspaceId, Role),
    email: &'a str,
}

impl Technician<'_> {
    async fn ask<T: serde::de::DeserializeOwned>(&self, noun: &str, body: &impl serde::Serialize) -> Result<T, ClientError> {
        self.client.ask(&self.bench.caller(self.email), self.at, noun, body, DEADLINE).await
    }

    async fn running(&self) -> Vec<RunningSql> {
        let list: bailiwick_api::List<RunningSql> = self.client.read(&self.bench.caller(self.email), self.at, "sql", "", DEADLINE).await.unwrap();
        list.data
    }

    async fn stop(&self, id: &str) -> Result<(), ClientError> {
        self.client.remove(&self.bench.caller(self.email), self.at, "sql", id, DEADLINE).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn technicians_ask_and_see_and_stop_what_is_their_own() {
    let bench = Bench::start().await;
    let site = site(&bench).await;
    let key = SigningKey::generate().unwrap();
    let client = bench.enrol(&site, CONSOLE, &key).await;
    for (email, role) in [("ana@mssp.example", Role::Analyst), ("ben@mssp.example", Role::Analyst), ("vic@mssp.example", Role::Viewer)] {
        bench.technician(&client, &site, email, role).await;
    }
    let who = |email, role| Technician { bench: &bench, client: &client, at: (&site.id, role), email };
    let (ana, ben, vic) = (who("ana@mssp.example", Role::Analyst), who("ben@mssp.example", Role::Analyst), who("vic@mssp.example", Role::Viewer));
    let told: Histogram = ana.ask("logs/histogram", &LogHistogram::default()).await.unwrap();
    assert_eq!(told.total, 60);
    let told: Facets = ana.ask("logs/facets", &LogFacets::default()).await.unwrap();
    assert_eq!(told.total, 60);
    let told: SqlAnswer = ana.ask("sql", &SqlQuery::new("select count(*) from signals")).await.unwrap();
    assert_eq!(told.rows, [[json!(0)]]);
    for (noun, body) in [("logs/histogram", json!({})), ("logs/facets", json!({})), ("sql", json!({"sql": "select 1"}))] {
        let error = refused(vic.ask::<Value>(noun, &body).await);
        assert_eq!((error.status, error.code.as_str()), (403, "FORBIDDEN"), "{noun}");
    }

    let endless = SqlQuery::new(ENDLESS);
    let work = ana.ask::<SqlAnswer>("sql", &endless);
    let others = async {
        let id = loop {
            match ana.running().await.into_iter().next() {
                Some(running) => break running.id,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        assert!(ben.running().await.is_empty(), "somebody else's is not seen");
        assert_eq!(refused(ben.stop(&id).await).status, 404, "nor stopped");
        let all: bailiwick_api::List<RunningSql> = site.admin.get("/api/v1/sql").await.unwrap();
        assert_eq!(all.data[0].who, "ana@mssp.example", "the administrator sees it");
        ana.stop(&id).await.unwrap();
    };
    let (stopped, ()) = tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(work, others) }).await.unwrap();
    assert_eq!(refused(stopped).code, "CANCELLED");
}

#[tokio::test]
async fn a_workspace_reaches_nothing_of_another() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let (one, two) = (filled(&bench, &operator).await, bench.site(&operator, "other").await);
    one.admin.search_logs(&LogSearch::default()).await.unwrap();
    assert_eq!(sql(&two, "select count(*) from events").await.unwrap().rows, [[json!(0)]]);
    let lake = bench.dir.path().join("workspaces").join(one.id.as_str());
    for text in [
        format!("select * from '{}'", lake.join("lake").display()),
        format!("select * from read_parquet('{}')", lake.join("lake").display()),
        format!("create external table x stored as parquet location '{}'", lake.join("lake").display()),
        format!("attach '{}'", lake.join("workspace.db").display()),
        format!("select * from \"{}\".public.events", one.id.as_str()),
        "select * from investigation".into(),
        "select * from information_schema.tables".into(),
    ] {
        assert_eq!(refused(sql(&two, &text).await).code, "SQL_INVALID", "{text}");
    }
}
