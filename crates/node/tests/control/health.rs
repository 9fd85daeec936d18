//! Health as people and collectors meet it: what opens an issue, what ends it, the events between, and silence.

use crate::support::{Bench, CONSOLE, DEADLINE, PASSWORD, Site, refused};
use bailiwick_api::{
    Acknowledge, CollectorState, CreatedSource, HealthEvent, HealthIssue, HealthReport, HealthStatus, NewCollector, NewSource, Paged, Purpose, Role,
    SourcePatch, Tracker,
};
use bailiwick_client::{ClientError, SigningKey, WorkspaceClient};
use bailiwick_node::health::{Observed, Resource, of, tick};

async fn ingest(bench: &Bench, key: &str) -> Result<u64, ClientError> {
    let body = b"{\"message\":\"hello\"}\n".to_vec();
    WorkspaceClient::ingest(&bench.transport, &base!(bench), key, None, body).await.map(|receipt| receipt.accepted)
}

async fn report(bench: &Bench, key: &str, tracker: Tracker, status: HealthStatus, error: Option<&str>) -> Result<(), ClientError> {
    let report = HealthReport { tracker, status, error: error.map(Into::into), description: Some("told by the test".into()) };
    WorkspaceClient::report_health(&bench.transport, &base!(bench), key, &report).await
}

async fn open(site: &Site) -> Vec<(Tracker, String, String)> {
    let mut open: Vec<_> =
        site.admin.health_issues().await.unwrap().data.into_iter().map(|i| (i.tracker, i.details.error, i.resource.name)).collect();
    open.sort();
    open
}

fn issue(tracker: Tracker, error: &str, name: &str) -> (Tracker, String, String) {
    (tracker, error.into(), name.into())
}

async fn collected(site: &Site, name: &str) -> CreatedSource {
    let collector = site.admin.add_collector(&NewCollector { name: format!("{name} host"), kind: "vector".into() }).await.unwrap();
    site.admin.add_source(&NewSource { collector: Some(collector.id), ..NewSource::new(name, "c") }).await.unwrap()
}

#[tokio::test]
async fn what_a_collector_tells_opens_and_ends_an_issue_and_leaves_events() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let source = collected(&site, "Files").await;
    let key = source.ingest_key.as_str();
    for _ in 0..2 {
        report(&bench, key, Tracker::SourcePathMissing, HealthStatus::UnHealthy, Some("ENOENT")).await.unwrap();
    }
    report(&bench, key, Tracker::CollectorDiskQueueFull, HealthStatus::UnHealthy, None).await.unwrap();
    let expected = [issue(Tracker::CollectorDiskQueueFull, "REPORTED", "Files host"), issue(Tracker::SourcePathMissing, "ENOENT", "Files")];
    assert_eq!(open(&site).await, expected);
    let shown = site.admin.sources().await.unwrap().data.remove(0);
    assert_eq!((shown.open_issues, shown.worst_issue), (1, Some(bailiwick_api::HealthSeverity::Error)));
    assert_eq!(site.admin.collectors().await.unwrap().data[0].state, CollectorState::Error);
    bench.clock.pass(60);
    report(&bench, key, Tracker::SourcePathMissing, HealthStatus::Healthy, None).await.unwrap();
    assert_eq!(open(&site).await, expected[..1]);
    let events = site.admin.health_events(10).await.unwrap().data;
    let told: Vec<_> = events.iter().map(|e| (e.details.tracker_id, e.status)).collect();
    let unhealthy = HealthStatus::UnHealthy;
    assert_eq!(
        told,
        [(Tracker::SourcePathMissing, HealthStatus::Healthy), (Tracker::CollectorDiskQueueFull, unhealthy), (Tracker::SourcePathMissing, unhealthy)],
        "one event a change, the last first"
    );
    let mut event = events[0].clone();
    assert_eq!((&event.account_id, &event.resource_identity.id), (&site.id, &source.source.id.to_string()));
    assert_eq!(event.resource_identity.collector_id, source.source.collector);
    (event.event_id, event.account_id, event.resource_identity.id) = ("[event]".into(), "[workspace]".into(), "[source]".into());
    event.resource_identity.collector_id = Some("[collector]".into());
    insta::assert_json_snapshot!("health_event", event);
    let mut issue = site.admin.health_issues().await.unwrap().data.remove(0);
    (issue.id, issue.resource.id) = ("[issue]".into(), "[collector]".into());
    insta::assert_json_snapshot!("health_issue", issue);
}

