//! SQL over a lake: what it sees, what it refuses, and that it stays within its bounds whatever is asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bailiwick_lake::{
    Cells, Engine, FileEntry, Lake, LakeError, Limits, MAX_SQL_ROWS, Outside, Row, Sql, SqlAnswer, SqlAsk, SqlError, SqlKind, SqlPage, SqlPages,
    TruncatedBy,
};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::rows::{AsRaw, DAY, SECOND, lake, row, shared, with};

const ASK: SqlAsk = SqlAsk { rows: 1000, bytes: 16 << 20, deadline: Duration::from_secs(60), now: DAY + 86_400 * SECOND };

struct Scene {
    lake: Lake,
    files: Vec<FileEntry>,
    tail: Vec<Arc<Row>>,
    directory: tempfile::TempDir,
}

/// Rows of two hours, half of them in a file, with fields that follow from the raw text.
async fn scene(rows: usize) -> Scene {
    let engine = Engine::new(Limits::default()).expect("an engine").deriving(Arc::new(AsRaw));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let lake = Lake::open_on(directory.path(), &engine).expect("a lake");
    let make = |n: usize| {
        let fields = json!({"Message": format!("logon {n}"), "Data": {"Task": n % 3}}).to_string();
        let made = row(n, DAY + (n as i64 % 7200) * SECOND, &format!("logon {n}"));
        let made = with(made, json!({"user.name": format!("user{}", n % 5), "source.ip": "10.0.0.1", "source.port": n, "x.y": [1]}), json!({}));
        let failed = n % 10 == 9;
        Row {
            record_type: if failed { "FailedRecord" } else { "Authentication" }.into(),
            reason_code: failed.then(|| "NO_PARSER".into()),
            event_code: Some("4625".into()),
            raw: fields.clone(),
            fields,
            way: Some("raw".into()),
            ..made
        }
    };
    let all = shared((0..rows).map(make));
    let files = lake.write("a", &all[..rows / 2]).await.expect("written");
    Scene { lake, files, tail: all[rows / 2..].to_vec(), directory }
}

impl Scene {
    async fn ask(&self, sql: &str, ask: &SqlAsk) -> Result<SqlAnswer, SqlError> {
        self.lake.sql(&self.files, &self.tail, vec![signals()], &Sql::parse(sql)?, ask).await
    }

    async fn rows(&self, sql: &str) -> Value {
        json!(self.ask(sql, &ASK).await.unwrap_or_else(|error| panic!("{sql}: {error}")).rows)
    }

    async fn refused(&self, sql: &str) -> SqlError {
        match self.ask(sql, &ASK).await {
            Err(error) => error,
            Ok(answer) => panic!("{sql}: {:?}", answer.rows.first()),
        }
    }
}

/// Five signals on three pages.
#[derive(Debug)]
struct Signals;

impl SqlPages for Signals {
    fn page(&self, from: Option<i64>) -> BoxFuture<'_, Result<SqlPage, String>> {
        let at = from.unwrap_or(0);
        let rows = at..(at + 2).min(5);
        let columns = vec![
            Cells::Text(rows.clone().map(|n| (n != 3).then(|| format!("s{n}"))).collect()),
            Cells::Integer(rows.clone().map(Some).collect()),
            Cells::Time(rows.clone().map(|n| Some(DAY + n * SECOND)).collect()),
            Cells::Boolean(rows.map(|n| Some(n % 2 == 0)).collect()),
        ];
        Box::pin(async move { Ok(SqlPage { columns, next: (at + 2 < 5).then_some(at + 2) }) })
    }
}

fn signals() -> Outside {
    let columns = vec![("id", SqlKind::Text), ("severity", SqlKind::Integer), ("created", SqlKind::Time), ("prototype", SqlKind::Boolean)];
    Outside { name: "signals", columns, pages: Arc::new(Signals) }
}

