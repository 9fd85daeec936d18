//! Every operation of a node's API document, and ingest, by everybody, as it is answered.
//!
//! A cell is the status about workspace A and after the stroke about workspace B of the same node and the same console; `none` is a success
//! that leaves the workspace out. `-` stands where an operation names no workspace and nothing in one.

use crate::{
    acts_operations,
    case_recipes::{self, Case},
    recipe::{Call, fresh, listed, of, of_senders, plain},
    work::SOON,
};
use bailiwick_api::{AuditEntry, AuditModule, CollectorId, CreatedSource, NewCollector, NewSource, Paged, Purpose, Role, Source};
use bailiwick_testkit::{
    Act, Answer, Headers, Mssp, Session, Setup, Site, World, call, events, eventually,
    golden::{self, Operation},
};
use serde_json::{Value, json};

const PERSONAS: [&str; 10] =
    ["nobody", "operator", "admin of A", "admin of B", "analyst of A", "viewer of A", "revoked at A", "console", "other console", "ingest key"];

/// Done after everything else: the relationship ends.
const LAST: &str = "DELETE /api/v1/enrolments/{console}";

/// Unsafe by their method alone, or about another workspace than the two that are looked at. What is sent is no act; what a page of the
/// console repeats is noted once a minute; what is tried out shows and changes nothing; a new workspace has the line itself; what a sync changed
/// is noted, that it ran is not.
const UNNOTED: [&str; 13] = [
    "POST /api/v1/federated/bulk/preview",
    "POST /api/v1/federated/changes",
    "POST /api/v1/federated/dashboards",
    "POST /api/v1/federated/investigations",
    "POST /api/v1/federated/summaries",
    "POST /api/v1/links/preview",
    "POST /api/v1/parsers/test",
    "POST /api/v1/setup",
    "POST /api/v1/workspaces",
    "POST /api/v1/workspaces/{workspace}/sync",
    "PUT /api/v1/workspaces/{workspace}/investigations/{id}/presence",
    "DELETE /api/v1/workspaces/{workspace}/investigations/{id}/presence",
    // Told once, when the file is whole.
    "PUT /api/v1/workspaces/{workspace}/investigations/{id}/attachments/{attachment}/content",
];

/// Called as they are.
const PLAIN: [&str; 36] = [
    "GET /healthz",
    "GET /readyz",
    "GET /api/v1/about",
    "GET /api/v1/openapi.json",
    "GET /api/v1/answers",
    "GET /api/v1/answers/export",
    "GET /api/v1/audit",
    "GET /api/v1/audit/export",
    "GET /api/v1/audit/verify",
    "GET /api/v1/collectors",
    "GET /api/v1/custom-insights",
    "GET /api/v1/detection",
    "GET /api/v1/enrolments",
    "GET /api/v1/entities",
    "GET /api/v1/entity-settings",
    "GET /api/v1/exports",
    "GET /api/v1/exceptions",
    "GET /api/v1/failed-records/replay",
    "GET /api/v1/failed-records/summary",
    "GET /api/v1/health/events",
    "GET /api/v1/health/issues",
    "GET /api/v1/investigations",
    "GET /api/v1/licence",
    "GET /api/v1/links",
    "GET /api/v1/me",
    "GET /api/v1/meters",
    "GET /api/v1/parsers",
    "GET /api/v1/proxy",
    "GET /api/v1/rules",
    "GET /api/v1/signals",
    "GET /api/v1/sources",
    "GET /api/v1/sql",
    "GET /api/v1/technicians",
    "GET /api/v1/volume",
    "GET /api/v1/workspaces",
    "DELETE /api/v1/session",
];

struct Things {
    site: Site,
    console: String,
    investigation: String,
    signal: String,
    rule: String,
    spare_source: Source,
    case: Case,
}

struct Scene {
    world: World,
    mssp: Mssp,
    other: Mssp,
    sessions: [Session; 3],
    a: Things,
    b: Things,
}

