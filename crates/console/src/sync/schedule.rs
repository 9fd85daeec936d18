//! Who is synced when: looks every second, and at once when somebody wakes it; begins no more than there is room for.

use super::{
    machine::microseconds,
    run,
    store::{self, Times},
};
use crate::{State, licences};
use bailiwick_api::NodeId;
use bailiwick_chassis::Refusal;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// Syncs at work over all customers.
const AT_ONCE: usize = 16;
/// Syncs at work at one node: a slow one leaves room for the others.
const AT_ONE_NODE: usize = 4;
/// Customers looked at in one round; the rest is due in the next.
const A_ROUND: i64 = 512;
/// A sync that is at work for so much longer than it may take was left by a console that is gone, or could not be noted.
const ABANDONED: Duration = Duration::from_secs(60);
/// How often it is looked whether the licence ends soon.
const EXPIRY: Duration = Duration::from_secs(60);

/// Wakes the schedule, and knows what is at work in this process.
#[derive(Debug)]
pub struct Syncs {
    woken: Notify,
    seats: Arc<Semaphore>,
    at_node: Mutex<HashMap<NodeId, usize>>,
}

impl Default for Syncs {
    fn default() -> Self {
        Self { woken: Notify::new(), seats: Arc::new(Semaphore::new(AT_ONCE)), at_node: Mutex::default() }
    }
}

impl Syncs {
    /// Something may be due.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Takes room for one more at a node, if there is any.
    fn sit(&self, node: &NodeId) -> Option<OwnedSemaphorePermit> {
        let mut at_node = self.at_node();
        if at_node.get(node).is_some_and(|count| *count >= AT_ONE_NODE) {
            return None;
        }
        let permit = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        *at_node.entry(node.clone()).or_default() += 1;
        Some(permit)
    }

    fn rise(&self, node: &NodeId) {
        let mut at_node = self.at_node();
        if let Some(count) = at_node.get_mut(node) {
            *count -= 1;
            if *count == 0 {
                at_node.remove(node);
            }
        }
    }

    fn at_node(&self) -> MutexGuard<'_, HashMap<NodeId, usize>> {
        self.at_node.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for one sync, free again when it is dropped, however that comes.
struct Seat {
    state: State,
    node: NodeId,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.state.syncs.rise(&self.node);
        self.state.syncs.wake();
    }
}

/// Starts the schedule. What was at work when the console stopped begins anew.
pub async fn keep(state: &State) -> Result<(), Refusal> {
    store::resume(&state.db, state.clock.now_us()).await?;
    let state = state.clone();
    let tick = (state.pace.sync / 20).clamp(Duration::from_millis(20), Duration::from_secs(1));
    state.tasks.clone().spawn(async move {
        let mut expiry = Instant::now();
        loop {
            if let Err(refusal) = round(&state).await {
                tracing::warn!(code = refusal.code(), "what is due to be synced could not be looked up");
            }
            if expiry <= Instant::now() {
                expiry = Instant::now() + EXPIRY;
                if let Err(refusal) = licences::warn(&state).await {
                    tracing::warn!(code = refusal.code(), "the end of the licence could not be looked up");
                }
            }
            tokio::select! {
                () = state.syncs.woken.notified() => {}
                () = tokio::time::sleep(tick) => {}
            }
        }
    });
    Ok(())
}

/// Begins what is due and has room.
async fn round(state: &State) -> Result<(), Refusal> {
    let now_us = state.clock.now_us();
    store::enlist_new(&state.db, now_us).await?;
    let times = Times { now_us, abandoned_us: now_us - microseconds(run::longest(state) + ABANDONED) };
    for job in store::due(&state.db, times, A_ROUND).await? {
        let Some(permit) = state.syncs.sit(&job.node) else { continue };
        let seat = Seat { state: state.clone(), node: job.node.clone(), _permit: permit };
        if !store::claim(&state.db, &job, times).await? {
            continue;
        }
        state.tasks.spawn(async move {
            run::run(&seat.state, job, now_us).await;
            drop(seat);
        });
    }
    Ok(())
}
