//! Adding a customer: everything that can be wrong is found before anything is saved, cheapest first.
//!
//! The administrator's credentials go to the node once, over TLS or to this very machine, and nowhere else: they are in no table, no
//! log and no answer. The steps stand apart, because editing an address and the preflight take them, too.

use super::{MAX_CUSTOMERS, store};
use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    grants,
    health::{self, PRODUCT, compatible, cut},
    links::{self, NodeLink},
    removals, users,
};
use bailiwick_api::{About, Credentials, Customer, CustomerId, Enrolment, Health, LinkKind, NewCustomer, NewEnrolment, Scheme, VERSION};
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_id, sql::Tx};
use bailiwick_client::{ClientError, Fingerprint, NodeClient, SigningKey, Transport, base_url};
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
    let form = checked(state, &new, None).await?;
    let place = Place::of(&new.server, new.port, new.scheme, new.fingerprint.as_deref())?;
    place.is_safe()?;
    let about = place.meet(state).await?;
    // One at a time: two first workspaces of one node must end up under one key.
    let _turn = state.enrolling.lock().await;
    let link = link_to(state, &place, &about).await?;
    if link.kind == LinkKind::Outbound || (&link.server, link.port, link.scheme) != (&place.server, place.port, place.scheme) {
        return Err(differs(&link)?);
    }
    let enrolment = enrol(state, &new.admin, &place, &link).await?;
    refuse_held(state, &enrolment, None).await?;
    save(state, actor, &form, link, &enrolment).await
}

/// What is registered of a customer, looked at.
pub(crate) struct Registration {
    /// Its name, trimmed.
    pub(crate) name: String,
    /// Its mail address.
    pub(crate) mail: String,
    /// The MSSP's own row.
    pub(crate) primary: bool,
}

impl Registration {
    /// Looks at the form of a name and a mail address.
    pub(crate) fn checked(name: &str, mail: &str, primary: bool) -> Result<Self, Refusal> {
        Ok(Self { name: checked_name(name)?, mail: users::checked_mail(mail, "mail")?, primary })
    }
}

/// Whether another customer has the name, or the place of the MSSP's own. `own` is the customer that is edited.
pub(crate) async fn refuse_taken(state: &State, registration: &Registration, own: Option<&CustomerId>) -> Result<(), Refusal> {
    if store::named(&state.db, &registration.name).await?.is_some_and(|other| own != Some(&other.id)) {
        return Err(store::name_taken());
    }
    if registration.primary && own.is_none() && store::has_primary(&state.db).await? {
        return Err(store::primary_taken());
    }
    Ok(())
}

/// Looks at what needs no node.
pub(super) async fn checked(state: &State, new: &NewCustomer, own: Option<&CustomerId>) -> Result<Registration, Refusal> {
    let registration = Registration::checked(&new.name, &new.mail, new.primary)?;
    if new.port == 0 {
        return Err(Refusal::invalid("PORT_INVALID", "port", "port: 1 to 65535"));
    }
    checked_credentials(&new.admin)?;
    refuse_taken(state, &registration, own).await?;
    Ok(registration)
}

pub(super) fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if !(1..=MAX_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        let detail = format!("name: 1 to {MAX_NAME} characters, no control characters");
        return Err(Refusal::invalid("NAME_INVALID", "name", detail));
    }
    Ok(name.to_owned())
}

pub(super) fn checked_credentials(admin: &Credentials) -> Result<(), Refusal> {
    for (field, text) in [("admin.user", &admin.user), ("admin.password", &admin.password)] {
        if text.is_empty() || text.len() > MAX_CREDENTIAL {
            return Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: 1 to {MAX_CREDENTIAL} bytes")));
        }
    }
    Ok(())
}

/// Where a node is said to be.
pub(super) struct Place {
    pub(super) server: String,
    pub(super) port: u16,
    pub(super) scheme: Scheme,
    pub(super) base: Url,
    pub(super) fingerprint: Option<Fingerprint>,
}

