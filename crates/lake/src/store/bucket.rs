//! A folder of a bucket of an S3-compatible store. Every call has a deadline, its retries with growing pauses included; big files
//! go up in parts; a folder belongs to one owner, so two nodes told the same bucket never write over each other.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use datafusion::execution::object_store::ObjectStoreUrl;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as StorePath;
use object_store::{BackoffConfig, ClientOptions, Error, MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutPayload, RetryConfig};
use tokio::sync::OnceCell;

use super::Found;
use crate::LakeError;

/// Bytes of a part of a big file; all but the last have exactly so many, as some stores demand.
const PART: usize = 8 << 20;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Removals at once.
const REMOVALS: usize = 8;

/// The file in a lake's folder that names its owner.
const OWNER: &str = "_owner";

/// An S3-compatible store, and the folder in it. What is not told comes from the environment as AWS's own tools read it.
#[derive(Clone)]
pub struct Bucket {
    /// The bucket's name.
    pub name: String,
    /// The folder under which every lake has its own; empty for the bucket's root.
    pub prefix: String,
    /// The store's URL when it is not AWS's; `http` only when written so.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The access key's id.
    pub access_key_id: Option<String>,
    /// The access key's secret.
    pub secret_access_key: Option<String>,
    /// Whether the bucket stands in the path of a URL, as most stores but AWS's want it.
    pub path_style: bool,
    /// How long one call may take, its retries included.
    pub deadline: Duration,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).field("prefix", &self.prefix).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Bucket {
    /// The bucket and prefix of `s3://bucket/prefix`, everything else as it is by default.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for any other text.
    pub fn parse(url: &str) -> Result<Self, LakeError> {
        let wrong = || LakeError::invalid("url", "must be s3://BUCKET or s3://BUCKET/PREFIX, of letters, digits and - _ . /");
        let rest = url.strip_prefix("s3://").ok_or_else(wrong)?;
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |part: &str| {
            !matches!(part, "" | "." | "..") && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'='))
        };
        let prefix = prefix.trim_end_matches('/');
        if !plain(name) || !(prefix.is_empty() || prefix.split('/').all(plain)) {
            return Err(wrong());
        }
        Ok(Self {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            endpoint: None,
            region: None,
            access_key_id: None,
            secret_access_key: None,
            path_style: true,
            deadline: Duration::from_secs(30),
        })
    }

    fn connect(&self) -> Result<impl ObjectStore, LakeError> {
        let http = self.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
        let retry = RetryConfig {
            backoff: BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: self.deadline / 4, base: 2.0 },
            max_retries: 10,
            retry_timeout: self.deadline / 2,
        };
        let client = ClientOptions::new().with_timeout(self.deadline).with_connect_timeout(CONNECT.min(self.deadline)).with_allow_http(http);
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&self.name)
            .with_virtual_hosted_style_request(!self.path_style)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(region) = &self.region {
            builder = builder.with_region(region);
        }
        if let (Some(id), Some(secret)) = (&self.access_key_id, &self.secret_access_key) {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        builder.build().map_err(|error| LakeError::Store { path: self.name.clone(), reason: error.to_string() })
    }
}

/// A store that lakes are in.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) url: ObjectStoreUrl,
    prefix: StorePath,
    deadline: Duration,
}

impl Remote {
    pub(crate) fn new(bucket: &Bucket) -> Result<Self, LakeError> {
        Ok(Self {
            objects: Arc::new(bucket.connect()?),
            url: ObjectStoreUrl::parse(format!("s3://{}", bucket.name))?,
            prefix: StorePath::from(bucket.prefix.as_str()),
            deadline: bucket.deadline,
        })
    }
}

/// A lake's folder.
#[derive(Debug)]
pub(super) struct Folder {
    remote: Arc<Remote>,
    root: StorePath,
    owner: String,
    owned: OnceCell<()>,
}

