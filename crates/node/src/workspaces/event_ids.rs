//! Which events were already taken under an id of their own, such as `_id` of a bulk `create`: sent again, they are not taken twice.
//!
//! An id is in the log with its event, so it is durable exactly when its event is. Memory holds the ids of what is being written or only in
//! the log; the table holds those of what is in files, written in the transaction that moves the cursor `stored`. An id is therefore
//! always in one of the two, also after a crash, and memory is bounded by the tail and not by what came in a day.

use crate::wal::{Batch, Position};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use sqlx::Row;
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::receipts::KEPT_US;

/// Ids a workspace keeps in its table at most; the oldest go first.
const KEPT: i64 = 4_000_000;
/// Ids in memory after which those that are in the table are let go.
const IN_MEMORY: usize = 50_000;

/// What became of one event of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is durable now.
    Taken,
    /// It was durable before; nothing was written.
    Duplicate,
    /// The same event is being written just now by another call; nothing is known of it yet.
    InFlight,
}

/// An id in memory: being written, or in the log up to a position.
#[derive(Clone, Copy, Debug)]
enum Known {
    InFlight,
    Logged(Position),
}

/// The ids of one workspace that are not in its table yet.
#[derive(Debug, Default)]
pub(crate) struct EventIds(Mutex<HashMap<String, Known>>);

impl EventIds {
    /// Reserves the ids that are new; nobody else may write those until [`EventIds::settle`]. An event without one is always new.
    pub(crate) fn claim<'a>(&self, ids: impl Iterator<Item = Option<&'a str>>) -> Vec<Fate> {
        let mut known = self.lock();
        let mut own = HashSet::new();
        let mut fate = |id: Option<&'a str>| {
            let Some(id) = id else { return Fate::Taken };
            match known.entry(id.to_owned()) {
                // Twice in one batch: the first counts.
                Entry::Occupied(_) if own.contains(id) => Fate::Duplicate,
                Entry::Occupied(entry) => match entry.get() {
                    Known::InFlight => Fate::InFlight,
                    Known::Logged(_) => Fate::Duplicate,
                },
                Entry::Vacant(entry) => {
                    entry.insert(Known::InFlight);
                    own.insert(id);
                    Fate::Taken
                }
            }
        };
        ids.map(&mut fate).collect()
    }

    /// The events of these ids are in the log before this position, or (`None`) were not written.
    pub(crate) fn settle<'a>(&self, ids: impl Iterator<Item = &'a str>, logged: Option<Position>) {
        let mut known = self.lock();
        for id in ids {
            match logged {
                Some(position) => known.insert(id.to_owned(), Known::Logged(position)),
                None => known.remove(id),
            };
        }
    }

    /// Whether so many are in memory that it is worth to ask what is in the table meanwhile.
    pub(crate) fn many(&self) -> bool {
        self.lock().len() > IN_MEMORY
    }

    /// Lets go of what is in the table: everything that lies before the cursor `stored`.
    pub(crate) fn forget(&self, stored: Position) {
        self.lock().retain(|_, known| !matches!(known, Known::Logged(at) if *at <= stored));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which of these ids are in the table since `oldest`.
pub(crate) async fn stored(db: &Db, ids: &[&str], oldest: i64) -> Result<HashSet<String>, Refusal> {
    let wanted = serde_json::to_string(ids).map_err(Refusal::internal)?;
    let text = "select id from event_id where id in (select value from json_each($1)) and received > $2";
    let rows = sqlx::query(text).bind(wanted).bind(oldest).fetch_all(db.pool()).await?;
    rows.into_iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// Writes the ids of a batch, in the transaction that stores its events.
pub(crate) async fn keep(tx: &mut Tx, ids: &[String], received: i64) -> Result<(), Refusal> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query("delete from event_id where received < $1").bind(received - KEPT_US).execute(&mut **tx).await?;
    let new = serde_json::to_string(ids).map_err(Refusal::internal)?;
    let text = "insert into event_id (id, received) select value, $1 from json_each($2) where true on conflict do nothing";
    sqlx::query(text).bind(received).bind(new).execute(&mut **tx).await?;
    let text = "delete from event_id where event <= (select max(event) from event_id) - $1";
    sqlx::query(text).bind(KEPT).execute(&mut **tx).await?;
    Ok(())
}

/// The part of a batch that is to be written.
pub(crate) fn only_taken(batch: Batch, fates: &[Fate]) -> Batch {
    let events = batch.events.into_iter().zip(fates).filter(|(_, fate)| **fate == Fate::Taken).map(|(event, _)| event).collect();
    Batch { events, ..batch }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(ids: &EventIds, wanted: &[Option<&str>]) -> Vec<Fate> {
        ids.claim(wanted.iter().copied())
    }

    #[test]
    fn an_id_is_taken_once_also_within_a_batch_and_again_after_a_failed_write() {
        let ids = EventIds::default();
        assert_eq!(
            claim(&ids, &[Some("a"), None, Some("b"), Some("a"), None]),
            [Fate::Taken, Fate::Taken, Fate::Taken, Fate::Duplicate, Fate::Taken]
        );
        assert_eq!(claim(&ids, &[Some("a")]), [Fate::InFlight]);
        ids.settle(["a", "b"].into_iter(), None);
        assert_eq!(claim(&ids, &[Some("a")]), [Fate::Taken]);
        ids.settle(["a"].into_iter(), Some(Position { segment: 1, offset: 10 }));
        assert_eq!(claim(&ids, &[Some("a")]), [Fate::Duplicate]);
    }

    #[test]
    fn what_is_in_the_table_leaves_memory_and_nothing_else_does() {
        let ids = EventIds::default();
        let at = |offset| Position { segment: 1, offset };
        claim(&ids, &[Some("old"), Some("new"), Some("flying")]);
        ids.settle(["old"].into_iter(), Some(at(10)));
        ids.settle(["new"].into_iter(), Some(at(20)));
        ids.forget(at(15));
        assert_eq!(claim(&ids, &[Some("old"), Some("new"), Some("flying")]), [Fate::Taken, Fate::Duplicate, Fate::InFlight]);
    }
}