async fn things(world: &World, mssp: &Mssp, name: &str, address: &str) -> Things {
    let site = world.site(0, name).await.unwrap();
    mssp.enrol(&site).await.unwrap();
    mssp.put(&site, "reader@mssp.example", Role::Analyst).await.unwrap();
    mssp.put(&site, "spare@mssp.example", Role::Viewer).await.unwrap();
    // About another host at each: ids are made of what happened, and must not be the same by chance.
    let host = format!("dc{}.corp.example", address.rsplit('.').next().unwrap());
    site.send(&events::spray(&host, address)).await.unwrap();
    eventually(SOON, "an investigation", async || !site.investigations().await.unwrap().is_empty()).await;
    let rrn: bailiwick_api::Rrn = site.investigations().await.unwrap()[0].rrn.parse().unwrap();
    let path = format!("/api/v1/workspaces/{}/investigations/{}?role=analyst", site.id, rrn.id);
    let headers = mssp.sign(&Act { email: "reader@mssp.example", purpose: Purpose::Work, method: "GET", path: &path, body: b"" }).unwrap();
    let detail = call(&world.transport, "GET", &format!("{}{path}", world.nodes[0].url()), &headers, Vec::new()).await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let signal = &detail.body["signals"][0];
    let case = case(world, mssp, &site, (&rrn, signal)).await;
    let spare: NewSource = serde_json::from_value(json!({"name": "Spare", "source_category": "spare"})).unwrap();
    let spare_source = site.admin.add_source(&spare).await.unwrap().source;
    Things {
        console: mssp.console.to_string(),
        investigation: rrn.id,
        signal: text(&signal["id"]),
        rule: text(&signal["rule_id"]),
        spare_source,
        case,
        site,
    }
}

/// A case with a comment and a file, and one more to be merged away.
async fn case(world: &World, mssp: &Mssp, site: &Site, (rrn, signal): (&bailiwick_api::Rrn, &Value)) -> Case {
    let root = format!("/api/v1/workspaces/{}/investigations", site.id);
    let done = async |method: &str, path: String, body: Vec<u8>| {
        let act = Act { email: "reader@mssp.example", purpose: Purpose::Work, method, path: &path, body: &body };
        let headers = mssp.sign(&act).unwrap();
        let answer = call(&world.transport, method, &format!("{}{path}", world.nodes[0].url()), &headers, body).await.unwrap();
        assert!(answer.status < 300, "{path}: {answer:?}");
        answer.body
    };
    let json = |value: Value| value.to_string().into_bytes();
    let at = format!("{root}/{}", rrn.id);
    let id = |body: Value| body["id"].as_str().unwrap().to_owned();
    let comment = id(done("POST", format!("{at}/comments?role=analyst"), json(json!({"body": "seen"}))).await);
    let upload = id(done("POST", format!("{at}/attachments?role=analyst"), json(json!({"name": "a.txt", "type": ""}))).await);
    done("PUT", format!("{at}/attachments/{upload}/content?role=analyst&offset=0"), b"content".to_vec()).await;
    let finish = json!({"size": 7, "sha256": "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"});
    done("POST", format!("{at}/attachments/{upload}/finish?role=analyst"), json(finish)).await;
    let spare = done("POST", format!("{root}?role=analyst"), json(json!({"title": "Spare"}))).await;
    let spare: bailiwick_api::Rrn = spare["rrn"].as_str().unwrap().parse().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Case {
        spare: format!("{root}/{}", spare.id),
        at,
        rrn: rrn.to_string(),
        query: "role=analyst".into(),
        signal: text(&signal["id"]),
        event: text(&signal["event_ids"][0]),
        comment,
        attachment: upload,
    }
}

impl Scene {
    async fn start() -> Self {
        let world = World::start(Setup::new(&["eu"])).await.unwrap();
        let node = &world.nodes[0];
        let (mssp, other) = (Mssp::new(&world.transport, node, "console-ours").unwrap(), Mssp::new(&world.transport, node, "console-other").unwrap());
        let (a, b) = (things(&world, &mssp, "Customer A", "203.0.113.1").await, things(&world, &mssp, "Customer B", "203.0.113.2").await);
        // Where the console that ends the relationship is named, B's is another one.
        let b = Things { console: other.console.to_string(), ..b };
        let elsewhere = world.site(0, "Elsewhere").await.unwrap();
        other.enrol(&elsewhere).await.unwrap();
        for (email, role) in [("analyst", Role::Analyst), ("viewer", Role::Viewer), ("revoked", Role::Analyst)] {
            mssp.put(&a.site, &format!("{email}@mssp.example"), role).await.unwrap();
        }
        other.put(&elsewhere, "analyst@mssp.example", Role::Analyst).await.unwrap();
        a.site.admin.revoke("revoked@mssp.example").await.unwrap();
        let operator = Session::at_node(&world.transport, &node.url(), "operator", &node.operator_password).await.unwrap();
        let sessions = [operator, a.site.session().await.unwrap(), b.site.session().await.unwrap()];
        Self { world, mssp, other, sessions, a, b }
    }

