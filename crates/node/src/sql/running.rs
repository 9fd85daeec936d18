//! The statements that run in one workspace, in memory only.

use bailiwick_api::RunningSql;
use bailiwick_chassis::{Refusal, clock::from_us};
use http::StatusCode;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Statements of one workspace that may run or wait for their turn.
const MOST: usize = 16;

/// What runs in one workspace.
#[derive(Default)]
pub(crate) struct Queries(Mutex<BTreeMap<String, Running>>);

struct Running {
    who: String,
    sql: String,
    since_us: i64,
    stop: Arc<Notify>,
}

/// One statement while it runs; gone from the list when this is dropped.
pub(super) struct Ticket {
    queries: Arc<Queries>,
    id: String,
    stop: Arc<Notify>,
}

impl Queries {
    /// Puts a statement on the list.
    pub(super) fn begin(self: &Arc<Self>, id: &str, who: &str, sql: &str, since_us: i64) -> Result<Ticket, Refusal> {
        let mut running = self.lock();
        if running.len() >= MOST {
            let busy = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "BUSY").detail(format!("{MOST} statements run already"));
            return Err(busy.retry_after(1));
        }
        let stop = Arc::new(Notify::new());
        running.insert(id.to_owned(), Running { who: who.to_owned(), sql: sql.to_owned(), since_us, stop: Arc::clone(&stop) });
        Ok(Ticket { queries: Arc::clone(self), id: id.to_owned(), stop })
    }

    /// What runs, oldest first: everybody's, or one person's.
    pub(super) fn list(&self, whose: Option<&str>) -> Vec<RunningSql> {
        let running = self.lock();
        let theirs = running.iter().filter(|(_, query)| whose.is_none_or(|who| query.who == who));
        let shown = |(id, query): (&String, &Running)| RunningSql {
            id: id.clone(),
            who: query.who.clone(),
            sql: query.sql.clone(),
            since: from_us(query.since_us),
        };
        let mut all: Vec<RunningSql> = theirs.map(shown).collect();
        all.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
        all
    }

    /// Stops a statement, anybody's or one person's; false if it does not run.
    pub(super) fn stop(&self, id: &str, whose: Option<&str>) -> bool {
        let running = self.lock();
        let found = running.get(id).filter(|query| whose.is_none_or(|who| query.who == who));
        found.inspect(|query| query.stop.notify_one()).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Waits until somebody stops it.
    pub(super) async fn stopped(&self) {
        self.stop.notified().await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.queries.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn statements_are_listed_while_they_run_and_stopped_by_whose_they_are() {
        let queries = Arc::new(Queries::default());
        let first = queries.begin("a", "ann", "select 1", 2).unwrap();
        let second = queries.begin("b", "bob", "select 2", 1).unwrap();
        let ids = |who| queries.list(who).into_iter().map(|query| query.id).collect::<Vec<_>>();
        assert_eq!((ids(None), ids(Some("ann"))), (vec!["b".to_owned(), "a".to_owned()], vec!["a".to_owned()]));
        assert!(!queries.stop("b", Some("ann")) && !queries.stop("c", None) && queries.stop("b", Some("bob")));
        second.stopped().await;
        drop((first, second));
        assert!(ids(None).is_empty() && !queries.stop("a", None));
        let held: Vec<_> = (0..MOST).map(|n| queries.begin(&n.to_string(), "ann", "", 0).unwrap()).collect();
        assert_eq!(queries.begin("more", "ann", "", 0).err().map(|refusal| refusal.code().to_owned()).as_deref(), Some("BUSY"));
        drop(held);
    }
}
