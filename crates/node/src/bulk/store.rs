//! Bulk changes in a workspace's database. `bulk` names each, `bulk_item` holds what came of each row and how it was.

use super::{KEPT_US, UNDO_US, done, left, patch, refused};
use crate::{
    access::{Action, WorkspaceGrant},
    investigations::{self, Chosen},
    technicians,
};
use bailiwick_api::{AskBulk, Assignee, BulkAsk, BulkComment, BulkId, BulkOutcome, BulkPart, BulkPartItem, InvestigationRow, RowFilter, Visibility};
use bailiwick_chassis::{Refusal, secrets, sql::Tx};
use serde::{Deserialize, Serialize};
use sqlx::Row;

const WRITE: &[Action] = &[Action::EditInvestigations];

/// What is remembered of one row.
#[derive(Serialize, Deserialize)]
struct Kept {
    item: BulkPartItem,
    /// As it was, where it was changed.
    #[serde(default)]
    before: Option<InvestigationRow>,
    /// The comment that was added.
    #[serde(default)]
    comment: Option<String>,
    /// What came of undoing it.
    #[serde(default)]
    undone: Option<BulkPartItem>,
}

/// Who is to be assigned here, as far as that is asked.
#[derive(Clone)]
pub(super) enum To {
    /// Nobody is to be changed, or nobody is to be assigned.
    Nobody,
    /// This technician.
    Somebody(Assignee),
    /// Somebody who may not work here.
    Unknown,
}

impl To {
    /// Who is meant, as the workspace knows that person.
    pub(super) async fn find(grant: &WorkspaceGrant, ask: &AskBulk, here: &BulkAsk, now_us: i64) -> Result<Self, Refusal> {
        let Some(Some(asked)) = &ask.set.assignee else { return Ok(Self::Nobody) };
        if !here.assignable {
            return Ok(Self::Unknown);
        }
        let email = technicians::fold_email(&asked.email);
        let found = technicians::assignable(grant, Some(&email), now_us).await?.pop();
        Ok(found.map_or(Self::Unknown, Self::Somebody))
    }
}

/// Where and how a change is made.
pub(super) struct Here<'a> {
    pub(super) grant: &'a WorkspaceGrant,
    pub(super) region: &'a str,
    pub(super) ask: &'a AskBulk,
    pub(super) to: To,
    pub(super) now_us: i64,
}

