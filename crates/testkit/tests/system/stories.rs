//! What is worth an investigation, and what is not.

use crate::work::SOON;
use bailiwick_api::{CustomerInvestigation, EventRow, List, Role, RuleInfo};
use bailiwick_testkit::{Setup, World, events, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_spray_opens_exactly_one_investigation_and_ordinary_noise_none() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let (sprayed, quiet) = (world.customer(0, "Sprayed").await.unwrap(), world.customer(0, "Quiet").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&sprayed, &quiet]).await.unwrap();
    quiet.send(&events::ordinary(400)).await.unwrap();
    for line in 0..50 {
        let text = format!("Accepted publickey for ann from 10.0.0.{line} port 50022 ssh2: ED25519 SHA256:abc");
        quiet.send_syslog(format!("{}\n", events::sshd("web-1", &text)).as_bytes()).await.unwrap();
    }
    sprayed.send(&events::ordinary(200)).await.unwrap();
    for event in events::spray_story("dc01.corp.example", "203.0.113.7") {
        sprayed.send(&[event]).await.unwrap();
    }
    sprayed.send(&events::ordinary(200)).await.unwrap();
    eventually(SOON, "an investigation", async || !sprayed.investigations().await.unwrap().is_empty()).await;
    let row = sprayed.investigations().await.unwrap().remove(0);
    let entity = row.entity.clone().unwrap();
    assert!(["203.0.113.7", "dc01.corp.example"].contains(&entity.value.as_str()), "{entity:?}");
    // What follows the story in the log has been through detection once it was found by a search and the pipeline came to rest.
    let marker = events::process("marker.corp.example", "CORP\\marker", "C:\\Windows\\System32\\notepad.exe", "notepad.exe");
    for customer in [&sprayed, &quiet] {
        customer.send(std::slice::from_ref(&marker)).await.unwrap();
        assert_eq!(customer.search("marker.corp.example").await.unwrap().len(), 1);
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let titles: Vec<_> = sprayed.investigations().await.unwrap().into_iter().map(|i| (i.title, i.entity)).collect();
    assert_eq!(titles.len(), 1, "{titles:?}");
    assert_eq!(quiet.investigations().await.unwrap(), Vec::new());

    let path = format!("/api/v1/investigations/{}", row.rrn);
    let detail: CustomerInvestigation = ana.client.get(&path).await.unwrap();
    let signal = detail.signals.iter().find(|s| s.name == "Password Spray Against Windows Accounts").expect("the spray is a signal");
    let rule: RuleInfo = ana.client.get(&format!("{path}/rules/{}", signal.rule_id)).await.unwrap();
    assert!(detail.signals.iter().any(|s| s.name == "Windows Logon After a Password Spray"));
    assert!(detail.signals.iter().any(|s| s.entity.value == "203.0.113.7"), "the address is part of it");
    assert!(rule.title == signal.name && rule.source.contains("value_count"), "{rule:?}");
    let records: List<EventRow> = ana.client.get(&format!("{path}/records?signal={}", signal.id)).await.unwrap();
    assert!(records.data.len() >= 10 && records.data.iter().all(|r| r.raw.contains("203.0.113.7")), "{} records", records.data.len());
}
