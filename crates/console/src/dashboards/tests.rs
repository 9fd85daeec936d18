//! Dashboards over HTTP, from a person's session to a node that speaks the real protocol and counts as little as it can.

use crate::{Console, ConsoleConfig, Database, State, access::COOKIE, links::NodeLink};
use axum::{
    Json, Router,
    extract::State as At,
    routing::{get, post},
};
use bailiwick_api::{
    About, AskInvestigations, FailCode, InvestigationAnswers, List, Problem, Scheme, Scope, WorkspaceAnswer,
    dashboards::{
        AskDashboard, Dashboard, DashboardAnswer, DashboardAnswers, DashboardLine, FailedRecordRow, Frame, GroupPart, HealthScore, Measure,
        PanelAnswer, PanelAsk, PanelDimension, PanelPart, Progress, RateCard, RowPart, RowValues,
    },
};
use bailiwick_chassis::{sessions, tasks::Tasks};
use bailiwick_client::{ClientError, SigningKey, Transport};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;

const DEADLINE: Duration = Duration::from_secs(20);

type Asks = Arc<Mutex<Vec<AskDashboard>>>;

/// Everybody has three of everything in every bucket, and one row.
async fn count(At(asks): At<Asks>, Json(ask): Json<AskDashboard>) -> Json<DashboardAnswers> {
    let answer =
        |workspace: &bailiwick_api::WorkspaceId| WorkspaceAnswer { workspace: workspace.clone(), skipped: None, error: None, answer: Some(1) };
    let workspaces: Vec<_> = ask.workspaces.iter().map(|one| answer(&one.workspace)).collect();
    let panels = ask.panels.iter().map(|panel| part(panel, &ask)).collect();
    asks.lock().unwrap().push(ask);
    Json(DashboardAnswers { workspaces, panels })
}

fn part(panel: &PanelAsk, ask: &AskDashboard) -> PanelPart {
    let buckets = panel.edges.len().saturating_sub(1).max(1);
    let by_org = panel.group_by.first() == Some(&PanelDimension::Org);
    let key = |workspace: &str| {
        panel.group_by.iter().map(|by| Some(if *by == PanelDimension::Org { workspace.into() } else { by.as_str().into() })).collect()
    };
    let group = |workspace: &str| GroupPart { key: key(workspace), values: vec![3.0; buckets], samples: Vec::new() };
    let rows = panel.measure == Measure::FailedRecordRows;
    let row = |workspace: &bailiwick_api::WorkspaceId| RowPart {
        workspace: workspace.clone(),
        time: panel.from,
        id: "1".into(),
        values: RowValues::FailedRecord(Box::new(FailedRecordRow { raw: "canary".into(), ..FailedRecordRow::default() })),
    };
    PanelPart {
        id: panel.id.clone(),
        groups: match by_org {
            _ if panel.rows > 0 => Vec::new(),
            true => ask.workspaces.iter().map(|one| group(one.workspace.as_str())).collect(),
            false => vec![group("")],
        },
        rows: if rows { ask.workspaces.iter().map(|one| row(&one.workspace)).collect() } else { Vec::new() },
        ..PanelPart::default()
    }
}

async fn overdue(Json(ask): Json<AskInvestigations>) -> Json<InvestigationAnswers> {
    let answer = |workspace| WorkspaceAnswer { workspace, skipped: None, error: None, answer: Some(1) };
    Json(InvestigationAnswers { workspaces: ask.workspaces.into_iter().map(|one| answer(one.workspace)).collect(), rows: Vec::new(), more: false })
}

async fn about() -> Json<About> {
    Json(About { product: "bailiwick-node".into(), version: bailiwick_api::VERSION.into(), node: "node-1".into(), region: "eu".into() })
}

/// A console, a node with two customers that Ana works and one that nobody does, and people who are signed in.
struct Stage {
    console: Console,
    node: Tasks,
    asks: Asks,
    transport: Transport,
    _dir: TempDir,
}

/// What a call came to.
type Outcome<T> = Result<T, Box<Problem>>;

/// A request of somebody who is signed in.
macro_rules! request {
    ($stage:expr, $who:expr, $method:expr, $path:expr, $body:expr) => {{
        let state = $stage.console.state();
        let begun = sessions::begin(&state.db, $who, state.clock.now_us()).await.unwrap();
        let url = format!("http://{}/api/v1/{}", $stage.console.address(), $path).parse().unwrap();
        let request = $stage.transport.request($method, url).header("cookie", format!("{COOKIE}={}", begun.token));
        let request = request.header("x-csrf-token", begun.session.csrf);
        match $body {
            Some(body) => request.json(body),
            None => request,
        }
    }};
}