#[tokio::test]
async fn reports_are_checked_and_bounded() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let source = site.admin.add_source(&NewSource::new("Bare", "c")).await.unwrap();
    let key = source.ingest_key.as_str();
    let tell = async |tracker, error: Option<&str>| refused(report(&bench, key, tracker, HealthStatus::UnHealthy, error).await);
    assert_eq!(tell(Tracker::SourceSilent, None).await.field.as_deref(), Some("tracker"), "the node finds this itself");
    assert_eq!(tell(Tracker::StorageUnavailable, None).await.field.as_deref(), Some("tracker"));
    assert_eq!(tell(Tracker::CollectorDiskQueueFull, None).await.code, "NO_COLLECTOR");
    assert_eq!(tell(Tracker::SourceUnreachable, Some("two words")).await.field.as_deref(), Some("error"));
    assert_eq!(refused(report(&bench, "bwk_x_y", Tracker::SourceUnreachable, HealthStatus::Healthy, None).await).status, 401);
    assert!(open(&site).await.is_empty());
    let mut code = String::new();
    for n in 0..40 {
        match report(&bench, key, Tracker::SourceUnreachable, if n % 2 == 0 { HealthStatus::UnHealthy } else { HealthStatus::Healthy }, None).await {
            Ok(()) => {}
            Err(refusal) => code = refused::<()>(Err(refusal)).code,
        }
    }
    assert_eq!(code, "TOO_MANY_REPORTS");
    bench.clock.pass(61);
    report(&bench, key, Tracker::SourceUnreachable, HealthStatus::Healthy, None).await.unwrap();
}

#[tokio::test]
async fn keys_that_are_no_longer_good_are_noticed_until_nobody_uses_them() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let made = site.admin.add_source(&NewSource::new("Rotated", "c")).await.unwrap();
    let id = made.source.id.as_str();
    assert_eq!(refused(ingest(&bench, "bwk_nobody-1_secret").await).status, 401);
    let rotated = site.admin.rotate_key(id).await.unwrap();
    assert_eq!(refused(ingest(&bench, &made.ingest_key).await).status, 401);
    ingest(&bench, &rotated.ingest_key).await.unwrap();
    assert_eq!(open(&site).await, [issue(Tracker::SourceAuthFailed, "KEY_ROTATED", "Rotated")]);
    bench.clock.pass(1800);
    let off = SourcePatch { enabled: Some(false), ..SourcePatch::default() };
    site.admin.update_source(id, &off).await.unwrap();
    assert_eq!(refused(ingest(&bench, &rotated.ingest_key).await).status, 401);
    assert_eq!(open(&site).await, [issue(Tracker::SourceAuthFailed, "SOURCE_DISABLED", "Rotated")]);
    site.admin.delete_source(id).await.unwrap();
    assert_eq!(refused(ingest(&bench, &rotated.ingest_key).await).status, 401);
    assert_eq!(open(&site).await, [issue(Tracker::SourceAuthFailed, "SOURCE_DELETED", "Rotated")]);
    bench.clock.pass(3599);
    tick(bench.node.state()).await.unwrap();
    assert_eq!(open(&site).await.len(), 1);
    bench.clock.pass(2);
    assert_eq!(tick(bench.node.state()).await.unwrap(), 1);
    assert!(open(&site).await.is_empty());
}

