//! Files of a case, streamed between browser and node in parts. The console holds one part at a time and keeps nothing.

use super::{
    case::{LOOK, told, wrong},
    one::Entered,
};
use crate::{State, federation};
use axum::body::{Body, BodyDataStream};
use bailiwick_api::{ATTACHMENT_PART_BYTES, Attachment, FinishUpload, MAX_ATTACHMENT_BYTES, NewUpload, Upload};
use bailiwick_chassis::Refusal;
use bailiwick_client::{NodeClient, case_noun};
use bytes::BytesMut;
use futures_util::{Stream, StreamExt, stream};
use http::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{fmt::Write as _, io, time::Duration};

/// How long the browser may be silent while it sends.
const SILENCE: Duration = Duration::from_secs(30);
/// How long sending a whole file may take.
const WHOLE: Duration = Duration::from_secs(600);

/// Passes a file on to the node as it arrives.
pub(super) async fn attach(state: &State, entered: &Entered, new: NewUpload, body: Body) -> Result<Attachment, Refusal> {
    let work = async {
        let sending = send(state, entered, &new, body);
        tokio::time::timeout(WHOLE, sending).await.unwrap_or_else(|_| Err(slow()))
    };
    told(state, entered.grant(), "investigation.attachment.add", work).await
}

fn slow() -> Refusal {
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "TOO_SLOW").detail("body: the file did not arrive in time")
}

fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE").detail(format!("body: more than {MAX_ATTACHMENT_BYTES} bytes"))
}

async fn send(state: &State, entered: &Entered, new: &NewUpload, body: Body) -> Result<Attachment, Refusal> {
    let mut parts = Parts { body: body.into_data_stream(), rest: BytesMut::new() };
    // Nothing is begun at the node before there is something to send.
    let Some(mut part) = parts.next().await? else { return Err(wrong("body", "the content of a file, at least one byte")) };
    let upload: Upload = call(state, entered, (Method::POST, &["attachments"]), new).await?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    loop {
        let offset = size;
        size += part.len() as u64;
        if size > MAX_ATTACHMENT_BYTES {
            return Err(too_large());
        }
        hash.update(&part);
        let noun = case_noun(entered.id(), &["attachments", &upload.id, "content"]);
        let put = |client: NodeClient, caller| async move { client.put_part(&caller, entered.at(), (&noun, offset), part, LOOK).await };
        federation::call(state, entered.grant(), put).await.map_err(|trouble| entered.refusal(trouble))?;
        match parts.next().await? {
            Some(next) => part = next,
            None => break,
        }
    }
    let mut sha256 = String::with_capacity(64);
    for byte in hash.finalize() {
        let _infallible = write!(sha256, "{byte:02x}");
    }
    call(state, entered, (Method::POST, &["attachments", &upload.id, "finish"]), &FinishUpload { size, sha256 }).await
}

async fn call<B: Serialize + Sync, T: DeserializeOwned + Send>(
    state: &State,
    entered: &Entered,
    (method, rest): (Method, &[&str]),
    body: &B,
) -> Result<T, Refusal> {
    let noun = case_noun(entered.id(), rest);
    let ask = |client: NodeClient, caller| async move { client.work(&caller, entered.at(), (method, &noun), Some(body), LOOK).await };
    federation::call(state, entered.grant(), ask).await.map_err(|trouble| entered.refusal(trouble))
}

/// A body in parts of the size that travels to a node in one call.
struct Parts {
    body: BodyDataStream,
    rest: BytesMut,
}

impl Parts {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        while self.rest.len() < ATTACHMENT_PART_BYTES {
            let frame = tokio::time::timeout(SILENCE, self.body.next()).await.map_err(|_| slow())?;
            match frame {
                Some(Ok(bytes)) => self.rest.extend_from_slice(&bytes),
                Some(Err(_)) => return Err(wrong("body", "broke off")),
                None => break,
            }
        }
        let part = self.rest.split_to(self.rest.len().min(ATTACHMENT_PART_BYTES));
        Ok((!part.is_empty()).then(|| part.to_vec()))
    }
}

/// A case as a file. That somebody took one is written down here as well.
pub(super) async fn export(state: &State, entered: &Entered, format: &'static str) -> Result<Vec<u8>, Refusal> {
    let (noun, query) = (case_noun(entered.id(), &["export"]), format!("&format={format}"));
    let read = |client: NodeClient, caller| {
        let (noun, query) = (&noun, &query);
        async move { client.read_bytes(&caller, entered.at(), (noun, query), LOOK).await }
    };
    let work = async { federation::call(state, entered.grant(), read).await.map_err(|trouble| entered.refusal(trouble)) };
    told(state, entered.grant(), "investigation.export", work).await
}

/// The content of a file, part after part from its node. A transfer that fails ends in the middle.
pub(super) fn content(state: State, entered: Entered, id: String) -> impl Stream<Item = io::Result<Vec<u8>>> {
    stream::try_unfold((state, entered, id, 0), |(state, entered, id, offset)| async move {
        let noun = case_noun(entered.id(), &["attachments", &id, "content"]);
        let query = format!("&offset={offset}");
        let read = |client: NodeClient, caller| {
            let (entered, noun, query) = (&entered, &noun, &query);
            async move { client.read_bytes(&caller, entered.at(), (noun, query), LOOK).await }
        };
        let part = federation::call(&state, entered.grant(), read).await;
        let part = part.map_err(|trouble| io::Error::other(entered.refusal(trouble).code().to_owned()))?;
        let next = offset + part.len() as u64;
        Ok((!part.is_empty()).then_some((part, (state, entered, id, next))))
    })
}
