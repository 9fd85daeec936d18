//! Who is synced when: looks every second, and at once when somebody wakes it; begins no more than there is room for.

use super::{run, store};
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

    /// A seat for one more at a node, if there is room.
    fn sit(&self, node: &NodeId) -> Option<OwnedSemaphorePermit> {
        let mut at_node = self.at_node();
        if at_node.get(node).is_some_and(|count| *count >= AT_ONE_NODE) {
            return None;
        }
        let seat = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        *at_node.entry(node.clone()).or_default() += 1;
        Some(seat)
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
    for job in store::due(&state.db, now_us, A_ROUND).await? {
        let Some(seat) = state.syncs.sit(&job.node) else { continue };
        let claimed = store::claim(&state.db, &job, now_us).await;
        if !matches!(claimed, Ok(true)) {
            state.syncs.rise(&job.node);
            claimed?;
            continue;
        }
        let of_task = state.clone();
        state.tasks.spawn(async move {
            let node = job.node.clone();
            run::run(&of_task, job, now_us).await;
            drop(seat);
            of_task.syncs.rise(&node);
            of_task.syncs.wake();
        });
    }
    Ok(())
}