    async fn recipe(&self, operation: &str, things: &Things) -> Option<Call> {
        let (id, source, console) = (&things.site.id, &things.spare_source.id, &things.console);
        let at = |rest: &str| of(format!("/api/v1/workspaces/{id}/{rest}"));
        if let Some(call) = listed(operation, &PLAIN).or_else(|| of_senders(operation)) {
            return Some(call);
        }
        if let Some(call) = self.of_enrolment(operation, things).await {
            return Some(call);
        }
        if let Some(call) = of_detection(operation, things).await {
            return Some(call);
        }
        if let Some(call) = of_parsers(operation, things).await {
            return Some(call);
        }
        if let Some(call) = acts_operations::node(operation, &things.site, &things.investigation) {
            return Some(call);
        }
        if let Some(call) = of_questions(operation, things) {
            return Some(call);
        }
        if let Some(call) = of_case(operation, things) {
            return Some(call);
        }
        Some(match operation {
            "POST /ingest/v1/events" => plain("/ingest/v1/events").body(events::ordinary(1).remove(0)),
            "GET /api/v1/retention" => plain("/api/v1/retention"),
            "PUT /api/v1/retention" => plain("/api/v1/retention").body(json!({"continuous_days": 90, "frequent_days": 30, "infrequent_days": 30})),
            "GET /api/v1/storage" => plain("/api/v1/storage"),
            "POST /api/v1/enrolments" => plain("/api/v1/enrolments").body(serde_json::to_value(self.mssp.enrolment(&self.a.site)).unwrap()),
            "POST /api/v1/links" => plain("/api/v1/links").body(json!({"code": "bwk1.x"})),
            "POST /api/v1/links/preview" => plain("/api/v1/links/preview").body(json!({"code": "bwk1.x"})),
            "POST /api/v1/session" => {
                let credentials = &self.b.site.credentials;
                plain("/api/v1/session").body(json!({"user": credentials.user, "password": credentials.password}))
            }
            "POST /api/v1/setup" => plain("/api/v1/setup").body(json!({"token": self.link().await, "password": "a password of sixteen words"})),
            "POST /api/v1/sources" => plain("/api/v1/sources").body(json!({"name": fresh("source"), "source_category": "fresh"})),
            "GET /api/v1/sources/{source}" => of(format!("/api/v1/sources/{source}")),
            "DELETE /api/v1/sources/{source}" => of(format!("/api/v1/sources/{}", fresh_source(things).await.source.id)),
            "POST /api/v1/collectors" => plain("/api/v1/collectors").body(json!({"name": fresh("collector"), "type": "vector"})),
            "GET /api/v1/collectors/{collector}" | "DELETE /api/v1/collectors/{collector}" => {
                of(format!("/api/v1/collectors/{}", fresh_collector(things).await))
            }
            "PATCH /api/v1/collectors/{collector}" => {
                of(format!("/api/v1/collectors/{}", fresh_collector(things).await)).body(json!({"enabled": true}))
            }
            "POST /api/v1/health/report" => plain("/api/v1/health/report").body(json!({"tracker": "source.unreachable", "status": "Healthy"})),
            "POST /api/v1/health/issues/{id}/acknowledge" => {
                of(format!("/api/v1/health/issues/{}/acknowledge", self.fresh_issue(things).await)).body(json!({}))
            }
            "GET /api/v1/workspaces/{workspace}/health/issues" => at("health/issues?role=analyst"),
            "GET /api/v1/workspaces/{workspace}/health/events" => at("health/events?role=analyst"),
            // The operator sets it for every workspace of the node.
            "PUT /api/v1/licences/{workspace}" => plain(&format!("/api/v1/licences/{id}")).body(json!({"daily_bytes": null})),
            "PUT /api/v1/proxy" => plain("/api/v1/proxy").body(json!({"enabled": false})),
            "POST /api/v1/workspaces/{workspace}/sync" => at("sync").body(json!({"now": chrono::Utc::now()})),
            "PUT /api/v1/workspaces/{workspace}/licence" => at("licence").body(json!({"daily_bytes": null})),
            "GET /api/v1/workspaces/{workspace}/meters" => at("meters?role=analyst"),
            "GET /api/v1/workspaces/{workspace}/volume" => at("volume?role=analyst"),
            "POST /api/v1/workspaces" => plain("/api/v1/workspaces").body(json!({"name": fresh("workspace"), "admin": fresh("admin")})),
            LAST => of(format!("/api/v1/enrolments/{console}")),
            "PATCH /api/v1/sources/{source}" => of(format!("/api/v1/sources/{source}")).body(json!({"enabled": true})),
            "POST /api/v1/sources/{source}/key" => of(format!("/api/v1/sources/{source}/key")),
            "DELETE /api/v1/technicians/{email}" => plain("/api/v1/technicians/spare@mssp.example"),
            "POST /api/v1/technicians/{email}/restore" => plain("/api/v1/technicians/spare@mssp.example/restore"),
            _ => return of_queue(operation, things).await,
        })
    }

