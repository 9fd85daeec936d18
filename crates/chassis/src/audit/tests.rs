//! What is appended is found, fits, and cannot be changed unseen.

use super::*;
use crate::{Refusal, sql::Db};
use bailiwick_api::{AuditEntry, AuditFormat, AuditModule};
use sqlx::migrate::Migrator;
use std::{borrow::Cow, time::Duration};
use tempfile::TempDir;

const TIME: Duration = Duration::from_secs(30);
const LINES: [(&str, &str, Option<&str>, &str); 6] = [
    ("ana", "licence.allocate", Some("c1"), "ok"),
    ("ana", "user.add", None, "ok"),
    ("bob", "logs.search", Some("c2"), "NODE_DOWN"),
    ("ana", "sql.run", Some("c1"), "ok"),
    ("bob", "sync.begin", Some("c1"), "ok"),
    ("ana", "grant.remove", Some("c1"), "ok"),
];

async fn database() -> (Db, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let none = Migrator { migrations: Cow::Borrowed(&[]), ..Migrator::DEFAULT };
    let db = Db::file(&dir.path().join("audit.db"), &none, 2).await.unwrap();
    sqlx::raw_sql(SCHEMA).execute(db.pool()).await.unwrap();
    sqlx::query("insert into audit_counter (one, last) values (1, 0)").execute(db.pool()).await.unwrap();
    (db, dir)
}

