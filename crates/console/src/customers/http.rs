//! Customers: adding, listing and editing them, and looking before one leaps.

use super::import;
use crate::{
    access::Actor,
    audit::{self, Line},
};
use axum::{
    Json as Answer,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use bailiwick_api::{Customer, CustomerId, CustomerPatch, ImportLine, NewCustomer, Page, Preflight, Problem, Registration};
use bailiwick_chassis::{
    Refusal,
    extract::{Json, NoParams, Query, QueryParams},
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

/// One JSON object a line.
const LINES: &str = "application/x-ndjson";

/// Every customer this person may know of: the primary first, then by name. `open` is live from the nodes; it is null for a customer
/// without a grant or whose node did not answer, and `scope` says which and why.
#[utoipa::path(get, path = "/api/v1/customers", operation_id = "list_customers", tag = "customers", responses((status = 200, body = Page<Customer>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(State(state): State<crate::State>, actor: Actor, Query(NoParams {}): Query<NoParams>) -> Result<Answer<Page<Customer>>, Refusal> {
    Ok(Answer(super::list(&state, &actor).await?))
}

/// One customer; 404 when there is none or it is not for this person.
#[utoipa::path(get, path = "/api/v1/customers/{id}", operation_id = "get_customer", tag = "customers", params(("id" = String, Path, description = "Customer id")), responses((status = 200, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Customer>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    Ok(Answer(super::one(&state, &actor, &id).await?))
}

/// Adds a customer. The workspace administrator's credentials are used once, to enrol, and kept nowhere. Nothing is saved on failure.
///
/// Codes: NAME_INVALID, MAIL_INVALID, PORT_INVALID (400); NAME_TAKEN, PRIMARY_TAKEN, ALREADY_ENROLLED (409); HOST_UNREACHABLE,
/// TLS_FAILED, AUTH_FAILED, NOT_ADMIN, VERSION_MISMATCH, ALREADY_INTEGRATED_ELSEWHERE, NODE_ADDRESS_DIFFERS, NODE_REFUSED (422).
#[utoipa::path(post, path = "/api/v1/customers", operation_id = "add_customer", tag = "customers", request_body = NewCustomer, responses((status = 201, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn add(State(state): State<crate::State>, actor: Actor, Json(new): Json<NewCustomer>) -> Result<(StatusCode, Answer<Customer>), Refusal> {
    Ok((StatusCode::CREATED, Answer(super::enrol::add(&state, &actor, new).await?)))
}

/// Whose preflight it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PreflightOf {
    /// The customer that is edited; left out for a new one.
    #[param(value_type = Option<String>)]
    customer: Option<CustomerId>,
}

impl QueryParams for PreflightOf {}

/// Looks at everything that saving would look at, step by step, and saves nothing. Each step tells its code, what was found and what to do.
/// Asked for `application/x-ndjson`, the answer is each step as it ends, one JSON object a line, and at last the whole.
#[utoipa::path(post, path = "/api/v1/customers/preflight", operation_id = "preflight_customer", tag = "customers", params(PreflightOf), request_body = NewCustomer, responses((status = 200, body = Preflight), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn preflight(
    State(state): State<crate::State>,
    actor: Actor,
    Query(of): Query<PreflightOf>,
    headers: HeaderMap,
    Json(new): Json<NewCustomer>,
) -> Result<Response, Refusal> {
    audit::record(&state, Line { actor: actor.email(), verb: "customer.preflight", customer: None, outcome: audit::OK }).await?;
    if headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes() == LINES.as_bytes()) {
        return Ok(([(header::CONTENT_TYPE, LINES)], super::preflight::steps(state, new, of.customer)).into_response());
    }
    Ok(Answer(super::preflight::preflight(&state, &new, of.customer.as_ref(), |_| ()).await).into_response())
}

/// Adds many customers from a comma-separated file whose first line names the columns: `name,mail,server,port,scheme,admin_user,
/// admin_password`, and if wanted `fingerprint` and `primary`; at most 1000 lines and 1 MiB. The answer is one JSON object a line, as each
/// is done, and at last the report. The same file again changes nothing.
///
/// Codes: FILE_INVALID (400), TOO_LARGE (413).
#[utoipa::path(post, path = "/api/v1/customers/import", operation_id = "import_customers", tag = "customers", request_body(content = String, content_type = "text/csv"), responses((status = 200, body = ImportLine, content_type = "application/x-ndjson"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn import(State(state): State<crate::State>, actor: Actor, body: Body) -> Result<Response, Refusal> {
    let too_large = || Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE").detail(format!("body: more than {} bytes", import::MAX_BYTES));
    let file = axum::body::to_bytes(body, import::MAX_BYTES).await.map_err(|_| too_large())?;
    let read = import::read(&file);
    let lines = audit::refusals(&state, &actor, "customer.import", None, read).await?;
    audit::record(&state, Line { actor: actor.email(), verb: "customer.import", customer: None, outcome: audit::OK }).await?;
    Ok(([(header::CONTENT_TYPE, LINES)], import::import(state, actor, lines)).into_response())
}

/// Edits a customer. Another server, port or scheme is another look at the node, as when adding, and asks for the administrator's
/// credentials; grants, licence and history stay. What is left out stays as it is.
///
/// Codes: those of adding; MISSING_FIELD (400: `admin`, when the address changes), NOT_FOUND (404).
#[utoipa::path(patch, path = "/api/v1/customers/{id}", operation_id = "update_customer", tag = "customers", params(("id" = String, Path, description = "Customer id")), request_body = CustomerPatch, responses((status = 200, body = Customer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn patch(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Json(patch): Json<CustomerPatch>,
) -> Result<Answer<Customer>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    Ok(Answer(super::edit::edit(&state, &actor, &id, patch).await?))
}

/// What the console holds of a customer, to be kept before it is deleted.
#[utoipa::path(get, path = "/api/v1/customers/{id}/registration", operation_id = "export_registration", tag = "customers", params(("id" = String, Path, description = "Customer id")), responses((status = 200, body = Registration), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn registration(
    State(state): State<crate::State>,
    actor: Actor,
    id: Result<Path<CustomerId>, PathRejection>,
    Query(NoParams {}): Query<NoParams>,
) -> Result<Answer<Registration>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::not_found())?;
    let registration = super::registration(&state, &id).await?;
    audit::record(&state, Line { actor: actor.email(), verb: "customer.export", customer: Some(&id), outcome: audit::OK }).await?;
    Ok(Answer(registration))
}
