use bailiwick_api::{CustomerInvestigation, Role};
use bailiwick_testkit::{Setup, World, events};
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zz_debug() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let c = world.customer(0, "Sprayed").await.unwrap();
    let ana = world.granted("ana", Role::Analyst, &[&c]).await.unwrap();
    for event in events::spray_story("dc01.corp.example", "203.0.113.7") { c.send(&[event]).await.unwrap(); }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    for row in c.investigations().await.unwrap() {
        eprintln!("ROW {} {:?} {:?} {:?}", row.title, row.entity, row.priority, row.source);
        let d: CustomerInvestigation = ana.client.get(&format!("/api/v1/investigations/{}", row.rrn)).await.unwrap();
        for s in d.signals { eprintln!("  SIG {} {} {} {:?} ev={:?} n={} supp={:?}", s.name, s.level, s.severity, s.entity, s.event_time, s.event_ids.len(), s.suppressed); }
    }
}
