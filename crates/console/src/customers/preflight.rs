//! The preflight: everything that saving would find wrong, step by step, each with what to do about it. Nothing is saved, here or at the
//! node; the credentials are checked there once and forgotten.

use super::{
    enrol::{self, Place, Registration},
    import::written,
    store,
};
use crate::State;
use axum::body::Body;
use bailiwick_api::{
    About, Certificate, CheckEnrolment, CustomerId, EnrolmentCheck, NewCustomer, Preflight, PreflightCheck, PreflightResult, PreflightStep, Scheme,
};
use bailiwick_chassis::Refusal;
use bailiwick_client::{NodeClient, Transport};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::{future::Future, net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpStream, lookup_host},
    sync::mpsc::unbounded_channel,
};
use tokio_stream::wrappers::UnboundedReceiverStream;

const DEADLINE: Duration = Duration::from_secs(3);
/// Addresses of a name that are tried and told.
const ADDRESSES: usize = 4;

/// Looks at everything that adding this customer would look at; `own` is the customer that is edited. Each step is told as it ends.
pub(super) async fn preflight(state: &State, new: &NewCustomer, own: Option<&CustomerId>, tell: impl Fn(&PreflightStep)) -> Preflight {
    let mut run = Run { state, new, own, tell, steps: Vec::new(), certificate: None };
    let ok = run.all().await.is_ok();
    let left = PreflightCheck::ALL.iter().skip(run.steps.len());
    let skipped = left.map(|check| step(*check, PreflightResult::Skipped, None)).collect::<Vec<_>>();
    run.steps.extend(skipped);
    Preflight { ok, steps: run.steps, certificate: run.certificate }
}

/// The same as a body that grows by a line of JSON as each step ends, and ends with the whole.
pub(super) fn steps(state: State, new: NewCustomer, own: Option<CustomerId>) -> Body {
    let (tell, told) = unbounded_channel();
    let look = async move {
        let put = |line: Result<Bytes, serde_json::Error>| tell.send(line).unwrap_or_default();
        let whole = preflight(&state, &new, own.as_ref(), |step| put(written(step))).await;
        put(written(&whole));
    };
    // Looking goes on only while somebody reads.
    let looking = stream::once(look).filter_map(|()| async { None });
    Body::from_stream(stream::select(UnboundedReceiverStream::new(told), looking).fuse())
}

/// A step failed; what it found stands in the list.
struct Stopped;

struct Run<'a, T> {
    state: &'a State,
    new: &'a NewCustomer,
    own: Option<&'a CustomerId>,
    tell: T,
    steps: Vec<PreflightStep>,
    certificate: Option<Certificate>,
}

impl<T: Fn(&PreflightStep)> Run<'_, T> {
    fn ended(&mut self, step: PreflightStep) {
        (self.tell)(&step);
        self.steps.push(step);
    }

    async fn all(&mut self) -> Result<(), Stopped> {
        let (state, new, own) = (self.state, self.new, self.own);
        let _: Registration = self.step(PreflightCheck::Form, enrol::checked(state, new, own), |_| None).await?;
        let place = self.step(PreflightCheck::Address, place(new), |(_, found)| Some(told(found))).await?;
        let (place, addresses) = place;
        self.step(PreflightCheck::Port, connect(&addresses), |address| Some(format!("{address} takes connections"))).await?;
        let seen = certificate(&place).await;
        self.certificate = seen.as_ref().ok().cloned().flatten();
        let trust = async { trusted(&place, seen?) };
        self.step(PreflightCheck::Tls, trust, |how| Some((*how).to_owned())).await?;
        let about: About = self
            .step(PreflightCheck::Product, place.meet(state), |about| Some(format!("version {}, region {}", about.version, about.region)))
            .await?;
        let check = self
            .step(PreflightCheck::Credentials, credentials(state, new, &place), |check| Some(format!("workspace {}", check.workspace_name)))
            .await?;
        self.step(PreflightCheck::Enrolment, enrolment(state, &check, &about, own), |()| None).await?;
        self.way_back(&check);
        Ok(())
    }

    async fn step<V>(
        &mut self,
        check: PreflightCheck,
        work: impl Future<Output = Result<V, Refusal>>,
        detail: impl FnOnce(&V) -> Option<String>,
    ) -> Result<V, Stopped> {
        match work.await {
            Ok(value) => {
                self.ended(PreflightStep { detail: detail(&value), ..step(check, PreflightResult::Passed, None) });
                Ok(value)
            }
            Err(refusal) => {
                self.ended(step(check, PreflightResult::Failed, Some(&refusal)));
                Err(Stopped)
            }
        }
    }

    /// Nothing we do needs it; who wants both ways learns here that there is one.
    fn way_back(&mut self, check: &EnrolmentCheck) {
        if check.way_back.open {
            return self.ended(step(PreflightCheck::WayBack, PreflightResult::Passed, None));
        }
        let why = check.way_back.detail.clone().unwrap_or_default().chars().take(200).collect::<String>();
        let refusal = enrol::unmet("CALLBACK_UNREACHABLE", "server", format!("the link will be one-way: {why}"));
        self.ended(step(PreflightCheck::WayBack, PreflightResult::Warning, Some(&refusal)));
    }
}

fn step(check: PreflightCheck, result: PreflightResult, refusal: Option<&Refusal>) -> PreflightStep {
    let problem = refusal.map(Refusal::problem);
    let code = problem.as_ref().map(|problem| problem.code.clone());
    let remedy = code.as_deref().and_then(|code| remedy(check, code)).map(str::to_owned);
    let (field, detail) = problem.map_or((None, None), |problem| (problem.field, problem.detail));
    PreflightStep { check, result, code, field, detail, remedy }
}

