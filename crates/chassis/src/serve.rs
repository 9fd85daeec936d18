//! Listening, the layers every answer passes, and draining.

use crate::{
    Refusal,
    assets::{self, Pages},
    certificate::Certificate,
    tasks::Tasks,
};
use axum::{Router, extract::Request, response::IntoResponse};
use http::{HeaderName, HeaderValue, header};
use rustls::ServerConfig;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, set_header::SetResponseHeaderLayer};

/// Connections whose TLS handshake is under way at a time.
const GREETINGS: usize = 256;
/// A handshake that takes longer is given up.
const GREETING: Duration = Duration::from_secs(10);

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

/// Serves until the server stops, in clear or with a certificate.
pub fn listening(tasks: &Tasks, listener: TcpListener, tls: Option<&Certificate>, router: Router) -> io::Result<()> {
    match tls {
        None => run(tasks, listener, router),
        Some(certificate) => {
            let config = certificate.server().map_err(io::Error::other)?;
            let stop = tasks.stopping();
            let listener = TlsListener::new(tasks, listener, config)?;
            tasks.spawn_draining(async move { ended(axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await) });
        }
    }
    Ok(())
}

/// Serves in clear until the server stops, then lets running calls finish.
pub fn run(tasks: &Tasks, listener: TcpListener, router: Router) {
    let stop = tasks.stopping();
    tasks.spawn_draining(async move {
        ended(axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await);
    });
}

fn ended(served: io::Result<()>) {
    if let Err(error) = served {
        tracing::error!(error = %error, "server stopped");
    }
}

/// Takes TCP connections and greets each one on its own, so that a caller who says nothing holds up nobody.
struct TlsListener {
    greeted: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    fn new(tasks: &Tasks, mut listener: TcpListener, config: Arc<ServerConfig>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (greet, greeted) = mpsc::channel(GREETINGS);
        let (acceptor, slots) = (TlsAcceptor::from(config), Arc::new(Semaphore::new(GREETINGS)));
        let each = tasks.clone();
        tasks.spawn(async move {
            loop {
                let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
                let (stream, from) = axum::serve::Listener::accept(&mut listener).await;
                let (acceptor, greet) = (acceptor.clone(), greet.clone());
                each.spawn(async move {
                    if let Ok(Ok(stream)) = tokio::time::timeout(GREETING, acceptor.accept(stream)).await {
                        // Nobody listens any more when the server stops.
                        let _ = greet.send((stream, from)).await;
                    }
                    drop(slot);
                });
            }
        });
        Ok(Self { greeted, address })
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.greeted.recv().await {
            Some(greeted) => greeted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
