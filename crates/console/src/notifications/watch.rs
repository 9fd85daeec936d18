//! The task: looks for what was not told, and sends what waits, each until it goes out or a day has passed.

use super::{
    enqueue, event, made,
    send::{self, DEADLINE},
    settings::{self, Settings},
    store::{self, Due, Untold},
};
use crate::{State, health};
use bailiwick_api::{Health, ToldChange};
use bailiwick_chassis::{Refusal, clock::from_us};
use futures_util::{StreamExt, stream};
use tokio::sync::Notify;

/// Sent at a time.
const AT_ONCE: usize = 4;
/// Taken up in one look.
const A_LOOK: i64 = 64;
const SECOND_US: i64 = 1_000_000;
/// The first wait after an attempt that failed; each further one is twice as long, up to the longest.
const FIRST_WAIT_S: i64 = 5;
const LONGEST_WAIT_S: i64 = 900;
/// What could not be sent for so long is given up.
const GIVEN_UP_S: i64 = 24 * 3_600;

/// Wakes the task.
#[derive(Debug, Default)]
pub struct Notifier(Notify);

impl Notifier {
    /// There is something to tell.
    pub(crate) fn wake(&self) {
        self.0.notify_one();
    }
}

/// Starts the task.
pub fn watch(state: &State) {
    let state = state.clone();
    state.tasks.clone().spawn(async move {
        loop {
            if let Err(refusal) = look(&state).await {
                tracing::warn!(code = refusal.code(), "notifications could not be looked at");
            }
            tokio::select! {
                () = state.notifier.0.notified() => {}
                () = tokio::time::sleep(state.pace.notify) => {}
            }
        }
    });
}

async fn look(state: &State) -> Result<(), Refusal> {
    let settings = settings::read(&state.db).await?;
    tell(state, &settings).await?;
    let due = store::due(&state.db, state.clock.now_us(), A_LOOK).await?;
    let sent = due.into_iter().map(|due| attempt(state, &settings, due));
    let done: Vec<_> = stream::iter(sent).buffer_unordered(AT_ONCE).collect().await;
    done.into_iter().collect()
}

/// Makes one event of all customers whose state settled and was not told.
async fn tell(state: &State, settings: &Settings) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let settled_us = now_us - i64::from(settings.settle_seconds) * SECOND_US;
    let untold = store::untold(&state.db, settled_us).await?;
    if untold.is_empty() {
        return Ok(());
    }
    let mut tx = state.db.begin().await?;
    let mut changes = Vec::new();
    for untold in &untold {
        if store::tell(&mut tx, untold).await? && is_news(untold, settings.degraded) {
            changes.push(change(untold));
        }
    }
    if !changes.is_empty() {
        let event = event::health(&made(state, "customer.health", now_us), changes);
        enqueue(&mut tx, settings, &event, now_us).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether people want to hear of it: down and back from it always, degraded and back from it when they said so.
fn is_news(untold: &Untold, degraded: bool) -> bool {
    let level = |health| match health {
        Health::Down => 2,
        Health::Degraded if degraded => 1,
        Health::Up | Health::Degraded | Health::Unknown => 0,
    };
    level(untold.told) != level(untold.state)
}

fn change(untold: &Untold) -> ToldChange {
    ToldChange {
        customer: untold.customer.clone(),
        name: untold.name.clone(),
        region: untold.region.clone(),
        node: untold.node.clone(),
        from: untold.told,
        to: untold.state,
        since: from_us(untold.since_us),
        cause: untold.cause,
        detail: untold.detail.clone(),
        advice: health::advice(untold.cause, untold.link),
    }
}

/// Sends one, and notes how it went.
async fn attempt(state: &State, settings: &Settings, due: Due) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    let lease = i64::try_from((DEADLINE * 2).as_micros()).unwrap_or(i64::MAX);
    if !store::claim(&state.db, &due, now_us + lease).await? {
        return Ok(());
    }
    match send::send(state, settings, due.channel, &due.event).await {
        Ok(()) => store::sent(&state.db, &due, state.clock.now_us()).await,
        Err(error) => {
            tracing::warn!(channel = %due.channel, attempts = due.attempts + 1, "a notification was not sent");
            let next = next(&due, state.clock.now_us(), settings.channels().any(|channel| channel == due.channel));
            store::failed(&state.db, &due, next, &error).await
        }
    }
}

/// When it is tried again; never when a day has passed or the channel is gone.
fn next(due: &Due, now_us: i64, there: bool) -> Option<i64> {
    let wait = (FIRST_WAIT_S << due.attempts.min(10)).min(LONGEST_WAIT_S);
    let next = now_us + wait * SECOND_US;
    (there && next - due.created_us < GIVEN_UP_S * SECOND_US).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_api::LinkKind;

    #[test]
    fn down_and_back_is_news_always_and_degraded_when_asked_for() {
        use Health::{Degraded, Down, Unknown, Up};
        let untold = |told, state| Untold {
            customer: "c".into(),
            name: "n".into(),
            region: "eu".into(),
            node: "n".into(),
            link: LinkKind::Direct,
            told,
            state,
            since_us: 0,
            cause: None,
            detail: None,
        };
        for (told, state, without, with) in [
            (Up, Down, true, true),
            (Down, Up, true, true),
            (Down, Degraded, true, true),
            (Up, Degraded, false, true),
            (Degraded, Up, false, true),
            (Up, Unknown, false, false),
        ] {
            assert_eq!([false, true].map(|degraded| is_news(&untold(told, state), degraded)), [without, with], "{told} {state}");
        }
    }
}