impl Here<'_> {
    /// What the change would do. Nothing of it stays.
    pub(super) async fn look(&self, items: Option<&[BulkId]>) -> Result<BulkPart, Refusal> {
        let db = self.grant.demand(WRITE)?.db();
        if !self.ask.bulk.is_empty() {
            let mut tx = db.begin().await?;
            if let Some(part) = self.remembered(&mut tx).await? {
                return Ok(part);
            }
        }
        let (matched, items) = match items {
            Some(items) => (items.len() as u64, items.to_vec()),
            None => self.matching().await?,
        };
        if matched > u64::from(self.ask.cap) {
            return Ok(BulkPart { done: false, matched, items: Vec::new() });
        }
        let mut tx = db.begin().await?;
        let mut told = Vec::with_capacity(items.len());
        for item in &items {
            let kept = self.one(&mut tx, item).await?;
            // As it is, not as it would be: whoever changes it then changes what was looked at.
            let version = kept.before.map(|before| before.version).or(kept.item.version);
            told.push(BulkPartItem { version, ..kept.item });
        }
        tx.rollback().await?;
        let missing = told.iter().filter(|item| item.outcome == BulkOutcome::NotFound).count() as u64;
        Ok(BulkPart { done: false, matched: matched - missing, items: told })
    }

    /// Makes the change, once, and remembers it.
    pub(super) async fn change(&self, items: &[BulkId]) -> Result<BulkPart, Refusal> {
        let mut tx = self.grant.demand(WRITE)?.db().begin().await?;
        if let Some(part) = self.remembered(&mut tx).await? {
            return Ok(part);
        }
        forget(&mut tx, self.now_us).await?;
        sqlx::query("insert into bulk (id, actor, made, digest) values ($1, $2, $3, $4)")
            .bind(&self.ask.bulk)
            .bind(self.grant.actor())
            .bind(self.now_us)
            .bind(&self.ask.digest)
            .execute(&mut *tx)
            .await?;
        let mut told = Vec::with_capacity(items.len());
        for item in items {
            let kept = self.one(&mut tx, item).await?;
            keep(&mut tx, &self.ask.bulk, &kept).await?;
            told.push(kept.item);
        }
        tx.commit().await?;
        Ok(part(false, told))
    }

    async fn matching(&self) -> Result<(u64, Vec<BulkId>), Refusal> {
        let everything = RowFilter::default();
        let filter = self.ask.filter.as_ref().unwrap_or(&everything);
        let customer = self.ask.names.get(self.grant.workspace().id());
        let Chosen { matched, rows } = investigations::choose(self.grant, self.region, (filter, customer), self.ask.cap as usize + 1).await?;
        // Whatever changes until it is changed here may match no longer.
        let items: Vec<BulkId> = rows.into_iter().map(|(id, row)| BulkId { id, version: Some(row.version) }).collect();
        Ok((matched.max(items.len() as u64), items))
    }

    /// What this change did before, when it did.
    async fn remembered(&self, tx: &mut Tx) -> Result<Option<BulkPart>, Refusal> {
        let row = sqlx::query("select actor, digest from bulk where id = $1").bind(&self.ask.bulk).fetch_optional(&mut **tx).await?;
        let Some(row) = row else { return Ok(None) };
        if row.try_get::<String, _>("actor")? != self.grant.actor() || row.try_get::<String, _>("digest")? != self.ask.digest {
            return Err(Refusal::conflict("IDEMPOTENCY_KEY_REUSED", "Idempotency-Key: another change was made under it"));
        }
        let items = kept(tx, &self.ask.bulk).await?.into_iter().map(|kept| kept.item).collect();
        Ok(Some(part(true, items)))
    }

    /// Changes one row.
    async fn one(&self, tx: &mut Tx, target: &BulkId) -> Result<Kept, Refusal> {
        let id = target.id.as_str();
        let alone = |item| Kept { item, before: None, comment: None, undone: None };
        let before = match investigations::row_in(tx, self.grant, self.region, id).await {
            Ok(row) => row,
            Err(refusal) => return refused(id, refusal, None).map(alone),
        };
        if let Some(seen) = target.version.filter(|seen| *seen != before.version) {
            let message = format!("version: is {} by now, the change was made against {seen}", before.version);
            return Ok(alone(left(id, BulkOutcome::Conflict, "VERSION_CONFLICT", message, Some(before.version))));
        }
        let assignee = match &self.to {
            To::Unknown => {
                let message = "assignee: nobody with this address may work investigations here";
                return Ok(alone(left(id, BulkOutcome::Refused, "ASSIGNEE_UNKNOWN", message, Some(before.version))));
            }
            To::Somebody(assignee) => Some(assignee.clone()),
            To::Nobody => None,
        };
        let patch = patch(&self.ask.set, &before);
        let changed = investigations::change_in(tx, (id, &before, self.grant.actor()), &patch, assignee, self.now_us).await;
        let after = match changed {
            Ok(after) => after,
            Err(refusal) => return refused(id, refusal, Some(before.version)).map(alone),
        };
        let comment = match &self.ask.set.comment {
            Some(comment) => Some(self.comment(tx, id, comment).await?),
            None => None,
        };
        let outcome = if after.is_some() || comment.is_some() { BulkOutcome::Changed } else { BulkOutcome::Unchanged };
        let version = after.map_or(before.version, |row| row.version);
        Ok(Kept { item: done(id, outcome, version), before: Some(before), comment, undone: None })
    }

    async fn comment(&self, tx: &mut Tx, id: &str, comment: &BulkComment) -> Result<String, Refusal> {
        let me = technicians::me_in(tx, self.grant).await?;
        let made = secrets::random_id("c-");
        sqlx::query(
            "insert into comment (id, investigation, author_kind, author_email, author_name, created, body, visibility) \
             values ($1, $2, 'USER', $3, $4, $5, $6, $7)",
        )
        .bind(&made)
        .bind(id)
        .bind(&me.email)
        .bind(&me.name)
        .bind(self.now_us)
        .bind(&comment.body)
        .bind(comment.visibility.as_str())
        .execute(&mut **tx)
        .await?;
        recount(tx, self.grant.actor(), id, (None, Some(comment.visibility)), self.now_us).await?;
        Ok(made)
    }
}