impl Stage {
    async fn new() -> Self {
        let (asks, node) = (Asks::default(), Tasks::new());
        let router = Router::new()
            .route("/api/v1/about", get(about))
            .route("/api/v1/federated/dashboards", post(count))
            .route("/api/v1/federated/investigations", post(overdue))
            .with_state(asks.clone());
        let listener = bailiwick_chassis::serve::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        bailiwick_chassis::serve::run(&node, listener, router);
        let dir = tempfile::tempdir().unwrap();
        let database = Database::File(dir.path().join("console.db"));
        let console = Console::start(ConsoleConfig::new(database, "127.0.0.1:0".parse().unwrap(), |_| None)).await.unwrap();
        register(console.state(), port).await;
        Self { console, node, asks, transport: Transport::new().unwrap(), _dir: dir }
    }

    async fn call<T: DeserializeOwned>(&self, who: &str, method: Method, path: &str, body: Option<&Value>) -> Outcome<T> {
        problem(Transport::json(request!(self, who, method, path, body), DEADLINE).await)
    }

    async fn get<T: DeserializeOwned>(&self, who: &str, path: &str) -> Outcome<T> {
        self.call(who, Method::GET, path, None).await
    }

    /// The lines of an answer.
    async fn query(&self, who: &str, name: &str, query: Value) -> Outcome<Vec<DashboardAnswer>> {
        let request = request!(self, who, Method::POST, format!("dashboards/{name}/query"), Some(&query));
        let mut lines = Vec::new();
        let read = Transport::lines(request, DEADLINE, |line| lines.push(serde_json::from_slice(line).unwrap())).await;
        problem(read).map(|()| lines)
    }

    /// The same without progress: panels and scope.
    async fn panels(&self, who: &str, name: &str, query: Value) -> (Vec<PanelAnswer>, Scope) {
        let mut lines = self.query(who, name, query).await.unwrap();
        let Some(DashboardAnswer::End { scope }) = lines.pop() else { panic!("no scope at the end") };
        let panel = |line| match line {
            DashboardAnswer::Panel(panel) => panel,
            other => panic!("{other:?}"),
        };
        (lines.into_iter().map(panel).collect(), scope)
    }

    fn last_ask(&self) -> AskDashboard {
        self.asks.lock().unwrap().last().unwrap().clone()
    }

    async fn stop(self) {
        assert!(self.node.stop(DEADLINE).await);
        self.console.stop().await;
    }
}

fn problem<T>(outcome: Result<T, ClientError>) -> Outcome<T> {
    outcome.map_err(|error| match error {
        ClientError::Refused(problem) => problem,
        other => panic!("{other}"),
    })
}

async fn register(state: &State, port: u16) {
    let link = NodeLink {
        node: "node-1".into(),
        server: "127.0.0.1".into(),
        port,
        scheme: Scheme::Http,
        region: "eu".into(),
        version: "0".into(),
        fingerprint: None,
        key: SigningKey::generate().unwrap(),
        kind: bailiwick_api::LinkKind::Direct,
        link_key: None,
    };
    let mut tx = state.db.begin().await.unwrap();
    crate::links::store::insert(&mut tx, &link, 0).await.unwrap();
    tx.commit().await.unwrap();
    for (id, name) in [("acme", "Acme Foods"), ("zeta", "Zeta"), ("other", "Acme Other")] {
        let text = "insert into customers (id, name, name_key, mail, region, node, workspace, is_primary, created, created_by) \
                    values ($1, $2, $1, 'a@b.co', 'eu', 'node-1', $1, 0, 0, 'test')";
        sqlx::query(text).bind(id).bind(name).execute(state.db.pool()).await.unwrap();
    }
    for (id, role, saves) in [("ana", "analyst", 0_i64), ("max", "viewer", 1), ("root", "administrator", 0)] {
        let text = "insert into users (id, email, email_key, name, role, password, created, may_save_dashboards) \
                    values ($1, $2, $2, $1, $3, 'x', 0, $4)";
        sqlx::query(text).bind(id).bind(format!("{id}@mssp.example")).bind(role).bind(saves).execute(state.db.pool()).await.unwrap();
    }
    for (who, customer, role) in [("ana", "acme", "analyst"), ("ana", "zeta", "viewer"), ("max", "acme", "viewer")] {
        let text = "insert into grants (id, user_id, customer_id, desired, applied, state, revision, granted_by, updated) \
                    values ($1, $2, $3, $4, $4, 'APPLIED', 1, 'root', 0)";
        sqlx::query(text).bind(format!("{who}-{customer}")).bind(who).bind(customer).bind(role).execute(state.db.pool()).await.unwrap();
    }
}

