//! Every operation of the console's API with its policy, and the document that describes them.

use crate::{
    State,
    access::{
        self,
        Action::{
            EditInvestigations, ManageCustomers, ManageGrants, ManageLicences, ManageUsers, SaveDashboards, SearchLogs, VerifyAudit, ViewAudit,
            ViewCustomers, ViewInvestigations,
        },
        Policy,
    },
    audit, bulk, customers, dashboards, enrolment_codes, grants, groups, health, health_score, investigations, licences, links, logs, notifications,
    preferences, rate_cards, removals, saved_searches, sessions, sync, users,
};
use axum::{
    Router,
    extract::{FromRef, Request},
    response::IntoResponse,
};
use bailiwick_chassis::{
    Refusal,
    routes::{Guard, Routes},
};
use http::header;
use std::sync::LazyLock;
use utoipa::openapi::{InfoBuilder, License, OpenApi, OpenApiBuilder};
use utoipa_axum::routes;

/// The API of a running console.
pub(crate) fn router(state: State) -> Router {
    all(state).finish().0
}

/// The OpenAPI document; no console runs for it.
pub fn openapi() -> OpenApi {
    all(Paper).finish().1
}

fn all<S: Guard<Policy = Policy>>(guard: S) -> Routes<S>
where
    State: FromRef<S>,
{
    let nouns: [fn(Routes<S>) -> Routes<S>; 7] = [of_people, of_customers, of_access, of_investigations, of_cases, of_logs, of_dashboards];
    nouns.into_iter().fold(Routes::new(guard, document()), |routes, add| add(routes))
}

/// Signing in, and who there is.
fn of_people<S: Guard<Policy = Policy>>(routes: Routes<S>) -> Routes<S>
where
    State: FromRef<S>,
{
    routes
        .add(Policy::Public, routes!(health::http::healthz))
        .add(Policy::Public, routes!(health::http::readyz))
        .add(Policy::Public, routes!(describe))
        .add(Policy::Public, routes!(sessions::http::begin))
        .add(Policy::SignedIn, routes!(sessions::http::end))
        .add(Policy::Public, routes!(sessions::http::setup))
        .add(Policy::SignedIn, routes!(users::http::me))
        .add(Policy::SignedIn, routes!(access::http::mine))
        .add(Policy::May(ManageGrants), routes!(access::http::of_user))
        .add(Policy::May(ManageUsers), routes!(users::http::list, users::http::add))
        .add(Policy::May(ManageUsers), routes!(users::http::patch, users::http::remove))
        .add(Policy::May(ManageUsers), routes!(users::http::link))
}

/// Customers, from the first look to letting go.
fn of_customers<S: Guard<Policy = Policy>>(routes: Routes<S>) -> Routes<S>
where
    State: FromRef<S>,
{
    routes
        .add(Policy::May(ViewCustomers), routes!(customers::http::list))
        .add(Policy::May(ManageCustomers), routes!(customers::http::add))
        .add(Policy::May(ViewCustomers), routes!(customers::http::get))
        .add(Policy::May(ViewCustomers), routes!(health::http::of_customer))
        .add(Policy::May(ManageCustomers), routes!(customers::http::preflight))
        .add(Policy::May(ManageCustomers), routes!(customers::http::import))
        .add(Policy::May(ManageCustomers), routes!(customers::http::patch))
        .add(Policy::May(ManageCustomers), routes!(customers::http::registration))
        .add(Policy::May(ManageCustomers), routes!(removals::http::delete))
        .add(Policy::May(ManageCustomers), routes!(removals::http::force))
        .add(Policy::May(ManageCustomers), routes!(removals::http::restore))
        .add(Policy::May(ManageCustomers), routes!(removals::http::list))
        .add(Policy::May(ManageCustomers), routes!(notifications::http::get, notifications::http::put))
        .add(Policy::May(ManageCustomers), routes!(notifications::http::test))
        .add(Policy::May(ManageCustomers), routes!(enrolment_codes::http::list, enrolment_codes::http::add))
        .add(Policy::May(ManageCustomers), routes!(enrolment_codes::http::withdraw))
        .add(Policy::Public, routes!(links::http::open))
        .add(Policy::May(ViewCustomers), routes!(sync::http::get))
        .add(Policy::May(ManageCustomers), routes!(sync::http::begin))
        .add(Policy::May(ManageCustomers), routes!(sync::http::customer_settings, sync::http::put_customer_settings))
        .add(Policy::May(ViewCustomers), routes!(licences::http::list))
        .add(Policy::May(ManageLicences), routes!(licences::http::get_pool, licences::http::put_pool))
        .add(Policy::May(ViewCustomers), routes!(licences::http::get))
        .add(Policy::May(ManageLicences), routes!(licences::http::put))
}