#[tokio::test]
async fn tables_show_rows_of_files_and_tail_with_what_follows_from_their_raw_text() {
    let scene = scene(100).await;
    assert_eq!(scene.rows("select count(*) from events").await, json!([[100]]));
    assert_eq!(scene.rows("select count(*), count(distinct user_name) from records").await, json!([[90, 5]]));
    assert_eq!(scene.rows("select reason_code, count(*) from failed_records group by 1").await, json!([["NO_PARSER", 10]]));
    for id in ["00000003", "00000097"] {
        let sql = format!("select id, event_time, message, raw, fields, ecs, source_port, event_code from events where id = '{id}'");
        let rows = scene.rows(&sql).await;
        let n: i64 = id.parse().expect("a number");
        assert_eq!(rows[0][1], json!(format!("2026-01-31T00:{:02}:{:02}Z", n / 60, n % 60)));
        assert_eq!(rows[0][2], json!(format!("logon {n}")));
        assert_eq!(rows[0][3], rows[0][4]);
        assert_eq!(rows[0][5], json!(r#"{"x.y":[1]}"#), "without the mark of how the code is kept");
        assert_eq!((&rows[0][6], &rows[0][7]), (&json!(n), &json!("4625")));
    }
    let by_field = "select field(fields, 'data.task') as task, count(*) from events where message like 'logon %' group by task order by task";
    assert_eq!(scene.rows(by_field).await, json!([["0", 34], ["1", 33], ["2", 33]]));
    let joined = "select s.id, s.severity, s.created, s.prototype from signals s order by severity desc limit 2";
    assert_eq!(scene.rows(joined).await, json!([["s4", 4, "2026-01-31T00:00:04Z", true], [null, 3, "2026-01-31T00:00:03Z", false]]));
    assert_eq!(scene.rows("select count(*) from signals s join events e on e.source_port = s.severity").await, json!([[5]]));
}

#[tokio::test]
async fn what_people_write_works() {
    let scene = scene(100).await;
    for (sql, expected) in [
        ("select 1 + 1 as two, 'x' || 'y' || null, 'a' || 1", json!([[2, null, "a1"]])),
        (
            "select date_bin(interval '1 minute', event_time) as m, count(*) from events group by m order by m limit 1",
            json!([["2026-01-31T00:00:00Z", 60]]),
        ),
        ("select date_trunc('hour', now()), extract(year from now())", json!([["2026-02-01T00:00:00Z", 2026]])),
        ("select count(*) from events where event_time >= '2026-01-31T00:01:00Z' and event_time < now() - interval '1 hour'", json!([[40]])),
        ("select count(*) from events where user_name in ('user1', 'user2') and source_ip = '10.0.0.1'", json!([[40]])),
        ("select count(*) from events where user_name = 'nobody' or source_port = 7", json!([[1]])),
        ("select count(*) from events where message ilike 'LOGON 1_' or regexp_like(raw, 'logon 2\\d\"')", json!([[20]])),
        (
            "select upper(substr(user_name, 1, 3)), concat_ws('-', 'a', 'b'), replace('aXb', 'X', '--'), regexp_replace('a1b22', '\\d+', '#', 'g') from events limit 1",
            json!([["USE", "a-b", "a--b", "a#b#"]]),
        ),
        (
            "select approx_distinct(user_name), min(source_port), max(source_port), sum(source_port), median(source_port) from events",
            json!([[5, 0, 99, 4950, 49.5]]),
        ),
        (
            "select user_name, row_number() over (order by user_name) from (select distinct user_name from events) order by 1 limit 1",
            json!([["user0", 1]]),
        ),
        ("with u as (select user_name, count(*) as n from records group by 1) select max(n) from u", json!([[20]])),
        ("select cast('7' as bigint), try_cast('x' as bigint), case when 1 = 1 then 'y' end, null is null", json!([[7, null, "y", true]])),
        ("select avg(source_port) from events where id < '00000004'", json!([[1.5]])),
        ("select coalesce(reason, 'none') from events where id = '00000001'", json!([["none"]])),
    ] {
        assert_eq!(scene.rows(sql).await, expected, "{sql}");
    }
    let answer =
        scene.ask("select event_time, source_port, user_name, true as t, 1.5 as f, null as n from events limit 1", &ASK).await.expect("an answer");
    let kinds: Vec<&str> = answer.columns.iter().map(|column| column.kind.as_str()).collect();
    assert_eq!(kinds, ["time", "integer", "text", "boolean", "float", "null"]);
    assert_eq!(answer.columns[2].name, "user_name");
}

#[tokio::test]
async fn an_answer_is_cut_off_by_rows_and_by_bytes() {
    let scene = scene(100).await;
    let asked = |rows, bytes| SqlAsk { rows, bytes, ..ASK };
    let cut = scene.ask("select id from events", &asked(10, 1 << 20)).await.expect("an answer");
    assert_eq!((cut.rows.len(), cut.truncated), (10, Some(TruncatedBy::Rows)));
    let whole = scene.ask("select id from events", &asked(100, 1 << 20)).await.expect("an answer");
    assert_eq!((whole.rows.len(), whole.truncated), (100, None));
    let cut = scene.ask("select raw from events", &asked(100, 1000)).await.expect("an answer");
    assert!(cut.rows.len() < 20 && cut.truncated == Some(TruncatedBy::Bytes), "{}", cut.rows.len());
    for rows in [0, MAX_SQL_ROWS + 1] {
        let refused = scene.ask("select 1", &asked(rows, 1000)).await.expect_err("refused");
        assert!(matches!(refused, SqlError::Lake(LakeError::Invalid { field: "limit", .. })), "{refused}");
    }
}

#[tokio::test]
async fn mistakes_are_pointed_at() {
    let scene = scene(4).await;
    let position = async |sql: &str| match scene.refused(sql).await {
        SqlError::Invalid { position, message } => position.unwrap_or_else(|| panic!("{sql}: {message}")),
        other => panic!("{sql}: {other}"),
    };
    assert_eq!(position("select id,\n  usr_name from events").await, 13);
    assert_eq!(position("select * from evnts").await, 14);
    assert_eq!(position("select id from events where nosuch(id) = 1").await, 28);
    assert_eq!(position("select id from events e where x.id = '1'").await, 30);
    assert_eq!(position("select id from events group by").await, 30);
    let twice = "select concat(x, 'b') as x from (select concat(x, 'b') as x from (select id as x from events))";
    assert!(matches!(scene.refused(twice).await, SqlError::Invalid { .. }), "the engine would do it once");
    assert!(matches!(scene.refused("select cast(message as bigint) from events").await, SqlError::Failed(_)));
    assert!(matches!(scene.refused("select 1 / (source_port - source_port) from events").await, SqlError::Failed(_)));
}

#[tokio::test]
async fn nothing_but_these_tables_can_be_reached() {
    let scene = scene(4).await;
    let other = lake();
    let elsewhere = other.1.write("secret", &shared([row(1, DAY, "secret")])).await.expect("written");
    let path = other.0.path().join("lake").join(&elsewhere[0].path);
    let own = scene.directory.path().join(&scene.files[0].path);
    for sql in [
        format!("select * from '{}'", path.display()),
        format!("select * from \"{}\"", own.display()),
        format!("select * from read_parquet('{}')", path.display()),
        format!("select * from parquet_metadata('{}')", own.display()),
        format!("copy events to '{}'", own.display()),
        format!("create external table x stored as parquet location '{}'", path.display()),
        "select * from information_schema.tables".into(),
        "select * from information_schema.df_settings".into(),
        "select * into other from events".into(),
        "explain analyze select * from events".into(),
        "set datafusion.execution.target_partitions = 1000".into(),
        "select * from other.public.events".into(),
        "select way from events".into(),
        "select message_end from events".into(),
        "select * from generate_series(1, 1000000000)".into(),
        "select * from range(1, 1000000000)".into(),
        "select unnest([1, 2])".into(),
        "select repeat('x', 1000000000)".into(),
        "select lpad('x', 1000000000)".into(),
        "select array_agg(raw) from events".into(),
        "select uuid()".into(),
        "select version()".into(),
        "select arrow_typeof(id) from events".into(),
        "select current_setting('x')".into(),
        "select * from t1, lateral (select 1)".into(),
    ] {
        assert!(matches!(scene.refused(&sql).await, SqlError::Invalid { .. }), "{sql}");
    }
}

#[tokio::test]
async fn memory_is_bounded_whatever_is_asked() {
    let scene = scene(20_000).await;
    let steps: String = (1..13).map(|n| format!(", t{n} as (select concat(x{0}, x{0}) as x{n} from t{0})", n - 1)).collect();
    let doubled = format!("with t0 as (select raw as x0 from events){steps} select * from t12");
    for sql in [
        doubled.as_str(),
        "select replace(replace(replace(raw, 'a', four), 'a', four), 'a', four) from (select raw, raw || raw || raw || raw as four from events)",
        "select regexp_replace(raw, '.', raw || raw || raw || raw || raw || raw, 'g') from (select raw || raw || raw || raw || raw || raw as raw from events)",
        "select a.raw || b.raw as k, count(*) from events a, events b group by k",
        "select max(n) from (select row_number() over (order by k) as n from (select a.raw || b.raw as k from events a, events b))",
        "select count(*) over (), a.raw || b.raw from events a, events b",
        "select a.id, lag(a.raw || b.raw, 1000000) over (order by a.id) from events a, events b",
        "select count(distinct a.id || b.id) from events a, events b",
    ] {
        let refused = scene.refused(sql).await;
        assert!(matches!(refused, SqlError::Lake(LakeError::Memory(_))), "{sql}: {refused}");
    }
}

#[tokio::test]
async fn time_is_bounded_and_what_is_late_stops_and_gives_its_turn_back() {
    let engine = Limits { concurrent: 2, ..Limits::default() };
    let mut scene = scene(20_000).await;
    let engine = Engine::new(engine).expect("an engine").deriving(Arc::new(AsRaw));
    scene.lake = Lake::open_on(scene.directory.path(), &engine).expect("a lake");
    let endless = "select count(*) from events a, events b where a.raw || b.raw like '%zzz%'";
    let ask = SqlAsk { deadline: Duration::from_millis(300), ..ASK };
    let began = Instant::now();
    for sql in [
        endless,
        "select max(character_length(a.raw || b.raw)) from events a, events b",
        "select count(*) from events a left join events b on a.raw || b.raw like '%zzz%'",
        "select count(*) from events a join events b on a.source = b.source where a.raw || b.raw like '%zzz%'",
    ] {
        let late = scene.ask(sql, &ask).await.expect_err("late");
        assert!(matches!(late, SqlError::Lake(LakeError::Deadline)), "{late}");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // One turn: the next statement runs once the late ones have ended.
    assert_eq!(scene.rows("select count(*) from events").await, json!([[20_000]]));
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let scene = scene(100).await;
    let path = scene.directory.path().join(&scene.files[0].path);
    let mut bytes = std::fs::read(&path).expect("the file");
    let end = bytes.len() / 2;
    bytes[4..end].fill(0xA5);
    std::fs::write(&path, &bytes).expect("written");
    let damaged = scene.refused("select raw, user_name, id, message from events").await;
    assert!(matches!(&damaged, SqlError::Lake(LakeError::File { path, .. }) if *path == scene.files[0].path), "{damaged}");
    std::fs::remove_file(&path).expect("removed");
    let gone = scene.refused("select id from events").await;
    assert!(matches!(&gone, SqlError::Lake(LakeError::File { path, .. }) if *path == scene.files[0].path), "{gone}");
}

#[tokio::test]
async fn planning_alone_says_what_running_would() {
    let (_directory, lake) = lake();
    lake.plan_sql("select user_name, count(*) from events group by 1").await.expect("planned");
    assert!(matches!(lake.plan_sql("select nothing from events").await, Err(SqlError::Invalid { .. })));
}

/// A chain of anything is a deep tree; as long as it may be, it is planned or refused on the stack of an ordinary thread.
#[tokio::test]
async fn the_longest_chains_are_walked_on_an_ordinary_stack() {
    let (_directory, lake) = lake();
    for link in [
        " + 1",
        " or true",
        "::bigint",
        " is null",
        " || ''",
        " union all select 1",
        " at time zone 'UTC'",
        "[1]",
        ".a",
        " collate c",
        " in (1)",
        " -> 'a'",
        " between 1 and 2",
        " like 'a'",
        " = 1",
    ] {
        for times in [399, 1000] {
            let _answer = lake.plan_sql(&format!("select 1{}", link.repeat(times))).await;
        }
    }
    let cases = " when 1 then 2".repeat(190);
    let _answer = lake.plan_sql(&format!("select case{cases} end")).await;
    let _answer = lake.plan_sql(&format!("select {} true", "not ".repeat(398))).await;
    let _answer = lake.plan_sql(&format!("select {} 1", "- ".repeat(398))).await;
}
