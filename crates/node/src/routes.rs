//! Every route of the node's API with what it asks of a caller. A route cannot be added without a policy.

use crate::{
    State,
    access::{Action, NoQuery, Policy},
    answers, attachments, audit, bulk, claims, collectors, comments, custom_insights, dashboards, detection, enrolments, entities, evidence,
    exceptions, exports, failed_records, health, investigations, lake, licences, link, logs, meters, operators, parsers, presence, proxy, rules,
    saved_searches, signals, sources, sql, sync, technicians,
};
use axum::{Json, Router, extract::State as With, routing::get};
use bailiwick_chassis::{
    Refusal,
    routes::{Routes, marked},
};
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;
use utoipa::openapi::{Info, OpenApi, Paths};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

type Route = (Policy, UtoipaMethodRouter<State>);

/// The API: the router, and the document that describes all of the node. Ingest is left out when it listens apart.
pub fn build(state: State, with_ingest: bool) -> (Router, OpenApi) {
    let document = Arc::new(openapi());
    let served = Arc::clone(&document);
    let routes = if with_ingest { list() } else { without_senders() };
    let router = serve(state, routes.into_iter()).route("/api/v1/openapi.json", get(move |_: NoQuery| async move { Json((*served).clone()) }));
    (router, (*document).clone())
}

/// The ways in for senders alone, for a listener of their own.
pub fn ingest(state: State) -> Router {
    serve(state, of_senders().into_iter().map(|(policy, route)| (policy.without_pages(), route)))
}

/// The document alone, without a server.
pub fn openapi() -> OpenApi {
    list()
        .into_iter()
        .fold(OpenApiRouter::<State>::with_openapi(head()), |router, (policy, route)| router.routes(marked(policy, route)))
        .into_openapi()
}

fn serve(state: State, routes: impl Iterator<Item = Route>) -> Router {
    routes.fold(Routes::new(state, head()), |routes, (policy, route)| routes.add(policy, route)).finish().0
}

fn head() -> OpenApi {
    OpenApi::new(Info::new("Bailiwick node", bailiwick_api::VERSION), Paths::new())
}

fn list() -> Vec<Route> {
    let mut all = without_senders();
    all.extend(of_senders());
    all
}

fn without_senders() -> Vec<Route> {
    let mut all = vec![(Policy::Public, routes!(healthz)), (Policy::Public, routes!(readyz))];
    all.extend(people());
    all.extend(of_the_admin());
    all.extend(of_detection());
    all.extend(of_parsers());
    all.extend(of_technicians());
    all.extend(of_acts());
    all.extend(of_cases());
    all
}

fn of_senders() -> Vec<Route> {
    use crate::ingest::{Dialect, elasticsearch as e, http as own, otlp_http, probes as p, splunk as s};
    use Policy::{IngestKey, IngestKeyOrPage, Public};
    let (elastic, splunk) = (IngestKey(Dialect::Elasticsearch), IngestKey(Dialect::Splunk));
    vec![
        (IngestKey(Dialect::Own), routes!(own::events)),
        (IngestKey(Dialect::Own), routes!(health::http::report)),
        (elastic, routes!(e::bulk)),
        (elastic, routes!(e::bulk_into)),
        (IngestKeyOrPage, routes!(p::root)),
        (IngestKeyOrPage, routes!(p::index)),
        (elastic, routes!(p::license)),
        (elastic, routes!(p::xpack)),
        (elastic, routes!(p::health)),
        (elastic, routes!(p::cat_health)),
        (elastic, routes!(p::index_template)),
        (elastic, routes!(p::template)),
        (elastic, routes!(p::component_template)),
        (elastic, routes!(p::ilm_policy)),
        (elastic, routes!(p::ingest_pipeline)),
        (elastic, routes!(p::data_stream)),
        (splunk, routes!(s::collector)),
        (splunk, routes!(s::event)),
        (splunk, routes!(s::event_1)),
        (splunk, routes!(s::raw)),
        (splunk, routes!(s::raw_1)),
        (splunk, routes!(s::ack)),
        (Public, routes!(s::health)),
        (Public, routes!(s::health_1)),
        (IngestKey(Dialect::Otlp), routes!(otlp_http::logs)),
    ]
}

