//! A workspace's lake as other engines read it, and a node whose lakes are in a bucket.

use crate::s3::S3;
use bailiwick_api::{Retention, Storage};
use bailiwick_chassis::{Clock, SystemClock};
use bailiwick_client::WorkspaceClient;
use bailiwick_node::{FlushConfig, LakeConfig};
use bailiwick_testkit::{Setup, Site, World, events, eventually};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// The machine's clock, so many seconds later.
#[derive(Default)]
struct Later(AtomicI64);

impl Clock for Later {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }
}

struct Scene {
    world: World,
    site: Site,
    clock: Arc<Later>,
}

impl Scene {
    /// A node that writes files early and looks after them often.
    async fn start(flush: FlushConfig, lake: LakeConfig) -> Self {
        let (mut world, clock) = (World::start(Setup::new(&["eu"])).await.unwrap(), Arc::new(Later::default()));
        let lake = LakeConfig { pace: Duration::from_millis(100), ..lake };
        let shared: Arc<Later> = Arc::clone(&clock);
        world.nodes[0]
            .start_changed(|config| {
                config.clock = shared;
                config.flush = flush;
                config.lake = lake;
            })
            .await
            .unwrap();
        let site = world.site(0, "Acme").await.unwrap();
        Self { world, site, clock }
    }

    async fn pass(&mut self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
        self.sign_in().await;
    }

    async fn sign_in(&mut self) {
        let base = format!("{}/", self.world.nodes[0].url()).parse().unwrap();
        let who = &self.site.credentials;
        self.site.admin = WorkspaceClient::sign_in(&self.world.transport, &base, &who.user, &who.password).await.unwrap();
    }

    async fn send(&self, events: std::ops::Range<usize>) {
        let events: Vec<Value> = events.map(event).collect();
        self.site.send(&events).await.unwrap();
    }

    async fn storage(&self) -> Storage {
        self.site.admin.get("/api/v1/storage").await.unwrap()
    }

    async fn eventually(&self, what: &str, check: impl Fn(&Storage) -> bool) -> Storage {
        eventually(PATIENCE, what, async || check(&self.storage().await)).await;
        self.storage().await
    }

    /// Waits until the published table is what the list says, and all of what was sent.
    async fn published(&self) -> Storage {
        let settled = |now: &Storage| now.unwritten_events == 0 && now.table.as_ref().is_some_and(|t| t.behind == 0 && t.version.is_some());
        self.eventually("publication", settled).await
    }

    async fn count(&self, query: &str) -> usize {
        self.site.search(query).await.unwrap().len()
    }
}

fn event(number: usize) -> Value {
    let host = format!("wks-{}.corp.example", number % 7);
    events::process(&host, "CORP\\ann", "C:\\Windows\\System32\\notepad.exe", &format!("notepad.exe mark{number} ünïcode"))
}

fn flush(rows: usize) -> FlushConfig {
    FlushConfig { rows, age: Duration::from_secs(1), ..FlushConfig::default() }
}