    /// What a console does to its own enrolment and its technicians.
    async fn of_enrolment(&self, operation: &str, things: &Things) -> Option<Call> {
        let id = &things.site.id;
        let at = |rest: &str| of(format!("/api/v1/workspaces/{id}/{rest}"));
        Some(match operation {
            "POST /api/v1/enrolments/check" => {
                let check = json!({"admin": self.a.site.credentials, "console": self.mssp.console, "console_url": "http://127.0.0.1:9/"});
                plain("/api/v1/enrolments/check").body(check)
            }
            "PUT /api/v1/workspaces/{workspace}/enrolment" => at("enrolment").body(json!({"suspended": false})),
            "DELETE /api/v1/workspaces/{workspace}/enrolment" => {
                let site = self.world.site(0, &fresh("Leaving ")).await.unwrap();
                self.mssp.enrol(&site).await.unwrap();
                of(format!("/api/v1/workspaces/{}/enrolment", site.id))
            }
            "PUT /api/v1/workspaces/{workspace}/technicians/{email}" => {
                at("technicians/written@mssp.example").body(json!({"name": "Written", "role": "viewer"}))
            }
            "DELETE /api/v1/workspaces/{workspace}/technicians/{email}" => at("technicians/written@mssp.example"),
            _ => return None,
        })
    }

    /// An open health issue of its own.
    async fn fresh_issue(&self, things: &Things) -> String {
        let source = fresh_source(things).await;
        let headers = vec![("authorization", format!("Bearer {}", source.ingest_key))];
        let url = format!("{}/api/v1/health/report", self.world.nodes[0].url());
        let body = json!({"tracker": "source.unreachable", "status": "UnHealthy"}).to_string();
        assert_eq!(call(&self.world.transport, "POST", &url, &headers, body.into_bytes()).await.unwrap().status, 204);
        let issues = things.site.admin.health_issues().await.unwrap().data;
        issues.into_iter().find(|issue| issue.resource.id == source.source.id.as_str()).unwrap().id
    }

    async fn link(&self) -> String {
        let new = bailiwick_api::NewWorkspace { name: fresh("workspace"), admin: fresh("admin") };
        self.world.nodes[0].operator.add_workspace(&new).await.unwrap().link.token
    }

    /// What a persona proves itself with on this call.
    async fn headers(&self, operation: &Operation, persona: &str, call: &Call) -> Headers {
        let purpose = if operation.policy.starts_with("Console(") { Purpose::Manage } else { Purpose::Work };
        let signed = |mssp: &Mssp, email: &str, purpose| {
            let act = Act { email, purpose, method: &operation.method, path: &call.path, body: call.body.as_bytes() };
            mssp.sign(&act).unwrap()
        };
        let ends = operation.name() == "DELETE /api/v1/session";
        match persona {
            "nobody" => Headers::new(),
            "operator" if ends => {
                let node = &self.world.nodes[0];
                Session::at_node(&self.world.transport, &node.url(), "operator", &node.operator_password).await.unwrap().headers()
            }
            "admin of A" if ends => self.a.site.session().await.unwrap().headers(),
            "admin of B" if ends => self.b.site.session().await.unwrap().headers(),
            "operator" => self.sessions[0].headers(),
            "admin of A" => self.sessions[1].headers(),
            "admin of B" => self.sessions[2].headers(),
            "analyst of A" => signed(&self.mssp, "analyst@mssp.example", Purpose::Work),
            "viewer of A" => signed(&self.mssp, "viewer@mssp.example", Purpose::Work),
            "revoked at A" => signed(&self.mssp, "revoked@mssp.example", Purpose::Work),
            "console" => signed(&self.mssp, "boss@mssp.example", Purpose::Manage),
            "other console" => signed(&self.other, "analyst@mssp.example", purpose),
            "ingest key" => vec![("authorization", format!("Bearer {}", self.a.site.ingest_key))],
            other => panic!("nobody is {other}"),
        }
    }

