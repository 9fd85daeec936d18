//! What the servers of this process write to their logs, kept in memory so that a test can look for what must not be there.

use std::{
    io::{self, Write},
    sync::{Mutex, OnceLock, PoisonError},
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static STARTED: OnceLock<bool> = OnceLock::new();

/// Everything logged since the first call, ours in every detail. The first call starts the capture; none when another
/// subscriber was there before and nothing can be captured.
pub fn captured_logs() -> Option<String> {
    let started = *STARTED.get_or_init(|| {
        let filter =
            EnvFilter::new("info,bailiwick_console=trace,bailiwick_node=trace,bailiwick_chassis=trace,bailiwick_client=trace,tower_http=trace");
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Kept).try_init().is_ok()
    });
    started.then(|| String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned())
}

struct Kept;

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}
