//! Bad input has a clear answer, and the rest of the batch is kept.

use crate::work::spray;
use bailiwick_api::{IngestReceipt, Role};
use bailiwick_testkit::{Setup, World, events, eventually};
use std::{collections::BTreeMap, time::Duration};

const LONG: usize = 10 << 20;

fn good(mark: &str) -> String {
    events::process("wks-1.corp.example", "CORP\\ann", "C:\\Windows\\System32\\notepad.exe", mark).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_lines_become_failed_records_with_a_reason_and_the_rest_is_kept() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let site = world.site(0, "Acme").await.unwrap();
    let mut body = Vec::new();
    for line in [good("keptfirst").as_bytes(), b"{\"EventID\": 1, \"broken", b"caf\xff\xfe", &vec![b'x'; LONG], b"  ", good("keptlast").as_bytes()] {
        body.extend_from_slice(line);
        body.push(b'\n');
    }
    let answer = site.post(body, &[]).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let receipt: IngestReceipt = serde_json::from_value(answer.body).unwrap();
    let named: Vec<_> = receipt.errors.iter().map(|e| (e.line, e.code.as_str())).collect();
    assert_eq!((receipt.accepted, receipt.failed), (5, 3));
    assert_eq!(named, [(2, "JSON_INVALID"), (3, "NOT_TEXT"), (4, "TOO_LONG")]);

    let failed = site.search("record_type:FailedRecord").await.unwrap();
    let mut codes: Vec<_> = failed.iter().map(|row| row.reason_code.as_deref().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["JSON_INVALID", "NOT_TEXT", "TOO_LONG"]);
    assert!(failed.iter().all(|row| row.reason.as_ref().is_some_and(|r| !r.is_empty())));
    for kept in ["keptfirst", "keptlast"] {
        let found = site.search(kept).await.unwrap();
        assert_eq!((found.len(), found[0].reason_code.as_deref()), (1, None), "{kept}");
    }
    assert_eq!(site.search("reason_code:TOO_LONG").await.unwrap().len(), 1);
    let source = site.source_now(&site.source).await.unwrap();
    assert_eq!((source.received, source.stored, source.failed), (5, 2, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_syslog_frames_do_not_stop_the_good_ones() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let site = world.site(0, "Acme").await.unwrap();
    let failed_login = |user: &str| format!("Failed password for {user} from 198.51.100.4 port 4711 ssh2");
    let mut bytes = Vec::new();
    let wild = format!("<86>1 9999-99-99T77:77:77Z web-1 sshd 1 - - {}", failed_login("wilddate"));
    let (first, last) = (events::sshd("web-1", &failed_login("goodfirst")), events::sshd("web-1", &failed_login("goodlast")));
    let mut long = b"<86>1 2026-11-20T10:00:00Z web-1 sshd 1 - - ".to_vec();
    long.resize(LONG, b'x');
    for line in [first.as_bytes(), wild.as_bytes(), b"<86>1 2026-11-20T10:00:00Z web-1 sshd 1 - - \xff\xfe", &long, last.as_bytes()] {
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
    }
    site.send_syslog(&bytes).await.unwrap();
    eventually(Duration::from_secs(20), "five events", async || site.search("").await.unwrap().len() == 5).await;
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for row in site.search("").await.unwrap() {
        *codes.entry(row.reason_code.unwrap_or_else(|| "RECORD".into())).or_default() += 1;
    }
    assert_eq!((codes.get("TOO_LONG"), codes.get("NOT_TEXT")), (Some(&1), Some(&1)), "{codes:?}");
    for user in ["goodfirst", "goodlast"] {
        assert_eq!(site.search(user).await.unwrap()[0].reason_code, None, "{user}");
    }
    let wild = site.search("wilddate").await.unwrap();
    assert_eq!(wild.len(), 1, "the frame with the wild date is found");
    let apart = (wild[0].event_time - wild[0].receipt_time).num_seconds().abs();
    assert!(apart < 60, "its time is the time of receipt: {:?}", wild[0]);
    let source = site.source_now(&site.syslog).await.unwrap();
    let failed: usize = codes.iter().filter(|(code, _)| *code != "RECORD").map(|(_, count)| count).sum();
    assert_eq!((source.received, source.stored, source.failed), (5, 5 - failed as u64, failed as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_parameters_foreign_and_malformed_names_are_refused() {
    let world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (own, foreign) = (world.customer(0, "Own").await.unwrap(), world.customer(1, "Foreign").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&own]).await.unwrap();
    spray(&foreign, 1, 1).await;
    let (session, foreign_rrn) = (world.session(&ana).await.unwrap(), foreign.investigations().await.unwrap().remove(0).rrn);
    let get = async |path: &str| world.call(Some(&session), "GET", path, "").await.unwrap();
    for path in ["investigations", "investigations/live", "customers", "me/access", "grants"] {
        assert_eq!(get(&format!("/api/v1/{path}?colour=red")).await.refusal(), (400, "UNKNOWN_PARAMETER", "colour"), "{path}");
    }
    assert_eq!(get("/api/v1/investigations?statuses=opne").await.status, 400);
    let own_unknown = format!("rrn:investigation:{}:{}:investigation:none", own.customer.region, own.id);
    let other_region = foreign_rrn.replacen(":us:", ":eu:", 1);
    let rrns = [foreign_rrn.as_str(), own_unknown.as_str(), other_region.as_str(), "rrn", "x", "rrn:investigation:eu", "%00", "..", "%E2%28%A1"];
    for rrn in rrns {
        for method in ["GET", "PATCH"] {
            let body = if method == "PATCH" { r#"{"version":1,"status":"WAITING"}"# } else { "" };
            let answer = world.call(Some(&session), method, &format!("/api/v1/investigations/{rrn}"), body).await.unwrap();
            assert!(answer.status == 404, "{method} {rrn}: {answer:?}");
        }
    }
    let answer = world.call(Some(&session), "POST", &format!("/api/v1/customers/{}/logs/search", foreign.customer.id), "{}").await.unwrap();
    assert_eq!(answer.status, 404);
    let answer =
        world.call(Some(&session), "POST", &format!("/api/v1/customers/{}/logs/search", own.customer.id), r#"{"query":"(((","#).await.unwrap();
    assert_eq!(answer.status, 400);
    assert_eq!(foreign.investigations().await.unwrap()[0].version, 1, "nothing was changed");
}
