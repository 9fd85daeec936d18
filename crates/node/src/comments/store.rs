//! Comments in a workspace's database. A comment, what it says of its files and the counts of its investigation are one transaction.

use super::MAX_COMMENTS;
use crate::{
    access::{Action, WorkspaceGrant},
    attachments,
    investigations::store::{self as cases, Named},
    paging,
};
use bailiwick_api::{Author, Comment, NewComment, Paged, Visibility};
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_id, sql::Tx};
use http::StatusCode;
use sqlx::{Row, any::AnyRow};

const READ: &[Action] = &[Action::ViewInvestigations, Action::EditInvestigations];
const WRITE: &[Action] = &[Action::EditInvestigations];
/// What its author does with a comment.
const SAY: &[Action] = &[Action::EditInvestigations, Action::CommentInvestigations];

/// A page of comments that the reader may see, oldest first.
pub(crate) async fn page(grant: &WorkspaceGrant, investigation: &str, limit: usize, cursor: Option<&str>) -> Result<Paged<Comment>, Refusal> {
    let db = grant.demand(READ)?.db();
    let (created, after): (i64, String) = paging::after(cursor)?.unwrap_or((i64::MIN, String::new()));
    let known = sqlx::query("select 1 as one from investigation where id = $1").bind(investigation).fetch_optional(db.pool()).await?;
    known.ok_or_else(Refusal::not_found)?;
    let text = "select id, author_kind, author_email, author_name, created, body, visibility from comment where investigation = $1 \
                and ($2 = 1 or visibility = 'PUBLIC') and (created > $3 or (created = $3 and id > $4)) order by created, id limit $5";
    let rows = sqlx::query(text)
        .bind(investigation)
        .bind(i64::from(grant.reads_internal()))
        .bind(created)
        .bind(after)
        .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
        .fetch_all(db.pool())
        .await?;
    let mut comments = rows.iter().map(comment).collect::<Result<Vec<_>, _>>()?;
    attachments::store::to_comments(db, investigation, &mut comments).await?;
    paging::page(comments, limit, |comment| (comment.created_time.timestamp_micros(), comment.id.clone()))
}

/// Adds a comment.
pub(super) async fn add(
    grant: &WorkspaceGrant,
    named: &Named,
    investigation: &str,
    (new, author): (&NewComment, &Author),
    now_us: i64,
) -> Result<Comment, Refusal> {
    let db = grant.demand(SAY)?.db();
    let mut tx = db.begin().await?;
    cases::unmerged(&mut tx, named, investigation).await?;
    let id = insert(&mut tx, investigation, new, author, now_us).await?;
    cases::worked(&mut tx, investigation, now_us).await?;
    let written = read(&mut tx, investigation, &id).await?;
    tx.commit().await?;
    with_files(grant, investigation, written).await
}

/// Writes a comment within a transaction; the caller counts.
pub(crate) async fn insert(tx: &mut Tx, investigation: &str, new: &NewComment, author: &Author, now_us: i64) -> Result<String, Refusal> {
    let row = sqlx::query("select count(*) as n from comment where investigation = $1").bind(investigation).fetch_one(&mut **tx).await?;
    if row.try_get::<i64, _>("n")? >= MAX_COMMENTS {
        return Err(Refusal::conflict("TOO_MANY_COMMENTS", format!("an investigation has at most {MAX_COMMENTS} comments")));
    }
    let id = random_id("c-");
    sqlx::query(
        "insert into comment (id, investigation, author_kind, author_email, author_name, created, body, visibility) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&id)
    .bind(investigation)
    .bind(author.kind.as_str())
    .bind(&author.email)
    .bind(&author.name)
    .bind(now_us)
    .bind(&new.body)
    .bind(new.visibility.as_str())
    .execute(&mut **tx)
    .await?;
    for file in &new.attachments {
        let text = "update attachment set comment = $1 where id = $2 and investigation = $3 and comment is null and scan_status <> 'UPLOADING'";
        if sqlx::query(text).bind(&id).bind(file).bind(investigation).execute(&mut **tx).await?.rows_affected() == 0 {
            let detail = format!("attachments: {file}: no file of this investigation without a comment");
            return Err(Refusal::invalid("ATTACHMENT_UNKNOWN", "attachments", detail));
        }
    }
    cases::note(tx, investigation, &author.email, now_us, ("comment", None, Some(new.visibility.as_str()))).await?;
    Ok(id)
}

/// Changes who reads a comment.
pub(super) async fn set_visibility(grant: &WorkspaceGrant, investigation: &str, id: &str, to: Visibility, now_us: i64) -> Result<Comment, Refusal> {
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    let before = read(&mut tx, investigation, id).await?;
    if before.visibility != to {
        let text = "update comment set visibility = $1 where id = $2";
        sqlx::query(text).bind(to.as_str()).bind(id).execute(&mut *tx).await?;
        let change = ("comment", Some(before.visibility.as_str()), Some(to.as_str()));
        cases::note(&mut tx, investigation, grant.actor(), now_us, change).await?;
        cases::worked(&mut tx, investigation, now_us).await?;
    }
    tx.commit().await?;
    with_files(grant, investigation, Comment { visibility: to, ..before }).await
}

/// Takes a comment back; its author's right alone. Its files stay with the investigation, for technicians.
pub(super) async fn remove(grant: &WorkspaceGrant, investigation: &str, id: &str, now_us: i64) -> Result<(), Refusal> {
    let mut tx = grant.demand(SAY)?.db().begin().await?;
    let before = read(&mut tx, investigation, id).await?;
    if before.visibility == Visibility::Internal && !grant.reads_internal() {
        return Err(Refusal::not_found());
    }
    if before.author.email != grant.actor() {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "NOT_AUTHOR").detail("only who wrote a comment may delete it"));
    }
    sqlx::query("update attachment set comment = null where comment = $1").bind(id).execute(&mut *tx).await?;
    sqlx::query("delete from comment where id = $1").bind(id).execute(&mut *tx).await?;
    cases::note(&mut tx, investigation, grant.actor(), now_us, ("comment", Some(before.visibility.as_str()), None)).await?;
    cases::worked(&mut tx, investigation, now_us).await?;
    Ok(tx.commit().await?)
}

async fn read(tx: &mut Tx, investigation: &str, id: &str) -> Result<Comment, Refusal> {
    let text = "select id, author_kind, author_email, author_name, created, body, visibility from comment where id = $1 and investigation = $2";
    let row = sqlx::query(text).bind(id).bind(investigation).fetch_optional(&mut **tx).await?;
    comment(&row.ok_or_else(Refusal::not_found)?)
}

async fn with_files(grant: &WorkspaceGrant, investigation: &str, comment: Comment) -> Result<Comment, Refusal> {
    let mut one = vec![comment];
    attachments::store::to_comments(grant.demand(SAY)?.db(), investigation, &mut one).await?;
    one.pop().ok_or_else(Refusal::not_found)
}

fn comment(row: &AnyRow) -> Result<Comment, Refusal> {
    let word = |name: &str| row.try_get::<String, _>(name);
    Ok(Comment {
        id: word("id")?,
        author: Author { kind: word("author_kind")?.parse().map_err(Refusal::internal)?, email: word("author_email")?, name: word("author_name")? },
        created_time: from_us(row.try_get("created")?),
        body: word("body")?,
        visibility: word("visibility")?.parse().map_err(Refusal::internal)?,
        attachments: Vec::new(),
    })
}