impl Place {
    pub(super) fn of(server: &str, port: u16, scheme: Scheme, fingerprint: Option<&str>) -> Result<Self, Refusal> {
        let server = server.trim();
        let base = base_url(scheme, server, port);
        let base = base.map_err(|_| unmet("HOST_UNREACHABLE", "server", "server: a host name or an address, nothing else".into()))?;
        let fingerprint = fingerprint.filter(|text| !text.trim().is_empty()).map(str::parse).transpose();
        let fingerprint = fingerprint.map_err(|what| Refusal::invalid("FINGERPRINT_INVALID", "fingerprint", format!("fingerprint: {what}")))?;
        Ok(Self { server: server.to_owned(), port, scheme, base, fingerprint })
    }

    /// A password must not travel in clear.
    pub(super) fn is_safe(&self) -> Result<(), Refusal> {
        if self.scheme == Scheme::Http && !is_loopback(&self.base) {
            let detail = "scheme: plain http is for a node on this very machine; a password must not travel in clear, use https";
            return Err(unmet("TLS_FAILED", "scheme", detail.into()));
        }
        Ok(())
    }

    pub(super) fn transport(&self, state: &State) -> Result<Transport, Refusal> {
        links::transport(&state.transport, self.fingerprint)
    }

    /// Asks who answers there, before anything secret is sent.
    pub(super) async fn meet(&self, state: &State) -> Result<About, Refusal> {
        let about = NodeClient::about(&self.transport(state)?, &self.base, state.pace.change_deadline).await.map_err(|error| unreached(&error))?;
        if about.product != PRODUCT {
            return Err(unmet("HOST_UNREACHABLE", "server", "server: something answers there, but it is not a node".into()));
        }
        if !compatible(&about.version, VERSION) {
            let detail = format!("the node runs {}, this console {VERSION}: at most one minor version apart", cut(&about.version));
            return Err(unmet("VERSION_MISMATCH", "server", detail));
        }
        Ok(about)
    }
}

fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The link to a node: the one there is, or a new one with a key of its own.
pub(super) async fn link_to(state: &State, place: &Place, about: &About) -> Result<NodeLink, Refusal> {
    if let Some(known) = links::store::get(&state.db, &about.node).await? {
        return Ok(known);
    }
    let key = SigningKey::generate().map_err(Refusal::internal)?;
    Ok(NodeLink {
        node: about.node.clone(),
        server: place.server.clone(),
        port: place.port,
        scheme: place.scheme,
        region: about.region.clone(),
        version: cut(&about.version),
        fingerprint: place.fingerprint,
        key,
        kind: LinkKind::Direct,
        link_key: None,
    })
}

/// Who answers here says it is a node we know elsewhere. Saying so proves nothing.
fn differs(known: &NodeLink) -> Result<Refusal, Refusal> {
    if known.kind == LinkKind::Outbound {
        let detail = "server: this node dials this console; make an enrolment code for its further workspaces";
        return Ok(unmet("NODE_ADDRESS_DIFFERS", "server", detail.into()));
    }
    let at = known.base()?;
    let detail =
        format!("server: this node is linked as {}; use that address, or move its customer by editing it", at.as_str().trim_end_matches('/'));
    Ok(unmet("NODE_ADDRESS_DIFFERS", "server", detail))
}

pub(super) async fn enrol(state: &State, admin: &Credentials, place: &Place, link: &NodeLink) -> Result<Enrolment, Refusal> {
    let body = NewEnrolment {
        admin: admin.clone(),
        console: state.id.clone(),
        console_name: state.name.clone(),
        public_key: link.key.public().to_owned(),
        anew: removals::waits_for(state, &link.node).await?,
    };
    let enrolled = NodeClient::enrol(&place.transport(state)?, &place.base, &body, state.pace.change_deadline).await;
    let enrolment = enrolled.map_err(|error| refused(&error))?;
    if enrolment.node != link.node || enrolment.region != link.region {
        return Err(unmet("HOST_UNREACHABLE", "server", "server: two different nodes answer there".into()));
    }
    Ok(enrolment)
}

