//! Waiting for what happens by itself.

use std::{future::Future, time::Duration};
use tokio::time::Instant;

const BETWEEN: Duration = Duration::from_millis(40);

/// Waits until something holds and returns how long it took; panics with `what` when the deadline passes first.
#[track_caller]
pub fn eventually<F: Future<Output = bool>>(deadline: Duration, what: &str, holds: impl FnMut() -> F) -> impl Future<Output = Duration> {
    let place = std::panic::Location::caller();
    wait(deadline, format!("{place}: not within {deadline:?}: {what}"), holds)
}

async fn wait<F: Future<Output = bool>>(deadline: Duration, never: String, mut holds: impl FnMut() -> F) -> Duration {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < deadline, "{never}");
        tokio::time::sleep(BETWEEN).await;
    }
    began.elapsed()
}
