//! Attachments in a workspace's database; an unfinished upload is a row, too.

use super::{ABANDONED_US, MAX_FILES, files};
use crate::{
    access::{Action, WorkspaceGrant},
    investigations::store::{self as cases, Named},
    workspaces::Workspace,
};
use bailiwick_api::{ATTACHMENT_PART_BYTES, Attachment, Author, Comment, FinishUpload, MAX_ATTACHMENT_BYTES, NewUpload, ScanStatus, Upload};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    secrets::random_id,
    sql::{Db, Tx},
};
use http::StatusCode;
use sqlx::{Row, any::AnyRow};

const READ: &[Action] = &[Action::ViewInvestigations, Action::EditInvestigations];
const WRITE: &[Action] = &[Action::EditInvestigations];
const UPLOADING: &str = "UPLOADING";

/// Begins a file: it is nothing until it is finished.
pub(super) async fn begin(
    grant: &WorkspaceGrant,
    named: &Named,
    investigation: &str,
    (new, author): (&NewUpload, &Author),
    (quota, now_us): (u64, i64),
) -> Result<Upload, Refusal> {
    let workspace = grant.demand(WRITE)?;
    throw_away(workspace, now_us).await?;
    let mut tx = workspace.db().begin().await?;
    cases::unmerged(&mut tx, named, investigation).await?;
    let row = sqlx::query("select count(*) as n from attachment where investigation = $1").bind(investigation).fetch_one(&mut *tx).await?;
    if row.try_get::<i64, _>("n")? >= MAX_FILES {
        return Err(Refusal::conflict("TOO_MANY_ATTACHMENTS", format!("an investigation has at most {MAX_FILES} files")));
    }
    within(used(&mut tx).await?, quota)?;
    let id = random_id("a-");
    sqlx::query(
        "insert into attachment (id, investigation, file_name, mime_type, size, sha256, author_kind, author_email, author_name, created, scan_status) \
         values ($1, $2, $3, $4, 0, '', $5, $6, $7, $8, 'UPLOADING')",
    )
    .bind(&id)
    .bind(investigation)
    .bind(&new.name)
    .bind(&new.mime_type)
    .bind(author.kind.as_str())
    .bind(&author.email)
    .bind(&author.name)
    .bind(now_us)
    .execute(&mut *tx)
    .await?;
    let path = files::path(workspace, &id);
    files::blocking(move || files::create(&path)).await.map_err(Refusal::internal)?;
    tx.commit().await?;
    Ok(Upload { id })
}

/// Adds a part to a file that is being sent.
pub(super) async fn part(grant: &WorkspaceGrant, investigation: &str, id: &str, offset: u64, part: Vec<u8>) -> Result<(), Refusal> {
    let workspace = grant.demand(WRITE)?;
    let size = uploading(grant, workspace.db(), investigation, id).await?;
    let end = offset.saturating_add(part.len() as u64);
    if part.is_empty() || part.len() > ATTACHMENT_PART_BYTES || end > MAX_ATTACHMENT_BYTES {
        return Err(too_large());
    }
    if offset > size {
        return Err(Refusal::conflict("PART_MISSING", format!("offset: {size} bytes are here, this part begins at {offset}")).field("offset"));
    }
    let path = files::path(workspace, id);
    let length = files::blocking(move || files::write(&path, offset, &part)).await.map_err(Refusal::internal)?;
    let text = "update attachment set size = $1 where id = $2 and scan_status = 'UPLOADING'";
    sqlx::query(text).bind(i64::try_from(length).unwrap_or(i64::MAX)).bind(id).execute(workspace.db().pool()).await?;
    Ok(())
}

pub(super) fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE").detail(format!("body: a file of 1 to {MAX_ATTACHMENT_BYTES} bytes"))
}

