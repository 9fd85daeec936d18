//! Adding a customer: everything that can be wrong is found before anything is saved, cheapest first.
//!
//! The administrator's credentials go to the node once, over TLS or to this very machine, and nowhere else: they are in no table, no
//! log and no answer.

use super::{MAX_CUSTOMERS, store};
use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    grants,
    health::{self, PRODUCT, compatible, cut},
    links::{self, NodeLink},
    users,
};
use bailiwick_api::{About, Customer, CustomerId, Enrolment, Health, NewCustomer, NewEnrolment, Scheme, VERSION};
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_id};
use bailiwick_client::{ClientError, NodeClient, SigningKey, base_url};
use http::StatusCode;
use url::{Host, Url};

const MAX_NAME: usize = 100;
const MAX_CREDENTIAL: usize = 1024;

/// Adds a customer, or says what is wrong and leaves no trace but a line in the audit.
pub(super) async fn add(state: &State, actor: &Actor, new: NewCustomer) -> Result<Customer, Refusal> {
    let added = try_add(state, actor, new).await;
    if let Err(refusal) = &added {
        let line = Line { actor: actor.email(), verb: "customer.add", customer: None, outcome: refusal.code() };
        audit::record(state, line).await?;
    }
    added
}

async fn try_add(state: &State, actor: &Actor, new: NewCustomer) -> Result<Customer, Refusal> {
    let form = checked(&new)?;
    if store::name_is_taken(&state.db, &form.name).await? {
        return Err(store::name_taken());
    }
    if new.primary && store::has_primary(&state.db).await? {
        return Err(store::primary_taken());
    }
    let about = meet(state, &form.base).await?;
    // One at a time: two first workspaces of one node must end up under one key.
    let _turn = state.enrolling.lock().await;
    let link = link_to(state, &new, &about).await?;
    let enrolment = enrol(state, &new, &form.base, &link).await?;
    refuse_held(state, &enrolment).await?;
    save(state, actor, &new, form, link, &enrolment).await
}

/// What of the form has been looked at.
struct Form {
    name: String,
    mail: String,
    base: Url,
}

fn checked(new: &NewCustomer) -> Result<Form, Refusal> {
    let name = new.name.trim();
    if !(1..=MAX_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        let detail = format!("name: 1 to {MAX_NAME} characters, no control characters");
        return Err(Refusal::invalid("NAME_INVALID", "name", detail));
    }
    let mail = users::checked_mail(&new.mail, "mail")?;
    if new.port == 0 {
        return Err(Refusal::invalid("PORT_INVALID", "port", "port: 1 to 65535"));
    }
    for (field, text) in [("admin.user", &new.admin.user), ("admin.password", &new.admin.password)] {
        if text.is_empty() || text.len() > MAX_CREDENTIAL {
            return Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: 1 to {MAX_CREDENTIAL} bytes")));
        }
    }
    let base = base_url(new.scheme, new.server.trim(), new.port);
    let base = base.map_err(|_| unmet("HOST_UNREACHABLE", "server", "server: a host name or an address, nothing else".into()))?;
    if new.scheme == Scheme::Http && !is_loopback(&base) {
        let detail = "scheme: plain http is for a node on this very machine; a password must not travel in clear, use https";
        return Err(unmet("TLS_FAILED", "scheme", detail.into()));
    }
    Ok(Form { name: name.to_owned(), mail, base })
}

fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Asks who answers there, before anything secret is sent.
async fn meet(state: &State, base: &Url) -> Result<About, Refusal> {
    let about = NodeClient::about(&state.transport, base, state.pace.change_deadline).await.map_err(|error| unreached(&error))?;
    if about.product != PRODUCT {
        return Err(unmet("HOST_UNREACHABLE", "server", "server: something answers there, but it is not a node".into()));
    }
    if !compatible(&about.version, VERSION) {
        let detail = format!("the node runs {}, this console {VERSION}: at most one minor version apart", cut(&about.version));
        return Err(unmet("VERSION_MISMATCH", "server", detail));
    }
    Ok(about)
}

/// The link to a node: the one there is, or a new one with a key of its own.
async fn link_to(state: &State, new: &NewCustomer, about: &About) -> Result<NodeLink, Refusal> {
    let server = new.server.trim().to_owned();
    let Some(known) = links::store::get(&state.db, &about.node).await? else {
        let key = SigningKey::generate().map_err(Refusal::internal)?;
        let (node, region, version) = (about.node.clone(), about.region.clone(), cut(&about.version));
        return Ok(NodeLink { node, server, port: new.port, scheme: new.scheme, region, version, key });
    };
    if (&known.server, known.port, known.scheme) != (&server, new.port, new.scheme) {
        // Who answers here says it is a node we know elsewhere. Saying so proves nothing.
        let at = known.base()?;
        let detail = format!("server: this node is linked as {}; use that address", at.as_str().trim_end_matches('/'));
        return Err(unmet("NODE_ADDRESS_DIFFERS", "server", detail));
    }
    Ok(known)
}

