//! What acts on several investigations need of one: to be found, read, changed and put back, inside their transaction.

use super::{
    Changed, apply, changes,
    page::{self, Found, Wanted},
    store::{self, BY_ID, Named},
};
use crate::access::{Action, WorkspaceGrant};
use bailiwick_api::{Assignee, CustomerName, InvestigationPatch, InvestigationRow, RowFilter, Rrn, Sort};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Tx};

/// What a filter finds.
pub(crate) struct Chosen {
    /// All rows that match.
    pub(crate) matched: u64,
    /// Id and row, as many as were asked for.
    pub(crate) rows: Vec<(String, InvestigationRow)>,
}

/// The rows that match a filter, at most so many.
pub(crate) async fn choose(
    grant: &WorkspaceGrant,
    region: &str,
    (filter, customer): (&RowFilter, Option<&CustomerName>),
    at_most: usize,
) -> Result<Chosen, Refusal> {
    let viewed = grant.also(Action::ViewInvestigations)?;
    let named = Named::new(region, &viewed);
    let wanted = Wanted { filter, sort: Sort::default(), after: None, rows: at_most, customer, closed_only: false };
    let Found { rows, count } = page::page(&viewed, &named, &wanted).await?;
    let with_id = |row: InvestigationRow| row.rrn.parse::<Rrn>().map(|rrn| (rrn.id, row)).map_err(Refusal::internal);
    Ok(Chosen { matched: count, rows: rows.into_iter().map(with_id).collect::<Result<_, _>>()? })
}

/// A row as it is in a transaction.
pub(crate) async fn row_in(tx: &mut Tx, grant: &WorkspaceGrant, region: &str, id: &str) -> Result<InvestigationRow, Refusal> {
    let row = sqlx::query(BY_ID).bind(id).fetch_optional(&mut **tx).await?.ok_or_else(Refusal::not_found)?;
    Named::new(region, grant).row(&row)
}

/// Changes a row in a transaction; none when it is as asked already.
pub(crate) async fn change_in(
    tx: &mut Tx,
    (id, before, actor): (&str, &InvestigationRow, &str),
    patch: &InvestigationPatch,
    assignee: Option<Assignee>,
    now_us: i64,
) -> Result<Option<InvestigationRow>, Refusal> {
    let changed = apply(before, patch, assignee, now_us)?;
    if changed.changes.is_empty() {
        return Ok(None);
    }
    store::write(tx, id, &changed).await?;
    store::tell(tx, id, actor, &changed, now_us).await?;
    Ok(Some(changed.row))
}

/// Gives a row the fields that a person can edit, but for its title, back as they were; none when they are so already.
pub(crate) async fn restore_in(
    tx: &mut Tx,
    (id, now, actor): (&str, &InvestigationRow, &str),
    before: &InvestigationRow,
    now_us: i64,
) -> Result<Option<InvestigationRow>, Refusal> {
    let mut row = InvestigationRow {
        status: before.status,
        priority: before.priority,
        priority_inherited: before.priority_inherited,
        disposition: before.disposition,
        assignee: before.assignee.clone(),
        responsibility: before.responsibility,
        tags: before.tags.clone(),
        closed_time: before.closed_time,
        merged_into: before.merged_into.clone(),
        ..now.clone()
    };
    let changes = changes(now, &row);
    if changes.is_empty() {
        return Ok(None);
    }
    row.version = now.version + 1;
    row.updated_time = from_us(now_us);
    let changed = Changed { row, changes };
    store::write(tx, id, &changed).await?;
    store::tell(tx, id, actor, &changed, now_us).await?;
    Ok(Some(changed.row))
}