/// What to do about it.
fn remedy(check: PreflightCheck, code: &str) -> Option<&'static str> {
    Some(match (check, code) {
        (_, "NAME_TAKEN") => "Choose another name, or edit the customer that has it.",
        (_, "MAIL_INVALID") => "Enter an address like soc@customer.example.",
        (_, "PRIMARY_TAKEN") => "Take the mark from the other customer first.",
        (PreflightCheck::Address, _) => "Check the name for a slip; ask whether the console's resolver knows it.",
        (PreflightCheck::Port, _) => {
            "Check the port; see that the node runs and that no firewall stands between; for a node behind NAT use an enrolment code."
        }
        (_, "TLS_FAILED") => {
            "Compare the fingerprint with the one the node's operator reads to you, and enter it; or give the node a certificate of an authority."
        }
        (_, "VERSION_MISMATCH") => "Update the older of the two: they may be one minor version apart.",
        (PreflightCheck::Product, _) => "Check server and port: this is not a node's.",
        (_, "AUTH_FAILED") => "Ask the workspace's administrator; a new password is set by a link from the node's operator.",
        (_, "NOT_ADMIN") => "Enter the workspace's own administrator, not the node's operator.",
        (_, "THROTTLED") => "Wait a minute; too many wrong passwords came in.",
        (_, "ALREADY_INTEGRATED_ELSEWHERE") => "Its administrator can end the other relationship on the node's page Access.",
        (_, "ALREADY_ENROLLED") => "Nothing to do: edit the customer that has this workspace.",
        (_, "CALLBACK_UNREACHABLE") => {
            "Nothing has to be done: everything works over the console's own calls. Open the way if your rules ask for it."
        }
        _ => return None,
    })
}

async fn place(new: &NewCustomer) -> Result<(Place, Vec<SocketAddr>), Refusal> {
    let place = Place::of(&new.server, new.port, new.scheme, new.fingerprint.as_deref())?;
    let none = || enrol::unmet("HOST_UNREACHABLE", "server", format!("server: {} has no address", place.server));
    let host = place.base.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let found = tokio::time::timeout(DEADLINE, lookup_host((host, place.port))).await.map_err(|_| none())?.map_err(|_| none())?;
    let found: Vec<_> = found.take(ADDRESSES).collect();
    if found.is_empty() { Err(none()) } else { Ok((place, found)) }
}

fn told(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(|address| address.ip().to_string()).collect::<Vec<_>>().join(", ")
}

async fn connect(addresses: &[SocketAddr]) -> Result<SocketAddr, Refusal> {
    let mut why = "no answer in time".to_owned();
    for address in addresses {
        match tokio::time::timeout(DEADLINE, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(*address),
            Ok(Err(error)) => why = error.kind().to_string(),
            Err(_) => {}
        }
    }
    Err(enrol::unmet("HOST_UNREACHABLE", "port", format!("port: nobody takes connections there ({why})")))
}

/// The certificate a node shows; none over plain http.
async fn certificate(place: &Place) -> Result<Option<Certificate>, Refusal> {
    place.is_safe()?;
    if place.scheme == Scheme::Http {
        return Ok(None);
    }
    let shown = Transport::certificate(&place.base, DEADLINE).await;
    let shown = shown.map_err(|_| enrol::unmet("TLS_FAILED", "scheme", "scheme: whoever answers there does not speak TLS".into()))?;
    Ok(Some(Certificate { fingerprint: shown.fingerprint.to_string(), trusted: shown.trusted }))
}

fn trusted(place: &Place, seen: Option<Certificate>) -> Result<&'static str, Refusal> {
    let Some(seen) = seen else { return Ok("plain http, to this very machine") };
    if seen.trusted {
        return Ok("an authority vouches for the certificate");
    }
    match place.fingerprint {
        Some(known) if known.to_string() == seen.fingerprint => Ok("the certificate has the fingerprint that was entered"),
        Some(_) => Err(enrol::unmet("TLS_FAILED", "fingerprint", "fingerprint: the node shows a certificate with another one".into())),
        None => Err(enrol::unmet("TLS_FAILED", "fingerprint", "fingerprint: no authority vouches for the node's certificate".into())),
    }
}

async fn credentials(state: &State, new: &NewCustomer, place: &Place) -> Result<EnrolmentCheck, Refusal> {
    let body = CheckEnrolment { admin: new.admin.clone(), console: state.id.clone(), console_url: state.public_url.to_string() };
    let checked = NodeClient::check_enrolment(&place.transport(state)?, &place.base, &body, state.pace.change_deadline).await;
    checked.map_err(|error| enrol::refused(&error))
}

async fn enrolment(state: &State, check: &EnrolmentCheck, about: &About, own: Option<&CustomerId>) -> Result<(), Refusal> {
    if check.node != about.node {
        return Err(enrol::unmet("HOST_UNREACHABLE", "server", "server: two different nodes answer there".into()));
    }
    if let Some(other) = &check.enrolled_with {
        let other: String = other.chars().filter(|c| !c.is_control()).take(100).collect();
        let detail = format!("admin.user: this workspace is enrolled with {other}");
        return Err(enrol::unmet("ALREADY_INTEGRATED_ELSEWHERE", "admin.user", detail));
    }
    match store::holder(&state.db, &check.region, &check.workspace).await? {
        Some((customer, node)) if own != Some(&customer.id) => Err(enrol::held(&customer.name, node == check.node)),
        _ => Ok(()),
    }
}
