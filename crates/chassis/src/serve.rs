//! Listening, the layers every answer passes, and draining.

use crate::{
    Refusal,
    assets::{self, Pages},
    tasks::Tasks,
};
use axum::{Router, extract::Request, response::IntoResponse};
use http::{HeaderName, HeaderValue, header};
use std::{io, net::SocketAddr};
use tokio::net::TcpListener;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, set_header::SetResponseHeaderLayer};

/// Wraps the routes of a server: pages for what no route takes, security headers, compression, and no crash from one request.
pub fn layers(router: Router, pages: Pages) -> Router {
    let fixed = |name: HeaderName, value: &'static str| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .fallback(move |request: Request| async move { assets::serve(pages, &request) })
        .method_not_allowed_fallback(|| async { Refusal::new(http::StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED").into_response() })
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::CACHE_CONTROL, "no-store"))
        .layer(CompressionLayer::new().gzip(true))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Refusal::internal("a handler panicked").into_response()))
}

/// Listens on an address; the error names it.
pub async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| io::Error::new(error.kind(), format!("listen {address}: {error}")))
}

/// Serves until the server stops, then lets running calls finish.
pub fn run(tasks: &Tasks, listener: TcpListener, router: Router) {
    let stop = tasks.stopping();
    tasks.spawn_draining(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(error = %error, "server stopped");
        }
    });
}