    async fn answer(&self, operation: &Operation, persona: &str, things: &Things) -> (bool, Answer) {
        let recipe = self.recipe(&operation.name(), things).await.expect("looked up before");
        let headers = self.headers(operation, persona, &recipe).await;
        let url = format!("{}{}", self.world.nodes[0].url(), recipe.path);
        let answer = call(&self.world.transport, &operation.method, &url, &headers, recipe.body.into_bytes()).await.unwrap();
        assert!(answer.status < 500 && answer.status != 400, "{} as {persona}: {answer:?}", operation.name());
        (recipe.names_one, answer)
    }

    /// Ids of the newest line in the two workspaces' own audits, and the lines since then.
    async fn lines(&self, since: [i64; 2]) -> ([i64; 2], Vec<AuditEntry>) {
        let (mut newest, mut lines) = (since, Vec::new());
        for (things, newest) in [&self.a, &self.b].into_iter().zip(&mut newest) {
            let page: Paged<AuditEntry> = things.site.admin.get("/api/v1/audit?limit=500").await.unwrap();
            let before = *newest;
            *newest = page.data[0].id;
            lines.extend(page.data.into_iter().filter(|line| line.id > before));
        }
        (newest, lines)
    }

    /// Whoever changes something, or tries to, leaves a line that belongs to a part of the product.
    async fn check_audit(&self, operation: &Operation, silent: &mut Vec<String>) {
        let name = operation.name();
        let senders = operation.policy.starts_with("IngestKey") || of_senders(&name).is_some();
        if operation.method == "GET" || operation.method == "HEAD" || senders || UNNOTED.contains(&name.as_str()) {
            return;
        }
        let persona = match operation.policy.split('(').next() {
            Some("Operator") => "operator",
            Some("Technician" | "Federated") => "analyst of A",
            Some("Console") => "console",
            _ => "admin of A",
        };
        let recipe = self.recipe(&name, &self.a).await.unwrap();
        let headers = self.headers(operation, persona, &recipe).await;
        let (before, _) = self.lines([0, 0]).await;
        let url = format!("{}{}", self.world.nodes[0].url(), recipe.path);
        let answer = call(&self.world.transport, &operation.method, &url, &headers, recipe.body.into_bytes()).await.unwrap();
        // Of a workspace made for this call only the answer tells.
        let elsewhere = name == "DELETE /api/v1/workspaces/{workspace}/enrolment";
        let (_, lines) = self.lines(before).await;
        if lines.is_empty() && !elsewhere {
            silent.push(format!("{name}: {} {}", answer.status, answer.code()));
        }
        assert!(lines.iter().all(|line| line.module != AuditModule::Other), "{name}: a verb of no module: {lines:?}");
    }

    async fn cell(&self, operation: &Operation, persona: &str) -> String {
        let (names_a_workspace, own) = self.answer(operation, persona, &self.a).await;
        if !names_a_workspace {
            return format!("{} -", own.status);
        }
        let (_, foreign) = self.answer(operation, persona, &self.b).await;
        let manages = persona == "console" && operation.policy.starts_with("Console(");
        let hidden = [401, 403, 404].contains(&foreign.status) || left_out(&foreign) || persona == "admin of B" || manages;
        assert!(hidden, "{} as {persona} tells about B: {foreign:?}", operation.name());
        format!("{} {}", shown(&own), shown(&foreign))
    }
}

const OWN_RULE: &str = "title: Own\nid: ID\nlogsource: {product: windows, service: security}\ndetection:\n  s: {EventID: 4720}\n  condition: s\n";

