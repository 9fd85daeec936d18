//! What a node's silence, error or refusal means: to the scope of a page, to the call about one customer, and to what the
//! console knows of the node. The words are fixed, so that two failures of one kind read alike, and no address is told.

use super::knowledge::Observation;
use bailiwick_api::{CustomerRef, FailCode, Problem};
use bailiwick_chassis::Refusal;
use bailiwick_client::ClientError;
use http::StatusCode;
use std::time::Duration;

/// Why a node that was asked did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// For programs.
    pub code: FailCode,
    /// For people.
    pub message: String,
    tells: Tells,
}

/// What a failure says about the node itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    Nothing,
    Answers,
    TimedOut,
    Gone,
}

impl Failure {
    /// Nobody answers.
    pub fn down() -> Self {
        Self::new(FailCode::NodeDown, "the node cannot be reached", Tells::Gone)
    }

    /// No answer in time.
    pub fn timeout() -> Self {
        Self::new(FailCode::Timeout, "the node did not answer in time", Tells::TimedOut)
    }

    /// The answer is not one this version understands.
    pub fn version() -> Self {
        Self::new(FailCode::Version, "the node's answer was not understood; it may run another version", Tells::Answers)
    }

    /// The node answers, and one workspace of it does not.
    pub fn of_workspace(message: impl Into<String>) -> Self {
        Self::new(FailCode::NodeDown, message, Tells::Nothing)
    }

    /// The answer had no room for more rows before this customer was through.
    pub fn full(rows: u64) -> Self {
        Self::new(FailCode::Timeout, format!("the answer was full with {rows} rows; narrow the search"), Tells::Nothing)
    }

    /// Too many questions to this node are under way; says nothing about the node.
    pub(super) fn crowded() -> Self {
        Self::new(FailCode::Timeout, "too many questions to this node are under way", Tells::Nothing)
    }

    /// The console has no link to the node.
    pub fn unlinked(refusal: &Refusal) -> Self {
        Self::new(FailCode::NodeDown, format!("no link to the node ({})", refusal.code()), Tells::Nothing)
    }

    fn new(code: FailCode, message: impl Into<String>, tells: Tells) -> Self {
        Self { code, message: message.into(), tells }
    }

    /// What is to be noted about the node, if anything.
    pub(super) fn observation(&self, latency: Duration) -> Option<Observation> {
        match self.tells {
            Tells::Nothing => None,
            Tells::Answers => Some(Observation::Answered { latency }),
            Tells::TimedOut => Some(Observation::TimedOut),
            Tells::Gone => Some(Observation::Unreachable),
        }
    }

    /// The same as the answer to a call about one customer: 503, 504 or 502, naming the customer and its region.
    pub fn refusal(&self, customer: &CustomerRef) -> Refusal {
        let status = match self.code {
            FailCode::NodeDown => StatusCode::SERVICE_UNAVAILABLE,
            FailCode::Timeout => StatusCode::GATEWAY_TIMEOUT,
            FailCode::Version => StatusCode::BAD_GATEWAY,
        };
        Refusal::new(status, self.code.as_str()).detail(format!("{} (region {}): {}", customer.name, customer.region, self.message))
    }
}

impl From<&ClientError> for Failure {
    fn from(error: &ClientError) -> Self {
        match error {
            ClientError::Unreachable(_) => Self::down(),
            ClientError::Timeout(_) => Self::timeout(),
            ClientError::Tls(_) => Self::new(FailCode::NodeDown, "the node's certificate was not accepted", Tells::Gone),
            ClientError::Refused(problem) => Self::refused(problem),
            // A proxy in front of a node that is down answers for it, in its own words.
            ClientError::Protocol(what) if what.starts_with("status 5") => Self::own_error("without a reason"),
            ClientError::Protocol(_) => Self::version(),
        }
    }
}

impl Failure {
    fn refused(problem: &Problem) -> Self {
        let code = word(&problem.code);
        match problem.status {
            500.. => Self::own_error(&code),
            429 => Self::new(FailCode::NodeDown, "the node has no room for more questions now", Tells::Answers),
            401 | 403 => Self::new(FailCode::NodeDown, format!("the node does not accept this console ({code})"), Tells::Answers),
            _ => Self::new(FailCode::Version, format!("the node does not take this question ({code})"), Tells::Answers),
        }
    }

