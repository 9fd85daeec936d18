//! Investigations as dashboards count them: when each was opened, changed, answered, worked and closed, and by whom.
//!
//! Told by the history, which only grows, so that a look reads what came since the last one; rows that changed are known by their number
//! (migration 0027), which also gives what the history does not say: source, priority, and the first record, from its signals.
//!
//! Correlation, scanners and whatever else is no person have actors without a mail address; together they are `automation`. What belongs to
//! the opening of an investigation, in one act with it, is no change of it.

mod count;
#[cfg(test)]
mod tests;

use bailiwick_api::{Origin, Priority, Status};
use bailiwick_chassis::{Refusal, sql::Db};
use futures_util::TryStreamExt;
use sqlx::{Any, QueryBuilder, Row, any::AnyRow};
use std::{collections::HashMap, sync::Arc};

/// Who nobody is: no person.
pub(super) const AUTOMATION: &str = "automation";
/// Investigations whose first records are looked up one by one; of more, all are read.
const FEW: usize = 500;
/// About what an investigation takes besides its lists and its id.
const CASE_BYTES: usize = size_of::<Case>() + 64;

/// Somebody, by their place among [`People`]; [`NOBODY`] is no person.
type Who = u32;
const NOBODY: Who = 0;

/// The investigations of a workspace.
#[derive(Clone, Default)]
pub(super) struct Cases {
    seen: Seen,
    cases: HashMap<Arc<str>, Arc<Case>>,
    people: People,
    bytes: usize,
}

/// Up to where the tables were read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    /// Number of the newest change of a row, and how often rows were taken away.
    change: i64,
    gone: i64,
    /// The newest row of the history.
    history: i64,
}

/// One investigation. Times are microseconds UTC.
#[derive(Clone)]
struct Case {
    /// It is one that dashboards count.
    counted: bool,
    status: Status,
    priority: Priority,
    created: i64,
    closed: Option<i64>,
    first_record: Option<i64>,
    opened: Option<(i64, Who)>,
    /// The first change by a person.
    answered: Option<(i64, Who)>,
    /// Changes of status, oldest first.
    moves: Vec<Move>,
    /// When it was changed, oldest first.
    changes: Vec<i64>,
}

/// A change of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Move {
    time: i64,
    from: Status,
    to: Status,
    who: Who,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            counted: false,
            status: Status::Open,
            priority: Priority::Unspecified,
            created: 0,
            closed: None,
            first_record: None,
            opened: None,
            answered: None,
            moves: Vec::new(),
            changes: Vec::new(),
        }
    }
}

/// People by number; those of one workspace are few.
#[derive(Clone)]
struct People {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Who>,
}

impl Default for People {
    fn default() -> Self {
        Self { names: vec![Arc::from(AUTOMATION)], numbers: HashMap::new() }
    }
}

impl People {
    fn number(&mut self, actor: &str) -> Who {
        if !actor.contains('@') {
            return NOBODY;
        }
        if let Some(number) = self.numbers.get(actor) {
            return *number;
        }
        let (name, number): (Arc<str>, _) = (Arc::from(actor), Who::try_from(self.names.len()).unwrap_or(NOBODY));
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    fn name(&self, who: Who) -> &Arc<str> {
        self.names.get(who as usize).unwrap_or(&self.names[0])
    }
}

/// A row of the history.
struct Entry<'a> {
    time: i64,
    who: Who,
    field: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
}

impl Cases {
    /// Reads what changed since the last time. When that fails, or is given up, everything is read the next time.
    pub(super) async fn refresh(&mut self, db: &Db) -> Result<(), Refusal> {
        // Numbers first: what is written while this reads is read again, never passed over.
        let clock = sqlx::query("select change, gone from queue_clock where one = 1").fetch_one(db.pool()).await?;
        let (change, gone): (i64, i64) = (clock.try_get("change")?, clock.try_get("gone")?);
        let mut next = std::mem::take(self);
        if next.seen.gone != gone {
            next = Self::default();
            next.seen.gone = gone;
        }
        // The history first, for the rows it is about are there when they are read after it.
        next.read_history(db).await?;
        if next.seen.change != change {
            next.read_rows(db, change).await?;
        }
        *self = next;
        Ok(())
    }