/// What people do to a case.
fn of_case(operation: &str, things: &Things) -> Option<Call> {
    let (id, investigation, attachment) = (&things.site.id, &things.investigation, &things.case.attachment);
    match operation {
        "PUT /api/v1/exports" => return Some(plain("/api/v1/exports").body(json!({"allowed": true}))),
        "POST /api/v1/workspaces/{workspace}/investigations" => {
            return Some(of(format!("/api/v1/workspaces/{id}/investigations?role=analyst")).body(json!({"title": fresh("case")})));
        }
        "POST /api/v1/workspaces/{workspace}/investigations/{id}/attachments" => {
            let path = format!("/api/v1/workspaces/{id}/investigations/{investigation}/attachments?role=analyst");
            return Some(of(path).body(json!({"name": "a.txt", "type": "text/plain"})));
        }
        "GET /api/v1/investigations/{id}" => return Some(of(format!("/api/v1/investigations/{investigation}"))),
        "GET /api/v1/investigations/{id}/attachments/{attachment}" => {
            return Some(of(format!("/api/v1/investigations/{investigation}/attachments/{attachment}")));
        }
        _ => {}
    }
    if let Some(call) = case_recipes::own_comment(operation, investigation) {
        return Some(call);
    }
    if let Some(rest) = operation.strip_prefix("GET /api/v1/investigations/{id}/") {
        return Some(of(format!("/api/v1/investigations/{investigation}/{rest}")));
    }
    let (method, rest) = operation.split_once(" /api/v1/workspaces/{workspace}/investigations/{id}/")?;
    case_recipes::call(method, rest, &things.case)
}

/// What a workspace decides about detection.
async fn of_detection(operation: &str, things: &Things) -> Option<Call> {
    let (id, admin) = (&things.site.id, &things.site.admin);
    let at = |noun: &str| of(format!("/api/v1/workspaces/{id}/{noun}?role=analyst"));
    let made = async |path: &str, body: Value| -> String {
        let made: Value = admin.call("POST".parse().unwrap(), path, Some(&body)).await.unwrap();
        made["id"].as_str().or_else(|| made["rule"]["id"].as_str()).unwrap().to_owned()
    };
    let rule = || json!({"yaml": OWN_RULE.replace("ID", &fresh("rule"))});
    let host = json!({"kind": "entity", "entity_type": "hostname", "value": "lab-*"});
    let expires = chrono::Utc::now() + chrono::TimeDelta::days(30);
    let exception = || json!({"name": fresh("exception"), "excepts": host, "owner": "ada", "reason": "planned work", "expires": expires});
    let insight = || json!({"name": fresh("insight"), "when": {"rules": [things.rule], "priority": {"constant": "HIGH"}}});
    let in_exceptions = async || of(format!("/api/v1/exceptions/{}", made("/api/v1/exceptions", exception()).await));
    let in_insights = async || of(format!("/api/v1/custom-insights/{}", made("/api/v1/custom-insights", insight()).await));
    Some(match operation {
        "POST /api/v1/rules" => plain("/api/v1/rules").body(rule()),
        "POST /api/v1/rules/test" => plain("/api/v1/rules/test").body(json!({"yaml": OWN_RULE.replace("ID", "test"), "events": [{"EventID": 4720}]})),
        "GET /api/v1/rules/{rule}" => of(format!("/api/v1/rules/{}", made("/api/v1/rules", rule()).await)),
        "PATCH /api/v1/rules/{rule}" => of(format!("/api/v1/rules/{}", made("/api/v1/rules", rule()).await)).body(json!({"state": "disabled"})),
        "DELETE /api/v1/rules/{rule}" => of(format!("/api/v1/rules/{}", made("/api/v1/rules", rule()).await)),
        "POST /api/v1/exceptions" => plain("/api/v1/exceptions").body(exception()),
        "PUT /api/v1/exceptions/{exception}" => in_exceptions().await.body(exception()),
        "DELETE /api/v1/exceptions/{exception}" => in_exceptions().await,
        "POST /api/v1/custom-insights" => plain("/api/v1/custom-insights").body(insight()),
        "PUT /api/v1/custom-insights/{insight}" => in_insights().await.body(insight()),
        "DELETE /api/v1/custom-insights/{insight}" => in_insights().await,
        "PUT /api/v1/detection" => plain("/api/v1/detection").body(json!({})),
        "PUT /api/v1/entity-settings" => {
            plain("/api/v1/entity-settings").body(json!({"type": "hostname", "value": fresh("host"), "suppressed": true}))
        }
        "GET /api/v1/workspaces/{workspace}/custom-insights" => at("custom-insights"),
        "GET /api/v1/workspaces/{workspace}/entities" => at("entities"),
        "GET /api/v1/workspaces/{workspace}/exceptions" => at("exceptions"),
        "GET /api/v1/workspaces/{workspace}/rules" => at("rules"),
        "GET /api/v1/workspaces/{workspace}/signals" => at("signals"),
        _ => return None,
    })
}

