//! Grants follow from delegations for many people and many customers: quickly, and without touching what stays as it is.

use super::*;
use crate::{Console, ConsoleConfig, Database, Pace, links};
use bailiwick_chassis::sql::values;
use sqlx::{AssertSqlSafe, Row};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PEOPLE: usize = 50;
const CUSTOMERS: usize = 2_000;

struct Stage {
    console: Console,
    _dir: TempDir,
}

impl Stage {
    /// A console with customers on a node that nobody runs, and analysts.
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = ConsoleConfig::new(Database::File(dir.path().join("console.db")), "127.0.0.1:0".parse().unwrap(), |_| None);
        // Nobody is to be asked while the time is taken.
        let seldom = Duration::from_secs(3_600);
        let config = ConsoleConfig { pace: Pace { reconcile: seldom, sync: seldom, probe: seldom, ..Pace::default() }, ..config };
        let stage = Self { console: Console::start(config).await.unwrap(), _dir: dir };
        links::testing::nobody(stage.state()).await;
        let names: Vec<String> = (0..CUSTOMERS).map(|n| format!("cus-{n}")).collect();
        let into = "insert into customers (id, name, name_key, mail, region, node, workspace, is_primary, created, created_by) values ";
        let row = |name: &String| vec![name.clone(), name.clone(), name.clone(), "a@b.co".into(), "eu".into(), "node-1".into(), name.clone()];
        stage.fill(into, &["0", "0", "'test'"], names.iter().map(row).collect()).await;
        let names: Vec<String> = (0..PEOPLE).map(|n| format!("user-{n}")).collect();
        let row = |name: &String| vec![name.clone(), name.clone(), name.clone(), name.clone(), "analyst".into(), "x".into()];
        stage.fill("insert into users (id, email, email_key, name, role, password, created) values ", &["0"], names.iter().map(row).collect()).await;
        stage
    }

    fn state(&self) -> &State {
        self.console.state()
    }

    /// Rows of texts, each with the same end.
    async fn fill(&self, into: &str, end: &[&str], rows: Vec<Vec<String>>) {
        for part in rows.chunks(500) {
            let places = values(part.len(), part[0].len()).replace(')', &format!(", {})", end.join(", ")));
            let mut query = sqlx::query(AssertSqlSafe(format!("{into}{places}")));
            for value in part.iter().flatten() {
                query = query.bind(value.clone());
            }
            query.execute(self.state().db.pool()).await.unwrap();
        }
    }

    async fn delegate_all(&self, user: &str, role: Option<Role>) {
        let mut tx = self.state().db.begin().await.unwrap();
        let by = UserId::from("user-0");
        let decided = delegations::Decided { role, expires_us: None, reason: None, by: &by, now_us: 1 };
        delegations::put(&mut tx, &[user.into()], &[effective::Subject::All], decided).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Works out everybody's grants; how many people had something new, and how long it took.
    async fn work(&self) -> (usize, Duration) {
        let began = Instant::now();
        let people: Vec<UserId> = (0..PEOPLE).map(|n| UserId(format!("user-{n}"))).collect();
        let mut tx = self.state().db.begin().await.unwrap();
        take_turn(&mut tx).await.unwrap();
        let changed = people_changed(&mut tx, &people, Cause { by: None, anew: None, now_us: 2 }).await.unwrap();
        tx.commit().await.unwrap();
        (changed.len(), began.elapsed())
    }

    async fn number(&self, text: &'static str) -> i64 {
        sqlx::query(text).fetch_one(self.state().db.pool()).await.unwrap().try_get(0).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_people_on_two_thousand_customers_are_worked_out_in_seconds_and_touched_once() {
    let stage = Stage::new().await;
    for n in 0..PEOPLE {
        stage.delegate_all(&format!("user-{n}"), Some(Role::Administrator)).await;
    }
    let (changed, first) = stage.work().await;
    assert_eq!(changed, PEOPLE);
    let all = i64::try_from(PEOPLE * CUSTOMERS).unwrap();
    assert_eq!(stage.number("select count(*) from grants where desired = 'analyst' and revision = 1 and state = 'PENDING'").await, all);
    let (changed, again) = stage.work().await;
    assert_eq!((changed, stage.number("select max(revision) from grants").await), (0, 1), "what stays as it is is not touched");

    stage.delegate_all("user-7", None).await;
    let (changed, one) = stage.work().await;
    assert_eq!((changed, stage.number("select count(*) from grants where desired is null and revision = 2").await), (1, 2_000));

    let began = Instant::now();
    let mut tx = stage.state().db.begin().await.unwrap();
    sqlx::query("delete from grants where customer_id = 'cus-9'").execute(&mut *tx).await.unwrap();
    let came = customer_came(&mut tx, &"cus-9".into(), None, 3).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(came.len(), PEOPLE - 1);
    eprintln!("100,000 grants: first {first:?}, again {again:?}, one person's {one:?}; one customer's {:?}", began.elapsed());
    assert!(first < Duration::from_secs(30) && again < Duration::from_secs(20) && began.elapsed() < Duration::from_secs(5));
    stage.console.stop().await;
}
