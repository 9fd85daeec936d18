//! A real S3-compatible server in this process, which can be taken away and brought back.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::routing::any_service;
use bailiwick_lake::Bucket;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tower::ServiceExt;

/// The server; it goes with the test's runtime.
pub(crate) struct S3 {
    address: SocketAddr,
    root: PathBuf,
    away: Arc<AtomicBool>,
}

impl S3 {
    /// Starts one that keeps its objects in a directory, with an empty bucket `logs`.
    #[allow(clippy::disallowed_methods, reason = "nothing here owns tasks; it ends with the test's runtime")]
    pub(crate) async fn start(root: PathBuf) -> Self {
        std::fs::create_dir_all(root.join("logs")).expect("a bucket");
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(&root).expect("a file system"));
        builder.set_auth(SimpleAuth::from_single("key", "secret"));
        let (service, away) = (builder.build(), Arc::new(AtomicBool::new(false)));
        let gone = Arc::clone(&away);
        let answer = tower::service_fn(move |request: Request<Body>| {
            let (service, gone) = (service.clone(), Arc::clone(&gone));
            async move {
                if gone.load(Ordering::SeqCst) {
                    // As a store does that is behind a dead network: it never answers.
                    std::future::pending::<()>().await;
                }
                let response = service.oneshot(request).await;
                Ok::<_, Infallible>(response.map_or_else(
                    |_| Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Body::empty()).expect("a response"),
                    |response| response.map(Body::new),
                ))
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = axum::Router::new().fallback_service(any_service(answer));
        tokio::task::spawn(async move { axum::serve(listener, router).await });
        Self { address, root, away }
    }

    /// How to reach a folder of the bucket; a call has so long.
    pub(crate) fn bucket(&self, prefix: &str, deadline: Duration) -> Bucket {
        let bucket = Bucket::parse(&format!("s3://logs/{prefix}")).expect("a URL");
        Bucket {
            endpoint: Some(format!("http://{}", self.address)),
            region: Some("eu-central-1".into()),
            access_key_id: Some("key".into()),
            secret_access_key: Some("secret".into()),
            deadline,
            ..bucket
        }
    }

    /// From now on it takes connections and never answers; or does again.
    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// The objects under a prefix, by key.
    pub(crate) fn objects(&self, prefix: &str) -> Vec<String> {
        fn walk(at: &std::path::Path, found: &mut Vec<PathBuf>) {
            for item in std::fs::read_dir(at).into_iter().flatten().flatten() {
                if item.path().is_dir() { walk(&item.path(), found) } else { found.push(item.path()) }
            }
        }
        let (bucket, mut found) = (self.root.join("logs"), Vec::new());
        walk(&bucket.join(prefix), &mut found);
        let mut keys: Vec<String> = found.iter().filter_map(|path| path.strip_prefix(&bucket).ok()?.to_str().map(str::to_owned)).collect();
        keys.sort();
        keys
    }
}
