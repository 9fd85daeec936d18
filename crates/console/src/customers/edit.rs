//! Editing a customer. Name, mail and the primary mark are the console's own; another address is another look at the node, with the
//! administrator's credentials, and an enrolment there. Grants, licence and history stay with the customer.

use super::{
    enrol::{self, Place},
    store,
};
use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    grants,
    links::{self, NodeLink},
    removals, users,
};
use bailiwick_api::{Customer, CustomerId, CustomerPatch, Enrolment, LinkKind, RemovalKind};
use bailiwick_chassis::Refusal;

/// Edits a customer, or says what is wrong and changes nothing.
pub(super) async fn edit(state: &State, actor: &Actor, id: &CustomerId, patch: CustomerPatch) -> Result<Customer, Refusal> {
    let edited = try_edit(state, actor, id, patch).await;
    if let Err(refusal) = &edited {
        let line = Line { actor: actor.email(), verb: "customer.update", customer: Some(id), outcome: refusal.code() };
        audit::record(state, line).await?;
    }
    edited
}

async fn try_edit(state: &State, actor: &Actor, id: &CustomerId, patch: CustomerPatch) -> Result<Customer, Refusal> {
    let before = store::find(&state.db, id).await?.ok_or_else(Refusal::not_found)?;
    let after = Customer {
        name: patch.name.as_deref().map(enrol::checked_name).transpose()?.unwrap_or_else(|| before.name.clone()),
        mail: patch.mail.as_deref().map(|mail| users::checked_mail(mail, "mail")).transpose()?.unwrap_or_else(|| before.mail.clone()),
        primary: patch.primary.unwrap_or(before.primary),
        ..before.clone()
    };
    if store::named(&state.db, &after.name).await?.is_some_and(|other| other.id != *id) {
        return Err(store::name_taken());
    }
    let Some(place) = moved_to(&before, &patch)? else {
        return save(state, actor, &before, after, None).await;
    };
    let admin = patch.admin.as_ref().ok_or_else(|| {
        Refusal::invalid("MISSING_FIELD", "admin", "admin: the administrator's credentials are needed when server, port or scheme change")
    })?;
    enrol::checked_credentials(admin)?;
    place.is_safe()?;
    let about = place.meet(state).await?;
    let _turn = state.enrolling.lock().await;
    let link = enrol::link_to(state, &place, &about).await?;
    let enrolment = enrol::enrol(state, admin, &place, &link).await?;
    enrol::refuse_held(state, &enrolment, Some(id)).await?;
    let link = NodeLink {
        server: place.server,
        port: place.port,
        scheme: place.scheme,
        fingerprint: place.fingerprint,
        kind: LinkKind::Direct,
        link_key: None,
        ..link
    };
    save(state, actor, &before, after, Some((link, enrolment))).await
}

/// The address a patch names, when it is another one.
fn moved_to(before: &Customer, patch: &CustomerPatch) -> Result<Option<Place>, Refusal> {
    let (server, port) = (patch.server.as_deref().unwrap_or(&before.server), patch.port.unwrap_or(before.port));
    let scheme = patch.scheme.unwrap_or(before.scheme);
    if port == 0 {
        return Err(Refusal::invalid("PORT_INVALID", "port", "port: 1 to 65535"));
    }
    let same = (server.trim(), port, scheme) == (before.server.as_str(), before.port, before.scheme);
    if same && patch.fingerprint.is_none() { Ok(None) } else { Place::of(server, port, scheme, patch.fingerprint.as_deref()).map(Some) }
}

async fn save(state: &State, actor: &Actor, before: &Customer, after: Customer, moved: Option<(NodeLink, Enrolment)>) -> Result<Customer, Refusal> {
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    let after = match &moved {
        None => after,
        Some((link, enrolment)) => {
            if !links::store::insert(&mut tx, link, now_us).await? {
                links::store::set_address(&mut tx, link).await?;
            }
            let same = (&before.node, &before.workspace) == (&enrolment.node, &enrolment.workspace);
            if !same {
                removals::superseded(&mut tx, &enrolment.region, &enrolment.workspace, now_us).await?;
                removals::store::insert_moved(&mut tx, &removals::entry(before, actor, RemovalKind::Moved, now_us)).await?;
            }
            let (region, node, workspace) = (enrolment.region.clone(), enrolment.node.clone(), enrolment.workspace.clone());
            Customer { region, node, workspace, ..after }
        }
    };
    store::update(&mut tx, &after).await?;
    audit::record_in(&mut tx, Line { actor: actor.email(), verb: "customer.update", customer: Some(&after.id), outcome: audit::OK }, now_us).await?;
    tx.commit().await?;
    if moved.is_some() {
        state.links.renew(&after.node);
        grants::doubt_all(state, &after.id).await?;
    }
    store::find(&state.db, &after.id).await?.ok_or_else(Refusal::not_found)
}