fn values(frame: Option<&Frame>, name: &str) -> Vec<Value> {
    let frame = frame.unwrap();
    frame.columns.iter().find(|column| column.name == name).unwrap_or_else(|| panic!("no {name} in {frame:?}")).values.clone()
}

#[tokio::test]
async fn the_seven_are_listed_and_each_is_told_panel_by_panel_in_order() {
    let stage = Stage::new().await;
    let list: List<DashboardLine> = stage.get("ana", "dashboards").await.unwrap();
    assert_eq!(list.data.iter().map(|line| line.panels.len()).collect::<Vec<_>>(), [6, 8, 9, 15, 4, 16, 6]);
    assert_eq!(stage.get::<Dashboard>("ana", "dashboards/nothing").await.unwrap_err().status, 404);
    for line in list.data {
        let dashboard: Dashboard = stage.get("ana", &format!("dashboards/{}", line.name)).await.unwrap();
        let (panels, scope) = stage.panels("ana", &line.name, json!({"series": 8})).await;
        let ids: Vec<&str> = panels.iter().map(|panel| panel.panel.as_str()).collect();
        assert_eq!(ids, dashboard.panels().map(|panel| panel.id.as_str()).collect::<Vec<_>>());
        let means = |panel: &&PanelAnswer| panel.panel.contains("average-time");
        assert!(panels.iter().filter(|panel| !means(panel)).all(|panel| panel.frame.is_some() && !panel.partial), "{panels:?}");
        assert_eq!((scope.asked, scope.answered), (2, 2));
    }
    stage.stop().await;
}

#[tokio::test]
async fn names_choose_among_those_a_person_reaches_and_never_beyond() {
    let stage = Stage::new().await;
    let orgs = async |query: Value| {
        let (panels, scope) = stage.panels("ana", "signals-analysis", query).await;
        (values(panels[1].frame.as_ref(), "org_name"), scope.asked)
    };
    assert_eq!(orgs(json!({})).await, (vec![json!("Acme Foods"), json!("Zeta")], 2));
    assert_eq!(orgs(json!({"org_name": "*"})).await.1, 2);
    assert_eq!(orgs(json!({"org_name": "ACME*"})).await, (vec![json!("Acme Foods")], 1));
    assert_eq!(stage.last_ask().workspaces.iter().map(|one| one.workspace.as_str()).collect::<Vec<_>>(), ["acme"]);
    assert_eq!(orgs(json!({"org_name": ["?eta", "acme other"]})).await, (vec![json!("Zeta")], 1));
    let (panels, scope) = stage.panels("ana", "signals-analysis", json!({"org_name": "nobody"})).await;
    assert_eq!((scope.asked, scope.complete, values(panels[0].frame.as_ref(), "signals")), (0, true, vec![json!(0)]));
    stage.stop().await;
}

#[tokio::test]
async fn raw_text_is_for_those_who_may_search_the_logs() {
    let stage = Stage::new().await;
    let (panels, _) = stage.panels("ana", "failed-records-analysis", json!({"only": ["last-1000-failed-records"]})).await;
    let (names, raws) = (values(panels[0].frame.as_ref(), "org_name"), values(panels[0].frame.as_ref(), "raw"));
    let raw = |name: &str| raws[names.iter().position(|one| one == name).unwrap()].clone();
    assert_eq!((raw("Acme Foods"), raw("Zeta")), (json!("canary"), Value::Null));
    stage.stop().await;
}

#[tokio::test]
async fn bad_questions_are_refused_before_any_node_is_asked() {
    let stage = Stage::new().await;
    for (query, field) in [
        (json!({"from": "yesterday"}), "from"),
        (json!({"from": "2030-01-01T00:00:00Z", "to": "2029-01-01T00:00:00Z"}), "from"),
        (json!({"timeslice": "1y"}), "timeslice"),
        (json!({"timeslice": "1m"}), "timeslice"),
        (json!({"zone": "Nowhere"}), "zone"),
        (json!({"tier": "gold"}), "tier"),
        (json!({"only": ["nothing"]}), "only"),
        (json!({"panels": {"nothing": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}}}), "panels"),
        (json!({"rates": {"continuous": 1, "frequent": 1, "infrequent": 1, "cse": -1}}), "rates.cse"),
        (json!({"orgs": "x"}), "orgs"),
    ] {
        let problem = stage.query("ana", "insights", query.clone()).await.unwrap_err();
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some(field)), "{query}");
    }
    assert!(stage.asks.lock().unwrap().is_empty());
    assert_eq!(stage.query("ana", "nothing", json!({})).await.unwrap_err().status, 404);
    stage.stop().await;
}

