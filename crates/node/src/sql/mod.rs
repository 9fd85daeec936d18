//! SQL over one workspace, for its administrator and for technicians who may search: statements run with bounds, are listed while
//! they run, and can be stopped. What was asked and found is kept nowhere.

pub(crate) mod http;
mod running;
mod signals;

pub(crate) use running::Queries;

use crate::{
    access::{Action, WorkspaceGrant},
    workspaces::events,
};
use ::http::StatusCode;
use bailiwick_api::{Position, SqlAnswer, SqlColumn, SqlCut, SqlQuery};
use bailiwick_chassis::Refusal;
use bailiwick_lake::{LakeError, Sql, SqlAsk, SqlError, TruncatedBy};
use std::time::{Duration, Instant};

const SEARCH: &[Action] = &[Action::SearchLogs];
const ROWS: u32 = 1_000;
const MAX_ROWS: u32 = 10_000;
const DEADLINE_MS: u32 = 30_000;
const MAX_DEADLINE_MS: u32 = 60_000;
/// Bytes of all values of an answer, roughly.
const MAX_BYTES: usize = 16 << 20;

/// A statement with its bounds, checked.
struct Asked {
    statement: Sql,
    rows: u32,
    deadline_ms: u32,
}

/// Refuses what cannot be run.
fn check(ask: &SqlQuery) -> Result<Asked, Refusal> {
    let within = |field: &str, number: Option<u32>, usual: u32, most: u32| match number.unwrap_or(usual) {
        number if (1..=most).contains(&number) => Ok(number),
        _ => Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: 1 to {most}"))),
    };
    let rows = within("limit", ask.limit, ROWS, MAX_ROWS)?;
    let deadline_ms = within("deadline_ms", ask.deadline_ms, DEADLINE_MS, MAX_DEADLINE_MS)?;
    let statement = Sql::parse(&ask.sql).map_err(|error| refusal(error, &ask.sql, deadline_ms))?;
    Ok(Asked { statement, rows, deadline_ms })
}

/// Runs a statement as somebody's, until it ends or is stopped.
async fn run(grant: &WorkspaceGrant, asked: Asked, id: String, now_us: i64) -> Result<SqlAnswer, Refusal> {
    let workspace = grant.demand(SEARCH)?;
    let began = Instant::now();
    let ticket = workspace.queries().begin(&id, grant.actor(), asked.statement.text(), now_us)?;
    let outside = if asked.statement.reads(signals::NAME) { vec![signals::table(workspace.db())] } else { Vec::new() };
    let deadline = Duration::from_millis(asked.deadline_ms.into());
    let bounds = SqlAsk { rows: asked.rows as usize, bytes: MAX_BYTES, deadline, now: now_us };
    let told = tokio::select! {
        biased;
        () = ticket.stopped() => return Err(Refusal::conflict("CANCELLED", "the statement was stopped")),
        told = workspace.sql(&asked.statement, outside, &bounds) => told?,
    };
    let told = told.map_err(|error| refusal(error, asked.statement.text(), asked.deadline_ms))?;
    let cut = told.truncated.map(|cut| match cut {
        TruncatedBy::Rows => SqlCut::Rows,
        TruncatedBy::Bytes => SqlCut::Bytes,
    });
    Ok(SqlAnswer {
        id,
        columns: told.columns.into_iter().map(|column| SqlColumn { name: column.name, kind: column.kind }).collect(),
        rows: told.rows,
        truncated: cut.is_some(),
        truncated_by: cut,
        elapsed_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

fn refusal(error: SqlError, text: &str, deadline_ms: u32) -> Refusal {
    match error {
        SqlError::Invalid { message, position } => {
            let position = position.map(|byte| Position::at_byte(text, byte));
            let place = position.map(|at| format!(" at line {}, column {}", at.line, at.column)).unwrap_or_default();
            Refusal::invalid("SQL_INVALID", "sql", format!("sql: {message}{place}")).position(position)
        }
        SqlError::Failed(message) => Refusal::invalid("SQL_FAILED", "sql", format!("sql: {message}")),
        SqlError::Lake(LakeError::Deadline) => {
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "SQL_DEADLINE").detail(format!("the statement took more than {deadline_ms} ms; narrow it"))
        }
        SqlError::Lake(LakeError::Memory(what)) => {
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "SQL_TOO_LARGE").detail(format!("the statement needs too much memory ({what}); narrow it"))
        }
        SqlError::Lake(error) => events::refusal(error),
        unreadable @ SqlError::Unreadable(_) => Refusal::internal(unreadable),
    }
}
