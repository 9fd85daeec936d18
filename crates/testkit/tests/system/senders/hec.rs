//! Splunk's event collector: its answers, its acknowledgements, and retries that store nothing twice.

use super::Scene;
use bailiwick_testkit::{Answer, call, events};
use serde_json::{Value, json};

const CHANNEL: &str = "FE0ECFAD-13D5-401B-847D-77833BD77131";

async fn post(scene: &Scene, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    scene.send("Splunk", "POST", path, &[], body).await
}

async fn on_channel(scene: &Scene, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    scene.send("Splunk", "POST", path, &[("x-splunk-request-channel", CHANNEL)], body).await
}

fn code(answer: &Answer) -> (u16, u64) {
    (answer.status, answer.body["code"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_and_raw_lines_are_taken_on_every_path() {
    let scene = Scene::start().await;
    for (n, path) in ["", "/event", "/event/1.0"].into_iter().enumerate() {
        let body = format!("{{\"event\":{{\"n\": {n}}},\"time\":1760000000.5,\"host\":\"web\"}} {{\"event\":\"text {n}\"}}");
        let answer = post(&scene, &format!("/services/collector{path}"), body).await;
        assert_eq!((answer.status, &answer.body), (200, &json!({"text": "Success", "code": 0})), "{path}");
    }
    let sshd = events::sshd("web-1", "Failed password for heckle from 198.51.100.4 port 4711 ssh2");
    for path in ["/raw?host=web&sourcetype=syslog", "/raw/1.0?channel=fe0ecfad-13d5-401b-847d-77833bd77131"] {
        assert_eq!(code(&post(&scene, &format!("/services/collector{path}"), format!("{sshd}\r\n\n{sshd}\n")).await), (200, 0), "{path}");
    }
    assert_eq!(scene.stored().await.0, 10);
    let found = scene.site.search("heckle").await.unwrap();
    assert_eq!((found.len(), found[0].record_type.as_str()), (4, "Authentication"));
    let raws = scene.raws().await;
    assert!(raws.contains(&"{\"n\": 0}".to_owned()) && raws.contains(&"text 2".to_owned()), "{raws:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_have_splunks_codes_and_name_the_event() {
    let scene = Scene::start().await;
    let good = "{\"event\":\"kept\"}";
    for (bad, wanted) in [("{}", 12), ("{\"event\":\"\"}", 13), ("words", 6), ("{\"event\":1,\"fields\":{\"a\":{}}}", 15)] {
        let answer = post(&scene, "/services/collector/event", format!("{good}{bad}")).await;
        assert_eq!((code(&answer), answer.body["invalid-event-number"].as_u64()), ((400, wanted), Some(1)), "{bad}: {answer:?}");
    }
    assert_eq!(scene.stored().await.0, 4, "what stood before is kept, as at Splunk");
    assert_eq!(code(&post(&scene, "/services/collector/event", " ").await), (400, 5));
    assert_eq!(code(&post(&scene, "/services/collector/raw", "\n").await), (400, 5));
    assert_eq!(code(&post(&scene, "/services/collector/ack", "{\"acks\":[0]}").await), (400, 10));
    assert_eq!(code(&post(&scene, "/services/collector/ack?channel=x", "{\"acks\":[0]}").await), (400, 11));
    assert_eq!(code(&post(&scene, "/services/collector?token=abc", good).await), (400, 16));
    let many = post(&scene, "/services/collector", good.repeat(100_001)).await;
    assert_eq!((code(&many), scene.stored().await.0), ((413, 27), 4));
    let url = format!("{}/services/collector/event", scene.url());
    let as_other = async |headers: &[(&'static str, String)]| call(&scene.world.transport, "POST", &url, headers, good.into()).await.unwrap();
    assert_eq!(code(&as_other(&[]).await), (401, 2));
    assert_eq!(code(&as_other(&[("authorization", "Splunk bwk_acme_wrong".into())]).await), (403, 4));
    let health = call(&scene.world.transport, "GET", &format!("{}/services/collector/health", scene.url()), &[], Vec::new()).await.unwrap();
    assert_eq!(code(&health), (200, 17), "health asks for no key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_acknowledged_on_its_channel_and_stored_once_when_its_events_have_times() {
    let mut scene = Scene::start().await;
    let timed = "{\"event\":\"first\",\"time\":1760000000}{\"event\":\"second\",\"time\":1760000001}";
    let ids: Vec<u64> = [on_channel(&scene, "/services/collector", timed).await, on_channel(&scene, "/services/collector", timed).await]
        .iter()
        .map(|answer| answer.body["ackId"].as_u64().unwrap())
        .collect();
    assert_eq!((ids.as_slice(), scene.stored().await.0), ([0, 0].as_slice(), 2), "a retry has the number it had");
    let untimed = "{\"event\":\"no time\"}";
    for wanted in [1, 2] {
        assert_eq!(on_channel(&scene, "/services/collector", untimed).await.body["ackId"], wanted);
    }
    assert_eq!(scene.stored().await.0, 4, "equal lines without a time may both be meant");
    assert!(post(&scene, "/services/collector", timed).await.body["ackId"].is_null(), "no channel, no number");
    assert_eq!(scene.stored().await.0, 6);
    let asked = on_channel(&scene, "/services/collector/ack", "{\"acks\":[0,1,2,3]}").await;
    assert_eq!(asked.body, json!({"acks": {"0": true, "1": true, "2": true, "3": false}}));
    let lower = format!("/services/collector/ack?channel={}", CHANNEL.to_lowercase());
    assert_eq!(post(&scene, &lower, "{\"acks\":[0]}").await.body["acks"]["0"], Value::Bool(true), "a GUID is one in any case");
    scene.world.nodes[0].start_again().await.unwrap();
    assert_eq!(on_channel(&scene, "/services/collector", timed).await.status, 200);
    assert_eq!(scene.stored().await.0, 6, "also after a restart");
}