fn people() -> Vec<Route> {
    use operators::http as o;
    vec![
        (Policy::Public, routes!(enrolments::http::about)),
        (Policy::Public, routes!(enrolments::http::enrol)),
        (Policy::Public, routes!(enrolments::http::check)),
        (Policy::Public, routes!(o::setup)),
        (Policy::Public, routes!(o::sign_in)),
        (Policy::SignedIn, routes!(o::sign_out)),
        (Policy::SignedIn, routes!(o::me)),
        (Policy::Operator(Action::ManageWorkspaces), routes!(o::workspaces)),
        (Policy::Operator(Action::ManageWorkspaces), routes!(o::add_workspace)),
        (Policy::Operator(Action::ManageLicence), routes!(licences::http::put_as_operator)),
    ]
}

fn of_the_admin() -> Vec<Route> {
    use {collectors::http as c, health::http as h, lake::http as l, sources::http as s, technicians::http as t};
    vec![
        (Policy::Admin(Action::ReviewAccess), routes!(enrolments::http::list)),
        (Policy::Admin(Action::ReviewAccess), routes!(enrolments::http::end)),
        (Policy::Admin(Action::ReviewAccess), routes!(link::http::list, link::http::enrol)),
        (Policy::Admin(Action::ReviewAccess), routes!(link::http::preview)),
        (Policy::Admin(Action::ReviewAccess), routes!(t::list)),
        (Policy::Admin(Action::ReviewAccess), routes!(t::revoke)),
        (Policy::Admin(Action::ReviewAccess), routes!(t::restore)),
        (Policy::Admin(Action::ManageSources), routes!(s::list)),
        (Policy::Admin(Action::ManageSources), routes!(s::add)),
        (Policy::Admin(Action::ManageSources), routes!(s::rotate_key)),
        (Policy::Admin(Action::ManageSources), routes!(s::update)),
        (Policy::Admin(Action::ManageSources), routes!(s::get)),
        (Policy::Admin(Action::ManageSources), routes!(s::remove)),
        (Policy::Admin(Action::ManageSources), routes!(c::list)),
        (Policy::Admin(Action::ManageSources), routes!(c::add)),
        (Policy::Admin(Action::ManageSources), routes!(c::get)),
        (Policy::Admin(Action::ManageSources), routes!(c::update)),
        (Policy::Admin(Action::ManageSources), routes!(c::remove)),
        (Policy::Admin(Action::ViewHealth), routes!(h::issues)),
        (Policy::Admin(Action::ViewHealth), routes!(h::events)),
        (Policy::Admin(Action::ManageSources), routes!(h::acknowledge)),
        (Policy::Admin(Action::ManageSources), routes!(dashboards::silent::acknowledge::acknowledge)),
        (Policy::Admin(Action::ViewInvestigations), routes!(investigations::http::list)),
        (Policy::Admin(Action::ViewInvestigations), routes!(investigations::http::own)),
        (Policy::Admin(Action::ViewInvestigations), routes!(investigations::case_http::own_alerts)),
        (Policy::Admin(Action::ViewInvestigations), routes!(comments::http::list)),
        (Policy::Admin(Action::CommentInvestigations), routes!(comments::http::add_own)),
        (Policy::Admin(Action::CommentInvestigations), routes!(comments::http::remove_own)),
        (Policy::Admin(Action::ViewInvestigations), routes!(attachments::http::list)),
        (Policy::Admin(Action::ViewInvestigations), routes!(attachments::http::download)),
        (Policy::Admin(Action::ViewInvestigations), routes!(evidence::http::list)),
        (Policy::Admin(Action::SearchLogs), routes!(logs::http::search)),
        (Policy::Admin(Action::SearchLogs), routes!(logs::http::histogram)),
        (Policy::Admin(Action::SearchLogs), routes!(logs::http::facets)),
        (Policy::Admin(Action::SearchLogs), routes!(sql::http::list, sql::http::run)),
        (Policy::Admin(Action::SearchLogs), routes!(sql::http::stop)),
        (Policy::Admin(Action::ViewHealth), routes!(meters::http::meters)),
        (Policy::Admin(Action::ViewHealth), routes!(meters::http::volume)),
        (Policy::Admin(Action::ViewHealth), routes!(licences::http::get)),
        (Policy::Admin(Action::ManageRetention), routes!(l::retention)),
        (Policy::Admin(Action::ManageRetention), routes!(l::set_retention)),
        (Policy::Admin(Action::ViewHealth), routes!(l::storage)),
        (Policy::Admin(Action::ReviewAccess), routes!(exports::http::get, exports::http::put)),
        (Policy::Admin(Action::ManageSources), routes!(proxy::http::get, proxy::http::put)),
        (Policy::Admin(Action::ViewAudit), routes!(audit::http::list)),
        (Policy::Admin(Action::ViewAudit), routes!(audit::http::export)),
        (Policy::Admin(Action::ViewAudit), routes!(audit::http::verify)),
        (Policy::Admin(Action::ViewAudit), routes!(answers::http::list)),
        (Policy::Admin(Action::ViewAudit), routes!(answers::http::export)),
    ]
}

