//! Routes that cannot be added without a policy, and the OpenAPI document that grows with them.
//!
//! A server names its policies in an enum and says how one is enforced ([`Guard`]). [`Routes::add`] takes both, so a route
//! without a policy does not compile; the policy runs before the handler and stands in the document as `x-policy`.

use crate::{
    Refusal,
    extract::{NoParams, parse_query},
};
use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::Method;
use std::{fmt::Debug, future::Future, pin::Pin};
use utoipa::openapi::{
    OpenApi, RefOr,
    extensions::Extensions,
    path::{Operation, Parameter, ParameterIn, PathItem},
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// What becomes of an answer before it leaves.
pub type Answering = Box<dyn FnOnce(Response) -> Pin<Box<dyn Future<Output = Result<Response, Refusal>> + Send>> + Send>;

/// How a server enforces its policies.
pub trait Guard: Clone + Send + Sync + 'static {
    /// The policies there are.
    type Policy: Copy + Debug + Send + Sync + 'static;

    /// Lets the request pass, usually with who it is in its extensions, or refuses it.
    fn admit(&self, policy: Self::Policy, request: Request) -> impl Future<Output = Result<Request, Refusal>> + Send;

    /// What is to be done with the answer to a request that was admitted; nothing unless a server says so.
    fn answering(&self, _policy: Self::Policy, _request: &Request) -> Option<Answering> {
        None
    }
}

/// The routes of a server.
pub struct Routes<S: Guard> {
    state: S,
    router: OpenApiRouter<S>,
}

impl<S: Guard> Routes<S> {
    /// No routes yet.
    pub fn new(state: S, document: OpenApi) -> Self {
        Self { state, router: OpenApiRouter::with_openapi(document) }
    }

    /// Adds the operations of one path under one policy.
    #[must_use]
    pub fn add(self, policy: S::Policy, route: UtoipaMethodRouter<S>) -> Self {
        let (schemas, paths, method) = marked(policy, route);
        let without_query: Vec<Method> = paths.paths.values().flat_map(methods_without_query).collect();
        let guard = self.state.clone();
        let method = method.route_layer(middleware::from_fn(move |request: Request, next: Next| {
            let guard = guard.clone();
            let strict = without_query.contains(request.method());
            async move {
                let admitted = guard.admit(policy, request).await.and_then(|request| if strict { refuse_query(request) } else { Ok(request) });
                match admitted {
                    Ok(request) => match guard.answering(policy, &request) {
                        None => next.run(request).await,
                        Some(answering) => answering(next.run(request).await).await.unwrap_or_else(IntoResponse::into_response),
                    },
                    Err(refusal) => refusal.into_response(),
                }
            }
        }));
        Self { state: self.state, router: self.router.routes((schemas, paths, method)) }
    }

    /// The router and its document.
    pub fn finish(self) -> (Router, OpenApi) {
        let (router, document) = self.router.split_for_parts();
        (router.with_state(self.state), document)
    }
}

/// The methods of a path that take no query parameter at all.
fn methods_without_query(item: &PathItem) -> Vec<Method> {
    let operations = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    let takes_none = |operation: &Operation| {
        let of_query = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(p) if matches!(p.parameter_in, ParameterIn::Query));
        !operation.parameters.iter().flatten().any(of_query)
    };
    operations.into_iter().filter(|(_, operation)| operation.as_ref().is_some_and(takes_none)).map(|(method, _)| method).collect()
}

/// Refuses any query parameter, by name.
fn refuse_query(request: Request) -> Result<Request, Refusal> {
    parse_query::<NoParams>(request.uri().query().unwrap_or_default()).map(|_| request)
}

/// A route whose operations say their policy in the document, each under an id of its own.
pub fn marked<S>(policy: impl Debug, (schemas, mut paths, method): UtoipaMethodRouter<S>) -> UtoipaMethodRouter<S> {
    for (path, item) in &mut paths.paths {
        mark(path, item, &format!("{policy:?}"));
    }
    (schemas, paths, method)
}

/// Writes policy and id into every operation of a path.
fn mark(path: &str, item: &mut PathItem, policy: &str) {
    let words: Vec<&str> = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !matches!(*word, "" | "api" | "v1")).collect();
    let place = words.join("_");
    let operations =
        [("get", &mut item.get), ("post", &mut item.post), ("put", &mut item.put), ("patch", &mut item.patch), ("delete", &mut item.delete)];
    for (method, operation) in operations {
        let Some(operation) = operation else { continue };
        operation.operation_id = Some(format!("{method}_{place}"));
        let extension = Extensions::builder().add("x-policy", policy).build();
        operation.extensions.get_or_insert_with(Default::default).merge(extension);
    }
}