/// Who may do what, and who did.
fn of_access<S: Guard<Policy = Policy>>(routes: Routes<S>) -> Routes<S>
where
    State: FromRef<S>,
{
    routes
        .add(Policy::SignedIn, routes!(grants::http::list))
        .add(Policy::May(ManageGrants), routes!(grants::http::put))
        .add(Policy::May(ManageGrants), routes!(grants::http::delegations, grants::http::add))
        .add(Policy::May(ManageGrants), routes!(grants::http::remove))
        .add(Policy::May(ManageGrants), routes!(groups::http::list, groups::http::add))
        .add(Policy::May(ManageGrants), routes!(groups::http::get, groups::http::patch, groups::http::remove))
        .add(Policy::May(ViewAudit), routes!(audit::http::list))
        .add(Policy::May(ViewAudit), routes!(audit::http::export))
        .add(Policy::May(VerifyAudit), routes!(audit::http::verify))
}

/// The queue, and one of it.
fn of_investigations<S: Guard<Policy = Policy>>(routes: Routes<S>) -> Routes<S>
where
    State: FromRef<S>,
{
    routes
        .add(Policy::May(ViewInvestigations), routes!(investigations::http::list))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::create))
        .add(Policy::May(ViewInvestigations), routes!(investigations::http::search))
        .add(Policy::May(ViewInvestigations), routes!(investigations::http::live))
        .add(Policy::May(ViewInvestigations), routes!(investigations::http::get))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::http::update))
        .add(Policy::May(ViewInvestigations), routes!(investigations::http::records))
        .add(Policy::May(ViewInvestigations), routes!(investigations::http::rule))
        .add(Policy::May(ViewInvestigations), routes!(investigations::http::assignees))
        .add(Policy::May(ViewInvestigations), routes!(investigations::http::changes))
}

/// What a case holds.
fn of_cases<S: Guard<Policy = Policy>>(routes: Routes<S>) -> Routes<S>
where
    State: FromRef<S>,
{
    routes
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::set_status))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::set_priority))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::set_disposition))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::set_assignee))
        .add(Policy::May(ViewInvestigations), routes!(investigations::case_http::alerts))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::link))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::unlink))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::merge))
        .add(Policy::May(ViewInvestigations), routes!(investigations::case_http::comments))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::add_comment))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::set_visibility))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::remove_comment))
        .add(Policy::May(ViewInvestigations), routes!(investigations::case_http::evidence))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::add_evidence))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::case_http::remove_evidence))
        .add(Policy::May(ViewInvestigations), routes!(investigations::case_http::related))
        .add(Policy::May(ViewInvestigations), routes!(investigations::case_http::trail))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::files_http::attach))
        .add(Policy::May(ViewInvestigations), routes!(investigations::files_http::list))
        .add(Policy::May(ViewInvestigations), routes!(investigations::files_http::download))
        .add(Policy::May(ViewInvestigations), routes!(investigations::files_http::export))
}

