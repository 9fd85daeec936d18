//! Investigations of one workspace out of its database: filter, order, and where the page before ended. For the closed ones, and for
//! workspaces with too many to keep in memory.
//!
//! What SQL can say it decides and orders; the rest is decided by [`Criteria`], row by row as they are streamed, so that a page costs memory for
//! its own rows only.

use super::store::{COLUMNS, Named};
use crate::{
    access::{Action, WorkspaceGrant},
    queue::{
        eval::{Around, Criteria},
        facts,
        top::{Ranked, Top},
    },
    technicians::fold_email,
};
use bailiwick_api::{CustomerName, InvestigationRow, RowFilter, Sort, SortColumn, SortKey, SortValue, TimeField};
use bailiwick_chassis::{Refusal, sql::Db};
use futures_util::TryStreamExt;
use sqlx::{Any, QueryBuilder, Row};
use std::collections::HashSet;

/// Which page.
pub(super) struct Wanted<'a> {
    pub(super) filter: &'a RowFilter,
    pub(super) sort: Sort,
    pub(super) after: Option<&'a SortKey>,
    /// At most so many rows.
    pub(super) rows: usize,
    /// What the console calls the customer.
    pub(super) customer: Option<&'a CustomerName>,
    /// Closed ones alone.
    pub(super) closed_only: bool,
}

/// A page, and how many match wherever it begins.
pub(super) struct Found {
    pub(super) rows: Vec<InvestigationRow>,
    pub(super) count: u64,
}

/// A row on its way into a page.
struct Candidate<'a> {
    row: InvestigationRow,
    customer: &'a str,
}

impl Ranked for Candidate<'_> {
    fn ranked(&self) -> (&InvestigationRow, &str) {
        (&self.row, self.customer)
    }
}

/// The first rows in that order after that place.
pub(super) async fn page(grant: &WorkspaceGrant, named: &Named, wanted: &Wanted<'_>) -> Result<Found, Refusal> {
    let db = grant.demand(&[Action::ViewInvestigations])?.db();
    let criteria = Criteria::new(wanted.filter);
    match column(wanted.sort.column) {
        Some(column) if criteria.is_plain() => {
            let rows = ordered(db, named, wanted, column).await?;
            Ok(Found { rows, count: count(db, wanted).await? })
        }
        _ => {
            let sets = facts::sets(db, &criteria.looked_up()).await?;
            decided(db, named, wanted, &criteria, &sets).await
        }
    }
}

/// SQL orders and cuts.
async fn ordered(db: &Db, named: &Named, wanted: &Wanted<'_>, column: &'static str) -> Result<Vec<InvestigationRow>, Refusal> {
    let mut query = QueryBuilder::<Any>::new(format!("select {COLUMNS} from investigation where 1 = 1"));
    push_filter(&mut query, wanted);
    push_after(&mut query, named, wanted, column);
    let direction = if wanted.sort.descending { "desc" } else { "asc" };
    query.push(format_args!(" order by {column} is null, {column} {direction}, created desc, id limit "));
    query.push_bind(i64::try_from(wanted.rows).unwrap_or(i64::MAX));
    query.build().fetch_all(db.pool()).await?.iter().map(|row| named.row(row)).collect()
}

async fn count(db: &Db, wanted: &Wanted<'_>) -> Result<u64, Refusal> {
    let mut query = QueryBuilder::<Any>::new("select count(*) as n from investigation where 1 = 1");
    push_filter(&mut query, wanted);
    let row = query.build().fetch_one(db.pool()).await?;
    Ok(u64::try_from(row.try_get::<i64, _>("n")?).unwrap_or_default())
}

/// SQL narrows down, and every row left is decided.
async fn decided(db: &Db, named: &Named, wanted: &Wanted<'_>, criteria: &Criteria<'_>, sets: &[HashSet<String>]) -> Result<Found, Refusal> {
    let mut query = QueryBuilder::<Any>::new(format!("select {COLUMNS} from investigation where 1 = 1"));
    push_filter(&mut query, wanted);
    let around = Around { customer: wanted.customer, sets };
    let customer = wanted.customer.map_or("", |customer| customer.name.as_str());
    let mut top = Top::new(wanted.sort, wanted.after.cloned(), wanted.rows);
    let mut rows = query.build().fetch(db.pool());
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        let id: String = row.try_get("id")?;
        let row = named.row(&row)?;
        if criteria.matches(&id, &row, &around) {
            count += 1;
            top.offer(Candidate { row, customer });
        }
    }
    Ok(Found { rows: top.finish().into_iter().map(|candidate| candidate.row).collect(), count })
}

