//! Enrolment codes: how a customer whose node cannot be reached comes to the console. A code is single-use and short-lived; it names
//! this console and proves, by a key of its own, that whoever dials in has it. Only the public half of that key is kept.

pub mod http;
mod store;

use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    customers::{self, Registration},
    links::{self, NodeLink},
};
use ::http::StatusCode;
use bailiwick_api::{CreatedEnrolmentCode, Customer, Enrolment, EnrolmentCodeInfo, LinkKind, NewEnrolmentCode, Scheme, VERSION};
use bailiwick_chassis::{Refusal, clock::from_us};
use bailiwick_client::SigningKey;
use bailiwick_link::{Enrolled, EnrolmentCode, Offer, PublicKey};
use store::{Code, Stage};

/// Codes that may be open at a time.
const MAX_OPEN: i64 = 1_000;

/// Makes a code. What is wrong with the customer's registration is found now, not when the customer types it.
async fn make(state: &State, actor: &Actor, new: &NewEnrolmentCode) -> Result<CreatedEnrolmentCode, Refusal> {
    let made = try_make(state, actor, new).await;
    if let Err(refusal) = &made {
        audit::record(state, Line { actor: actor.email(), verb: "enrolment_code.add", customer: None, outcome: refusal.code() }).await?;
    }
    made
}

async fn try_make(state: &State, actor: &Actor, new: &NewEnrolmentCode) -> Result<CreatedEnrolmentCode, Refusal> {
    let registration = Registration::checked(&new.name, &new.mail, new.primary)?;
    customers::refuse_taken(state, &registration, None).await?;
    let code = EnrolmentCode::generate(state.public_url.clone(), state.links.key().public().fingerprint()).map_err(|error| {
        let detail = format!("{error}; start the console with --public-url and the https address by which customers reach it");
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "PUBLIC_URL_UNFIT").detail(detail)
    })?;
    let now_us = state.clock.now_us();
    let expires = now_us + i64::try_from(state.code_life.as_micros()).unwrap_or(i64::MAX - now_us);
    let mut tx = state.db.begin().await?;
    store::purge(&mut tx, now_us).await?;
    if store::count_open(&mut tx, now_us).await? >= MAX_OPEN {
        return Err(
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY").detail(format!("enrolment codes: at most {MAX_OPEN} are open at a time"))
        );
    }
    store::insert(&mut tx, &code, &registration, actor.email(), now_us, expires).await?;
    let line = Line { actor: actor.email(), verb: "enrolment_code.add", customer: None, outcome: audit::OK };
    audit::record_in(&mut tx, line.about(&code.id), now_us).await?;
    tx.commit().await?;
    Ok(CreatedEnrolmentCode { id: code.id.clone(), code: code.to_string(), expires_time: from_us(expires) })
}

async fn list(state: &State) -> Result<Vec<EnrolmentCodeInfo>, Refusal> {
    store::open(&state.db, state.clock.now_us(), MAX_OPEN).await
}

/// Withdraws an open code.
async fn withdraw(state: &State, actor: &Actor, id: &str) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    if !store::withdraw(&mut tx, id, now_us).await? {
        return Err(Refusal::not_found());
    }
    let line = Line { actor: actor.email(), verb: "enrolment_code.withdraw", customer: None, outcome: audit::OK };
    audit::record_in(&mut tx, line.about(id), now_us).await?;
    Ok(tx.commit().await?)
}

/// The key a node must prove to have to be heard about a code at all. None: there is no such code.
pub(crate) async fn key_of(state: &State, id: &str) -> Result<Option<PublicKey>, Refusal> {
    Ok(store::find(&state.db, id).await?.map(|code| code.key))
}

/// What a code is for; whoever asks proved to have it. A used one is told as well: the node that used it may not have heard the answer,
/// and asks again from the beginning. Any other node is refused when it goes on.
pub(crate) async fn look(state: &State, id: &str) -> Result<Offer, Refusal> {
    let code = store::find(&state.db, id).await?.ok_or_else(unknown)?;
    if !matches!(code.stage, Stage::Used(Some(_))) {
        usable(&code, state.clock.now_us())?;
    }
    Ok(Offer { customer: code.registration.name, expires_time: from_us(code.expires) })
}

/// Uses a code up and makes the customer, in one transaction. A node that did not hear the answer may ask again: the same code, node,
/// key and workspace get the same answer.
pub(crate) async fn spend(state: &State, id: &str, enrolment: &Enrolment, node_key: &PublicKey) -> Result<Enrolled, Refusal> {
    let spent = try_spend(state, id, enrolment, node_key).await;
    if let Err(refusal) = &spent {
        audit::record(state, Line { actor: audit::NOBODY, verb: "enrolment_code.use", customer: None, outcome: refusal.code() }).await?;
    }
    spent
}