#[tokio::test]
async fn with_progress_panels_come_as_nodes_answer_and_again_whole() {
    let stage = Stage::new().await;
    let lines = stage.query("ana", "signals-analysis", json!({"progress": true, "only": ["signals"]})).await.unwrap();
    let progress: Vec<Progress> =
        lines.iter().filter_map(|line| if let DashboardAnswer::Progress { progress } = line { Some(*progress) } else { None }).collect();
    assert_eq!((progress[0].answered, progress.last().unwrap().answered), (0, 2), "{lines:?}");
    let panels: Vec<bool> =
        lines.iter().filter_map(|line| if let DashboardAnswer::Panel(panel) = line { Some(panel.partial) } else { None }).collect();
    assert_eq!(panels, [true, false]);
    stage.node.stop(DEADLINE).await;
    let (panels, scope) = stage.panels("ana", "signals-analysis", json!({"only": ["signals"]})).await;
    let frame = panels[0].frame.as_ref().unwrap();
    assert_eq!((frame.missing, values(Some(frame), "signals").len()), (2, 0), "missing is not zero");
    assert_eq!((scope.answered, scope.failed[0].code), (0, FailCode::NodeDown));
    stage.console.stop().await;
}

#[tokio::test]
async fn managers_save_dashboards_and_only_their_own_change() {
    let stage = Stage::new().await;
    let mut own: Value = serde_json::to_value(stage.get::<Dashboard>("ana", "dashboards/signals-analysis").await.unwrap()).unwrap();
    let post = async |who: &str, body: &Value| stage.call::<Dashboard>(who, Method::POST, "dashboards", Some(body)).await;
    assert_eq!(post("max", &own).await.unwrap_err().code, "NAME_TAKEN");
    own["name"] = json!("night-shift");
    assert_eq!(post("ana", &own).await.unwrap_err().code, "FORBIDDEN");
    let mut bad = own.clone();
    bad["sections"][0]["panels"][0]["chart"] = json!("bar");
    assert_eq!(post("max", &bad).await.unwrap_err().field.as_deref(), Some("night-shift.signals.chart"));
    let saved = post("max", &own).await.unwrap();
    assert_eq!((saved.saved.as_ref().unwrap().email.as_str(), saved.saved.as_ref().unwrap().version), ("max@mssp.example", 1));
    assert_eq!(post("root", &own).await.unwrap_err().code, "NAME_TAKEN");
    assert_eq!(stage.get::<List<DashboardLine>>("ana", "dashboards").await.unwrap().data.len(), 8);
    assert_eq!(stage.panels("ana", "night-shift", json!({})).await.0.len(), 6);

    let path = "dashboards/night-shift";
    let put = async |who: &str, body: &Value| stage.call::<Dashboard>(who, Method::PUT, path, Some(body)).await;
    let mut anew = serde_json::to_value(&saved).unwrap();
    anew["title"] = json!("Night shift");
    let changed = put("root", &anew).await.unwrap();
    assert_eq!((changed.title.as_str(), changed.saved.unwrap().version), ("Night shift", 2));
    let lost = put("max", &anew).await.unwrap_err();
    assert_eq!((lost.status, lost.code.as_str()), (409, "VERSION_CONFLICT"));
    assert_eq!(lost.current.unwrap()["title"], "Night shift");
    assert_eq!(stage.call::<Value>("root", Method::DELETE, "dashboards/insights", None).await.unwrap_err().code, "SHIPPED");
    sqlx::query("update users set may_save_dashboards = 1 where id = 'ana'").execute(stage.console.state().db.pool()).await.unwrap();
    assert_eq!(stage.call::<Value>("ana", Method::DELETE, path, None).await.unwrap_err().code, "NOT_OWNER");
    stage.call::<Value>("max", Method::DELETE, path, None).await.unwrap();
    assert_eq!(stage.get::<Dashboard>("ana", path).await.unwrap_err().status, 404);
    let verbs: Vec<(String,)> =
        sqlx::query_as("select verb from audit where outcome = 'ok' order by id").fetch_all(stage.console.state().db.pool()).await.unwrap();
    assert_eq!(verbs.iter().map(|verb| verb.0.as_str()).collect::<Vec<_>>(), ["dashboard.add", "dashboard.change", "dashboard.remove"]);
    stage.stop().await;
}

