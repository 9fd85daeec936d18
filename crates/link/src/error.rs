//! What can go wrong on the way to a link, told apart because each means something else to a person.

/// Why a link did not come about.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Nobody answers there, or the connection broke.
    #[error("the console cannot be reached: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("the console did not answer in time")]
    Timeout,
    /// Somebody answers, and it is not what a link needs.
    #[error("unexpected answer: {0}")]
    Protocol(String),
    /// Somebody answers whose key is not the one that was agreed.
    #[error("another console answers there: its key has the fingerprint {0}")]
    WrongConsole(String),
    /// The other side refused, and said why; the refusal is signed with its key.
    #[error("{code}: {detail}")]
    Refused {
        /// For programs.
        code: String,
        /// For people.
        detail: String,
    },
}

impl LinkError {
    /// The code for programs.
    pub fn code(&self) -> &str {
        match self {
            Self::Unreachable(_) => "CONSOLE_UNREACHABLE",
            Self::Timeout => "CONSOLE_TIMEOUT",
            Self::Protocol(_) => "CONSOLE_UNEXPECTED",
            Self::WrongConsole(_) => "CONSOLE_DIFFERS",
            Self::Refused { code, .. } => code,
        }
    }

    /// Something was said that no console or node says.
    pub(crate) fn protocol(what: impl std::fmt::Display) -> Self {
        Self::Protocol(what.to_string())
    }
}

/// An error with its causes in one line; the outer one alone says little.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
