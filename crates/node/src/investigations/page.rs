//! One page of a workspace's investigations: filter, order, and where the page before ended.
//!
//! Words, times and the assignee are decided by SQL; tags and free words in Rust, so that case is folded the same way
//! everywhere. Rows are streamed and dropped, so a page costs memory for its own rows only.

use super::store::{COLUMNS, Named, json};
use crate::{
    access::{Action, WorkspaceGrant},
    technicians::fold_email,
};
use bailiwick_api::{InvestigationRow, RowFilter, Sort, SortKey, TimeField};
use bailiwick_chassis::Refusal;
use futures_util::TryStreamExt;
use sqlx::{Any, QueryBuilder, Row, any::AnyRow};
use std::fmt::Display;

/// Which page.
pub(super) struct Wanted<'a> {
    pub(super) filter: &'a RowFilter,
    pub(super) sort: Sort,
    pub(super) after: Option<&'a SortKey>,
    /// At most so many rows.
    pub(super) rows: usize,
}

/// The first rows in that order after that place.
pub(super) async fn page(grant: &WorkspaceGrant, named: &Named, wanted: &Wanted<'_>) -> Result<Vec<InvestigationRow>, Refusal> {
    let db = grant.demand(&[Action::ViewInvestigations])?.db();
    let words = Words::of(wanted.filter);
    let mut query = QueryBuilder::<Any>::new(format!("select {COLUMNS} from investigation where 1 = 1"));
    push_filter(&mut query, wanted.filter);
    push_after(&mut query, named, wanted);
    push_order(&mut query, wanted.sort);
    if words.is_empty() {
        query.push(" limit ").push_bind(i64::try_from(wanted.rows).unwrap_or(i64::MAX));
    }
    let mut found = Vec::new();
    let mut rows = query.build().fetch(db.pool());
    while let Some(row) = rows.try_next().await? {
        if words.found_in(&row)? {
            found.push(named.row(&row)?);
        }
        if found.len() >= wanted.rows {
            break;
        }
    }
    Ok(found)
}

/// How many rows match, wherever the page begins.
pub(super) async fn count(grant: &WorkspaceGrant, filter: &RowFilter) -> Result<u64, Refusal> {
    let db = grant.demand(&[Action::ViewInvestigations])?.db();
    let words = Words::of(filter);
    if words.is_empty() {
        let mut query = QueryBuilder::<Any>::new("select count(*) as n from investigation where 1 = 1");
        push_filter(&mut query, filter);
        let row = query.build().fetch_one(db.pool()).await?;
        return Ok(u64::try_from(row.try_get::<i64, _>("n")?).unwrap_or_default());
    }
    let mut query = QueryBuilder::<Any>::new("select title, entity_value, tags from investigation where 1 = 1");
    push_filter(&mut query, filter);
    let mut rows = query.build().fetch(db.pool());
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        count += u64::from(words.found_in(&row)?);
    }
    Ok(count)
}

fn push_filter(query: &mut QueryBuilder<Any>, filter: &RowFilter) {
    push_words(query, "status", filter.statuses.as_deref(), |w| format!("'{w}'"));
    push_words(query, "priority", filter.priorities.as_deref(), |w| (*w as i64).to_string());
    push_words(query, "source", filter.sources.as_deref(), |w| format!("'{w}'"));
    push_words(query, "disposition", filter.dispositions.as_deref(), |w| format!("'{w}'"));
    match filter.assignee.as_deref() {
        None => {}
        Some(none) if none.eq_ignore_ascii_case("none") => {
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
        TimeField::ClosedTime => "closed",
    };
    if let Some(from) = filter.from {
        query.push(format_args!(" and {time} >= ")).push_bind(from.timestamp_micros());
    }
    if let Some(to) = filter.to {
        query.push(format_args!(" and {time} < ")).push_bind(to.timestamp_micros());
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

/// Rows strictly after the last row of the page before. Ties end in the resource name, as everywhere.
fn push_after(query: &mut QueryBuilder<Any>, named: &Named, wanted: &Wanted<'_>) {
    let Some(after) = wanted.after else { return };
    let (first, beyond) = order(wanted.sort);
    query.push(format_args!(" and ({first} {beyond} ")).push_bind(after.first);
    query.push(format_args!(" or ({first} = ")).push_bind(after.first);
    query.push(format_args!(" and (created {beyond} ")).push_bind(after.created);
    query.push(" or (created = ").push_bind(after.created);
    query.push(" and ").push_bind(named.rrn("")).push(" || id > ").push_bind(after.rrn.clone()).push("))))");
}

fn push_order(query: &mut QueryBuilder<Any>, sort: Sort) {
    let (first, beyond) = order(sort);
    let direction: &dyn Display = if beyond == "<" { &"desc" } else { &"asc" };
    query.push(format_args!(" order by {first} {direction}, created {direction}, id"));
}

/// The column an order goes by, and what comes after in it.
fn order(sort: Sort) -> (&'static str, &'static str) {
    match sort {
        Sort::Priority => ("priority", "<"),
        Sort::Newest => ("created", "<"),
        Sort::Oldest => ("created", ">"),
        Sort::Updated => ("updated", "<"),
    }
}

/// The part of a filter that is decided in Rust.
struct Words {
    words: Vec<String>,
    tags: Vec<String>,
}

impl Words {
    fn of(filter: &RowFilter) -> Self {
        let words = filter.q.as_deref().unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
        let tags = filter.tags.iter().flatten().map(|tag| tag.to_lowercase()).collect();
        Self { words, tags }
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.tags.is_empty()
    }

    fn found_in(&self, row: &AnyRow) -> Result<bool, Refusal> {
        if self.is_empty() {
            return Ok(true);
        }
        let title: String = row.try_get("title")?;
        let entity: Option<String> = row.try_get("entity_value")?;
        let text = format!("{title}\n{}", entity.unwrap_or_default()).to_lowercase();
        let tags: Vec<String> = json(row.try_get("tags")?)?;
        let tagged = |wanted: &String| tags.iter().any(|tag| tag.to_lowercase() == *wanted);
        Ok(self.words.iter().all(|word| text.contains(word.as_str())) && self.tags.iter().all(tagged))
    }
}
