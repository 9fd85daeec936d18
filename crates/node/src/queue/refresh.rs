//! From the database into memory: everything at first, then what changed.

use super::{Access, Enrolled, Entry, Known, View};
use crate::investigations::{COLUMNS, Named};
use bailiwick_api::{Status, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::{Row, any::AnyRow};
use std::sync::Arc;

/// Brings a view up to date. `room`: rows it may have.
pub(super) async fn refresh(db: &Db, region: &str, workspace: &WorkspaceId, before: Option<Arc<View>>, room: usize) -> Result<Arc<View>, Refusal> {
    // Numbers first: what is written between the two reads is read again, never passed over.
    let clock = sqlx::query("select change, changed, gone, access from queue_clock where one = 1").fetch_one(db.pool()).await?;
    let (at, number) =
        (At { change: clock.try_get("change")?, changed: clock.try_get("changed")?, gone: clock.try_get("gone")? }, clock.try_get("access")?);
    let access = match &before {
        Some(view) if view.access.number == number => Arc::clone(&view.access),
        _ => Arc::new(access(db, number).await?),
    };
    let named = Named::for_technicians(region, workspace);
    match before {
        Some(view) if view.change == at.change => {
            let View { rows, whole, closed, .. } = Arc::try_unwrap(view).unwrap_or_else(|shared| shared.copied());
            Ok(Arc::new(at.view(rows, whole, closed, access)))
        }
        Some(view) if view.whole && view.gone == at.gone => changed(db, &named, view, access, at, room).await,
        _ => all(db, &named, access, at, room).await,
    }
}

/// The numbers a view is true at.
#[derive(Clone, Copy)]
struct At {
    change: i64,
    changed: i64,
    gone: i64,
}

impl At {
    fn view(self, rows: Vec<Arc<Entry>>, whole: bool, closed: bool, access: Arc<Access>) -> View {
        View { rows, whole, closed, access, change: self.change, changed: self.changed, gone: self.gone }
    }

    /// Rows may be newer than the numbers read before them.
    fn with(mut self, rows: &[AnyRow]) -> Result<Self, Refusal> {
        for row in rows {
            self.change = self.change.max(row.try_get("change")?);
            self.changed = self.changed.max(row.try_get("changed")?);
        }
        Ok(self)
    }
}

impl View {
    fn copied(&self) -> Self {
        At { change: self.change, changed: self.changed, gone: self.gone }.view(self.rows.clone(), self.whole, self.closed, Arc::clone(&self.access))
    }
}

async fn all(db: &Db, named: &Named, access: Arc<Access>, at: At, room: usize) -> Result<Arc<View>, Refusal> {
    let text = format!("select {COLUMNS}, change, changed from investigation where status <> 'CLOSED' order by id limit $1");
    let limit = i64::try_from(room).unwrap_or(i64::MAX).saturating_add(1);
    let found = sqlx::query(sqlx::AssertSqlSafe(text)).bind(limit).fetch_all(db.pool()).await?;
    let any = "select id from investigation where status = 'CLOSED' limit 1";
    let closed = sqlx::query(any).fetch_optional(db.pool()).await?.is_some();
    if found.len() > room {
        return Ok(Arc::new(at.view(Vec::new(), false, closed, access)));
    }
    let rows = found.iter().map(|row| entry(named, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(at.with(&found)?.view(rows, true, closed, access)))
}

async fn changed(db: &Db, named: &Named, view: Arc<View>, access: Arc<Access>, at: At, room: usize) -> Result<Arc<View>, Refusal> {
    let text = format!("select {COLUMNS}, change, changed from investigation where change > $1");
    let found = sqlx::query(sqlx::AssertSqlSafe(text)).bind(view.change).fetch_all(db.pool()).await?;
    let at = at.with(&found)?;
    let View { mut rows, mut closed, .. } = Arc::try_unwrap(view).unwrap_or_else(|shared| shared.copied());
    let mut added = Vec::new();
    for row in &found {
        let entry = entry(named, row)?;
        let place = rows.binary_search_by(|known| known.id.cmp(&entry.id));
        let is_closed = entry.row.status == Status::Closed;
        closed |= is_closed;
        match place {
            Ok(at) if is_closed => {
                rows.remove(at);
            }
            Ok(at) => rows[at] = entry,
            Err(_) if is_closed => {}
            Err(_) => added.push(entry),
        }
    }
    if !added.is_empty() {
        rows.extend(added);
        rows.sort_by(|a, b| a.id.cmp(&b.id));
    }
    if rows.len() > room {
        return Ok(Arc::new(at.view(Vec::new(), false, closed, access)));
    }
    Ok(Arc::new(at.view(rows, true, closed, access)))
}

fn entry(named: &Named, row: &AnyRow) -> Result<Arc<Entry>, Refusal> {
    Ok(Arc::new(Entry { id: row.try_get("id")?, row: named.row(row)? }))
}

async fn access(db: &Db, number: i64) -> Result<Access, Refusal> {
    let mut access = Access { number, ..Access::default() };
    for row in sqlx::query("select console, public_key, suspended from enrolment").fetch_all(db.pool()).await? {
        let enrolled = Enrolled { public_key: row.try_get("public_key")?, suspended: row.try_get::<Option<i64>, _>("suspended")?.is_some() };
        access.enrolments.insert(row.try_get("console")?, enrolled);
    }
    for row in sqlx::query("select email, role, revoked, expires from technician").fetch_all(db.pool()).await? {
        let known = Known {
            role: row.try_get::<String, _>("role")?.parse().map_err(Refusal::internal)?,
            revoked: row.try_get::<Option<i64>, _>("revoked")?.is_some(),
            expires: row.try_get("expires")?,
        };
        access.technicians.insert(row.try_get("email")?, known);
    }
    Ok(access)
}
