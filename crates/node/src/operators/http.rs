//! Setting up, signing in and out, and the operator's workspaces.

use super::{ADMIN, OPERATOR, plain_name, store};
use crate::{
    State,
    access::{
        self, Action, NoQuery,
        people::{self, COOKIE, SignedIn, Subject, fold_user},
    },
    audit,
};
use axum::{Json, extract::State as With, response::AppendHeaders};
use bailiwick_api::{CreatedWorkspace, List, NewWorkspace, NodeMe, NodeSignIn, UseLink, WorkspaceId, WorkspaceInfo};
use bailiwick_chassis::{Refusal, extract::Json as Body, passwords, sessions};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

type WithCookie<T> = (AppendHeaders<[(HeaderName, HeaderValue); 1]>, T);

/// Opens a single-use link: makes the first operator, or sets an administrator's password. The person is signed in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "people", request_body = UseLink, responses((status = 200, body = NodeMe)))]
pub(crate) async fn setup(With(state): With<State>, _: NoQuery, Body(link): Body<UseLink>) -> Result<WithCookie<Json<NodeMe>>, Refusal> {
    let now_us = state.clock().now_us();
    // Looked at first without using it up, so that a password that is too short does not cost the link.
    let mut look = state.db().begin().await?;
    let (purpose, subject) = sessions::use_link(&mut look, &link.token, now_us).await?;
    look.rollback().await?;
    let subject = match purpose.as_str() {
        OPERATOR => set_up_operator(&state, &link, now_us).await?,
        ADMIN => set_up_admin(&state, &link, WorkspaceId(subject), now_us).await?,
        other => return Err(Refusal::internal(format!("link of unknown purpose {other}"))),
    };
    sessions::end_all(state.db(), &subject.to_text()).await?;
    begin(&state, subject).await
}

async fn set_up_operator(state: &State, link: &UseLink, now_us: i64) -> Result<Subject, Refusal> {
    let missing = || Refusal::invalid("MISSING_FIELD", "name", "name: the operator's user name");
    let name = plain_name("name", link.name.as_deref().ok_or_else(missing)?)?;
    let key = fold_user(&name);
    let password = passwords::hash(&link.password).await?;
    let mut tx = state.db().begin().await?;
    sessions::use_link(&mut tx, &link.token, now_us).await?;
    store::add_operator(&mut tx, &key, &name, &password, now_us).await?;
    tx.commit().await?;
    Ok(Subject::Operator { key })
}

async fn set_up_admin(state: &State, link: &UseLink, workspace: WorkspaceId, now_us: i64) -> Result<Subject, Refusal> {
    let (key, name) = store::admin_of(state.db(), &workspace).await?.ok_or_else(Refusal::not_found)?;
    let password = passwords::hash(&link.password).await?;
    let grant = people::by_link(state, &workspace, &name).await?;
    let mut tx = state.db().begin().await?;
    sessions::use_link(&mut tx, &link.token, now_us).await?;
    let work = crate::technicians::set_admin_password(&grant, &key, &name, &password);
    audit::audited(state, &grant, "admin.setup", "", work).await?;
    tx.commit().await?;
    Ok(Subject::Admin { workspace, key })
}

/// Signs in.
#[utoipa::path(post, path = "/api/v1/session", tag = "people", request_body = NodeSignIn, responses((status = 200, body = NodeMe)))]
pub(crate) async fn sign_in(With(state): With<State>, _: NoQuery, Body(who): Body<NodeSignIn>) -> Result<WithCookie<Json<NodeMe>>, Refusal> {
    let subject = people::verify(&state, &who.user, &who.password).await?;
    people::note_session(&state, &subject, "session.begin").await?;
    begin(&state, subject).await
}

async fn begin(state: &State, subject: Subject) -> Result<WithCookie<Json<NodeMe>>, Refusal> {
    let begun = sessions::begin(state.db(), &subject.to_text(), state.clock().now_us()).await?;
    let me = people::me(state, &SignedIn::new(subject, begun.session)).await?;
    let cookie = sessions::set_cookie(COOKIE, &begun.token, state.secure_cookies());
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(me)))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "people", responses((status = 204)))]
pub(crate) async fn sign_out(
    With(state): With<State>,
    signed_in: SignedIn,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<WithCookie<StatusCode>, Refusal> {
    sessions::end(state.db(), COOKIE, &headers).await?;
    people::note_session(&state, signed_in.subject(), "session.end").await?;
    Ok((AppendHeaders([(header::SET_COOKIE, sessions::clear_cookie(COOKIE))]), StatusCode::NO_CONTENT))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/me", tag = "people", responses((status = 200, body = NodeMe)))]
pub(crate) async fn me(With(state): With<State>, signed_in: SignedIn, _: NoQuery) -> Result<Json<NodeMe>, Refusal> {
    people::me(&state, &signed_in).await.map(Json)
}

/// Every workspace of the node.
#[utoipa::path(get, path = "/api/v1/workspaces", tag = "workspaces", responses((status = 200, body = List<WorkspaceInfo>)))]
pub(crate) async fn workspaces(With(state): With<State>, _: SignedIn, _: NoQuery) -> Result<Json<List<WorkspaceInfo>>, Refusal> {
    Ok(Json(List { data: store::workspaces(state.db()).await? }))
}

/// Makes a workspace; the link for its administrator is shown once.
#[utoipa::path(post, path = "/api/v1/workspaces", tag = "workspaces", request_body = NewWorkspace, responses((status = 201, body = CreatedWorkspace)))]
pub(crate) async fn add_workspace(
    With(state): With<State>,
    signed_in: SignedIn,
    _: NoQuery,
    Body(new): Body<NewWorkspace>,
) -> Result<(StatusCode, Json<CreatedWorkspace>), Refusal> {
    let made = super::add_workspace(state.db(), state.public_url(), state.clock().now_us(), &new).await?;
    // The first line of the workspace's own audit.
    let grant = access::operate(&state, &signed_in, &made.workspace.id, Action::ManageWorkspaces).await?;
    audit::audited(&state, &grant, "workspace.add", "", async { Ok(()) }).await?;
    Ok((StatusCode::CREATED, Json(made)))
}