/// The file is whole: from here on it is one of the investigation's.
pub(super) async fn finish(
    grant: &WorkspaceGrant,
    investigation: &str,
    (id, finish): (&str, &FinishUpload),
    (quota, scanned): (u64, bool),
    now_us: i64,
) -> Result<Attachment, Refusal> {
    let workspace = grant.demand(WRITE)?;
    uploading(grant, workspace.db(), investigation, id).await?;
    let path = files::path(workspace, id);
    let (size, sha256) = files::blocking(move || files::settle(&path)).await.map_err(Refusal::internal)?;
    if size == 0 || size != finish.size || !sha256.eq_ignore_ascii_case(&finish.sha256) {
        let detail = format!("size, sha256: {size} bytes with {sha256} are here, not what was said to be sent");
        return Err(Refusal::conflict("UPLOAD_INCOMPLETE", detail).field("sha256"));
    }
    let mut tx = workspace.db().begin().await?;
    within(used(&mut tx).await?.saturating_add(size), quota)?;
    let status = if scanned { ScanStatus::Pending } else { ScanStatus::Unscanned };
    let text = "update attachment set size = $1, sha256 = $2, scan_status = $3, created = $4 where id = $5 and scan_status = 'UPLOADING'";
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    sqlx::query(text).bind(size).bind(&sha256).bind(status.as_str()).bind(now_us).bind(id).execute(&mut *tx).await?;
    let row = sqlx::query(BY_ID).bind(id).fetch_optional(&mut *tx).await?.ok_or_else(Refusal::not_found)?;
    let file = attachment(&row)?;
    cases::note(&mut tx, investigation, grant.actor(), now_us, ("attachment", None, Some(&file.file_name))).await?;
    cases::worked(&mut tx, investigation, now_us).await?;
    tx.commit().await?;
    Ok(file)
}

const BY_ID: &str = "select id, comment, file_name, mime_type, size, sha256, author_kind, author_email, author_name, created, scan_status, scan_detail \
                     from attachment where id = $1 and scan_status <> 'UPLOADING'";

/// The files that the reader may see, oldest first; there are never more than some hundred.
pub(super) async fn list(grant: &WorkspaceGrant, investigation: &str) -> Result<Vec<Attachment>, Refusal> {
    let db = grant.demand(READ)?.db();
    let known = sqlx::query("select 1 as one from investigation where id = $1").bind(investigation).fetch_optional(db.pool()).await?;
    known.ok_or_else(Refusal::not_found)?;
    of_investigation(db, investigation, grant.reads_internal()).await
}

/// The same, whoever asks.
pub(crate) async fn of_investigation(db: &Db, investigation: &str, internal: bool) -> Result<Vec<Attachment>, Refusal> {
    let text = "select a.id, a.comment, a.file_name, a.mime_type, a.size, a.sha256, a.author_kind, a.author_email, a.author_name, a.created, \
                a.scan_status, a.scan_detail from attachment a left join comment c on c.id = a.comment where a.investigation = $1 \
                and a.scan_status <> 'UPLOADING' and ($2 = 1 or c.visibility = 'PUBLIC') order by a.created, a.id limit 10000";
    let rows = sqlx::query(text).bind(investigation).bind(i64::from(internal)).fetch_all(db.pool()).await?;
    rows.iter().map(attachment).collect()
}

/// Gives comments their files.
pub(crate) async fn to_comments(db: &Db, investigation: &str, comments: &mut [Comment]) -> Result<(), Refusal> {
    if comments.is_empty() {
        return Ok(());
    }
    for file in of_investigation(db, investigation, true).await? {
        let owner = comments.iter_mut().find(|comment| file.comment.as_ref() == Some(&comment.id));
        if let Some(owner) = owner {
            owner.attachments.push(file);
        }
    }
    Ok(())
}

/// One file that the reader may see.
pub(super) async fn get(grant: &WorkspaceGrant, investigation: &str, id: &str) -> Result<Attachment, Refusal> {
    list(grant, investigation).await?.into_iter().find(|file| file.id == id).ok_or_else(Refusal::not_found)
}

/// Refuses what must not be handed out.
pub(super) fn downloadable(file: &Attachment) -> Result<(), Refusal> {
    match file.scan_status {
        ScanStatus::Pending => Err(Refusal::conflict("ATTACHMENT_PENDING", "the file is not scanned yet; try again soon").retry_after(5)),
        ScanStatus::Infected => {
            let found = file.scan_detail.as_deref().unwrap_or("malware");
            Err(Refusal::conflict("ATTACHMENT_INFECTED", format!("the scanner found {found}")))
        }
        ScanStatus::Clean | ScanStatus::Unscanned | ScanStatus::Failed => Ok(()),
    }
}