    /// About how much memory this takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn case(&mut self, id: &str) -> &mut Case {
        if !self.cases.contains_key(id) {
            self.bytes += CASE_BYTES + id.len();
        }
        Arc::make_mut(self.cases.entry(Arc::from(id)).or_default())
    }

    async fn read_history(&mut self, db: &Db) -> Result<(), Refusal> {
        let text = "select id, investigation, time, actor, field, value_from, value_to from history where id > $1 order by id";
        let mut rows = sqlx::query(text).bind(self.seen.history).fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            self.seen.history = row.try_get("id")?;
            let (investigation, actor, field): (&str, &str, &str) = (row.try_get("investigation")?, row.try_get("actor")?, row.try_get("field")?);
            let who = self.people.number(actor);
            let entry = Entry { time: row.try_get("time")?, who, field, from: row.try_get("value_from")?, to: row.try_get("value_to")? };
            let bytes = self.case(investigation).take(&entry)?;
            self.bytes += bytes;
        }
        Ok(())
    }

    async fn read_rows(&mut self, db: &Db, change: i64) -> Result<(), Refusal> {
        let text = "select id, source, status, priority, created, closed, change from investigation where change > $1";
        let (mut changed, mut newest) = (Vec::new(), change);
        let mut rows = sqlx::query(text).bind(self.seen.change).fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            newest = newest.max(row.try_get("change")?);
            let id: &str = row.try_get("id")?;
            self.case(id).row(&row)?;
            changed.push(id.to_owned());
        }
        drop(rows);
        self.read_first_records(db, &changed).await?;
        self.seen.change = newest;
        Ok(())
    }

    /// Event times of the first records, where there are signals.
    async fn read_first_records(&mut self, db: &Db, changed: &[String]) -> Result<(), Refusal> {
        if changed.is_empty() {
            return Ok(());
        }
        for id in changed {
            self.case(id).first_record = None;
        }
        let mut query = QueryBuilder::<Any>::new("select investigation, min(event_time) as first from signal where investigation ");
        if changed.len() > FEW {
            query.push("is not null");
        } else {
            query.push("in (");
            let mut list = query.separated(", ");
            for id in changed {
                list.push_bind(id.clone());
            }
            list.push_unseparated(")");
        }
        query.push(" group by investigation");
        let mut rows = query.build().fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            if let Some(case) = self.cases.get_mut(row.try_get::<&str, _>("investigation")?) {
                Arc::make_mut(case).first_record = row.try_get("first")?;
            }
        }
        Ok(())
    }
}

impl Case {
    /// Takes what the row says.
    fn row(&mut self, row: &AnyRow) -> Result<(), Refusal> {
        let source: Origin = row.try_get::<&str, _>("source")?.parse().map_err(Refusal::internal)?;
        self.counted = matches!(source, Origin::Alert | Origin::User);
        self.status = row.try_get::<&str, _>("status")?.parse().map_err(Refusal::internal)?;
        let rank: i64 = row.try_get("priority")?;
        self.priority = usize::try_from(rank).ok().and_then(|rank| Priority::ALL.get(rank).copied()).unwrap_or(Priority::Unspecified);
        self.created = row.try_get("created")?;
        self.closed = row.try_get("closed")?;
        Ok(())
    }

    /// Takes a row of the history; gives about how many bytes that took.
    fn take(&mut self, entry: &Entry<'_>) -> Result<usize, Refusal> {
        if entry.field == "opened" {
            self.opened = Some((entry.time, entry.who));
            return Ok(0);
        }
        // One act with the opening: what it was opened with.
        let with_opening = matches!(entry.field, "signal" | "priority" | "evidence" | "comment");
        if with_opening && self.opened == Some((entry.time, entry.who)) {
            return Ok(0);
        }
        // The clock of what came in may lag behind that of people; nothing changes before it is there.
        let time = self.opened.map_or(entry.time, |(opened, _)| entry.time.max(opened));
        let mut bytes = size_of::<i64>();
        insert(&mut self.changes, time, |time| *time);
        if entry.who != NOBODY && self.answered.is_none_or(|(at, _)| time < at) {
            self.answered = Some((time, entry.who));
        }
        if let ("status", Some(from), Some(to)) = (entry.field, entry.from, entry.to) {
            let word = |word: &str| word.parse::<Status>().map_err(Refusal::internal);
            let one = Move { time, from: word(from)?, to: word(to)?, who: entry.who };
            insert(&mut self.moves, one, |one| one.time);
            bytes += size_of::<Move>();
        }
        Ok(bytes)
    }

    /// Its status when it was opened.
    fn at_first(&self) -> Status {
        self.moves.first().map_or(self.status, |first| first.from)
    }

    /// Its status at the end of a time, by what happened before.
    fn status_before(&self, to: i64) -> Status {
        let at = self.moves.partition_point(|one| one.time < to);
        at.checked_sub(1).map_or_else(|| self.at_first(), |at| self.moves[at].to)
    }

    /// When it was closed, and by whom, oldest first; opened as closed is closed at once.
    fn closings(&self) -> impl DoubleEndedIterator<Item = (i64, Who)> + '_ {
        let who = self.opened.map_or(NOBODY, |(_, who)| who);
        let at_once = (self.at_first() == Status::Closed)
            .then(|| (if self.moves.is_empty() { self.closed.unwrap_or(self.created) } else { self.created }, who));
        at_once.into_iter().chain(self.moves.iter().filter(|one| one.to == Status::Closed).map(|one| (one.time, one.who)))
    }

    /// The closing it stays closed by.
    fn closed_by(&self) -> Option<(i64, Who)> {
        let now = self.moves.last().map_or(self.status, |last| last.to);
        if now == Status::Closed { self.closings().next_back() } else { None }
    }

    /// When work on it began, and by whom.
    fn progress(&self) -> Option<(i64, Who)> {
        if self.at_first() == Status::Investigating {
            return Some((self.created, self.opened.map_or(NOBODY, |(_, who)| who)));
        }
        self.moves.iter().find(|one| one.to == Status::Investigating).map(|one| (one.time, one.who))
    }
}

/// Keeps a list in the order of time; of what is equally old, what came later stands later.
fn insert<T>(list: &mut Vec<T>, one: T, time: impl Fn(&T) -> i64) {
    let at = time(&one);
    match list.last() {
        Some(last) if time(last) > at => {
            let place = list.partition_point(|known| time(known) <= at);
            list.insert(place, one);
        }
        _ => list.push(one),
    }
}
