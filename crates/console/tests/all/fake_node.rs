//! A node in name only, for what a real one does not do on demand: be gone, be odd, refuse.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use bailiwick_api::{
    About, AskSummaries, AskSync, Component, ComponentState, ContentVersion, Enrolment, Licence, LicenceState, LicenceUsage, NewEnrolment,
    OpenCounts, Problem, Proxy, PutTechnician, Role, SettingOrigin, SettingOrigins, SkipReason, SummaryAnswers, SyncAnswer, SyncModuleName,
    SyncRefusal, SyncedTechnician, Technician, VERSION, WorkspaceAnswer,
};
use bailiwick_chassis::{serve, tasks::Tasks};
use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

/// What it was told, and how it behaves.
pub(crate) struct Mind {
    pub(crate) about: About,
    /// Refuses enrolment with this.
    pub(crate) enrol_refusal: Option<(u16, &'static str)>,
    /// Enrolments it took.
    pub(crate) enrolled: Vec<NewEnrolment>,
    /// Role by (workspace, address).
    pub(crate) technicians: HashMap<(String, String), Role>,
    /// Addresses the customer does not want.
    pub(crate) revoked: HashSet<String>,
    /// Addresses it refuses for a reason of its own.
    pub(crate) unwanted: HashSet<String>,
    /// Syncs it took, by workspace.
    pub(crate) synced: Vec<(String, AskSync)>,
    /// How long it thinks about one.
    pub(crate) sync_takes: Duration,
    /// What of every sync it does not take.
    pub(crate) sync_refused: Vec<SyncRefusal>,
    /// What it says is used.
    pub(crate) usage: LicenceUsage,
    /// It is of the version before: what is newer it refuses.
    pub(crate) is_older: bool,
    /// Licences by workspace.
    pub(crate) licences: HashMap<String, Licence>,
}

#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Mind>>);

impl Shared {
    pub(crate) fn mind(&self) -> MutexGuard<'_, Mind> {
        self.0.lock().unwrap()
    }
}

pub(crate) struct FakeNode {
    pub(crate) shared: Shared,
    pub(crate) address: SocketAddr,
    tasks: Tasks,
}

impl FakeNode {
    pub(crate) async fn start(id: &str) -> Self {
        let about = About { product: "bailiwick-node".into(), version: VERSION.into(), node: id.into(), region: "eu".into() };
        let mind = Mind {
            about,
            enrol_refusal: None,
            enrolled: Vec::new(),
            technicians: HashMap::new(),
            revoked: HashSet::new(),
            unwanted: HashSet::new(),
            synced: Vec::new(),
            sync_takes: Duration::ZERO,
            sync_refused: Vec::new(),
            usage: LicenceUsage::default(),
            is_older: false,
            licences: HashMap::new(),
        };
        Self::listen(Shared(Arc::new(Mutex::new(mind))), "127.0.0.1:0".parse().unwrap()).await
    }

