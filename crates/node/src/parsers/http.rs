//! Uploading, trying, enabling and removing parsers.

use super::{check, check_description, check_source, compiled, store, trial};
use crate::{
    State,
    access::{Action, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{
    Json,
    extract::{Path, State as With},
};
use bailiwick_api::{List, NewParser, NextParser, Parser, ParserPatch, ParserSource, ParserState, ParserTest, TestedLine};
use bailiwick_chassis::{Refusal, clock::from_us, extract::Json as Body};
use bailiwick_event::Parsers;
use http::StatusCode;
use std::{collections::HashMap, sync::Arc};

/// The span of the counters.
const DAY_US: i64 = 24 * 3600 * 1_000_000;
/// What a program without a name is called while it is tried.
const TRIED: &str = "tried";

/// Every parser: those that come with the node, and those that were uploaded.
#[utoipa::path(get, path = "/api/v1/parsers", tag = "parsers", responses((status = 200, body = List<Parser>)))]
pub(crate) async fn list(With(state): With<State>, grant: WorkspaceGrant, _: NoQuery) -> Result<Json<List<Parser>>, Refusal> {
    Ok(Json(List { data: shown(&state, &grant).await? }))
}

/// Uploads a parser as a draft. A program that is not accepted is refused with line and column.
#[utoipa::path(post, path = "/api/v1/parsers", tag = "parsers", request_body = NewParser, responses((status = 201, body = Parser)))]
pub(crate) async fn add(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(new): Body<NewParser>,
) -> Result<(StatusCode, Json<Parser>), Refusal> {
    check(&new)?;
    let work = async {
        check_source(grant.workspace(), &new.name, &new.source).await?;
        store::add(&grant, &new, state.clock().now_us()).await?;
        grant.workspace().parsers().reload().await
    };
    audit::audited(&state, &grant, "parser.add", &new.name, work).await?;
    Ok((StatusCode::CREATED, Json(one(&state, &grant, &new.name).await?)))
}

/// Tries a parser on sample lines: per line the record, or why there is none, and the time it took. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/parsers/test", tag = "parsers", request_body = ParserTest, responses((status = 200, body = List<TestedLine>)))]
pub(crate) async fn test(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(test): Body<ParserTest>,
) -> Result<Json<List<TestedLine>>, Refusal> {
    trial::check(&test)?;
    let now = from_us(state.clock().now_us());
    let (parsers, parser) = match (&test.source, &test.name) {
        (Some(source), _) => (compiled(grant.workspace(), TRIED, source).await?, Some(TRIED.to_owned())),
        (None, Some(name)) => match store::find(&grant, name).await? {
            Some(row) => (compiled(grant.workspace(), name, row.next.as_ref().map_or(&row.source, |(_, source)| source)).await?, Some(name.clone())),
            None if is_shipped(name) => (grant.demand(&[Action::ManageParsers])?.parsers().get(), Some(name.clone())),
            None => return Err(Refusal::invalid("INVALID_INPUT", "name", "name: no parser has this name")),
        },
        (None, None) => (grant.demand(&[Action::ManageParsers])?.parsers().get(), None),
    };
    Ok(Json(List { data: trial::run(parsers, parser, test, now).await? }))
}

/// The text of a parser.
#[utoipa::path(get, path = "/api/v1/parsers/{parser}/source", tag = "parsers", params(("parser" = String, Path)), responses((status = 200, body = ParserSource)))]
pub(crate) async fn source(grant: WorkspaceGrant, Path(name): Path<String>, _: NoQuery) -> Result<Json<ParserSource>, Refusal> {
    if let Some(row) = store::find(&grant, &name).await? {
        let (next_version, next_source) = row.next.map(|(version, source)| (number(version), source)).unzip();
        return Ok(Json(ParserSource { name, shipped: false, version: Some(number(row.version)), source: row.source, next_version, next_source }));
    }
    let source = Parsers::source(&name).ok_or_else(Refusal::not_found)?;
    Ok(Json(ParserSource { name, shipped: true, version: None, source: source.to_owned(), next_version: None, next_source: None }))
}

/// Uploads the next version of a parser. A draft is replaced; else the current version stays in use until the next is enabled.
#[utoipa::path(put, path = "/api/v1/parsers/{parser}", tag = "parsers", params(("parser" = String, Path)), request_body = NextParser, responses((status = 200, body = Parser)))]
pub(crate) async fn replace(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(name): Path<String>,
    _: NoQuery,
    Body(next): Body<NextParser>,
) -> Result<Json<Parser>, Refusal> {
    check_description(next.description.as_deref().unwrap_or_default())?;
    let work = async {
        store::find(&grant, &name).await?.ok_or_else(Refusal::not_found)?;
        check_source(grant.workspace(), &name, &next.source).await?;
        store::replace(&grant, &name, &next, state.clock().now_us()).await
    };
    audit::audited(&state, &grant, "parser.replace", &name, work).await?;
    one(&state, &grant, &name).await.map(Json)
}

/// Switches a parser on or off. Switching on takes its next version and forgets that it was set aside.
#[utoipa::path(patch, path = "/api/v1/parsers/{parser}", tag = "parsers", params(("parser" = String, Path)), request_body = ParserPatch, responses((status = 200, body = Parser)))]
pub(crate) async fn update(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Path(name): Path<String>,
    _: NoQuery,
    Body(patch): Body<ParserPatch>,
) -> Result<Json<Parser>, Refusal> {
    let now_us = state.clock().now_us();
    let work = async {
        let row = store::find(&grant, &name).await?.ok_or_else(Refusal::not_found)?;
        if patch.enabled {
            check_source(grant.workspace(), &name, row.next.as_ref().map_or(&row.source, |(_, source)| source)).await?;
            store::enable(&grant, &name, now_us).await?;
        } else {
            store::disable(&grant, &name, now_us).await?;
        }
        changed(&grant, &name).await
    };
    audit::audited(&state, &grant, if patch.enabled { "parser.enable" } else { "parser.disable" }, &name, work).await?;
    one(&state, &grant, &name).await.map(Json)
}

/// Deletes an uploaded parser no source insists on.
#[utoipa::path(delete, path = "/api/v1/parsers/{parser}", tag = "parsers", params(("parser" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove(With(state): With<State>, grant: WorkspaceGrant, Path(name): Path<String>, _: NoQuery) -> Result<StatusCode, Refusal> {
    let work = async {
        store::remove(&grant, &name, is_shipped(&name)).await?;
        changed(&grant, &name).await
    };
    audit::audited(&state, &grant, "parser.delete", &name, work).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells the pipeline that the table changed, and health that nothing is wrong with the parser any more.
async fn changed(grant: &WorkspaceGrant, name: &str) -> Result<(), Refusal> {
    let workspace = grant.workspace();
    workspace.parsers().forgiven(name);
    workspace.parsers().reload().await
}

fn is_shipped(name: &str) -> bool {
    Parsers::source(name).is_some()
}

fn number(version: i64) -> u64 {
    u64::try_from(version).unwrap_or_default()
}

async fn one(state: &State, grant: &WorkspaceGrant, name: &str) -> Result<Parser, Refusal> {
    let parsers = shown(state, grant).await?;
    parsers.into_iter().find(|parser| parser.name == name).ok_or_else(Refusal::not_found)
}

/// The parsers as people see them: of two of one name only the uploaded one, which is the one in use or about to be.
async fn shown(state: &State, grant: &WorkspaceGrant) -> Result<Vec<Parser>, Refusal> {
    let rows = store::list(grant).await?;
    let sources: HashMap<String, u64> = store::sources(grant).await?.into_iter().collect();
    let workspace = grant.demand(&[Action::ManageParsers])?;
    let counts = workspace.counts_by_parser(state.clock().now_us() - DAY_US).await?;
    let blank = |name: &str| {
        let (records, failed) = counts.get(name).copied().unwrap_or_default();
        Parser {
            name: name.to_owned(),
            shipped: true,
            description: String::new(),
            state: ParserState::Enabled,
            why: None,
            sample: None,
            version: None,
            next_version: None,
            sources: sources.get(name).copied().unwrap_or_default(),
            records,
            failed,
            changed_time: None,
            changed_by: None,
        }
    };
    let shipped = Arc::clone(workspace.parsers().shipped());
    let mut parsers: Vec<Parser> = shipped.names().filter(|name| rows.iter().all(|row| row.name != *name)).map(blank).collect();
    parsers.extend(rows.into_iter().map(|row| Parser {
        shipped: false,
        description: row.description,
        state: row.state,
        why: row.why,
        sample: row.sample,
        version: Some(number(row.version)),
        next_version: row.next.map(|(version, _)| number(version)),
        changed_time: Some(from_us(row.changed)),
        changed_by: Some(row.changed_by),
        ..blank(&row.name)
    }));
    parsers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(parsers)
}
