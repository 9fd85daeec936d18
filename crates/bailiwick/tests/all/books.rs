//! What a workspace holds, and whether its counters say the same.

use bailiwick_api::{LogSearch, Meter, MeterPage};
use bailiwick_client::WorkspaceClient;
use std::{collections::BTreeMap, time::Duration};

/// Every serial that is found, with how often.
pub(crate) async fn serials(admin: &WorkspaceClient) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    let mut cursor = None;
    loop {
        let page = admin.search_logs(&LogSearch { limit: Some(1000), cursor, ..LogSearch::default() }).await.unwrap();
        for event in &page.data {
            assert_eq!(event.reason_code, None, "{}", event.raw);
            *found.entry(event.fields["serial"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        cursor = page.next;
        if cursor.is_none() {
            return found;
        }
    }
}

/// The counters of the one source, of its meters at every grain, and what was found agree; `received = stored + failed + dropped`.
pub(crate) async fn balanced(admin: &WorkspaceClient, found: u64) {
    let source = admin.sources().await.unwrap().data.remove(0);
    assert_eq!(source.received, source.stored + source.failed + source.dropped, "{source:?}");
    assert_eq!(source.stored + source.failed, found, "the counters agree with the lake");
    // Meters move with the files: all is written soon after the last event.
    for _ in 0..100 {
        if meters(admin, 300).await.iter().map(|m| m.received).sum::<u64>() == source.received {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for grain in [300, 900, 3600] {
        let sums = meters(admin, grain).await.iter().fold([0; 5], |[a, b, c, d, e], m| {
            assert_eq!(m.received, m.stored + m.failed + m.dropped, "{m:?}");
            [a + m.received, b + m.stored, c + m.failed, d + m.dropped, e + m.bytes]
        });
        assert_eq!(sums, [source.received, source.stored, source.failed, source.dropped, source.bytes], "grain {grain}");
    }
}

async fn meters(admin: &WorkspaceClient, grain: u32) -> Vec<Meter> {
    let page: MeterPage = admin.get(&format!("/api/v1/meters?grain={grain}&from=2026-01-01T00:00:00Z")).await.unwrap();
    assert!(!page.truncated);
    page.data
}