    fn own_error(code: &str) -> Self {
        Self::new(FailCode::NodeDown, format!("the node answered with an error of its own ({code})"), Tells::Gone)
    }
}

/// A code as codes are written, whatever the node put there.
fn word(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_').take(40).collect()
}

/// Why a call about one customer did not succeed.
#[derive(Debug)]
pub enum Trouble {
    /// The node answered, and refused: this is for the person who asked.
    Refused(Box<Problem>),
    /// The node did not answer.
    Failed(Failure),
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Self {
        match error {
            // 401 is about the console's key: passed on, it would sign the person out.
            ClientError::Refused(problem) if (400..500).contains(&problem.status) && problem.status != 401 => Self::Refused(problem),
            other => Self::Failed(Failure::from(&other)),
        }
    }
}

impl Trouble {
    /// The answer to the person who asked.
    pub fn refusal(self, customer: &CustomerRef) -> Refusal {
        match self {
            Self::Refused(problem) => Refusal::from(*problem),
            Self::Failed(failure) => failure.refusal(customer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str) -> ClientError {
        let problem = Problem {
            status,
            title: "t".into(),
            code: code.into(),
            detail: Some("secret".into()),
            field: None,
            position: None,
            current: None,
            matched: None,
        };
        ClientError::Refused(Box::new(problem))
    }

    #[test]
    fn every_way_to_fail_has_its_code_and_tells_what_it_can_about_the_node() {
        let second = Duration::from_secs(1);
        let answered = Some(Observation::Answered { latency: second });
        let cases = [
            (ClientError::Unreachable("http://10.0.0.1:1".into()), FailCode::NodeDown, Some(Observation::Unreachable)),
            (ClientError::Timeout(3000), FailCode::Timeout, Some(Observation::TimedOut)),
            (ClientError::Tls("bad".into()), FailCode::NodeDown, Some(Observation::Unreachable)),
            (refused(503, "STARTING"), FailCode::NodeDown, Some(Observation::Unreachable)),
            (refused(401, "AUTH_FAILED"), FailCode::NodeDown, answered),
            (refused(429, "BUSY"), FailCode::NodeDown, answered),
            (refused(400, "UNKNOWN_FIELD"), FailCode::Version, answered),
            (ClientError::Protocol("status 502 without a problem document".into()), FailCode::NodeDown, Some(Observation::Unreachable)),
            (ClientError::Protocol("expected value".into()), FailCode::Version, answered),
        ];
        for (error, code, observation) in cases {
            let failure = Failure::from(&error);
            assert_eq!((failure.code, failure.observation(second)), (code, observation), "{error}");
            assert!(!failure.message.contains("10.0.0.1") && !failure.message.contains("secret"), "{}", failure.message);
        }
        assert_eq!(Failure::crowded().observation(second), None);
    }

    #[test]
    fn a_call_about_one_customer_names_it_and_never_passes_a_401_on() {
        let customer = CustomerRef { id: "c1".into(), name: "Acme".into(), region: "eu".into() };
        let refusal = |error: ClientError| {
            let refusal = Trouble::from(error).refusal(&customer);
            (refusal.status().as_u16(), refusal.code().to_owned(), refusal.problem().detail.unwrap_or_default())
        };
        let (status, code, detail) = refusal(ClientError::Unreachable("x".into()));
        assert!((status, code.as_str()) == (503, "NODE_DOWN") && detail.contains("Acme") && detail.contains("eu"), "{detail}");
        assert_eq!(refusal(ClientError::Timeout(1)).0, 504);
        assert_eq!(refusal(refused(404, "NOT_FOUND")).0, 404);
        assert_eq!(refusal(refused(409, "VERSION_CONFLICT")).1, "VERSION_CONFLICT");
        assert_eq!(refusal(refused(401, "AUTH_FAILED")).0, 503);
    }
}