/// What makes records, and what could not become one.
async fn of_parsers(operation: &str, things: &Things) -> Option<Call> {
    const PROGRAM: &str = "%record_type = \"Audit\"";
    let in_parsers = async || of(format!("/api/v1/parsers/{}", fresh_parser(things, PROGRAM).await));
    Some(match operation {
        "POST /api/v1/parsers" => plain("/api/v1/parsers").body(json!({"name": fresh("parser"), "source": PROGRAM})),
        "POST /api/v1/parsers/test" => plain("/api/v1/parsers/test").body(json!({"lines": ["hello"]})),
        "GET /api/v1/parsers/{parser}/source" => of(format!("/api/v1/parsers/{}/source", fresh_parser(things, PROGRAM).await)),
        "PUT /api/v1/parsers/{parser}" => in_parsers().await.body(json!({"source": PROGRAM})),
        "PATCH /api/v1/parsers/{parser}" => in_parsers().await.body(json!({"enabled": true})),
        "DELETE /api/v1/parsers/{parser}" => in_parsers().await,
        "POST /api/v1/failed-records/replay" => {
            no_replay(things).await;
            plain("/api/v1/failed-records/replay").body(json!({}))
        }
        "DELETE /api/v1/failed-records/replay/{replay}" => of(format!("/api/v1/failed-records/replay/{}", ended_replay(things).await)),
        "GET /api/v1/workspaces/{workspace}/failed-records/summary" => {
            of(format!("/api/v1/workspaces/{}/failed-records/summary?role=analyst", things.site.id))
        }
        _ => return None,
    })
}

/// Searches, what they count, and SQL.
fn of_questions(operation: &str, things: &Things) -> Option<Call> {
    let at = |rest: &str| of(format!("/api/v1/workspaces/{}/{rest}", things.site.id));
    Some(match operation {
        "POST /api/v1/sql" => plain("/api/v1/sql").body(json!({"sql": "select count(*) from events"})),
        "DELETE /api/v1/sql/{id}" => plain("/api/v1/sql/sql-unknown"),
        "GET /api/v1/workspaces/{workspace}/sql" => at("sql?role=analyst"),
        "POST /api/v1/workspaces/{workspace}/sql" => at("sql?role=analyst").body(json!({"sql": "select count(*) from signals"})),
        "DELETE /api/v1/workspaces/{workspace}/sql/{id}" => at("sql/sql-unknown?role=analyst"),
        "POST /api/v1/logs/histogram" => plain("/api/v1/logs/histogram").body(json!({"query": ""})),
        "POST /api/v1/logs/facets" => plain("/api/v1/logs/facets").body(json!({"query": ""})),
        "POST /api/v1/logs/search" => plain("/api/v1/logs/search").body(json!({"query": ""})),
        "POST /api/v1/workspaces/{workspace}/logs/histogram" => at("logs/histogram?role=analyst").body(json!({"query": ""})),
        "POST /api/v1/workspaces/{workspace}/logs/facets" => at("logs/facets?role=analyst").body(json!({"query": ""})),
        "POST /api/v1/workspaces/{workspace}/logs/search" => at("logs/search?role=analyst").body(json!({"query": ""})),
        _ => return None,
    })
}

async fn fresh_parser(things: &Things, program: &str) -> String {
    let body = json!({"name": fresh("parser"), "source": program});
    let made: Value = things.site.admin.call("POST".parse().unwrap(), "/api/v1/parsers", Some(&body)).await.unwrap();
    made["name"].as_str().unwrap().to_owned()
}

/// A replay that came to its end.
async fn ended_replay(things: &Things) -> String {
    no_replay(things).await;
    let begun: Value = things.site.admin.call("POST".parse().unwrap(), "/api/v1/failed-records/replay", Some(&json!({}))).await.unwrap();
    no_replay(things).await;
    begun["id"].as_str().unwrap().to_owned()
}

/// Waits until no replay is at work; it gives its turn back a moment after its end is written.
async fn no_replay(things: &Things) {
    let running = async || things.site.admin.get::<Value>("/api/v1/failed-records/replay").await.unwrap()["data"][0]["state"] == "running";
    eventually(SOON, "the end of a replay", async || !running().await).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
}