/// What detects, and what it found: the administrator manages, technicians read.
fn of_detection() -> Vec<Route> {
    use {custom_insights::http as i, detection::http as d, entities::http as n, exceptions::http as e, rules::http as r, signals::http as s};
    const MANAGE: Policy = Policy::Admin(Action::ManageDetection);
    const READ: Policy = Policy::Technician(Action::ViewInvestigations);
    vec![
        (MANAGE, routes!(r::list, r::add)),
        (MANAGE, routes!(r::test)),
        (MANAGE, routes!(r::one, r::update, r::remove)),
        (MANAGE, routes!(e::list, e::add)),
        (MANAGE, routes!(e::replace, e::remove)),
        (MANAGE, routes!(n::list)),
        (MANAGE, routes!(n::settings, n::set)),
        (MANAGE, routes!(i::list, i::add)),
        (MANAGE, routes!(i::replace, i::remove)),
        (MANAGE, routes!(d::get, d::put)),
        (MANAGE, routes!(s::list)),
        (READ, routes!(r::list_at)),
        (READ, routes!(e::list_at)),
        (READ, routes!(n::list_at)),
        (READ, routes!(i::list_at)),
        (READ, routes!(s::list_at)),
    ]
}

/// What makes records of events, and what could not become one.
fn of_parsers() -> Vec<Route> {
    use {failed_records::http as f, parsers::http as p};
    const MANAGE: Policy = Policy::Admin(Action::ManageParsers);
    vec![
        (MANAGE, routes!(p::list, p::add)),
        (MANAGE, routes!(p::test)),
        (MANAGE, routes!(p::source)),
        (MANAGE, routes!(p::replace, p::update, p::remove)),
        (MANAGE, routes!(f::summary)),
        (MANAGE, routes!(f::replay, f::replays)),
        (MANAGE, routes!(f::cancel)),
        (Policy::Technician(Action::ViewHealth), routes!(f::summary_at)),
    ]
}

fn of_technicians() -> Vec<Route> {
    use {
        health::http as h,
        investigations::{federated as f, http as i},
        technicians::http as t,
    };
    vec![
        (Policy::Console(Action::ManageTechnicians), routes!(t::put)),
        (Policy::Console(Action::ManageTechnicians), routes!(t::remove)),
        (Policy::Console(Action::ManageEnrolment), routes!(enrolments::http::suspend)),
        (Policy::Console(Action::ManageEnrolment), routes!(enrolments::http::end_own)),
        (Policy::Federated(Action::ViewInvestigations), routes!(f::investigations)),
        (Policy::Federated(Action::ViewInvestigations), routes!(f::summaries)),
        (Policy::Federated(Action::ViewInvestigations), routes!(investigations::changes::changes)),
        (Policy::Federated(Action::ViewInvestigations), routes!(dashboards::http::query)),
        (Policy::Technician(Action::ViewInvestigations), routes!(i::get)),
        (Policy::Technician(Action::EditInvestigations), routes!(i::update)),
        (Policy::Technician(Action::ViewInvestigations), routes!(i::records)),
        (Policy::Technician(Action::ViewInvestigations), routes!(rules::http::get)),
        (Policy::Technician(Action::ViewInvestigations), routes!(t::assignees)),
        (Policy::Technician(Action::SearchLogs), routes!(logs::http::search_at)),
        (Policy::Technician(Action::SearchLogs), routes!(logs::http::histogram_at)),
        (Policy::Technician(Action::SearchLogs), routes!(logs::http::facets_at)),
        (Policy::Technician(Action::SearchLogs), routes!(sql::http::list_at, sql::http::run_at)),
        (Policy::Technician(Action::SearchLogs), routes!(sql::http::stop_at)),
        (Policy::Technician(Action::ViewHealth), routes!(meters::http::meters_at)),
        (Policy::Technician(Action::ViewHealth), routes!(meters::http::volume_at)),
        (Policy::Console(Action::ManageLicence), routes!(licences::http::put)),
        (Policy::Console(Action::Sync), routes!(sync::http::sync)),
        (Policy::Technician(Action::ViewHealth), routes!(h::issues_at)),
        (Policy::Technician(Action::ViewHealth), routes!(h::events_at)),
    ]
}