/// Puts everything that a change did here back, where nobody changed it since.
pub(super) async fn undo(grant: &WorkspaceGrant, region: &str, bulk: &str, now_us: i64) -> Result<BulkPart, Refusal> {
    let mut tx = grant.demand(WRITE)?.db().begin().await?;
    let row = sqlx::query("select actor, made, undone from bulk where id = $1").bind(bulk).fetch_optional(&mut *tx).await?;
    // A workspace that never got the change has nothing to undo.
    let Some(row) = row else { return Ok(part(false, Vec::new())) };
    if row.try_get::<String, _>("actor")? != grant.actor() {
        return Err(Refusal::not_found());
    }
    let (made, undone): (i64, Option<i64>) = (row.try_get("made")?, row.try_get("undone")?);
    let items = kept(&mut tx, bulk).await?;
    if undone.is_some() {
        return Ok(part(true, items.into_iter().map(|kept| kept.undone.unwrap_or(kept.item)).collect()));
    }
    if now_us > made + UNDO_US {
        return Err(Refusal::conflict("UNDO_EXPIRED", "it can be undone for ten minutes"));
    }
    let mut told = Vec::with_capacity(items.len());
    for mut one in items {
        if one.item.outcome == BulkOutcome::Changed {
            let undone = back(&mut tx, grant, region, &one, now_us).await?;
            one.undone = Some(undone.clone());
            keep(&mut tx, bulk, &one).await?;
            told.push(undone);
        }
    }
    sqlx::query("update bulk set undone = $2 where id = $1").bind(bulk).bind(now_us).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(part(false, told))
}

/// Puts one row back, and takes its comment away.
async fn back(tx: &mut Tx, grant: &WorkspaceGrant, region: &str, kept: &Kept, now_us: i64) -> Result<BulkPartItem, Refusal> {
    let id = kept.item.id.as_str();
    if let Some(comment) = &kept.comment {
        let gone = sqlx::query("delete from comment where id = $1 returning visibility").bind(comment).fetch_optional(&mut **tx).await?;
        if let Some(gone) = gone {
            let visibility: Visibility = gone.try_get::<String, _>("visibility")?.parse().map_err(Refusal::internal)?;
            recount(tx, grant.actor(), id, (Some(visibility), None), now_us).await?;
        }
    }
    let now = match investigations::row_in(tx, grant, region, id).await {
        Ok(row) => row,
        Err(refusal) => return refused(id, refusal, None),
    };
    if kept.item.version != Some(now.version) {
        let message = format!("changed since, at {}", now.updated_time.format("%H:%M:%S UTC"));
        return Ok(left(id, BulkOutcome::Conflict, "VERSION_CONFLICT", message, Some(now.version)));
    }
    let Some(before) = &kept.before else { return Ok(done(id, BulkOutcome::Unchanged, now.version)) };
    let after = investigations::restore_in(tx, (id, &now, grant.actor()), before, now_us).await?;
    Ok(done(id, BulkOutcome::Changed, after.map_or(now.version, |row| row.version)))
}

/// Counts an investigation's comments anew after one came or went, and tells its history.
async fn recount(tx: &mut Tx, actor: &str, id: &str, (from, to): (Option<Visibility>, Option<Visibility>), now_us: i64) -> Result<(), Refusal> {
    let text = "update investigation set comments = (select count(*) from comment where investigation = $1), internal_comments = \
                (select count(*) from comment where investigation = $1 and visibility = 'INTERNAL'), updated = max(updated, $2) where id = $1";
    sqlx::query(text).bind(id).bind(now_us).execute(&mut **tx).await?;
    sqlx::query("insert into history (investigation, time, actor, field, value_from, value_to) values ($1, $2, $3, 'comment', $4, $5)")
        .bind(id)
        .bind(now_us)
        .bind(actor)
        .bind(from.map(Visibility::as_str))
        .bind(to.map(Visibility::as_str))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn part(done: bool, items: Vec<BulkPartItem>) -> BulkPart {
    let missing = items.iter().filter(|item| item.outcome == BulkOutcome::NotFound).count();
    BulkPart { done, matched: (items.len() - missing) as u64, items }
}

async fn keep(tx: &mut Tx, bulk: &str, kept: &Kept) -> Result<(), Refusal> {
    let text =
        "insert into bulk_item (bulk, investigation, body) values ($1, $2, $3) on conflict (bulk, investigation) do update set body = excluded.body";
    let body = serde_json::to_string(kept).map_err(Refusal::internal)?;
    sqlx::query(text).bind(bulk).bind(&kept.item.id).bind(body).execute(&mut **tx).await?;
    Ok(())
}

async fn kept(tx: &mut Tx, bulk: &str) -> Result<Vec<Kept>, Refusal> {
    let rows = sqlx::query("select body from bulk_item where bulk = $1 order by investigation").bind(bulk).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| serde_json::from_str(&row.try_get::<String, _>("body")?).map_err(Refusal::internal)).collect()
}

/// Lets go of changes that nobody asks about any more.
async fn forget(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    for text in ["delete from bulk_item where bulk in (select id from bulk where made < $1)", "delete from bulk where made < $1"] {
        sqlx::query(text).bind(now_us - KEPT_US).execute(&mut **tx).await?;
    }
    Ok(())
}