#[tokio::test]
async fn rate_cards_go_to_the_node_and_the_pages_own_rates_instead_of_them() {
    let stage = Stage::new().await;
    let card = |customer: Option<&str>, from: &str, cse: f64| json!({"customer": customer, "effective_from": from, "rates": {"continuous": 1, "frequent": 2, "infrequent": 3, "cse": cse}});
    let put = async |who: &str, card: Value| stage.call::<RateCard>(who, Method::PUT, "rate-cards", Some(&card)).await;
    assert_eq!(put("ana", card(None, "2026-01-01T00:00:00Z", 5.0)).await.unwrap_err().code, "FORBIDDEN");
    assert_eq!(put("root", card(None, "2026-01-01T00:00:00Z", 1e7)).await.unwrap_err().field.as_deref(), Some("rates.cse"));
    put("root", card(None, "2026-01-01T00:00:00Z", 5.0)).await.unwrap();
    put("root", card(Some("zeta"), "2026-02-01T00:00:00Z", 6.0)).await.unwrap();
    put("root", card(Some("zeta"), "2026-02-01T00:00:00Z", 7.0)).await.unwrap();
    put("root", card(Some("other"), "2026-02-01T00:00:00Z", 8.0)).await.unwrap();
    assert_eq!(stage.get::<List<RateCard>>("ana", "rate-cards").await.unwrap().data.len(), 2, "none of a customer that is not theirs");

    stage.panels("ana", "credits", json!({"from": "2026-01-20T00:00:00Z", "to": "2026-02-10T00:00:00Z"})).await;
    let ask = stage.last_ask();
    let rates: Vec<Vec<f64>> = ask.workspaces.iter().map(|one| one.rates.iter().map(|from| from.rates.cse).collect()).collect();
    assert_eq!((ask.rates[0].rates.cse, rates), (5.0, vec![vec![], vec![5.0, 7.0]]));
    stage.panels("ana", "credits", json!({"rates": {"continuous": 1, "frequent": 1, "infrequent": 1, "cse": 9}})).await;
    let ask = stage.last_ask();
    assert_eq!((ask.rates.len(), ask.rates[0].rates.cse), (1, 9.0));
    assert!(ask.workspaces.iter().all(|one| one.rates.is_empty()));

    let gone = "rate-cards?customer=zeta&effective_from=2026-02-01T00:00:00Z";
    stage.call::<Value>("root", Method::DELETE, gone, None).await.unwrap();
    assert_eq!(stage.call::<Value>("root", Method::DELETE, gone, None).await.unwrap_err().status, 404);
    stage.stop().await;
}

#[tokio::test]
async fn a_health_score_says_what_it_is_made_of() {
    let stage = Stage::new().await;
    let score: HealthScore = stage.get("max", "customers/acme/health-score").await.unwrap();
    let points: Vec<f64> = score.parts.iter().map(|part| part.points).collect();
    // Three resources with a warning; as much as ever; every event failed; one overdue of each priority.
    assert_eq!((points, score.score), (vec![15.0, 20.0, 0.0, 2.0, 15.0], 52));
    assert!(score.parts.iter().all(|part| !part.reason.is_empty()));
    assert_eq!(stage.get::<HealthScore>("max", "customers/zeta/health-score").await.unwrap_err().status, 404);
    stage.stop().await;
}

#[tokio::test]
async fn who_switched_views_over_many_off_sees_one_customer_at_a_time() {
    let stage = Stage::new().await;
    let off = "insert into preferences (user_id, multi_customer, density, single_keys) values ('ana', 0, 'COMPACT', 1)";
    sqlx::query(off).execute(stage.console.state().db.pool()).await.unwrap();
    let (_, scope) = stage.panels("ana", "signals-analysis", json!({"only": ["signals"]})).await;
    assert_eq!((scope.asked, scope.skipped.len()), (0, 3), "{scope:?}");
    let (_, scope) = stage.panels("ana", "signals-analysis", json!({"only": ["signals"], "org_name": "zeta"})).await;
    assert_eq!(scope.asked, 1);
    stage.stop().await;
}