async fn fresh_source(things: &Things) -> CreatedSource {
    things.site.admin.add_source(&NewSource::new(fresh("source"), "fresh")).await.unwrap()
}

async fn fresh_collector(things: &Things) -> CollectorId {
    things.site.admin.add_collector(&NewCollector { name: fresh("collector"), kind: "vector".into() }).await.unwrap().id
}

fn shown(answer: &Answer) -> String {
    if left_out(answer) { "none".into() } else { answer.status.to_string() }
}

/// A federated answer that leaves the one workspace asked out, and has no row.
fn left_out(answer: &Answer) -> bool {
    let skipped = answer.body["workspaces"][0]["skipped"].is_string() && answer.body["workspaces"][0]["answer"].is_null();
    answer.status == 200 && skipped && answer.body["rows"].as_array().is_none_or(Vec::is_empty)
}

/// What is served: every operation of the document, and where the document is.
fn all() -> Vec<Operation> {
    let document = serde_json::to_value(bailiwick_node::openapi()).unwrap();
    let mut all = golden::operations(&document);
    assert!(all.iter().any(|operation| operation.name() == "POST /ingest/v1/events"), "ingest is an operation like every other");
    let itself = Operation::new("GET", "/api/v1/openapi.json", "Public");
    if all.iter().all(|operation| operation.name() != itself.name()) {
        all.push(itself);
    }
    all.sort_by_key(|operation| (operation.name() == LAST, operation.clone()));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn golden_operations_of_a_node_are_answered_to_everybody_as_the_table_says() {
    let scene = Scene::start().await;
    let (mut rows, mut silent) = (Vec::new(), Vec::new());
    for operation in all() {
        assert_ne!(operation.policy, "NO POLICY", "{}", operation.name());
        assert!(scene.recipe(&operation.name(), &scene.a).await.is_some(), "no recipe for {}: write one in {}", operation.name(), file!());
        let mut cells = Vec::new();
        for persona in PERSONAS {
            cells.push(scene.cell(&operation, persona).await);
        }
        // When the relationship is over, nobody is left to do anything.
        if operation.name() != LAST {
            scene.check_audit(&operation, &mut silent).await;
        }
        rows.push((operation, cells));
    }
    assert!(silent.is_empty(), "these leave no line in the audit: {silent:#?}");
    golden::check("node-operations.txt", &golden::table(&PERSONAS, rows));
}

/// What the queue asks a node.
async fn of_queue(operation: &str, things: &Things) -> Option<Call> {
    let (id, investigation) = (&things.site.id, &things.investigation);
    let at = |rest: &str| of(format!("/api/v1/workspaces/{id}/{rest}"));
    let ask = json!([{"workspace": id, "role": "analyst"}]);
    Some(match operation {
        "POST /api/v1/federated/investigations" => {
            let body = json!({"workspaces": ask, "filter": {}, "sort": "-priority", "limit": 10, "after": null});
            of("/api/v1/federated/investigations").body(body)
        }
        "POST /api/v1/federated/changes" => {
            let body = json!({"workspaces": ask, "position": {"after": 0}, "limit": 10});
            of("/api/v1/federated/changes").body(body)
        }
        "POST /api/v1/federated/dashboards" => case_recipes::dashboard(&ask),
        "POST /api/v1/federated/summaries" => of("/api/v1/federated/summaries").body(json!({"workspaces": ask})),
        "GET /api/v1/workspaces/{workspace}/assignees" => at("assignees?role=analyst"),
        "GET /api/v1/workspaces/{workspace}/investigations/{id}" => at(&format!("investigations/{investigation}?role=analyst")),
        "PATCH /api/v1/workspaces/{workspace}/investigations/{id}" => {
            let rows = things.site.investigations().await.unwrap();
            let version = rows.iter().find(|row| row.rrn.ends_with(investigation.as_str())).unwrap().version;
            at(&format!("investigations/{investigation}?role=analyst")).body(json!({"version": version, "tags": [fresh("tag")]}))
        }
        "GET /api/v1/workspaces/{workspace}/investigations/{id}/records" => {
            at(&format!("investigations/{investigation}/records?role=analyst&signal={}", things.signal))
        }
        "GET /api/v1/workspaces/{workspace}/rules/{rule}" => at(&format!("rules/{}?role=analyst", things.rule)),
        _ => return None,
    })
}