/// What people do beside each other, and to many at once.
fn of_acts() -> Vec<Route> {
    use {bulk::http as b, claims::http as c, presence::http as p, saved_searches::http as s};
    const MANY: Policy = Policy::Federated(Action::EditInvestigations);
    const READ: Policy = Policy::Technician(Action::ViewInvestigations);
    const EDIT: Policy = Policy::Technician(Action::EditInvestigations);
    vec![
        (READ, routes!(s::list, s::add)),
        (READ, routes!(s::change, s::remove)),
        (EDIT, routes!(c::claim, c::release)),
        (EDIT, routes!(dashboards::silent::acknowledge::acknowledge_at)),
        (READ, routes!(p::look, p::leave)),
        (MANY, routes!(b::preview)),
        (MANY, routes!(b::change)),
        (MANY, routes!(b::undo)),
        (Policy::Federated(Action::SearchLogs), routes!(logs::across::search)),
        (Policy::Technician(Action::SearchLogs), routes!(logs::file::context)),
        (Policy::Technician(Action::SearchLogs), routes!(logs::file::export)),
    ]
}

/// What people do to a case, on behalf of the MSSP.
fn of_cases() -> Vec<Route> {
    use {attachments::http as a, comments::http as c, evidence::http as e, investigations::case_http as i};
    const READ: Policy = Policy::Technician(Action::ViewInvestigations);
    const WORK: Policy = Policy::Technician(Action::EditInvestigations);
    vec![
        (WORK, routes!(i::open)),
        (WORK, routes!(i::set_fields)),
        (READ, routes!(i::alerts)),
        (WORK, routes!(i::link)),
        (WORK, routes!(i::unlink)),
        (WORK, routes!(i::merge)),
        (READ, routes!(i::related)),
        (READ, routes!(i::trail)),
        (READ, routes!(c::list_at)),
        (WORK, routes!(c::add)),
        (WORK, routes!(c::set_visibility)),
        (WORK, routes!(c::remove)),
        (READ, routes!(a::list_at)),
        (WORK, routes!(a::begin)),
        (WORK, routes!(a::part)),
        (WORK, routes!(a::finish)),
        (READ, routes!(a::get_at)),
        (READ, routes!(a::content)),
        (READ, routes!(exports::http::case)),
        (READ, routes!(e::list_at)),
        (WORK, routes!(e::add)),
        (WORK, routes!(e::remove)),
    ]
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "node", responses((status = 200)))]
async fn healthz(_: NoQuery) -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

/// The node can work: its database answers.
#[utoipa::path(get, path = "/readyz", tag = "node", responses((status = 200), (status = 503)))]
async fn readyz(With(state): With<State>, _: NoQuery) -> Result<Json<serde_json::Value>, Refusal> {
    match sqlx::query("select 1 as one").fetch_one(state.db().pool()).await {
        Ok(_) => Ok(Json(json!({"status": "ready"}))),
        Err(error) => {
            tracing::error!(error = %error, "not ready");
            Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "NOT_READY").detail("the node's database does not answer"))
        }
    }
}
