//! Appending a batch whose events may carry ids of their own: each is taken once, and the answer says of each what became of it.

use super::{
    Workspace,
    event_ids::{self, Fate, only_taken},
    receipts::KEPT_US,
};
use crate::{
    pipeline,
    wal::{Batch, Logged},
};
use bailiwick_chassis::Refusal;
use std::sync::Arc;
use tokio::sync::oneshot;

impl Workspace {
    /// Makes the events of a batch durable that are not here already. On success every [`Fate::Taken`] one is in the log, synced.
    pub async fn append_each(self: &Arc<Self>, batch: Batch) -> Result<Vec<Fate>, Refusal> {
        if batch.ids().next().is_none() {
            let fates = vec![Fate::Taken; batch.events.len()];
            if !fates.is_empty() {
                self.append(batch).await?;
            }
            return Ok(fates);
        }
        let (tell, told) = oneshot::channel();
        let workspace = Arc::clone(self);
        // Owned by the node: a sender that hangs up must not leave ids claimed for ever.
        self.tasks().spawn_draining(async move {
            let _sender_gone = tell.send(workspace.append_claimed(batch).await);
        });
        told.await.map_err(Refusal::internal)?
    }

    async fn append_claimed(self: Arc<Self>, batch: Batch) -> Result<Vec<Fate>, Refusal> {
        self.forget_stored_ids().await?;
        let mut fates = self.event_ids().claim(batch.events.iter().map(|event| event.id.as_deref()));
        let claimed = |fates: &[Fate]| -> Vec<String> {
            let pairs = batch.events.iter().zip(fates).filter(|(_, fate)| **fate == Fate::Taken);
            pairs.filter_map(|(event, _)| event.id.clone()).collect()
        };
        let own = claimed(&fates);
        let wanted: Vec<&str> = own.iter().map(String::as_str).collect();
        let stored = match event_ids::stored(self.db(), &wanted, batch.received - KEPT_US).await {
            Ok(stored) => stored,
            Err(refusal) => {
                self.event_ids().settle(wanted.into_iter(), None);
                return Err(refusal);
            }
        };
        self.event_ids().settle(stored.iter().map(String::as_str), None);
        for (event, fate) in batch.events.iter().zip(&mut fates) {
            if *fate == Fate::Taken && event.id.as_ref().is_some_and(|id| stored.contains(id)) {
                *fate = Fate::Duplicate;
            }
        }
        let own = claimed(&fates);
        let batch = only_taken(batch, &fates);
        if batch.events.is_empty() {
            return Ok(fates);
        }
        let appended = self.append(batch).await;
        // The log goes at least this far, so the events are in files when the cursor `stored` has passed it.
        let logged = appended.is_ok().then(|| self.acknowledged());
        self.event_ids().settle(own.iter().map(String::as_str), logged);
        appended.map(|_| fates)
    }

    /// Keeps memory within its bound: what is in the table needs not be there.
    async fn forget_stored_ids(&self) -> Result<(), Refusal> {
        if self.event_ids().many() {
            let stored = pipeline::store::cursors(self.db()).await?.stored;
            self.event_ids().forget(stored);
        }
        Ok(())
    }

    /// Reads the ids of what is in the log only, when the workspace opens.
    pub(super) fn load_event_ids(&self, backlog: &[Logged]) {
        for logged in backlog {
            self.event_ids().settle(logged.batch.ids(), Some(logged.end));
        }
    }
}
