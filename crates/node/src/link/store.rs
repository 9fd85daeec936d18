//! Consoles this node dials, in the node's own database.

use bailiwick_api::{ConsoleId, WorkspaceId};
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_link::{Fingerprint, LinkKey};
use sqlx::{Row, any::AnyRow};
use url::Url;

/// Consoles a node dials at most.
pub(super) const MAX_CONSOLES: i64 = 64;

/// One console.
#[derive(Clone, Debug)]
pub(super) struct ConsoleLink {
    pub(super) console: ConsoleId,
    pub(super) console_name: String,
    pub(super) address: Url,
    pub(super) fingerprint: Fingerprint,
    /// The node's key for this console.
    pub(super) key: LinkKey,
}

/// The consoles that some workspace is enrolled with.
pub(super) async fn agreed(db: &Db) -> Result<Vec<ConsoleLink>, Refusal> {
    let text = "select console, console_name, address, fingerprint, seed from console_link \
                where console in (select console from console_link_workspace) order by console";
    sqlx::query(text).fetch_all(db.pool()).await?.iter().map(read).collect()
}

/// The consoles that this workspace is enrolled with.
pub(super) async fn of_workspace(db: &Db, workspace: &WorkspaceId) -> Result<Vec<ConsoleLink>, Refusal> {
    let text = "select console, console_name, address, fingerprint, seed from console_link \
                where console in (select console from console_link_workspace where workspace = $1) order by console";
    sqlx::query(text).bind(workspace.as_str()).fetch_all(db.pool()).await?.iter().map(read).collect()
}

/// The workspaces enrolled with a console.
pub(super) async fn workspaces(db: &Db, console: &ConsoleId) -> Result<Vec<WorkspaceId>, Refusal> {
    let text = "select workspace from console_link_workspace where console = $1 order by workspace";
    let rows = sqlx::query(text).bind(console.as_str()).fetch_all(db.pool()).await?;
    Ok(rows.iter().map(|row| row.try_get(0).map(WorkspaceId)).collect::<Result<_, _>>()?)
}

/// Keeps a console before it is told anything, so that an answer that is lost can be asked for again with the same key. What is there
/// already keeps its key; name and address are the latest.
pub(super) async fn prepare(db: &Db, link: &ConsoleLink, now_us: i64) -> Result<ConsoleLink, Refusal> {
    let mut tx = db.begin().await?;
    let count = sqlx::query("select count(*) from console_link where console <> $1").bind(link.console.as_str()).fetch_one(&mut *tx).await?;
    if count.try_get::<i64, _>(0)? >= MAX_CONSOLES {
        return Err(Refusal::conflict("TOO_MANY", format!("this node dials {MAX_CONSOLES} consoles already")));
    }
    let text = "insert into console_link (console, console_name, address, fingerprint, seed, created) values ($1, $2, $3, $4, $5, $6) \
                on conflict (console) do update set console_name = excluded.console_name, address = excluded.address, \
                fingerprint = excluded.fingerprint returning console, console_name, address, fingerprint, seed";
    let row = sqlx::query(text)
        .bind(link.console.as_str())
        .bind(&link.console_name)
        .bind(link.address.as_str())
        .bind(link.fingerprint.to_string())
        .bind(link.key.to_text())
        .bind(now_us)
        .fetch_one(&mut *tx)
        .await?;
    let kept = read(&row)?;
    tx.commit().await?;
    Ok(kept)
}

/// A workspace is enrolled: its console is dialled from now on.
pub(super) async fn agree(db: &Db, console: &ConsoleId, workspace: &WorkspaceId, now_us: i64) -> Result<(), Refusal> {
    let text = "insert into console_link_workspace (console, workspace, created) values ($1, $2, $3) on conflict (console, workspace) do nothing";
    sqlx::query(text).bind(console.as_str()).bind(workspace.as_str()).bind(now_us).execute(db.pool()).await?;
    Ok(())
}

/// A workspace is not enrolled with a console any more. The console and the key made for it go with its last workspace. True when it had one.
pub(super) async fn forget(db: &Db, console: &str, workspace: &WorkspaceId) -> Result<bool, Refusal> {
    let mut tx = db.begin().await?;
    let text = "delete from console_link_workspace where console = $1 and workspace = $2";
    let had = sqlx::query(text).bind(console).bind(workspace.as_str()).execute(&mut *tx).await?.rows_affected() == 1;
    if had {
        let text = "delete from console_link where console = $1 and console not in (select console from console_link_workspace)";
        sqlx::query(text).bind(console).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(had)
}

fn read(row: &AnyRow) -> Result<ConsoleLink, Refusal> {
    Ok(ConsoleLink {
        console: ConsoleId(row.try_get(0)?),
        console_name: row.try_get(1)?,
        address: row.try_get::<String, _>(2)?.parse().map_err(Refusal::internal)?,
        fingerprint: row.try_get::<String, _>(3)?.parse().map_err(Refusal::internal)?,
        key: LinkKey::from_text(&row.try_get::<String, _>(4)?).map_err(Refusal::internal)?,
    })
}