/// A workspace is one customer. Names of investigations hold region and workspace, so these two select one as well. `own` is the
/// customer that is edited, which may hold it.
pub(crate) async fn refuse_held(state: &State, enrolment: &Enrolment, own: Option<&CustomerId>) -> Result<(), Refusal> {
    match store::holder(&state.db, &enrolment.region, &enrolment.workspace).await? {
        None => Ok(()),
        Some((customer, _)) if own == Some(&customer.id) => Ok(()),
        Some((customer, node)) => {
            // The node may have begun anew with this console; what was granted goes there once more.
            grants::doubt_all(state, &customer.id).await?;
            Err(held(&customer.name, node == enrolment.node))
        }
    }
}

pub(super) fn held(by: &str, same_node: bool) -> Refusal {
    let (code, detail) = if same_node {
        ("ALREADY_ENROLLED", format!("admin.user: this workspace is the customer {by} already"))
    } else {
        ("WORKSPACE_AMBIGUOUS", format!("admin.user: {by} has a workspace of the same id on another node of this region"))
    };
    Refusal::conflict(code, detail).field("admin.user")
}

async fn save(state: &State, actor: &Actor, registration: &Registration, link: NodeLink, enrolment: &Enrolment) -> Result<Customer, Refusal> {
    let mut tx = state.db.begin().await?;
    let customer = save_in(state, &mut tx, actor.email(), registration, &link, enrolment).await?;
    tx.commit().await?;
    state.syncs.wake();
    state.reconciler.wake();
    Ok(customer)
}

/// Writes a customer with its link, its health, the grants of whoever was delegated all customers, and the line in the audit.
pub(crate) async fn save_in(
    state: &State,
    tx: &mut Tx,
    by: &str,
    registration: &Registration,
    link: &NodeLink,
    enrolment: &Enrolment,
) -> Result<Customer, Refusal> {
    let now_us = state.clock.now_us();
    let customer = Customer {
        id: CustomerId(random_id("cus-")),
        name: registration.name.clone(),
        mail: registration.mail.clone(),
        region: enrolment.region.clone(),
        primary: registration.primary,
        node: enrolment.node.clone(),
        workspace: enrolment.workspace.clone(),
        link: link.kind,
        connected_time: None,
        server: link.server.clone(),
        port: link.port,
        scheme: link.scheme,
        fingerprint: link.fingerprint.map(|fingerprint| fingerprint.to_string()),
        health: Health::Up,
        health_since: Some(from_us(now_us)),
        health_cause: None,
        health_detail: None,
        open: None,
        role: None,
        delete_failed: None,
        sync: None,
        groups: Vec::new(),
        created_time: from_us(now_us),
    };
    removals::superseded(tx, &enrolment.region, &enrolment.workspace, now_us).await?;
    if store::count(tx).await? >= MAX_CUSTOMERS {
        return Err(unmet("TOO_MANY", "name", format!("customers: at most {MAX_CUSTOMERS}")));
    }
    let fresh = links::store::insert(tx, link, now_us).await?;
    if !fresh && links::store::key_in(tx, &link.node).await? != link.key.to_text() {
        return Err(Refusal::conflict("TRY_AGAIN", "another workspace of this node was enrolled at the same moment; try again"));
    }
    store::insert(tx, &customer, by).await?;
    health::store::begin(tx, &customer.id, Health::Up, now_us).await?;
    grants::customer_came(tx, &customer.id, None, now_us).await?;
    let line = Line { actor: by, verb: "customer.add", customer: Some(&customer.id), outcome: audit::OK };
    audit::record_in(tx, line, now_us).await?;
    Ok(customer)
}

/// 422: the form is well written, but what it describes cannot be linked.
pub(super) fn unmet(code: &str, field: &str, detail: String) -> Refusal {
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
pub(super) fn refused(error: &ClientError) -> Refusal {
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
