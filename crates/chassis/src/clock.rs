//! Time as a parameter, so that tests can move it.

use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Now, in UTC.
    fn now(&self) -> DateTime<Utc>;

    /// Now, in microseconds since the epoch: the form every time has in a database.
    fn now_us(&self) -> i64 {
        self.now().timestamp_micros()
    }
}

/// A clock shared by all parts of a server.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Microseconds since the epoch as a time; the epoch itself when out of range.
pub fn from_us(us: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(us).unwrap_or_default()
}
