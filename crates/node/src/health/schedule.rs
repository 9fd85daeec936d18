//! The node-wide schedule of silence: which workspace is looked at when, open or closed.
//!
//! A workspace says when quiet would become too long; that time stands in the node's database, so that thousands of closed workspaces cost
//! a row each. When it comes, the workspace is opened if it is not, looks, and says when next. The time is a lower bound: events move it
//! on, and that is noticed when it comes.

use crate::{State, access};
use bailiwick_api::WorkspaceId;
use bailiwick_chassis::{Refusal, sql::Db};
use futures_util::{StreamExt, stream};
use http::StatusCode;
use sqlx::Row;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(15);
/// Workspaces looked at in one round; the rest is due in the next.
const A_ROUND: i64 = 256;
/// Workspaces opened and looked at together.
const AT_ONCE: usize = 4;
/// After a start everybody has so long to be heard from.
const AFTER_START_US: i64 = super::rhythm::FLOOR_US;
/// A workspace that could not be opened is tried again so much later.
const AGAIN_US: i64 = 300_000_000;

/// What the open workspaces said, until it is in the node's database.
#[derive(Debug)]
pub(crate) struct Due {
    started_us: i64,
    times: Mutex<HashMap<WorkspaceId, Mark>>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    due: Option<i64>,
    saved: bool,
}

impl Due {
    /// A node that started at this time, in microseconds UTC.
    pub(crate) fn new(started_us: i64) -> Self {
        Self { started_us, times: Mutex::default() }
    }

    /// When the node started, in microseconds UTC.
    pub(crate) fn started_us(&self) -> i64 {
        self.started_us
    }

    /// A workspace is to be looked at then, or not at all.
    pub(super) fn set(&self, workspace: &WorkspaceId, due: Option<i64>) {
        let mut times = self.lock();
        let same = times.get(workspace).is_some_and(|mark| mark.due == due);
        if !same {
            times.insert(workspace.clone(), Mark { due, saved: false });
        }
    }

    /// A workspace is to be looked at then, or before.
    pub(super) fn no_later_than(&self, workspace: &WorkspaceId, due: i64) {
        let before = self.lock().get(workspace).and_then(|mark| mark.due);
        if before.is_none_or(|before| before > due) {
            self.set(workspace, Some(due));
        }
    }

    /// Writes down what is not yet.
    async fn save(&self, db: &Db) -> Result<(), Refusal> {
        let unsaved: Vec<(WorkspaceId, Option<i64>)> = self.lock().iter().filter(|(_, m)| !m.saved).map(|(id, m)| (id.clone(), m.due)).collect();
        if unsaved.is_empty() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        for (workspace, due) in &unsaved {
            let query = match due {
                None => sqlx::query("delete from health_due where workspace = $1").bind(workspace.as_str()),
                Some(due) => {
                    sqlx::query("insert into health_due (workspace, due) values ($1, $2) on conflict (workspace) do update set due = excluded.due")
                        .bind(workspace.as_str())
                        .bind(*due)
                }
            };
            query.execute(&mut *tx).await?;
        }
        tx.commit().await?;
        let mut times = self.lock();
        for (workspace, due) in unsaved {
            match times.get_mut(&workspace) {
                Some(mark) if mark.due == due => mark.saved = true,
                _ => {}
            }
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Mark>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps looking until the node stops.
pub(crate) async fn start(state: &State) -> Result<(), sqlx::Error> {
    let earliest = state.clock().now_us() + AFTER_START_US;
    sqlx::query("update health_due set due = $1 where due < $1").bind(earliest).execute(state.db().pool()).await?;
    let for_task = state.clone();
    state.tasks().spawn(async move {
        loop {
            tokio::time::sleep(TICK).await;
            if let Err(refusal) = tick(&for_task).await {
                tracing::error!(code = refusal.code(), "health not looked at; trying again");
            }
        }
    });
    Ok(())
}

/// Looks at every workspace whose time has come; gives how many.
pub async fn tick(state: &State) -> Result<usize, Refusal> {
    let (now, due) = (state.clock().now_us(), state.workspaces().health_due());
    due.save(state.db()).await?;
    let rows = sqlx::query("select workspace from health_due where due <= $1 order by due, workspace limit $2")
        .bind(now)
        .bind(A_ROUND)
        .fetch_all(state.db().pool())
        .await?;
    let ids = rows.iter().map(|row| row.try_get("workspace").map(WorkspaceId)).collect::<Result<Vec<_>, _>>()?;
    let looked = ids.len();
    stream::iter(ids)
        .for_each_concurrent(AT_ONCE, |id| async move {
            match access::open_for_node(state, &id).await {
                Ok(workspace) => workspace.health().check(),
                Err(refusal) if refusal.status() == StatusCode::NOT_FOUND => due.set(&id, None),
                Err(refusal) => {
                    tracing::error!(workspace.id = %id, code = refusal.code(), "workspace not opened to look at its health");
                    due.set(&id, Some(now + AGAIN_US));
                }
            }
        })
        .await;
    due.save(state.db()).await?;
    Ok(looked)
}

#[cfg(test)]
mod tests {
    use super::*;

    static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/node");

    async fn rows(db: &Db) -> Vec<(String, i64)> {
        let rows = sqlx::query("select workspace, due from health_due order by due").fetch_all(db.pool()).await.unwrap();
        rows.iter().map(|row| (row.get("workspace"), row.get("due"))).collect()
    }

    #[tokio::test]
    async fn times_only_come_earlier_until_they_are_looked_at_and_are_written_once() {
        let dir = std::env::temp_dir().join(bailiwick_chassis::secrets::random_id("bailiwick-due-"));
        std::fs::create_dir(&dir).unwrap();
        let db = Db::file(&dir.join("node.db"), &MIGRATIONS, 1).await.unwrap();
        let (due, a, b) = (Due::new(0), WorkspaceId::from("a"), WorkspaceId::from("b"));
        due.no_later_than(&a, 50);
        due.no_later_than(&a, 70);
        due.no_later_than(&b, 20);
        due.save(&db).await.unwrap();
        assert_eq!(rows(&db).await, [("b".to_owned(), 20), ("a".to_owned(), 50)]);
        due.set(&b, None);
        due.set(&a, Some(90));
        due.save(&db).await.unwrap();
        assert_eq!(rows(&db).await, [("a".to_owned(), 90)]);
        assert!(due.lock().values().all(|mark| mark.saved));
        db.close().await;
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