#[tokio::test]
async fn a_port_that_cannot_be_bound_is_an_issue_until_it_is_given_up() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken_udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let syslog_tcp = Some(taken.local_addr().unwrap().to_string());
    let syslog_udp = Some(taken_udp.local_addr().unwrap().to_string());
    let made = site.admin.add_source(&NewSource { syslog_tcp, syslog_udp, ..NewSource::new("Syslog", "c") }).await.unwrap();
    assert!(made.source.syslog_error.is_some() && made.source.open_issues == 1, "{:?}", made.source);
    assert_eq!(open(&site).await, [issue(Tracker::SourceConfigInvalid, "PORT_NOT_BOUND", "Syslog")]);
    drop(taken);
    let free = SourcePatch { syslog_tcp: Some(None), ..SourcePatch::default() };
    let half = site.admin.update_source(made.source.id.as_str(), &free).await.unwrap();
    assert_eq!((half.syslog_tcp, half.open_issues), (None, 1), "the UDP port is still taken");
    let free = SourcePatch { syslog_udp: Some(None), ..SourcePatch::default() };
    let source = site.admin.update_source(made.source.id.as_str(), &free).await.unwrap();
    assert_eq!((source.syslog_udp, source.syslog_error, source.open_issues), (None, None, 0));
}

/// Lets a source speak every few minutes for some days.
async fn live(bench: &Bench, site: &Site, source: &CreatedSource, days: i64) {
    let health = of(bench.node.state(), &site.id).await.unwrap();
    for _ in 0..days * 1440 / 4 {
        bench.clock.pass(240);
        health.received(&source.source.id, bench.clock.seconds() * 1_000_000);
    }
}

/// The same workspace with its administrator signed in again.
async fn signed_in(bench: &Bench, site: Site) -> Site {
    let admin = WorkspaceClient::sign_in(&bench.transport, &base!(bench), &site.user, PASSWORD).await.unwrap();
    Site { admin, ..site }
}

async fn look_twice(bench: &Bench) {
    tick(bench.node.state()).await.unwrap();
    bench.clock.pass(61);
    tick(bench.node.state()).await.unwrap();
}

#[tokio::test]
async fn a_source_that_falls_silent_is_noticed_after_a_restart_too_and_acknowledged_once() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let source = collected(&site, "Firewall").await;
    live(&bench, &site, &source, 3).await;
    let site = signed_in(&bench, site).await;
    bench.clock.pass(50 * 60);
    look_twice(&bench).await;
    assert!(open(&site).await.is_empty(), "an hour is allowed to a young source");

    let bench = bench.restart(6 * 3600).await;
    let site = signed_in(&bench, site).await;
    look_twice(&bench).await;
    assert!(open(&site).await.is_empty(), "the node slept, not the source");
    bench.clock.pass(3600);
    look_twice(&bench).await;
    let both = [issue(Tracker::CollectorOffline, "NOT_HEARD", "Firewall host"), issue(Tracker::SourceSilent, "NO_DATA", "Firewall")];
    assert_eq!(open(&site).await, both);
    assert_eq!(site.admin.collectors().await.unwrap().data[0].state, CollectorState::Offline);

    let bench = bench.restart(60).await;
    let site = signed_in(&bench, site).await;
    assert_eq!(open(&site).await, both, "open issues survive");
    for one in site.admin.health_issues().await.unwrap().data {
        let body = Acknowledge { note: Some("moved house".into()) };
        let known = site.admin.acknowledge(&one.id, &body).await.unwrap();
        assert_eq!(known.acknowledged.unwrap().by, site.user);
        assert!(known.resolved_time.is_some());
        assert_eq!(refused(site.admin.acknowledge(&one.id, &body).await).status, 404);
    }
    bench.clock.pass(7200);
    look_twice(&bench).await;
    assert!(open(&site).await.is_empty(), "what is acknowledged is not told again");
    let resolved: Paged<HealthIssue> = site.admin.get("/api/v1/health/issues?state=resolved").await.unwrap();
    assert_eq!(resolved.data.len(), 2);
    let events: Paged<HealthEvent> = site.admin.get("/api/v1/health/events?kind=source&severity=Warning").await.unwrap();
    assert_eq!(events.data[0].operator.as_deref(), Some(site.user.as_str()));
    assert_eq!(events.data.len(), 2);

    ingest(&bench, &source.ingest_key).await.unwrap();
    bench.clock.pass(4 * 3600);
    look_twice(&bench).await;
    assert_eq!(open(&site).await, both, "it came back and fell silent again");
    ingest(&bench, &source.ingest_key).await.unwrap();
    assert!(open(&site).await.is_empty(), "data ends it");
}