/// Files that wait for the scanner, oldest first.
pub(super) async fn waiting(db: &Db) -> Result<Vec<String>, Refusal> {
    let rows = sqlx::query("select id from attachment where scan_status = 'PENDING' order by created, id limit 1000").fetch_all(db.pool()).await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// What the scanner could not tell before is looked at again.
pub(super) async fn look_again(db: &Db) -> Result<(), Refusal> {
    sqlx::query("update attachment set scan_status = 'PENDING', scan_detail = null where scan_status = 'FAILED'").execute(db.pool()).await?;
    Ok(())
}

/// Writes down what the scanner said.
pub(super) async fn scanned(db: &Db, id: &str, status: ScanStatus, detail: Option<&str>, now_us: i64) -> Result<(), Refusal> {
    let mut tx = db.begin().await?;
    let text =
        "update attachment set scan_status = $1, scan_detail = $2 where id = $3 and scan_status = 'PENDING' returning investigation, file_name";
    let row = sqlx::query(text).bind(status.as_str()).bind(detail).bind(id).fetch_optional(&mut *tx).await?;
    if let Some(row) = row {
        let (investigation, name): (String, String) = (row.try_get("investigation")?, row.try_get("file_name")?);
        if status == ScanStatus::Infected {
            cases::note(&mut tx, &investigation, "scanner", now_us, ("attachment_infected", None, Some(&name))).await?;
        }
        cases::changed(&mut tx, &investigation, now_us).await?;
    }
    Ok(tx.commit().await?)
}

/// Bytes of a file that is being sent by this person.
async fn uploading(grant: &WorkspaceGrant, db: &Db, investigation: &str, id: &str) -> Result<u64, Refusal> {
    let text = "select size from attachment where id = $1 and investigation = $2 and author_email = $3 and scan_status = $4";
    let row = sqlx::query(text).bind(id).bind(investigation).bind(grant.actor()).bind(UPLOADING).fetch_optional(db.pool()).await?;
    let row = row.ok_or_else(Refusal::not_found)?;
    Ok(u64::try_from(row.try_get::<i64, _>("size")?).unwrap_or_default())
}

async fn used(tx: &mut Tx) -> Result<u64, Refusal> {
    let text = "select coalesce(sum(size), 0) as n from attachment where scan_status <> 'UPLOADING'";
    let row = sqlx::query(text).fetch_one(&mut **tx).await?;
    Ok(u64::try_from(row.try_get::<i64, _>("n")?).unwrap_or_default())
}

fn within(bytes: u64, quota: u64) -> Result<(), Refusal> {
    if bytes < quota {
        return Ok(());
    }
    let detail = format!("the files of this workspace may have {quota} bytes together; there is no room for this one");
    Err(Refusal::conflict("ATTACHMENT_QUOTA", detail))
}

/// Forgets what nobody finished.
async fn throw_away(workspace: &Workspace, now_us: i64) -> Result<(), Refusal> {
    let text = "delete from attachment where scan_status = 'UPLOADING' and created < $1 returning id";
    let rows = sqlx::query(text).bind(now_us - ABANDONED_US).fetch_all(workspace.db().pool()).await?;
    for row in &rows {
        let path = files::path(workspace, &row.try_get::<String, _>("id")?);
        if let Err(error) = tokio::fs::remove_file(&path).await {
            tracing::warn!(workspace.id = %workspace.id(), error = %error, "an abandoned file was not removed");
        }
    }
    Ok(())
}

fn attachment(row: &AnyRow) -> Result<Attachment, Refusal> {
    let word = |name: &str| row.try_get::<String, _>(name);
    Ok(Attachment {
        id: word("id")?,
        file_name: word("file_name")?,
        mime_type: word("mime_type")?,
        size: u64::try_from(row.try_get::<i64, _>("size")?).unwrap_or_default(),
        sha256: word("sha256")?,
        created_time: from_us(row.try_get("created")?),
        author: Author { kind: word("author_kind")?.parse().map_err(Refusal::internal)?, email: word("author_email")?, name: word("author_name")? },
        scan_status: word("scan_status")?.parse().map_err(Refusal::internal)?,
        scan_detail: row.try_get("scan_detail")?,
        comment: row.try_get("comment")?,
    })
}
