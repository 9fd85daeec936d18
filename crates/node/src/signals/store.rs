//! Pages of signals, newest first by the order of their making.

use crate::{
    access::{Action, WorkspaceGrant},
    investigations::signal,
};
use bailiwick_api::SignalRow;
use bailiwick_chassis::{Refusal, sql::Db};
use sqlx::{Any, QueryBuilder, Row, any::AnyRow};

const READ: &[Action] = &[Action::ViewInvestigations, Action::ManageDetection];
/// Signals looked at for one page; a page that finds few is short and says where to go on.
const LOOKED_AT: i64 = 100_000;

/// Which signals, and where to begin.
pub(super) struct Wanted<'a> {
    pub(super) rule: Option<&'a str>,
    pub(super) entity_type: Option<&'a str>,
    pub(super) entity: Option<&'a str>,
    pub(super) suppressed: Option<bool>,
    pub(super) prototype: Option<bool>,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// Only signals after this place.
    pub(super) after: Option<Place>,
    pub(super) rows: i64,
}

/// The place of a signal: when it was made, and its row.
pub(super) type Place = (i64, i64);

/// A page: its signals, and the place the next one begins after.
pub(super) async fn page(grant: &WorkspaceGrant, wanted: &Wanted<'_>) -> Result<(Vec<SignalRow>, Option<Place>), Refusal> {
    let db = grant.demand(READ)?.db();
    // An index leads to the signals of a rule, an entity or a time; the rest is looked at one by one, so only so many at a time.
    let indexed = wanted.rule.is_some() || wanted.entity.is_some();
    let floor = if indexed { None } else { floor(db, wanted).await? };
    let mut query = select(wanted);
    push_window(&mut query, wanted);
    if let Some((created, row)) = floor {
        query.push(" and (created > ").push_bind(created).push(" or (created = ").push_bind(created).push(" and rowid >= ").push_bind(row).push("))");
    }
    query.push(" order by created desc, rowid desc limit ").push_bind(wanted.rows.saturating_add(1));
    let mut rows = query.build().fetch_all(db.pool()).await?;
    let limit = usize::try_from(wanted.rows).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some((last.try_get("created")?, last.try_get("place")?)),
        None => floor,
    };
    Ok((rows.iter().map(shown).collect::<Result<_, _>>()?, next))
}

/// The last signal that is looked at for this page, if more follow.
async fn floor(db: &Db, wanted: &Wanted<'_>) -> Result<Option<Place>, Refusal> {
    let mut query = QueryBuilder::<Any>::new("select created, rowid as place from signal where 1 = 1");
    push_window(&mut query, wanted);
    query.push(" order by created desc, rowid desc limit 1 offset ").push_bind(LOOKED_AT);
    let row = query.build().fetch_optional(db.pool()).await?;
    row.map(|row| Ok((row.try_get("created")?, row.try_get("place")?))).transpose()
}

fn push_window(query: &mut QueryBuilder<Any>, wanted: &Wanted<'_>) {
    if let Some(from) = wanted.from {
        query.push(" and created >= ").push_bind(from);
    }
    if let Some(to) = wanted.to {
        query.push(" and created < ").push_bind(to);
    }
    if let Some((created, row)) = wanted.after {
        query.push(" and created <= ").push_bind(created);
        query.push(" and (created < ").push_bind(created).push(" or rowid < ").push_bind(row).push(")");
    }
}

fn select(wanted: &Wanted<'_>) -> QueryBuilder<Any> {
    let mut query = QueryBuilder::<Any>::new(
        "select rowid as place, id, rule, name, level, severity, base_severity, entity_type, entity_value, created, event_time, event_ids, matched, \
         message, tags, suppressed, investigation, prototype from signal where 1 = 1",
    );
    let texts = [("rule", wanted.rule), ("entity_value", wanted.entity), ("entity_type", wanted.entity_type)];
    for (column, text) in texts.into_iter().filter_map(|(column, text)| Some((column, text?))) {
        query.push(format_args!(" and {column} = ")).push_bind(text.to_owned());
    }
    match wanted.suppressed {
        Some(true) => query.push(" and suppressed is not null"),
        Some(false) => query.push(" and suppressed is null"),
        None => &mut query,
    };
    if let Some(prototype) = wanted.prototype {
        query.push(" and prototype = ").push_bind(i64::from(prototype));
    }
    query
}

fn shown(row: &AnyRow) -> Result<SignalRow, Refusal> {
    let suppressed: Option<String> = row.try_get("suppressed")?;
    Ok(SignalRow {
        signal: signal(row)?,
        base_severity: u32::try_from(row.try_get::<i64, _>("base_severity")?).unwrap_or_default(),
        prototype: row.try_get::<i64, _>("prototype")? != 0,
        suppressed_reasons: suppressed.map_or_else(Vec::new, |text| text.lines().map(str::to_owned).collect()),
        investigation: row.try_get("investigation")?,
    })
}
