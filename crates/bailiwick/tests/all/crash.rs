//! kill -9 in the middle of ingest, again and again: what was acknowledged is there, once. Also when everything that was not synced is
//! thrown away.

use crate::{
    books::{balanced, serials},
    durable::Durable,
    process::{NodeProcess, PASSWORD, free_address, set_up},
};
use bailiwick_api::{InvestigationRow, List};
use bailiwick_client::{ClientError, Transport, WorkspaceClient};
use std::{collections::BTreeSet, time::Duration};
use tokio::task::JoinSet;
use url::Url;

const ROUNDS: u32 = 10;
const SENDERS: u32 = 3;
const EVENTS: u32 = 20;

/// A batch of events nobody else sends, with one attack in it.
fn body(batch: &str) -> Vec<u8> {
    let ordinary = (0..EVENTS).map(|n| {
        format!("{{\"@timestamp\":\"2026-11-20T10:00:00Z\",\"host\":\"web-1\",\"user\":\"ann\",\"message\":\"request served\",\"serial\":\"{batch}-{n}\"}}\n")
    });
    let attack = format!(
        "{{\"@timestamp\":\"2026-11-20T10:00:00Z\",\"Channel\":\"Security\",\"Provider_Name\":\"Microsoft-Windows-Eventlog\",\"EventID\":1102,\
         \"Computer\":\"{batch}.corp.example\",\"SubjectUserName\":\"{batch}\",\"serial\":\"{batch}-attack\"}}\n"
    );
    ordinary.chain([attack]).collect::<String>().into_bytes()
}

/// Sends a batch as documents to be created, each under an id; fine is also what is there already.
async fn bulk(transport: &Transport, base: &Url, key: &str, batch: &str) -> Result<(), ClientError> {
    let lines = String::from_utf8(body(batch)).unwrap();
    let documents: String = lines.lines().enumerate().map(|(n, line)| format!("{{\"create\":{{\"_id\":\"{batch}-{n}\"}}}}\n{line}\n")).collect();
    let request = transport.request("POST".parse().unwrap(), base.join("/crash/_bulk").unwrap()).bearer_auth(key).body(documents);
    let answer: serde_json::Value = Transport::json(request, Duration::from_secs(10)).await?;
    let refused: Vec<_> =
        answer["items"].as_array().unwrap().iter().filter(|item| ![201, 409].contains(&item["create"]["status"].as_u64().unwrap())).collect();
    if refused.is_empty() { Ok(()) } else { Err(ClientError::Protocol(format!("{refused:?}"))) }
}

/// Sends batches until told to stop; what was not acknowledged is sent again under the same key by the next round.
async fn send(transport: Transport, base: Url, key: String, mut waiting: Vec<String>, round: u32, sender: u32) -> (Vec<String>, Vec<String>) {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let batch = waiting.pop().unwrap_or_else(|| format!("r{round}s{sender}n{number}"));
        // Every third sender speaks Elasticsearch's bulk, where each event has an id of its own.
        let sent = if batch.contains("s2n") {
            bulk(&transport, &base, &key, &batch).await
        } else {
            WorkspaceClient::ingest(&transport, &base, &key, Some(&batch), body(&batch)).await.map(|_| ())
        };
        match sent {
            Ok(()) => acknowledged.push(batch),
            Err(error) => {
                waiting.push(batch);
                if matches!(error, ClientError::Unreachable(_) | ClientError::Timeout(_)) {
                    break;
                }
            }
        }
    }
    (acknowledged, waiting)
}

async fn crash_again_and_again(throw_away: bool) {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("node");
    std::fs::create_dir_all(&data).unwrap();
    let durable = throw_away.then(|| Durable::of(&data, scratch.path()));
    let environment = durable.as_ref().map(Durable::environment).unwrap_or_default();
    let (transport, address) = (Transport::new().unwrap(), free_address());
    let mut node = NodeProcess::start(&data, address, &environment);
    let key = set_up(&transport, &node).await;
    let mut acknowledged = BTreeSet::new();
    let mut waiting: Vec<Vec<String>> = vec![Vec::new(); SENDERS as usize];
    let mut lost = 0;
    for round in 0..ROUNDS {
        let mut senders = JoinSet::new();
        for (sender, again) in waiting.drain(..).enumerate() {
            senders.spawn(send(transport.clone(), node.base.clone(), key.clone(), again, round, sender as u32));
        }
        tokio::time::sleep(Duration::from_millis(400 + u64::from(round) * 130)).await;
        node.kill();
        while let Some(sent) = senders.join_next().await {
            let (done, again) = sent.unwrap();
            acknowledged.extend(done);
            waiting.push(again);
        }
        lost += durable.as_ref().map_or(0, Durable::throw_away_unsynced);
        node = NodeProcess::start(&data, address, &environment);
    }
    assert!(acknowledged.len() > ROUNDS as usize, "the node took batches between the kills: {}", acknowledged.len());
    assert!(!throw_away || lost > 0, "something was not synced and thrown away");
    let admin = WorkspaceClient::sign_in(&transport, &node.base, "acme", PASSWORD).await.unwrap();
    check(&admin, &acknowledged).await;
    assert_eq!(node.terminate(), Some(0), "SIGTERM drains and exits 0");
    let node = NodeProcess::start(&data, address, &environment);
    let admin = WorkspaceClient::sign_in(&transport, &node.base, "acme", PASSWORD).await.unwrap();
    check(&admin, &acknowledged).await;
}

async fn check(admin: &WorkspaceClient, acknowledged: &BTreeSet<String>) {
    let found = serials(admin).await;
    let doubled: Vec<_> = found.iter().filter(|(_, count)| **count != 1).collect();
    assert!(doubled.is_empty(), "nothing is doubled: {doubled:?}");
    let wanted = acknowledged.iter().flat_map(|batch| (0..EVENTS).map(move |n| format!("{batch}-{n}")).chain([format!("{batch}-attack")]));
    let missing: Vec<_> = wanted.filter(|serial| !found.contains_key(serial)).collect();
    assert!(missing.is_empty(), "everything acknowledged is there: {missing:?}");
    balanced(admin, found.len() as u64).await;
    let investigations: List<InvestigationRow> = admin.get("/api/v1/investigations").await.unwrap();
    let entities: BTreeSet<_> = investigations.data.iter().map(|i| i.entity.clone()).collect();
    assert_eq!(entities.len(), investigations.data.len(), "no entity has two open investigations");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_kills_during_ingest_lose_and_double_nothing() {
    crash_again_and_again(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_kills_that_also_lose_unsynced_writes_lose_and_double_nothing() {
    crash_again_and_again(true).await;
}