async fn add_all(db: &Db, lines: std::ops::Range<usize>) {
    let mut tx = db.begin().await.unwrap();
    for n in lines {
        let (actor, verb, on, outcome) = LINES[n % LINES.len()];
        let time_us = i64::try_from(n).unwrap() * 1_000_000;
        let detail = (verb == "grant.remove").then_some("gone\tfor \"good\"\n");
        append(&mut tx, &Line { time_us, actor, verb, on, subject: "=1+1", outcome, detail }).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn add(db: &Db, n: usize) {
    add_all(db, n..n + 1).await;
}

async fn filled(lines: usize) -> (Db, TempDir) {
    let (db, dir) = database().await;
    seal(&db).await.unwrap();
    add_all(&db, 0..lines).await;
    (db, dir)
}

async fn ids(db: &Db, whom: &Whom, wanted: &Criteria) -> Result<Vec<i64>, Refusal> {
    let filter = Filter::new(db, whom, wanted).await?;
    Ok(page(db, &filter, 500, None).await?.data.into_iter().map(|entry| entry.id).collect())
}

#[tokio::test]
async fn a_chain_that_nobody_touched_fits_and_a_line_changed_or_gone_is_named() {
    let (db, _dir) = filled(30).await;
    let whole = check(&db, None, TIME).await.unwrap();
    assert_eq!((whole.entries, whole.first_id, whole.last_id, whole.ok, whole.complete), (30, Some(1), Some(30), true, true));
    let rest = check(&db, Some(20), TIME).await.unwrap();
    assert_eq!((rest.entries, rest.first_id, rest.head == whole.head, rest.ok), (10, Some(21), true, true));
    let none = check(&db, None, Duration::ZERO).await.unwrap();
    assert_eq!((none.entries, none.ok, none.complete), (0, true, false));
    assert_eq!(check(&db, Some(31), TIME).await.unwrap_err().problem().field.as_deref(), Some("after"));

    for forbidden in ["update audit set actor = 'eve' where id = 7", "delete from audit where id = 30", "delete from audit"] {
        let refused = sqlx::query(forbidden).execute(db.pool()).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    for trigger in ["audit_stays", "audit_stays_there"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("drop trigger {trigger}"))).execute(db.pool()).await.unwrap();
    }
    for (tampering, broken_at) in [
        ("delete from audit where id = 30", 30),
        ("update audit set detail = null where id = 18", 18),
        ("update audit set customer_id = 'c2' where id = 10", 10),
        ("update audit set time = time + 1 where id = 9", 9),
        ("delete from audit where id = 4", 4),
        ("update audit set hash = 'beef' where id = 1", 1),
    ] {
        sqlx::query(tampering).execute(db.pool()).await.unwrap();
        let broken = check(&db, None, TIME).await.unwrap();
        assert_eq!((broken.ok, broken.broken_at, broken.entries), (false, Some(broken_at), u64::try_from(broken_at - 1).unwrap()), "{tampering}");
    }
}

#[tokio::test]
async fn a_newest_line_written_anew_with_a_hash_that_fits_is_found_by_the_counter() {
    let (db, _dir) = filled(3).await;
    sqlx::query("drop trigger audit_stays").execute(db.pool()).await.unwrap();
    let filter = Filter::new(&db, &Whom::Everybody, &Criteria::default()).await.unwrap();
    let mut newest = page(&db, &filter, 1, None).await.unwrap().data.remove(0);
    newest.actor = "eve".into();
    let text = "update audit set actor = 'eve', hash = $1 where id = 3";
    sqlx::query(text).bind(hash(&newest)).execute(db.pool()).await.unwrap();
    assert_eq!(check(&db, None, TIME).await.unwrap().broken_at, Some(3));
}

#[tokio::test]
async fn lines_from_before_there_were_hashes_get_theirs_once() {
    let (db, _dir) = database().await;
    let text = "with recursive n (id) as (select 1 union all select id + 1 from n where id < 2500) \
                insert into audit (id, time, actor, verb, outcome) select id, id, 'ana', 'user.add', 'ok' from n";
    sqlx::query(text).execute(db.pool()).await.unwrap();
    sqlx::query("update audit_counter set last = 2500").execute(db.pool()).await.unwrap();
    seal(&db).await.unwrap();
    add(&db, 0).await;
    let sealed = check(&db, None, TIME).await.unwrap();
    assert_eq!((sealed.entries, sealed.ok, sealed.complete), (2_501, true, true));
    seal(&db).await.unwrap();
    assert_eq!(check(&db, None, TIME).await.unwrap(), sealed);
}

#[tokio::test]
async fn every_filter_narrows_and_an_empty_choice_is_none() {
    let (db, _dir) = filled(6).await;
    let all = Criteria::default;
    let of = |id: &str| Whom::Only(vec![id.to_owned()]);
    let cases = [
        (Whom::Everybody, all(), vec![6, 5, 4, 3, 2, 1]),
        (Whom::Nobody, all(), vec![2]),
        (of("c1"), all(), vec![6, 5, 4, 1]),
        (of("c2"), all(), vec![3]),
        (of("nobody's"), all(), vec![]),
        (Whom::Only(Vec::new()), all(), vec![]),
        (Whom::Everybody, Criteria { actor: Some("bob".into()), ..all() }, vec![5, 3]),
        (of("c1"), Criteria { actor: Some("bob".into()), ..all() }, vec![5]),
        (Whom::Everybody, Criteria { verb: Some("sql.run".into()), ..all() }, vec![4]),
        (Whom::Everybody, Criteria { module: Some(AuditModule::Logs), ..all() }, vec![4, 3]),
        (Whom::Everybody, Criteria { module: Some(AuditModule::Sync), ..all() }, vec![5]),
        (Whom::Everybody, Criteria { module: Some(AuditModule::Parsers), ..all() }, vec![]),
        (Whom::Everybody, Criteria { outcome: Some("refused".into()), ..all() }, vec![3]),
        (Whom::Everybody, Criteria { outcome: Some("NODE_DOWN".into()), ..all() }, vec![3]),
        (Whom::Everybody, Criteria { from: Some(crate::clock::from_us(2_000_000)), to: Some(crate::clock::from_us(4_000_000)), ..all() }, vec![4, 3]),
    ];
    for (whom, wanted, expected) in cases {
        assert_eq!(ids(&db, &whom, &wanted).await.unwrap(), expected, "{whom:?} {wanted:?}");
    }
    let backwards = Criteria { from: Some(crate::clock::from_us(5)), to: Some(crate::clock::from_us(5)), ..all() };
    assert_eq!(ids(&db, &Whom::Everybody, &backwards).await.unwrap_err().problem().field.as_deref(), Some("to"));
    let empty = Criteria { actor: Some(String::new()), ..all() };
    assert_eq!(ids(&db, &Whom::Everybody, &empty).await.unwrap_err().problem().field.as_deref(), Some("actor"));
}

#[tokio::test]
async fn pages_stay_while_lines_arrive() {
    let (db, _dir) = filled(7).await;
    let filter = Filter::new(&db, &Whom::Everybody, &Criteria::default()).await.unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = page(&db, &filter, 3, cursor.as_deref()).await.unwrap();
        seen.extend(page.data.into_iter().map(|entry| entry.id));
        add(&db, 0).await;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    for cursor in ["!", "x", ""] {
        assert_eq!(page(&db, &filter, 3, Some(cursor)).await.unwrap_err().code(), "CURSOR_INVALID");
    }
    assert!(limit(Some(0)).is_err() && limit(Some(501)).is_err() && limit(None).unwrap() == 200);
}

async fn exported(db: &Db, format: AuditFormat) -> String {
    let filter = Filter::new(db, &Whom::Everybody, &Criteria { actor: Some("ana".into()), ..Criteria::default() }).await.unwrap();
    let (mut export, mut text) = (Export::begin(db, format).await.unwrap(), Vec::new());
    add(db, 0).await;
    while let Some(entries) = export.next(db, &filter).await.unwrap() {
        text.extend(export.write(&entries).unwrap());
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn an_export_holds_the_lines_there_were_when_it_began_oldest_first() {
    let (db, _dir) = filled(1_800).await;
    let filter = Filter::new(&db, &Whom::Everybody, &Criteria { actor: Some("ana".into()), ..Criteria::default() }).await.unwrap();
    let newest = page(&db, &filter, 1, None).await.unwrap().data.remove(0);
    let text = exported(&db, AuditFormat::Ndjson).await;
    let entries: Vec<AuditEntry> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((entries.len(), entries[0].id, entries.last()), (1_200, 1, Some(&newest)));
    assert!(entries.iter().all(|entry| hash(entry) == entry.hash), "each can be verified by itself");
}

#[tokio::test]
async fn a_table_has_one_heading_and_no_formula() {
    let (db, _dir) = filled(6).await;
    let text = exported(&db, AuditFormat::Csv).await;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next(), Some("id"));
    let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!((rows.len(), &rows[3][7], &rows[3][9]), (4, "'=1+1", "gone\tfor \"good\"\n"));
}