async fn enrol(state: &State, new: &NewCustomer, base: &Url, link: &NodeLink) -> Result<Enrolment, Refusal> {
    let body = NewEnrolment {
        admin: new.admin.clone(),
        console: state.id.clone(),
        console_name: state.name.clone(),
        public_key: link.key.public().to_owned(),
    };
    let enrolled = NodeClient::enrol(&state.transport, base, &body, state.pace.change_deadline).await;
    let enrolment = enrolled.map_err(|error| refused(&error))?;
    if enrolment.node != link.node || enrolment.region != link.region {
        return Err(unmet("HOST_UNREACHABLE", "server", "server: two different nodes answer there".into()));
    }
    Ok(enrolment)
}

/// A workspace is one customer. Names of investigations hold region and workspace, so these two select one as well.
async fn refuse_held(state: &State, enrolment: &Enrolment) -> Result<(), Refusal> {
    match store::holder(&state.db, &enrolment.region, &enrolment.workspace).await? {
        None => Ok(()),
        Some((customer, node)) => {
            // The node may have begun anew with this console; what was granted goes there once more.
            grants::doubt_all(state, &customer.id).await?;
            let code = if node == enrolment.node { "ALREADY_ENROLLED" } else { "WORKSPACE_AMBIGUOUS" };
            let detail = match code {
                "ALREADY_ENROLLED" => format!("admin.user: this workspace is the customer {} already", customer.name),
                _ => format!("admin.user: {} has a workspace of the same id on another node of this region", customer.name),
            };
            Err(Refusal::conflict(code, detail).field("admin.user"))
        }
    }
}

async fn save(state: &State, actor: &Actor, new: &NewCustomer, form: Form, link: NodeLink, enrolment: &Enrolment) -> Result<Customer, Refusal> {
    let now_us = state.clock.now_us();
    let customer = Customer {
        id: CustomerId(random_id("cus-")),
        name: form.name,
        mail: form.mail,
        region: enrolment.region.clone(),
        primary: new.primary,
        node: enrolment.node.clone(),
        workspace: enrolment.workspace.clone(),
        server: link.server.clone(),
        port: link.port,
        scheme: link.scheme,
        health: Health::Up,
        health_since: Some(from_us(now_us)),
        health_detail: None,
        open: None,
        role: None,
        sync: None,
        created_time: from_us(now_us),
    };
    let mut tx = state.db.begin().await?;
    if store::count(&mut tx).await? >= MAX_CUSTOMERS {
        return Err(unmet("TOO_MANY", "name", format!("customers: at most {MAX_CUSTOMERS}")));
    }
    let fresh = links::store::insert(&mut tx, &link, now_us).await?;
    if !fresh && links::store::key_in(&mut tx, &link.node).await? != link.key.to_text() {
        return Err(Refusal::conflict("TRY_AGAIN", "another workspace of this node was enrolled at the same moment; try again"));
    }
    store::insert(&mut tx, &customer, actor.email()).await?;
    health::store::begin(&mut tx, &customer.id, Health::Up, now_us).await?;
    let line = Line { actor: actor.email(), verb: "customer.add", customer: Some(&customer.id), outcome: audit::OK };
    audit::record_in(&mut tx, line, now_us).await?;
    tx.commit().await?;
    state.syncs.wake();
    Ok(customer)
}

/// 422: the form is well written, but what it describes cannot be linked.
fn unmet(code: &str, field: &str, detail: String) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, code).field(field).detail(detail)
}

/// Why nobody could be met at an address.
fn unreached(error: &ClientError) -> Refusal {
    match error {
        ClientError::Tls(_) => unmet("TLS_FAILED", "server", format!("server: {error}")),
        ClientError::Unreachable(_) | ClientError::Timeout(_) => unmet("HOST_UNREACHABLE", "server", format!("server: {error}")),
        ClientError::Refused(_) | ClientError::Protocol(_) => {
            unmet("HOST_UNREACHABLE", "server", "server: something answers there, but it is not a node".into())
        }
    }
}

/// Why a node did not enrol its workspace. Its own words are not repeated: they could hold what was sent.
fn refused(error: &ClientError) -> Refusal {
    match error.code() {
        Some("AUTH_FAILED") => unmet("AUTH_FAILED", "admin.password", "admin.password: the node does not accept this user name and password".into()),
        Some("NOT_ADMIN") => unmet("NOT_ADMIN", "admin.user", "admin.user: not the administrator of a workspace".into()),
        Some("ALREADY_INTEGRATED_ELSEWHERE") => {
            let detail = "admin.user: this workspace is enrolled with another console; its administrator must end that first";
            unmet("ALREADY_INTEGRATED_ELSEWHERE", "admin.user", detail.into())
        }
        Some("VERSION_MISMATCH") => unmet("VERSION_MISMATCH", "server", "the node does not work with this console's version".into()),
        Some("THROTTLED") => unmet("THROTTLED", "admin.user", "admin.user: the node has seen too many wrong passwords; wait a minute".into()),
        Some(code) => unmet("NODE_REFUSED", "server", format!("the node refused: {}", cut(code))),
        None => unreached(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_however_it_is_written() {
        for near in ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "::1", "127.1"] {
            assert!(is_loopback(&base_url(Scheme::Http, near, 9101).unwrap()), "{near}");
        }
        for far in ["10.0.0.1", "0.0.0.0", "localhost.example.com", "127.0.0.1.example.com", "::ffff:10.0.0.1"] {
            assert!(!is_loopback(&base_url(Scheme::Http, far, 9101).unwrap()), "{far}");
        }
    }
}