fn push_filter(query: &mut QueryBuilder<Any>, wanted: &Wanted<'_>) {
    let filter = wanted.filter;
    if wanted.closed_only {
        query.push(" and status = 'CLOSED'");
    }
    push_words(query, "status", filter.statuses.as_deref(), |w| format!("'{w}'"));
    push_words(query, "priority", filter.priorities.as_deref(), |w| (*w as i64).to_string());
    push_words(query, "source", filter.sources.as_deref(), |w| format!("'{w}'"));
    push_words(query, "disposition", filter.dispositions.as_deref(), |w| format!("'{w}'"));
    match filter.assignee.as_deref() {
        None => {}
        Some(none) if none.trim().eq_ignore_ascii_case("none") => {
            query.push(" and assignee_email is null");
        }
        Some(email) => {
            query.push(" and assignee_email = ").push_bind(fold_email(email));
        }
    }
    let time = match filter.time_field.unwrap_or_default() {
        TimeField::CreatedTime => "created",
        TimeField::UpdatedTime => "updated",
        TimeField::LatestAlertTime => "latest_alert",
        TimeField::FirstAlertTime => "first_alert",
        TimeField::ClosedTime => "closed",
        TimeField::LastAccessedTime => "last_accessed",
    };
    for (bound, column, time) in [(">=", time, filter.from), ("<", time, filter.to), (">=", "updated", filter.updated_since)] {
        if let Some(time) = time {
            query.push(format_args!(" and {column} {bound} ")).push_bind(time.timestamp_micros());
        }
    }
}

/// Words of our own vocabulary only, so they can stand in the text. A list without words matches nothing.
fn push_words<W>(query: &mut QueryBuilder<Any>, column: &str, words: Option<&[W]>, written: impl Fn(&W) -> String) {
    let Some(words) = words else { return };
    if words.is_empty() {
        query.push(" and 1 = 0");
        return;
    }
    let list: Vec<String> = words.iter().map(written).collect();
    query.push(format_args!(" and {column} in ({})", list.join(", ")));
}

/// Rows strictly after the last row of the page before: what is absent last, then newest created, then by name.
fn push_after(query: &mut QueryBuilder<Any>, named: &Named, wanted: &Wanted<'_>, column: &str) {
    let Some(after) = wanted.after else { return };
    let beyond = if wanted.sort.descending { "<" } else { ">" };
    query.push(" and (");
    let tie = match &after.first {
        Some(SortValue::Number(first)) => {
            query.push(format_args!("{column} is null or {column} {beyond} ")).push_bind(*first);
            query.push(format_args!(" or ({column} = ")).push_bind(*first);
            " and ("
        }
        _ => {
            query.push(format_args!("({column} is null"));
            " and ("
        }
    };
    query.push(tie).push("created < ").push_bind(after.created).push(" or (created = ").push_bind(after.created);
    query.push(" and ").push_bind(named.rrn("")).push(" || id > ").push_bind(after.rrn.clone()).push("))))");
}

/// The column of an order that is a number in the database, too.
fn column(column: SortColumn) -> Option<&'static str> {
    match column {
        SortColumn::Priority => Some("priority"),
        SortColumn::CreatedTime => Some("created"),
        SortColumn::UpdatedTime => Some("updated"),
        SortColumn::LatestAlertTime => Some("latest_alert"),
        SortColumn::FirstAlertTime => Some("first_alert"),
        SortColumn::ClosedTime => Some("closed"),
        SortColumn::LastAccessedTime => Some("last_accessed"),
        SortColumn::SignalCount => Some("signal_count"),
        SortColumn::CommentCount => Some("comments"),
        _ => None,
    }
}
