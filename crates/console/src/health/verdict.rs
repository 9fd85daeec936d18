//! What an answer, or none, says about a node, and what that and its parts say about a customer. Pure.

use super::{PRODUCT, compatible, cut};
use crate::links::NodeLink;
use bailiwick_api::{About, Component, ComponentState, Health, HealthCause, LinkKind, VERSION};
use bailiwick_client::ClientError;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A node that usually takes longer to say who it is makes people wait.
pub(super) const SLOW: Duration = Duration::from_secs(1);

/// How something is, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(super) state: Health,
    pub(super) cause: Option<HealthCause>,
    pub(super) detail: Option<String>,
}

impl Verdict {
    pub(super) const UP: Self = Self { state: Health::Up, cause: None, detail: None };

    pub(super) fn new(state: Health, cause: HealthCause, detail: impl Into<String>) -> Self {
        Self { state, cause: Some(cause), detail: Some(detail.into()) }
    }

    fn down(cause: HealthCause, detail: impl Into<String>) -> Self {
        Self::new(Health::Down, cause, detail)
    }

    /// The worse of two; the first of two that are equally bad.
    pub(super) fn or_worse(self, other: Option<Self>) -> Self {
        let badness = |verdict: &Self| match verdict.state {
            Health::Up => 0,
            Health::Degraded => 1,
            Health::Unknown | Health::Down => 2,
        };
        match other {
            Some(other) if badness(&other) > badness(&self) => other,
            _ => self,
        }
    }
}

/// What one answer says about a node.
pub(super) fn of_answer(link: &NodeLink, heard: Result<About, ClientError>) -> Verdict {
    match heard {
        Ok(about) if about.product != PRODUCT => Verdict::down(HealthCause::WrongServer, "something else answers at the node's address"),
        Ok(about) if about.node != link.node => Verdict::down(HealthCause::WrongNode, "another node answers at this address"),
        Ok(about) if !compatible(&about.version, VERSION) => {
            Verdict::new(Health::Degraded, HealthCause::Version, format!("the node runs {}, this console {VERSION}", cut(&about.version)))
        }
        Ok(_) => Verdict::UP,
        Err(ClientError::Unreachable(_)) if link.kind == LinkKind::Outbound => {
            Verdict::down(HealthCause::NotConnected, "the node is not connected; it dials again by itself")
        }
        Err(ClientError::Unreachable(why)) => unreachable(&why),
        Err(ClientError::Timeout(ms)) => Verdict::down(HealthCause::Timeout, format!("no answer within {ms} ms")),
        Err(ClientError::Tls(_)) => Verdict::down(HealthCause::TlsFailed, "the secure connection to the node failed"),
        Err(ClientError::Refused(problem)) => Verdict::down(HealthCause::NodeError, format!("the node answered with status {}", problem.status)),
        Err(ClientError::Protocol(_)) => Verdict::down(HealthCause::WrongServer, "what answers at the node's address does not speak as a node does"),
    }
}

/// Tells apart what a person would do different things about; the words are those of the resolver and of the operating system.
fn unreachable(why: &str) -> Verdict {
    let why = why.to_lowercase();
    if why.contains("lookup address") || why.contains("dns error") || why.contains("name or service not known") {
        Verdict::down(HealthCause::AddressNotFound, "the host name of the node is not known")
    } else if why.contains("connection refused") {
        Verdict::down(HealthCause::ConnectionRefused, "nobody listens at the node's address and port")
    } else {
        Verdict::down(HealthCause::Unreachable, "the node cannot be reached")
    }
}

/// A node that answers, and usually late.
pub(super) fn slow(median: Duration) -> Option<Verdict> {
    (median > SLOW).then(|| Verdict::new(Health::Degraded, HealthCause::Slow, "the node usually takes more than a second to answer"))
}

/// What the parts of a node say: the names of those that do not work, then of those that work less well.
pub(crate) fn of_components(components: &[Component]) -> Option<Verdict> {
    let named = |state| components.iter().filter(move |part| part.state == state);
    let told: Vec<String> = named(ComponentState::Down).chain(named(ComponentState::Degraded)).map(told).take(5).collect();
    (!told.is_empty()).then(|| Verdict::new(Health::Degraded, HealthCause::Component, told.join("; ")))
}

fn told(part: &Component) -> String {
    match &part.detail {
        Some(detail) => format!("{}: {}", part.name, detail.chars().take(120).collect::<String>()),
        None => part.name.clone(),
    }
}

/// What a sync that failed says: the workspace refused, or the node did not do it though it answers otherwise.
pub(crate) fn of_failed_sync(code: &str, detail: &str) -> Verdict {
    match code {
        "NOT_ENROLLED" => Verdict::down(HealthCause::NotEnrolled, detail),
        "VERSION" => Verdict::new(Health::Degraded, HealthCause::Version, detail),
        _ => Verdict::new(Health::Degraded, HealthCause::SyncFailed, format!("{code}: {detail}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_would_do_different_things_about_is_told_apart() {
        for (why, cause) in [
            ("dns error: failed to lookup address information: Name or service not known", HealthCause::AddressNotFound),
            ("tcp connect error: Connection refused (os error 111)", HealthCause::ConnectionRefused),
            ("tcp connect error: No route to host (os error 113)", HealthCause::Unreachable),
        ] {
            assert_eq!(unreachable(why).cause, Some(cause), "{why}");
        }
    }

    #[test]
    fn the_worse_of_two_counts_and_the_node_before_its_parts() {
        let slow = slow(Duration::from_millis(1_500)).expect("slow");
        let parts = of_components(&[Component {
            name: "disk".into(),
            state: ComponentState::Degraded,
            since: None,
            detail: Some("5 % free".into()),
            value: None,
            unit: None,
        }])
        .expect("degraded");
        assert_eq!(parts.detail.as_deref(), Some("disk: 5 % free"));
        assert_eq!(Verdict::UP.or_worse(Some(parts.clone())), parts);
        assert_eq!(slow.clone().or_worse(Some(parts.clone())), slow);
        let revoked = of_failed_sync("NOT_ENROLLED", "refused");
        assert_eq!(slow.or_worse(Some(revoked.clone())), revoked);
        assert_eq!(of_failed_sync("TIMEOUT", "late").state, Health::Degraded);
        assert_eq!(Verdict::UP.or_worse(None), Verdict::UP);
    }
}
