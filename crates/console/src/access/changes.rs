//! Tells open pages that what their person may see has changed, so that they look again at once and not with their next turn.

use bailiwick_api::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch::{self, Receiver, Sender};

/// Who waits to hear. Holds a place for each person with an open page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    senders: Arc<Mutex<HashMap<UserId, Sender<()>>>>,
}

impl Changes {
    /// Hears of everything that changes for a person from now on.
    pub(crate) fn of(&self, user: &UserId) -> Receiver<()> {
        let mut senders = self.senders();
        senders.retain(|_, sender| sender.receiver_count() > 0);
        senders.entry(user.clone()).or_insert_with(|| watch::channel(()).0).subscribe()
    }

    /// Something changed for a person.
    pub(crate) fn tell(&self, user: &UserId) {
        if let Some(sender) = self.senders().get(user) {
            sender.send_replace(());
        }
    }

    fn senders(&self) -> MutexGuard<'_, HashMap<UserId, Sender<()>>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_hears_of_its_own_person_and_a_closed_one_leaves_nothing() {
        let (changes, ana, bob) = (Changes::default(), UserId::from("ana"), UserId::from("bob"));
        let (mine, mut also_mine, mut other) = (changes.of(&ana), changes.of(&ana), changes.of(&bob));
        changes.tell(&ana);
        assert!(mine.has_changed().unwrap() && also_mine.has_changed().unwrap() && !other.has_changed().unwrap());
        also_mine.mark_unchanged();
        other.mark_unchanged();
        drop((mine, also_mine));
        let _again = changes.of(&bob);
        assert_eq!(changes.senders().keys().collect::<Vec<_>>(), [&bob]);
    }
}
