//! Nodes that dial in: who is heard, and what they hear.

use super::store;
use crate::{State, enrolment_codes, health};
use bailiwick_api::{LinkKind, NodeId};
use bailiwick_chassis::Refusal;
use bailiwick_link::{
    Answer, Asked, Bytestream, ENROLMENT_ENDED, HANDSHAKE, Host, LinkError, NODE_UNKNOWN, Parting, PublicKey, Refused, Verdict, Want,
};
use std::future::Future;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

/// A place among the handshakes that may run at a time; given back when the handshake is over.
pub(super) type Place = OwnedSemaphorePermit;

/// Why a node is not linked.
enum Failed {
    /// The connection, or what came over it.
    Link(LinkError),
    /// This console's own tables.
    Console(Refusal),
}

impl From<LinkError> for Failed {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Console(refusal)
    }
}

/// Hears a node out on a connection that is just being upgraded, and keeps the link when there is one.
pub(super) async fn receive(state: &State, connection: impl Future<Output = Result<Box<dyn Bytestream>, LinkError>>, place: Place) {
    let done = match timeout(HANDSHAKE, connection).await {
        Ok(Ok(connection)) => converse(state, connection, place).await,
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(LinkError::Timeout.into()),
    };
    match done {
        Ok(()) => {}
        // Anybody may knock and say nothing; that is no news.
        Err(Failed::Link(error)) => tracing::debug!(error = %error, "a node that dialled in was not linked"),
        Err(Failed::Console(refusal)) => tracing::warn!(code = refusal.code(), "a node that dialled in could not be answered"),
    }
}

async fn converse(state: &State, connection: Box<dyn Bytestream>, place: Place) -> Result<(), Failed> {
    let host = Host { console: &state.id, name: &state.name, key: state.links.key() };
    let asked = host.ask(connection).await?;
    match asked.want.clone() {
        Want::Look { code } => conclude(asked, &host, look(state, &code), &code, state).await,
        Want::Enrol { code } => {
            let Answer::Enrol { enrolment, public_key } = asked.answer.clone() else { return Err(LinkError::Protocol("no enrolment".into()).into()) };
            let key: PublicKey = public_key.parse().map_err(|_| LinkError::Protocol("not a key".into()))?;
            if !asked.is_by(&key) {
                return Err(LinkError::Protocol("the node does not have the key it names".into()).into());
            }
            let spend = async { Ok(Verdict::Enrolled(enrolment_codes::spend(state, &code, &enrolment, &key).await?)) };
            conclude(asked, &host, spend, &code, state).await
        }
        Want::Connect { node } => connect(state, &host, asked, &node, place).await,
    }
}

async fn look(state: &State, code: &str) -> Result<Verdict, Refusal> {
    Ok(Verdict::Offer(enrolment_codes::look(state, code).await?))
}

/// Answers about a code, if the node proved to have it; a refusal of ours travels as its code.
async fn conclude(
    asked: Asked,
    host: &Host<'_>,
    answer: impl Future<Output = Result<Verdict, Refusal>>,
    code: &str,
    state: &State,
) -> Result<(), Failed> {
    let has_it = enrolment_codes::key_of(state, code).await?.is_some_and(|key| asked.is_by(&key));
    let verdict = if has_it { answer.await } else { Err(enrolment_codes::unknown()) };
    let verdict = verdict.unwrap_or_else(|refusal| Verdict::Refused(refused(&refusal)));
    Ok(asked.conclude(host, &verdict).await?)
}

fn refused(refusal: &Refusal) -> Refused {
    let problem = refusal.problem();
    Refused { code: problem.code, detail: problem.detail.unwrap_or(problem.title) }
}

/// Links a node that is known, tells one that was let go, and sends anybody else away.
async fn connect(state: &State, host: &Host<'_>, asked: Asked, node: &NodeId, place: Place) -> Result<(), Failed> {
    if !matches!(asked.answer, Answer::Connect) {
        return Err(LinkError::Protocol("another answer than to connect".into()).into());
    }
    for key in store::ended(&state.db, node).await? {
        if asked.is_by(&key) {
            return dismiss(state, host, asked, node, &key).await;
        }
    }
    let link = store::get(&state.db, node).await?.filter(|link| link.kind == LinkKind::Outbound);
    let known = link.and_then(|link| link.link_key).is_some_and(|key| asked.is_by(&key));
    if !known {
        let detail = "this console knows no node of this id and key";
        let verdict = Verdict::Refused(Refused { code: NODE_UNKNOWN.into(), detail: detail.into() });
        return Ok(asked.conclude(host, &verdict).await?);
    }
    let connection = asked.welcome(host).await?;
    drop(place);
    keep(state, node, connection).await
}

/// Keeps a link until it ends, and has the node's health looked at when it begins and ends.
async fn keep(state: &State, node: &NodeId, connection: Box<dyn Bytestream>) -> Result<(), Failed> {
    let stop = state.tasks.stopping();
    let look = || {
        let (state, node) = (state.clone(), node.clone());
        state.tasks.clone().spawn(async move { health::look(&state, &node).await });
    };
    tracing::info!(node.id = %node, "node connected");
    let parting = state.links.channel(node).hold(connection, state.clock.now_us(), &stop, look).await?;
    match parting {
        Parting::HungUp => tracing::info!(node.id = %node, "node's link ended here"),
        Parting::Lost(reason) => tracing::warn!(node.id = %node, reason, "node's link lost"),
    }
    health::look(state, node).await;
    Ok(())
}

/// Tells a node that its enrolment ended; forgets it once it says that it cleaned up.
async fn dismiss(state: &State, host: &Host<'_>, asked: Asked, node: &NodeId, key: &PublicKey) -> Result<(), Failed> {
    let refused = Refused { code: ENROLMENT_ENDED.into(), detail: "the MSSP ended this relationship".into() };
    if asked.dismiss(host, refused, key).await? {
        let mut tx = state.db.begin().await.map_err(Refusal::from)?;
        store::forget_ended(&mut tx, node).await?;
        tx.commit().await.map_err(Refusal::from)?;
        tracing::info!(node.id = %node, "node cleaned up after its enrolment ended");
    }
    Ok(())
}
