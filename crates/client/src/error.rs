//! What can go wrong between two servers, told apart because each means something else to a person.

use bailiwick_api::Problem;
use bailiwick_link::{CallError, chain};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer within {0} ms")]
    Timeout(u128),
    /// TLS failed.
    #[error("tls: {0}")]
    Tls(String),
    /// The server refused, and said why.
    #[error("{}: {}", .0.code, .0.detail.as_deref().unwrap_or(&.0.title))]
    Refused(Box<Problem>),
    /// The answer is not what the API promises.
    #[error("unexpected answer: {0}")]
    Protocol(String),
}

impl ClientError {
    /// The problem, when the server refused.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// The code of the refusal, when the server refused.
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|p| p.code.as_str())
    }

    pub(crate) fn from_reqwest(error: &reqwest::Error, deadline_ms: u128) -> Self {
        let causes = chain(error);
        if error.is_timeout() {
            Self::Timeout(deadline_ms)
        } else if causes.contains("certificate") || causes.contains("InvalidContentType") || causes.contains("tls") {
            Self::Tls(causes)
        } else {
            Self::Unreachable(causes)
        }
    }
}

impl From<CallError> for ClientError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotConnected | CallError::Broken(_) => Self::Unreachable(error.to_string()),
            CallError::TooLong(_) => Self::Protocol(error.to_string()),
        }
    }
}