    async fn listen(shared: Shared, address: SocketAddr) -> Self {
        let tasks = Tasks::new();
        let listener = serve::listen(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/api/v1/about", get(async |State(node): State<Shared>| Json(node.mind().about.clone())))
            .route("/api/v1/enrolments", post(enrol))
            .route("/api/v1/federated/summaries", post(summaries))
            .route("/api/v1/workspaces/{workspace}/technicians/{email}", put(put_technician).delete(delete_technician))
            .route("/api/v1/workspaces/{workspace}/sync", post(sync))
            .with_state(shared.clone());
        serve::run(&tasks, listener, router);
        Self { shared, address, tasks }
    }

    /// Goes away; what it knew comes back with [`FakeNode::again`].
    pub(crate) async fn stop(self) -> (Shared, SocketAddr) {
        self.tasks.stop(Duration::from_millis(500)).await;
        (self.shared, self.address)
    }

    pub(crate) async fn again((shared, address): (Shared, SocketAddr)) -> Self {
        Self::listen(shared, address).await
    }
}

fn refuse(status: u16, code: &str) -> Response {
    let problem = Problem { status, title: "no".into(), code: code.into(), detail: None, field: None, position: None, current: None, matched: None };
    (StatusCode::from_u16(status).unwrap(), Json(problem)).into_response()
}

/// The user name selects the workspace.
async fn enrol(State(node): State<Shared>, Json(body): Json<NewEnrolment>) -> Response {
    let mut mind = node.mind();
    if let Some((status, code)) = mind.enrol_refusal {
        return refuse(status, code);
    }
    let (about, workspace) = (mind.about.clone(), format!("ws-{}", body.admin.user));
    mind.enrolled.push(body);
    let enrolment =
        Enrolment { node: about.node, region: about.region, version: about.version, workspace: workspace.as_str().into(), workspace_name: workspace };
    Json(enrolment).into_response()
}

/// A workspace with any technician answers, one without skips.
async fn summaries(State(node): State<Shared>, Json(ask): Json<AskSummaries>) -> Json<SummaryAnswers> {
    let mind = node.mind();
    let answer = |ask: bailiwick_api::Ask| {
        let known = mind.technicians.keys().any(|(workspace, _)| *workspace == ask.workspace.0);
        WorkspaceAnswer {
            workspace: ask.workspace,
            skipped: (!known).then_some(SkipReason::NoRole),
            error: None,
            answer: known.then_some(OpenCounts { high: 3, ..OpenCounts::default() }),
        }
    };
    Json(SummaryAnswers { workspaces: ask.workspaces.into_iter().map(answer).collect() })
}

async fn put_technician(State(node): State<Shared>, Path((workspace, email)): Path<(String, String)>, Json(body): Json<PutTechnician>) -> Response {
    let mut mind = node.mind();
    if mind.revoked.contains(&email) {
        return refuse(409, "REVOKED_BY_CUSTOMER");
    }
    if mind.unwanted.contains(&email) {
        return refuse(400, "INVALID_INPUT");
    }
    if mind.is_older && body.expires_time.is_some() {
        return refuse(400, "UNKNOWN_FIELD");
    }
    mind.technicians.insert((workspace, email.clone()), body.role);
    let technician = Technician {
        email,
        name: body.name,
        role: body.role,
        granted_by: String::new(),
        granted_time: Default::default(),
        revoked_time: None,
        last_seen: None,
        expires_time: body.expires_time,
    };
    Json(technician).into_response()
}

async fn delete_technician(State(node): State<Shared>, Path(key): Path<(String, String)>) -> Response {
    match node.mind().technicians.remove(&key) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => refuse(404, "NOT_FOUND"),
    }
}

/// Takes what it is told but what it refuses, and tells what its mind holds.
async fn sync(State(node): State<Shared>, Path(workspace): Path<String>, Json(ask): Json<AskSync>) -> Response {
    if node.mind().is_older && ask.console_url.is_some() {
        return refuse(400, "UNKNOWN_FIELD");
    }
    let takes = node.mind().sync_takes;
    tokio::time::sleep(takes).await;
    let mut mind = node.mind();
    mind.synced.push((workspace.clone(), ask.clone()));
    let keeps = mind.sync_refused.iter().any(|refused| refused.module == SyncModuleName::Licence);
    if let Some(licence) = ask.licence.filter(|_| !keeps) {
        mind.licences.insert(workspace.clone(), licence);
    }
    let limits = mind.licences.get(&workspace).copied().unwrap_or_default();
    let technicians = mind.technicians.iter().filter(|((of, _), _)| *of == workspace);
    let technician = |((_, email), role): (&(String, String), &Role)| SyncedTechnician {
        email: email.clone(),
        role: *role,
        revoked: mind.revoked.contains(email),
    };
    let component = |name: &str| Component { name: name.into(), state: ComponentState::Ok, since: None, detail: None, value: None, unit: None };
    let answer = SyncAnswer {
        now: ask.now,
        components: vec![component("ingest"), component("lake")],
        proxy: Proxy::default(),
        technicians: technicians.map(technician).collect(),
        licence: LicenceState {
            daily_bytes: limits.daily_bytes,
            minute_bytes: None,
            today_bytes: 0,
            this_minute_bytes: 0,
            set_by: None,
            limits,
            usage: mind.usage.clone(),
        },
        content: ContentVersion {
            node_version: VERSION.into(),
            rules: 1,
            own_rules: 0,
            rules_digest: "r".into(),
            parsers: 1,
            parsers_digest: "p".into(),
        },
        settings: SettingOrigins { retention: SettingOrigin::Standard, detection: SettingOrigin::Standard },
        refused: mind.sync_refused.clone(),
        way_back: None,
    };
    Json(answer).into_response()
}