impl Folder {
    pub(super) fn new(remote: Arc<Remote>, name: &str, owner: &str) -> Result<Self, LakeError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(LakeError::invalid("folder", "must be letters, digits, - and _"));
        }
        let root = remote.prefix.clone().join(name);
        Ok(Self { remote, root, owner: owner.to_owned(), owned: OnceCell::new() })
    }

    pub(super) fn url(&self) -> ObjectStoreUrl {
        self.remote.url.clone()
    }

    pub(super) fn location(&self, path: &str) -> StorePath {
        path.split('/').fold(self.root.clone(), StorePath::join)
    }

    pub(super) async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        if bytes.len() > 2 * PART {
            let mut parts = self.begin(path).await?;
            parts.write(bytes).await?;
            return parts.finish().await;
        }
        self.own().await?;
        self.call(path, self.remote.objects.put(&self.location(path), bytes.into())).await.map(drop)
    }

    pub(super) async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        self.own().await?;
        self.create_unowned(path, bytes).await
    }

    async fn create_unowned(&self, path: &str, bytes: Vec<u8>) -> Result<bool, LakeError> {
        let location = self.location(path);
        let put = self.remote.objects.put_opts(&location, PutPayload::from(bytes), PutMode::Create.into());
        let created = async {
            match put.await {
                Ok(_) => Ok(true),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
                Err(error) => Err(error),
            }
        };
        self.call(path, created).await
    }

    pub(super) async fn begin(&self, path: &str) -> Result<Parts, LakeError> {
        self.own().await?;
        let upload = self.call(path, self.remote.objects.put_multipart(&self.location(path))).await?;
        Ok(Parts { upload, remote: Arc::clone(&self.remote), path: path.to_owned(), waiting: Vec::new() })
    }

    pub(super) async fn read(&self, path: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, LakeError> {
        let location = self.location(path);
        let read = async {
            let found = match self.remote.objects.get(&location).await {
                Err(Error::NotFound { .. }) => return Ok(Some(None)),
                other => other?,
            };
            if found.meta.size > max_bytes {
                return Ok(None);
            }
            Ok(Some(Some(found.bytes().await?.to_vec())))
        };
        self.call(path, read).await?.ok_or_else(|| LakeError::file(path, format!("has more than {max_bytes} bytes")))
    }

    pub(super) async fn ask(&self, path: &str) -> Result<(), LakeError> {
        let location = self.location(path);
        let asked = async {
            match self.remote.objects.head(&location).await {
                Err(Error::NotFound { .. }) | Ok(_) => Ok(()),
                Err(error) => Err(error),
            }
        };
        self.call(path, asked).await
    }

    pub(super) async fn list(&self, folders: &str) -> Result<Vec<Found>, LakeError> {
        let listed = self.remote.objects.list(Some(&self.root)).try_filter_map(|meta| async move { Ok(self.found(&meta.location, &meta, folders)) });
        self.call(folders, listed.try_collect()).await
    }

    fn found(&self, location: &StorePath, meta: &object_store::ObjectMeta, folders: &str) -> Option<Found> {
        let parts: Vec<_> = location.prefix_match(&self.root)?.collect();
        let [folder, name] = parts.as_slice() else { return None };
        let path = format!("{}/{}", folder.as_ref(), name.as_ref());
        path.starts_with(folders).then(|| Found { path, modified: meta.last_modified.timestamp_micros() })
    }

    pub(super) async fn remove(&self, paths: &[String]) -> Result<(), LakeError> {
        self.own().await?;
        let removals = paths.iter().map(|path| async move {
            let location = self.location(path);
            let removed = async {
                match self.remote.objects.delete(&location).await {
                    Err(Error::NotFound { .. }) | Ok(()) => Ok(()),
                    Err(error) => Err(error),
                }
            };
            self.call(path, removed).await
        });
        stream::iter(removals.collect::<Vec<_>>()).buffer_unordered(REMOVALS).try_collect().await
    }

    /// Makes the folder its owner's before anything is written: an empty one is taken, another's is refused.
    async fn own(&self) -> Result<(), LakeError> {
        let own = async {
            if self.create_unowned(OWNER, self.owner.clone().into_bytes()).await? {
                return Ok(());
            }
            match self.read(OWNER, 1024).await? {
                Some(owner) if owner == self.owner.as_bytes() => Ok(()),
                other => {
                    let other = other.map(|owner| String::from_utf8_lossy(&owner).into_owned()).unwrap_or_default();
                    Err(LakeError::Store {
                        path: self.root.to_string(),
                        reason: format!("the folder belongs to {other:?}, this is {:?}", self.owner),
                    })
                }
            }
        };
        self.owned.get_or_try_init(|| own).await?;
        Ok(())
    }

    async fn call<T>(&self, path: &str, call: impl Future<Output = Result<T, Error>>) -> Result<T, LakeError> {
        within(&self.remote, path, call).await
    }
}

async fn within<T>(remote: &Remote, path: &str, call: impl Future<Output = Result<T, Error>>) -> Result<T, LakeError> {
    let failed = |reason: String| LakeError::Store { path: path.to_owned(), reason };
    match tokio::time::timeout(remote.deadline, call).await {
        Ok(answer) => answer.map_err(|error| failed(error.to_string())),
        Err(_) => Err(failed(format!("no answer within {} ms", remote.deadline.as_millis()))),
    }
}

/// A big file on its way.
#[derive(Debug)]
pub(super) struct Parts {
    upload: Box<dyn MultipartUpload>,
    remote: Arc<Remote>,
    path: String,
    waiting: Vec<u8>,
}

impl Parts {
    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), LakeError> {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (next, after) = rest.split_at(rest.len().min(PART - self.waiting.len()));
            self.waiting.extend_from_slice(next);
            rest = after;
            if self.waiting.len() == PART {
                let part = std::mem::take(&mut self.waiting);
                self.send(part).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<(), LakeError> {
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() {
            self.send(rest).await?;
        }
        let done = within(&self.remote, &self.path, self.upload.complete()).await;
        self.or_abort(done.map(drop)).await
    }

    async fn send(&mut self, part: Vec<u8>) -> Result<(), LakeError> {
        let sent = within(&self.remote, &self.path, self.upload.put_part(part.into())).await;
        self.or_abort(sent).await
    }

    async fn or_abort(&mut self, done: Result<(), LakeError>) -> Result<(), LakeError> {
        if done.is_err() {
            self.give_up().await;
        }
        done
    }

    pub(super) async fn abort(mut self) {
        self.give_up().await;
    }

    /// Parts that will never be a file are paid for until somebody removes them.
    async fn give_up(&mut self) {
        if let Err(error) = within(&self.remote, &self.path, self.upload.abort()).await {
            tracing::warn!(%error, "parts of a file that failed are left in the store");
        }
    }
}
