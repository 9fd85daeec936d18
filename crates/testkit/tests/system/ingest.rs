//! Every way in: acknowledged means searchable at once, and a retry adds nothing.

use bailiwick_api::{IngestReceipt, NewSource};
use bailiwick_testkit::{Setup, Site, World, events, eventually};
use serde_json::json;
use std::time::Duration;

async fn site() -> (World, Site) {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let site = world.site(0, "Acme").await.unwrap();
    (world, site)
}

async fn accepted(site: &Site, body: impl Into<Vec<u8>>, headers: &[(&'static str, &str)]) -> IngestReceipt {
    let answer = site.post(body, headers).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_value(answer.body).unwrap()
}

/// An event that only this test sends.
fn event(mark: &str) -> serde_json::Value {
    events::process("wks-1.corp.example", "CORP\\ann", "C:\\Windows\\System32\\notepad.exe", &format!("notepad.exe {mark}"))
}

fn cloudtrail(mark: &str) -> serde_json::Value {
    json!({"eventVersion": "1.09", "eventTime": "2026-11-20T10:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets",
        "awsRegion": "eu-central-1", "sourceIPAddress": "198.51.100.9", "userAgent": mark, "eventType": "AwsApiCall", "readOnly": true,
        "recipientAccountId": "210000000042", "requestParameters": null, "responseElements": null, "eventID": mark,
        "userIdentity": {"type": "IAMUser", "userName": "ann", "accountId": "210000000042", "arn": "arn:aws:iam::210000000042:user/ann"}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_found_by_the_very_next_search() {
    let (_world, site) = site().await;
    let lines = format!("{}\n{}\n", event("markline1"), event("markline2"));
    let array = format!("[{},\n {}]", event("markarray1"), event("markarray2"));
    let records = json!({"Records": [cloudtrail("marktrail1"), cloudtrail("marktrail2")]}).to_string();
    let mut sent = 0;
    for (name, body) in [("markline", lines), ("markarray", array), ("marktrail", records)] {
        let receipt = accepted(&site, body, &[]).await;
        assert_eq!((receipt.accepted, receipt.failed, receipt.duplicate), (2, 0, false), "{name}");
        for n in 1..=2 {
            let found = site.search(&format!("{name}{n}")).await.unwrap();
            assert_eq!((found.len(), found[0].reason_code.as_deref()), (1, None), "{name}{n}");
        }
        sent += 2;
    }
    let source = site.source_now(&site.source).await.unwrap();
    assert_eq!((source.stored, source.failed), (sent, 0));
    assert_eq!(site.search("").await.unwrap().len(), sent as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn syslog_is_taken_in_both_framings_and_both_dialects() {
    let (_world, site) = site().await;
    let one = events::sshd("web-1", "Failed password for framedone from 198.51.100.4 port 4711 ssh2");
    let two = events::sshd("web-1", "Failed password for framedtwo from 198.51.100.4 port 4712 ssh2");
    let old = "<86>Nov 20 10:00:00 web-1 sshd[4242]: Failed password for framedthree from 198.51.100.4 port 4713 ssh2".to_owned();
    let counted = |line: &str| format!("{} {line}", line.len());
    site.send_syslog(format!("{one}\n{old}\r\n").as_bytes()).await.unwrap();
    site.send_syslog(format!("{}{}", counted(&two), counted(&old.replace("framedthree", "framedfour"))).as_bytes()).await.unwrap();
    let all = async || site.search("").await.unwrap().len() == 4;
    eventually(Duration::from_secs(5), "four events", all).await;
    for user in ["framedone", "framedtwo", "framedthree", "framedfour"] {
        let found = site.search(user).await.unwrap();
        assert_eq!((found.len(), found[0].reason_code.as_deref(), found[0].record_type.as_str()), (1, None, "Authentication"), "{user}: {found:?}");
    }
    let source = site.source_now(&site.syslog).await.unwrap();
    assert_eq!((source.stored, source.failed, source.dropped), (4, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_under_the_same_key_adds_nothing_also_after_a_restart() {
    let (mut world, site) = site().await;
    let body = format!("{}\n{}\n", event("once1"), event("once2"));
    let send = async || accepted(&site, body.clone(), &[("idempotency-key", "batch-1")]).await;
    let (first, again) = (send().await, send().await);
    assert_eq!((first.accepted, first.duplicate, again.accepted, again.duplicate), (2, false, 2, true));
    let both = event("both").to_string();
    let (one, other) =
        tokio::join!(site.post(both.clone(), &[("idempotency-key", "batch-2")]), site.post(both.clone(), &[("idempotency-key", "batch-2")]));
    let statuses = [one.unwrap().status, other.unwrap().status];
    assert!(statuses.contains(&200) && statuses.iter().all(|s| [200, 429].contains(s)), "{statuses:?}");
    world.nodes[0].start_again().await.unwrap();
    assert!(send().await.duplicate);
    assert_eq!(site.search("").await.unwrap().len(), 3);
    assert_eq!(site.source_now(&site.source).await.unwrap().stored, 3);
    let another = accepted(&site, format!("{}\n", event("another")), &[("idempotency-key", "batch-1")]).await;
    assert!(!another.duplicate, "the same key with another body is another batch");
    assert_eq!(site.search("").await.unwrap().len(), 4);
    let refused = site.post("x", &[("idempotency-key", "")]).await.unwrap();
    assert_eq!(refused.refusal(), (400, "INVALID_INPUT", "Idempotency-Key"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoding_that_is_not_taken_a_wrong_key_and_a_source_that_is_off_are_refused() {
    let (_world, site) = site().await;
    let packed = site.post(vec![0x1f, 0x8b, 8, 0], &[("content-encoding", "br")]).await.unwrap();
    assert_eq!(packed.refusal(), (415, "ENCODING_UNSUPPORTED", "Content-Encoding"));
    for key in ["", "bwk_acme_wrong", "bwk_nowhere_x", "Bearer", "../../etc", &site.ingest_key[..site.ingest_key.len() - 1]] {
        assert_eq!(site.post_as(key, "{}", &[]).await.unwrap().status, 401, "{key}");
    }
    let off = NewSource::new("Off", "off");
    let off = site.admin.add_source(&off).await.unwrap();
    assert_eq!(site.post_as(&off.ingest_key, event("on").to_string(), &[]).await.unwrap().status, 200);
    let body = Some(&json!({"enabled": false}));
    let _: serde_json::Value = site.admin.call("PATCH".parse().unwrap(), &format!("/api/v1/sources/{}", off.source.id), body).await.unwrap();
    assert_eq!(site.post_as(&off.ingest_key, event("off").to_string(), &[]).await.unwrap().status, 401);
    assert_eq!(site.search("").await.unwrap().len(), 1);
}