/// Logs, and what people do beside each other.
fn of_logs<S: Guard<Policy = Policy>>(routes: Routes<S>) -> Routes<S>
where
    State: FromRef<S>,
{
    routes
        .add(Policy::Granted(SearchLogs), routes!(logs::http::search))
        .add(Policy::Granted(SearchLogs), routes!(logs::http::histogram))
        .add(Policy::Granted(SearchLogs), routes!(logs::http::facets))
        .add(Policy::Granted(SearchLogs), routes!(logs::sql::list, logs::sql::run))
        .add(Policy::Granted(SearchLogs), routes!(logs::sql::stop))
        .add(Policy::SignedIn, routes!(preferences::http::get, preferences::http::patch))
        .add(Policy::May(ViewInvestigations), routes!(saved_searches::http::list, saved_searches::http::add))
        .add(Policy::May(ViewInvestigations), routes!(saved_searches::http::patch, saved_searches::http::remove))
        .add(Policy::Granted(EditInvestigations), routes!(investigations::together::claim, investigations::together::release))
        .add(Policy::May(ViewInvestigations), routes!(investigations::together::look, investigations::together::leave))
        .add(Policy::May(EditInvestigations), routes!(bulk::http::change))
        .add(Policy::May(EditInvestigations), routes!(bulk::http::undo))
        .add(Policy::May(SearchLogs), routes!(logs::across::search))
        .add(Policy::Granted(SearchLogs), routes!(logs::file::context))
        .add(Policy::Granted(SearchLogs), routes!(logs::file::export))
}

/// Numbers over many customers, and how one of them stands.
fn of_dashboards<S: Guard<Policy = Policy>>(routes: Routes<S>) -> Routes<S>
where
    State: FromRef<S>,
{
    routes
        .add(Policy::May(ViewInvestigations), routes!(dashboards::http::list))
        .add(Policy::May(SaveDashboards), routes!(dashboards::http::add))
        .add(Policy::May(ViewInvestigations), routes!(dashboards::http::get))
        .add(Policy::May(SaveDashboards), routes!(dashboards::http::put, dashboards::http::remove))
        .add(Policy::May(ViewInvestigations), routes!(dashboards::query::query))
        .add(Policy::May(ViewCustomers), routes!(rate_cards::http::list))
        .add(Policy::May(ManageLicences), routes!(rate_cards::http::put, rate_cards::http::remove))
        .add(Policy::Granted(ViewInvestigations), routes!(health_score::http::get))
        .add(Policy::Granted(EditInvestigations), routes!(dashboards::http::acknowledge))
}

fn document() -> OpenApi {
    let about = "One console over every customer's SIEM. Sign in with POST /api/v1/session; unsafe calls by cookie carry the answer's \
                 csrf in X-CSRF-Token. Errors are application/problem+json with a code. Federated answers hold a scope that says who \
                 was asked, who answered, and who is missing and why.";
    let info = InfoBuilder::new().title("Bailiwick console").version(bailiwick_api::VERSION).description(Some(about));
    OpenApiBuilder::new().info(info.license(Some(License::new("Apache-2.0"))).build()).build()
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "openapi", tag = "operation", responses((status = 200, body = serde_json::Value)))]
async fn describe() -> impl IntoResponse {
    static TEXT: LazyLock<Result<String, String>> = LazyLock::new(|| openapi().to_json().map_err(|e| e.to_string()));
    match &*TEXT {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response(),
        Err(error) => Refusal::internal(error).into_response(),
    }
}

/// Stands where a console would, so that the routes can be described without one. It admits nobody, so no handler ever runs.
#[derive(Clone)]
struct Paper;

impl Guard for Paper {
    type Policy = Policy;

    async fn admit(&self, _: Policy, _: Request) -> Result<Request, Refusal> {
        Err(Refusal::internal("a document serves no requests"))
    }
}

impl FromRef<Paper> for State {
    fn from_ref(_: &Paper) -> Self {
        unreachable!("`Paper` admits no request, so no handler asks for the state")
    }
}
