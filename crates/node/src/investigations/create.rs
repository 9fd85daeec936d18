//! Investigations that people open: empty, from signals, from log rows.

use super::{
    alerts, check_tags, check_title,
    store::{self, Named},
};
use crate::{
    access::{Action, WorkspaceGrant},
    comments, evidence,
};
use bailiwick_api::{Disposition, EntityRef, EventRow, InvestigationRow, NewEvidence, NewInvestigation, Priority, Status};
use bailiwick_chassis::{Refusal, secrets::random_id, sql::Tx};
use bailiwick_event::EntityKind;

const MAX_ENTITY_CHARS: usize = 300;

/// Opens an investigation as a person asked.
pub(super) async fn create(grant: &WorkspaceGrant, named: &Named, new: &NewInvestigation, now_us: i64) -> Result<InvestigationRow, Refusal> {
    let workspace = grant.demand(&[Action::EditInvestigations])?;
    let plan = Plan::of(new)?;
    let assignee = match &new.assignee {
        Some(asked) => Some(store::assignee(grant, &asked.email, now_us).await?),
        None => None,
    };
    let evidence = evidence_of(grant, new).await?;
    let comment = new.comment.as_ref().map(comments::check).transpose()?;
    let author = comments::author(grant).await?;
    let id = random_id("");
    let mut tx = workspace.db().begin().await?;
    plan.insert(&mut tx, &id, assignee.as_ref(), now_us).await?;
    let by = (grant.actor(), now_us);
    store::note(&mut tx, &id, by.0, now_us, ("opened", None, Some(&plan.title))).await?;
    if !new.alerts.is_empty() {
        alerts::take(&mut tx, named, &id, &new.alerts, by).await?;
        if plan.entity.is_none() {
            about(&mut tx, &id).await?;
        }
    }
    if !evidence.is_empty() {
        evidence::store::add(&mut tx, &id, &evidence, None, by).await?;
    }
    if let Some(comment) = &comment {
        comments::store::insert(&mut tx, &id, comment, &author, now_us).await?;
    }
    store::worked(&mut tx, &id, now_us).await?;
    // It was all one act: the first version is the one the answer has.
    sqlx::query("update investigation set version = 1 where id = $1").bind(&id).execute(&mut *tx).await?;
    let row = store::row_in(&mut tx, named, &id).await?;
    tx.commit().await?;
    Ok(row)
}

/// The fields as checked.
struct Plan {
    title: String,
    tags: Vec<String>,
    status: Status,
    disposition: Disposition,
    priority: Priority,
    by_hand: bool,
    entity: Option<EntityRef>,
    responsibility: Option<&'static str>,
}

impl Plan {
    fn of(new: &NewInvestigation) -> Result<Self, Refusal> {
        let refuse = |field: &str, why: &str| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {why}")));
        let (status, disposition) = (new.status.unwrap_or(Status::Open), new.disposition.unwrap_or(Disposition::Undecided));
        if status == Status::Closed && disposition == Disposition::Undecided {
            let detail = "disposition: closing needs one other than UNDECIDED";
            return Err(Refusal::invalid("DISPOSITION_REQUIRED", "disposition", detail));
        }
        if new.inherit_priority == Some(true) && new.priority.is_some() {
            return refuse("inherit_priority", "not together with a priority");
        }
        if new.comment.as_ref().is_some_and(|comment| !comment.attachments.is_empty()) {
            return refuse("comment.attachments", "a new investigation has no files yet");
        }
        let entity = new.entity.as_ref().map(check_entity).transpose()?;
        Ok(Self {
            title: check_title(&new.title)?,
            tags: check_tags(&new.tags)?,
            status,
            disposition,
            priority: new.priority.unwrap_or(Priority::Unspecified),
            by_hand: new.priority.is_some() || new.inherit_priority == Some(false),
            entity,
            responsibility: new.responsibility.map(|word| word.as_str()),
        })
    }

    async fn insert(&self, tx: &mut Tx, id: &str, assignee: Option<&bailiwick_api::Assignee>, now_us: i64) -> Result<(), Refusal> {
        sqlx::query(
            "insert into investigation (id, version, title, status, priority, priority_by_hand, disposition, source, assignee_email, assignee_name, \
             entity_type, entity_value, tags, responsibility, created, updated, closed) \
             values ($1, 1, $2, $3, $4, $5, $6, 'USER', $7, $8, $9, $10, $11, $12, $13, $13, $14)",
        )
        .bind(id)
        .bind(&self.title)
        .bind(self.status.as_str())
        .bind(self.priority as i64)
        .bind(i64::from(self.by_hand))
        .bind(self.disposition.as_str())
        .bind(assignee.map(|a| a.email.as_str()))
        .bind(assignee.map(|a| a.name.as_str()))
        .bind(self.entity.as_ref().map(|e| e.kind.as_str()))
        .bind(self.entity.as_ref().map(|e| e.value.as_str()))
        .bind(serde_json::to_string(&self.tags).map_err(Refusal::internal)?)
        .bind(self.responsibility)
        .bind(now_us)
        .bind((self.status == Status::Closed).then_some(now_us))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// It is about what its most severe signal is about.
async fn about(tx: &mut Tx, id: &str) -> Result<(), Refusal> {
    let Some((kind, value)) = alerts::main_entity(tx, id).await? else { return Ok(()) };
    let text = "update investigation set entity_type = $1, entity_value = $2 where id = $3";
    sqlx::query(text).bind(kind).bind(value).bind(id).execute(&mut **tx).await?;
    Ok(())
}

async fn evidence_of(grant: &WorkspaceGrant, new: &NewInvestigation) -> Result<Vec<EventRow>, Refusal> {
    if new.events.is_empty() {
        return Ok(Vec::new());
    }
    let asked = NewEvidence { events: new.events.clone(), note: None };
    evidence::rows(grant, &evidence::check(&asked)?).await
}

/// The kind is one that signals have; the value is kept as it is.
fn check_entity(entity: &EntityRef) -> Result<EntityRef, Refusal> {
    let kind: EntityKind = entity
        .kind
        .parse()
        .map_err(|_| Refusal::invalid("INVALID_INPUT", "entity.type", "entity.type: not a kind of entity, such as hostname, username or ip"))?;
    let value = entity.value.trim();
    if value.is_empty() || value.chars().count() > MAX_ENTITY_CHARS || value.chars().any(char::is_control) {
        return Err(Refusal::invalid("INVALID_INPUT", "entity.value", format!("entity.value: 1 to {MAX_ENTITY_CHARS} characters on one line")));
    }
    let value = match kind {
        EntityKind::Host | EntityKind::User | EntityKind::Domain | EntityKind::Hash => value.to_lowercase(),
        EntityKind::Ip => value.parse::<std::net::IpAddr>().map_or_else(|_| value.to_owned(), |ip| ip.to_string()),
        _ => value.to_owned(),
    };
    Ok(EntityRef { kind: kind.as_str().to_owned(), value })
}