#[tokio::test]
async fn a_clock_that_is_off_and_a_bound_nearly_used_are_told() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let source = site.admin.add_source(&NewSource::new("Skewed", "c")).await.unwrap();
    ingest(&bench, &source.ingest_key).await.unwrap();
    let health = of(bench.node.state(), &site.id).await.unwrap();
    let observe = |minute: i64, ahead: i64| {
        let at = (bench.clock.seconds() + minute * 60) * 1_000_000;
        health.observe(&source.source.id, &Observed::of([(at + ahead * 60_000_000, at, false)]).unwrap());
    };
    (0..4).for_each(|n| observe(n * 5, 7));
    assert_eq!(open(&site).await, [issue(Tracker::SourceClockSkew, "CLOCK_AHEAD", "Skewed")]);
    (4..8).for_each(|n| observe(n * 5, 0));
    let use_of = |used| health.usage(&Resource::Limit("things"), Tracker::LimitApproaching, used, 100);
    use_of(89);
    assert!(open(&site).await.is_empty());
    use_of(90);
    assert_eq!(open(&site).await, [issue(Tracker::LimitApproaching, "LIMIT", "things")]);
    use_of(89);
    assert!(open(&site).await.is_empty());
    let budget = |used| health.usage(&Resource::Workspace, Tracker::IngestBudgetExceeded, used, 100);
    for (used, opened) in [(99, 0), (100, 1), (90, 1), (89, 0)] {
        budget(used);
        assert_eq!(open(&site).await.len(), opened, "{used} %");
    }
}

#[tokio::test]
async fn a_disk_that_fails_is_one_issue_until_all_of_it_works() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let health = of(bench.node.state(), &site.id).await.unwrap();
    for _ in 0..3 {
        health.storage("LOG_NOT_WRITTEN", Err(&"No space left on device"));
        health.storage("FILES_NOT_WRITTEN", Err(&"No space left on device"));
    }
    let issues = site.admin.health_issues().await.unwrap().data;
    assert_eq!((issues.len(), issues[0].resource.id.as_str()), (1, site.id.as_str()));
    health.storage("FILES_NOT_WRITTEN", Ok(()));
    assert_eq!(open(&site).await[0].1, "LOG_NOT_WRITTEN");
    let source = site.admin.add_source(&NewSource::new("s", "c")).await.unwrap();
    ingest(&bench, &source.ingest_key).await.unwrap();
    assert!(open(&site).await.is_empty(), "the log was written");
    assert!(site.admin.health_events(100).await.unwrap().data.len() <= 4, "no flood of events");
}

#[tokio::test]
async fn technicians_read_health_and_change_nothing() {
    let bench = Bench::start().await;
    let site = bench.site(&bench.operator().await, "acme").await;
    let source = site.admin.add_source(&NewSource::new("Files", "c")).await.unwrap();
    report(&bench, &source.ingest_key, Tracker::SourceUnreachable, HealthStatus::UnHealthy, None).await.unwrap();
    let key = SigningKey::generate().unwrap();
    let client = bench.enrol(&site, CONSOLE, &key).await;
    bench.technician(&client, &site, "ana@mssp.example", Role::Viewer).await;
    for list in ["issues", "events"] {
        let path = format!("/api/v1/workspaces/{}/health/{list}?role=viewer&severity=Error", site.id);
        let assertion = bailiwick_api::Assertion { purpose: Purpose::Work, ..bench.assertion("GET", &path, b"") };
        let token = key.sign(&assertion).unwrap();
        let request = bench.transport.request("GET".parse().unwrap(), base!(bench).join(&path).unwrap());
        let request = request.header("authorization", format!("Bailiwick {token}"));
        let page: serde_json::Value = bailiwick_client::Transport::json(request, DEADLINE).await.unwrap();
        assert_eq!(page["data"].as_array().unwrap().len(), 1, "{list}");
    }
    let other = "/api/v1/health/issues?severity=Eror";
    assert_eq!(refused(site.admin.get::<serde_json::Value>(other).await).status, 400);
    assert_eq!(refused(site.admin.get::<serde_json::Value>("/api/v1/health/issues?role=viewer").await).field.as_deref(), Some("role"));
}