async fn try_spend(state: &State, id: &str, enrolment: &Enrolment, node_key: &PublicKey) -> Result<Enrolled, Refusal> {
    check(enrolment)?;
    // One at a time: two first workspaces of one node must end up under one key.
    let _turn = state.enrolling.lock().await;
    let code = store::find(&state.db, id).await?.ok_or_else(unknown)?;
    if let Some(again) = said_before(state, &code, enrolment, node_key).await? {
        return Ok(again);
    }
    usable(&code, state.clock.now_us())?;
    customers::refuse_taken(state, &code.registration, None).await?;
    customers::refuse_held(state, enrolment, None).await?;
    // A link whose last customer went says nothing about a node that comes anew.
    if links::store::drop_unused(&state.db, &enrolment.node).await? {
        state.links.forget(&enrolment.node);
    }
    let link = link_of(state, enrolment, node_key).await?;
    let customer = save(state, &code, &link, enrolment).await?;
    Ok(Enrolled { customer: customer.name, assertion_key: link.key.public().to_owned() })
}

async fn save(state: &State, code: &Code, link: &NodeLink, enrolment: &Enrolment) -> Result<Customer, Refusal> {
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    if !store::spend(&mut tx, &code.id, now_us).await? {
        return Err(used());
    }
    links::store::forget_ended(&mut tx, &link.node).await?;
    let customer = customers::save_in(state, &mut tx, &code.created_by, &code.registration, link, enrolment).await?;
    store::spent_for(&mut tx, &code.id, &customer.id).await?;
    tx.commit().await?;
    state.reconciler.wake();
    Ok(customer)
}

/// The answer a node gets that has used this very code already.
async fn said_before(state: &State, code: &Code, enrolment: &Enrolment, node_key: &PublicKey) -> Result<Option<Enrolled>, Refusal> {
    let Stage::Used(Some(customer)) = &code.stage else { return Ok(None) };
    let Some(customer) = customers::find(&state.db, customer).await? else { return Ok(None) };
    let Some(link) = links::store::get(&state.db, &customer.node).await? else { return Ok(None) };
    let same = customer.node == enrolment.node && customer.workspace == enrolment.workspace && link.link_key.as_ref() == Some(node_key);
    Ok(same.then(|| Enrolled { customer: customer.name, assertion_key: link.key.public().to_owned() }))
}

/// The link to the node that dialled: the one there is, when it proved the same key, or a new one.
async fn link_of(state: &State, enrolment: &Enrolment, node_key: &PublicKey) -> Result<NodeLink, Refusal> {
    let Some(known) = links::store::get(&state.db, &enrolment.node).await? else {
        return Ok(NodeLink {
            fingerprint: None,
            node: enrolment.node.clone(),
            server: String::new(),
            port: 0,
            scheme: Scheme::Https,
            region: enrolment.region.clone(),
            version: crate::health::cut(&enrolment.version),
            key: SigningKey::generate().map_err(Refusal::internal)?,
            kind: LinkKind::Outbound,
            link_key: Some(*node_key),
        });
    };
    if known.kind == LinkKind::Direct {
        let detail = "this node is linked directly; add the customer by the node's address instead";
        return Err(Refusal::new(StatusCode::CONFLICT, "NODE_LINKED_DIRECTLY").detail(detail));
    }
    if known.link_key.as_ref() != Some(node_key) || known.region != enrolment.region {
        let detail = "a node of this id is linked under another key; the MSSP must remove that node's customers first";
        return Err(Refusal::new(StatusCode::CONFLICT, "NODE_KEY_DIFFERS").detail(detail));
    }
    Ok(known)
}

/// What a node says of itself, before it is believed far enough to be stored.
fn check(enrolment: &Enrolment) -> Result<(), Refusal> {
    let plain = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let fields = [
        ("node", plain(enrolment.node.as_str(), 100)),
        ("region", plain(&enrolment.region, 32)),
        ("workspace", plain(enrolment.workspace.as_str(), 100)),
    ];
    if let Some((field, _)) = fields.iter().find(|(_, sound)| !sound) {
        return Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: not an id")));
    }
    if !crate::health::compatible(&enrolment.version, VERSION) {
        let detail = format!("the node runs {}, this console {VERSION}: at most one minor version apart", crate::health::cut(&enrolment.version));
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "VERSION_MISMATCH").detail(detail));
    }
    Ok(())
}

/// Whether a code can still be used.
fn usable(code: &Code, now_us: i64) -> Result<(), Refusal> {
    match code.stage {
        Stage::Used(_) => Err(used()),
        Stage::Withdrawn => Err(Refusal::new(StatusCode::FORBIDDEN, "CODE_WITHDRAWN").detail("the MSSP withdrew this code; ask for a new one")),
        Stage::Open if code.expires <= now_us => Err(Refusal::new(StatusCode::FORBIDDEN, "CODE_EXPIRED")
            .detail(format!("this code could be used until {}; ask for a new one", from_us(code.expires)))),
        Stage::Open => Ok(()),
    }
}

fn used() -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "CODE_USED").detail("this code was used; ask for a new one")
}

/// No code of this id, or the proof is not of its key: one answer for both.
pub(crate) fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "CODE_UNKNOWN").detail("this console has no such code; copy it once more, or ask for a new one")
}