/// What Python's engines find in a lake.
async fn read(arguments: Vec<String>) -> Value {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (script, maker) = (here.join("tests/system/lake/read.py"), here.join("../../scripts/python-clients"));
    let work = move || {
        let made = Command::new(&maker).output().unwrap();
        assert!(made.status.success(), "{}: {}", maker.display(), String::from_utf8_lossy(&made.stderr));
        let python = String::from_utf8(made.stdout).unwrap();
        let ran = Command::new("timeout").arg("120").arg(python.trim()).arg(&script).args(arguments).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&ran.stdout).into_owned(), String::from_utf8_lossy(&ran.stderr).into_owned());
        assert!(ran.status.success(), "{}: {out}\n{err}", script.display());
        serde_json::from_str(out.lines().last().unwrap_or_default()).unwrap()
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duckdb_and_delta_read_what_a_search_finds_also_after_merges_and_retention() {
    let mut scene = Scene::start(flush(50), LakeConfig::default()).await;
    let directory = scene.site.data.join("lake").display().to_string();
    for batch in 0..6 {
        scene.send(batch * 50..batch * 50 + 50).await;
        scene.published().await;
    }
    let many = scene.published().await;
    let said = read(vec![directory.clone()]).await;
    assert_eq!(said["files"], json!(many.tiers[0].files));
    assert!(many.tiers[0].files >= 3, "{many:?}");
    for (key, expected) in
        [("delta_rows", 300), ("duckdb_rows", 300), ("duckdb_ids", 300), ("duckdb_host", scene.count("host.name:wks-3.corp.example").await)]
    {
        assert_eq!(said[key], json!(expected), "{key}: {said}");
    }
    assert_eq!((scene.count("").await, &said["duckdb_raw"]), (300, &json!(many.tiers[0].raw_bytes)));
    assert!(said["newest"].as_u64() >= Some(1), "{said}");

    // The day is over: its files become one, and the old ones stay a while beside it without being counted.
    scene.pass(26 * 3600).await;
    scene.eventually("merge", |now| now.tiers[0].files == 1).await;
    scene.send(300..320).await;
    let merged = scene.published().await;
    let said = read(vec![directory.clone()]).await;
    assert_eq!((&said["files"], &said["delta_rows"], &said["duckdb_rows"], &said["duckdb_ids"]), (&json!(2), &json!(320), &json!(320), &json!(320)));
    assert_eq!((scene.count("").await, merged.leaving_files > 0), (320, true));
    assert_eq!(said["delta_days"].as_array().map(Vec::len), Some(2), "{said}");

    // Kept for one day, the first day's events go.
    let retention = Retention { continuous_days: 1, frequent_days: 1, infrequent_days: 1 };
    let _: Retention = scene.site.admin.call("PUT".parse().unwrap(), "/api/v1/retention", Some(&retention)).await.unwrap();
    scene.eventually("expiry", |now| now.tiers.iter().map(|tier| tier.events).sum::<u64>() == 20).await;
    scene.published().await;
    let said = read(vec![directory.clone()]).await;
    assert_eq!((&said["files"], &said["delta_rows"], &said["duckdb_rows"]), (&json!(1), &json!(20), &json!(20)));
    assert_eq!(scene.count("").await, 20);
    scene.pass(20 * 60).await;
    scene.eventually("removal", |now| now.leaving_files == 0).await;
    assert_eq!(read(vec![directory]).await["duckdb_rows"], json!(20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_keeps_its_lakes_in_a_bucket_and_loses_nothing_while_that_is_away() {
    let directory = tempfile::tempdir().unwrap();
    let server = S3::start(directory.path().join("s3")).await;
    let bucket = server.bucket("siem", Duration::from_millis(1500));
    let limits = FlushConfig { max_bytes: 400_000, ..flush(50) };
    let mut scene = Scene::start(limits, LakeConfig { bucket: Some(bucket.clone()), ..LakeConfig::default() }).await;
    scene.send(0..100).await;
    let stored = scene.published().await;
    assert_eq!((stored.store.as_str(), stored.tiers[0].events, scene.count("").await), ("s3", 100, 100));
    let folder = format!("siem/{}", scene.site.id);
    assert!(server.objects(&folder).iter().any(|key| key.ends_with(".parquet")), "{:?}", server.objects("siem"));
    let endpoint = bucket.endpoint.clone().unwrap();
    let said = read(vec![format!("s3://logs/{folder}"), endpoint, "key".into(), "secret".into()]).await;
    assert_eq!(said["delta_rows"], json!(100));

    server.set_away(true);
    let mut acknowledged = 100;
    let busy = loop {
        let body: String = (acknowledged..acknowledged + 50).map(|number| format!("{}\n", event(number))).collect();
        let answer = scene.site.post(body, &[]).await.unwrap();
        if answer.status != 200 {
            break answer;
        }
        acknowledged += 50;
        assert!(acknowledged < 5000, "memory is bounded, so senders must be told to wait");
    };
    assert_eq!((busy.status, busy.body["code"].as_str()), (429, Some("BUSY")));
    let open = async || -> Vec<String> {
        let issues = scene.site.admin.health_issues().await.unwrap().data;
        issues.into_iter().map(|issue| issue.tracker.to_string()).collect()
    };
    assert!(open().await.contains(&"ingest.budget_exceeded".to_owned()), "{:?}", open().await);
    let trouble = scene.eventually("trouble", |now| now.trouble.is_some()).await;
    assert!(trouble.trouble.is_some_and(|trouble| trouble.reason.starts_with("store:")));
    // A restart meanwhile: the node starts, and takes what it can.
    scene.world.nodes[0].start_again().await.unwrap();
    server.set_away(false);
    let stored = |now: &Storage| now.tiers[0].events as usize;
    let back = scene.eventually("everything stored", |now| now.trouble.is_none() && stored(now) == acknowledged).await;
    assert_eq!((back.unwritten_events, stored(&scene.published().await)), (0, acknowledged));
    assert_eq!(scene.count("mark7").await, 1);
}
