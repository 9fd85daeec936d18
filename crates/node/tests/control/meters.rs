//! Meters, volumes and licences.

use crate::support::{Bench, CONSOLE, DEADLINE, refused};
use bailiwick_api::{CreatedSource, Licence, LicenceState, LogSearch, MeterPage, NewSource, Tier, VolumePage};
use bailiwick_client::{ClientError, SigningKey, WorkspaceClient};

async fn ingest(bench: &Bench, made: &CreatedSource, lines: usize, bad: usize) -> Result<u64, ClientError> {
    let good = "{\"host\":\"web-1\",\"user\":\"ann\",\"time\":\"2025-10-09T08:00:00Z\",\"message\":\"x\"}\n".repeat(lines);
    let body = good + &"{\"broken\n".repeat(bad);
    WorkspaceClient::ingest(&bench.transport, &base!(bench), &made.ingest_key, None, body.into_bytes()).await.map(|receipt| receipt.accepted)
}

#[tokio::test]
async fn the_books_balance_when_the_clock_jumps_both_ways_and_over_a_restart() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let made = site.admin.add_source(&NewSource::new("web", "web/access")).await.unwrap();
    for (jump, good, bad) in [(0, 5, 1), (86_400, 7, 0), (-259_200, 3, 2), (172_800, 4, 0)] {
        bench.clock.pass(jump);
        ingest(&bench, &made, good, bad).await.unwrap();
    }
    site.admin.search_logs(&LogSearch::default()).await.unwrap();
    let before = site.admin.sources().await.unwrap().data.remove(0);
    assert_eq!((before.received, before.stored, before.failed, before.dropped), (22, 19, 3, 0), "counted before anything is written to files");
    let bench = bench.restart(60).await;
    let admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, crate::support::PASSWORD).await.unwrap();
    let after = admin.sources().await.unwrap().data.remove(0);
    assert_eq!(after, before, "and the same afterwards");
    for grain in [300, 900, 3600] {
        let page: MeterPage = admin.get(&format!("/api/v1/meters?grain={grain}&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z")).await.unwrap();
        let sum = page.data.iter().fold((0, 0, 0), |(r, s, f), m| (r + m.received, s + m.stored, f + m.failed));
        assert_eq!((sum, page.data.len()), ((22, 19, 3), 3), "grain {grain}: the first and the last jump end in one bucket");
    }
}

#[tokio::test]
async fn volume_stands_under_its_tier_and_once_more_under_cse() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let hot = site.admin.add_source(&NewSource::new("dc", "windows/dc")).await.unwrap();
    let cold = NewSource { tier: Tier::Infrequent, cse: false, ..NewSource::new("debug", "app/debug") };
    let cold = site.admin.add_source(&cold).await.unwrap();
    ingest(&bench, &hot, 2, 0).await.unwrap();
    ingest(&bench, &cold, 3, 0).await.unwrap();
    let bench = bench.restart(60).await;
    let admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, crate::support::PASSWORD).await.unwrap();
    let page: VolumePage = admin.get("/api/v1/volume?by=sourcecategory").await.unwrap();
    let rows: Vec<_> = page.data.iter().map(|v| (v.tier.as_str(), v.value.as_str(), v.events)).collect();
    assert_eq!(rows, [("continuous", "windows/dc", 2), ("cse", "windows/dc", 2), ("infrequent", "app/debug", 3)]);
    assert_eq!(page.data[0].bytes, page.data[1].bytes);
    let error = refused(admin.get::<VolumePage>("/api/v1/volume?by=colour").await);
    assert!(error.detail.unwrap().contains("colour"));
    assert_eq!(refused(admin.get::<MeterPage>("/api/v1/meters?grain=7").await).field.as_deref(), Some("grain"));
}

#[tokio::test]
async fn more_than_the_licence_allows_in_a_minute_is_told_to_wait() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let made = site.admin.add_source(&NewSource::new("web", "web/access")).await.unwrap();
    let state: LicenceState = site.admin.get("/api/v1/licence").await.unwrap();
    assert_eq!((state.daily_bytes, state.minute_bytes), (None, None), "no limit before any allocation");
    let put = |bytes| Licence { daily_bytes: bytes, ..Licence::default() };
    let path = format!("/api/v1/licences/{}", site.id);
    let state: LicenceState = operator.call("PUT".parse().unwrap(), &path, Some(&put(Some(144_000)))).await.unwrap();
    assert_eq!(state.minute_bytes, Some(1000), "ten times the average minute");
    assert_eq!(ingest(&bench, &made, 20, 0).await.unwrap(), 20);
    let error = refused(ingest(&bench, &made, 10, 0).await);
    assert_eq!((error.status, error.code.as_str()), (429, "THROTTLED"));
    site.admin.search_logs(&LogSearch::default()).await.unwrap();
    assert_eq!(site.admin.sources().await.unwrap().data[0].received, 20, "what was refused was not received");
    bench.clock.pass(60);
    assert_eq!(ingest(&bench, &made, 20, 0).await.unwrap(), 20, "the next minute takes more");
    let zero = refused(operator.call::<LicenceState>("PUT".parse().unwrap(), &path, Some(&put(Some(0)))).await);
    assert_eq!(zero.field.as_deref(), Some("daily_bytes"));

    let key = SigningKey::generate().unwrap();
    let console = bench.enrol(&site, CONSOLE, &key).await;
    console.put_licence(&bench.caller("boss@mssp.example"), &site.id, &put(None), DEADLINE).await.unwrap();
    ingest(&bench, &made, 200, 0).await.unwrap();
    site.admin.search_logs(&LogSearch::default()).await.unwrap();
    let state: LicenceState = site.admin.get("/api/v1/licence").await.unwrap();
    assert!(state.daily_bytes.is_none() && state.today_bytes > 10_000, "{state:?}");
}
