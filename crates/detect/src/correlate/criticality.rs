//! How much an entity matters, as arithmetic on a signal's severity: `severity+3`, `severity*1.5`.

use std::fmt;
use std::str::FromStr;

/// Adjusts the severity of every signal on an entity. The result is rounded down and never below zero; it has no upper
/// limit but the type's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criticality {
    operator: char,
    operand: f64,
}

/// Why a text is no criticality.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("criticality {text:?}: expected severity followed by +, -, * or / and a number, such as severity+3")]
pub struct CriticalityError {
    text: String,
}

impl Criticality {
    /// The severity of a signal on the entity.
    #[must_use]
    pub fn adjust(&self, severity: u32) -> u32 {
        let severity = f64::from(severity);
        let adjusted = match self.operator {
            '+' => severity + self.operand,
            '-' => severity - self.operand,
            '*' => severity * self.operand,
            _ => severity / self.operand,
        };
        // A float cast saturates: below zero becomes zero, beyond the type its maximum.
        adjusted.floor() as u32
    }
}

impl FromStr for Criticality {
    type Err = CriticalityError;

    fn from_str(text: &str) -> Result<Self, CriticalityError> {
        let error = || CriticalityError { text: text.chars().take(64).collect() };
        let rest = text.trim().strip_prefix("severity").ok_or_else(error)?.trim_start();
        let operator = rest.chars().next().filter(|c| "+-*/".contains(*c)).ok_or_else(error)?;
        let number = rest[1..].trim();
        let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let operand: f64 = if plain { number.parse().map_err(|_| error())? } else { return Err(error()) };
        if operator == '/' && operand == 0.0 {
            return Err(error());
        }
        Ok(Self { operator, operand })
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "severity{}{}", self.operator, self.operand)
    }
}
