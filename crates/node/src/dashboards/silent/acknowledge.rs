//! Somebody says that they know of a silence: it is not listed again, a later one of the same source category is.

use super::{BUCKET_US, DAY_US, HOUR_US};
use crate::{
    State,
    access::{Action, AtWorkspace, NoQuery, WorkspaceGrant},
    audit,
};
use axum::{Json, extract::State as With};
use bailiwick_api::{
    Acknowledgement,
    dashboards::{AcknowledgeSilence, VolumeTier},
};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    extract::{Json as Body, Query},
    sql::Tx,
};

/// Technicians who work investigations, and whoever manages the sources.
const ACTIONS: &[Action] = &[Action::EditInvestigations, Action::ManageSources];
/// Characters of a note, and of a source category.
const NOTE_CHARS: usize = 500;
const CATEGORY_CHARS: usize = 1_000;
const VERB: &str = "health.acknowledge_silence";

/// Says that it is known that a source category fell silent.
#[utoipa::path(post, path = "/api/v1/silent-categories/acknowledge", tag = "health", request_body = AcknowledgeSilence,
               responses((status = 200, body = Acknowledgement)))]
pub(crate) async fn acknowledge(
    With(state): With<State>,
    grant: WorkspaceGrant,
    _: NoQuery,
    Body(asked): Body<AcknowledgeSilence>,
) -> Result<Json<Acknowledgement>, Refusal> {
    audit::audited(&state, &grant, VERB, &asked.source_category, know(&state, &grant, &asked)).await.map(Json)
}

/// The same, by a technician.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/silent-categories/acknowledge", tag = "health",
               params(("workspace" = String, Path), AtWorkspace), request_body = AcknowledgeSilence, responses((status = 200, body = Acknowledgement)))]
pub(crate) async fn acknowledge_at(
    With(state): With<State>,
    grant: WorkspaceGrant,
    Query(_role): Query<AtWorkspace>,
    Body(asked): Body<AcknowledgeSilence>,
) -> Result<Json<Acknowledgement>, Refusal> {
    audit::audited(&state, &grant, VERB, &asked.source_category, know(&state, &grant, &asked)).await.map(Json)
}

async fn know(state: &State, grant: &WorkspaceGrant, asked: &AcknowledgeSilence) -> Result<Acknowledgement, Refusal> {
    let note = asked.note.as_deref().map(note).transpose()?.filter(|note| !note.is_empty());
    if asked.source_category.chars().count() > CATEGORY_CHARS {
        return Err(Refusal::invalid("INVALID_INPUT", "source_category", format!("source_category: at most {CATEGORY_CHARS} characters")));
    }
    let db = grant.demand(ACTIONS)?.db();
    let (now_us, last_seen) = (state.clock().now_us(), asked.last_seen.timestamp_micros());
    let mut tx = db.begin().await?;
    if !is_silence(&mut tx, asked.tier, &asked.source_category, last_seen, now_us).await? {
        return Err(Refusal::not_found());
    }
    // Who says so of an earlier silence changes nothing of what is known of a later one.
    let text = "insert into silence_known (tier, category, last_seen, ack_by, ack_time, ack_note) values ($1, $2, $3, $4, $5, $6) \
                on conflict (tier, category) do update set last_seen = excluded.last_seen, ack_by = excluded.ack_by, ack_time = excluded.ack_time, \
                ack_note = excluded.ack_note where excluded.last_seen >= silence_known.last_seen";
    sqlx::query(text)
        .bind(asked.tier.as_str())
        .bind(&asked.source_category)
        .bind(last_seen)
        .bind(grant.actor())
        .bind(now_us)
        .bind(note.as_deref())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Acknowledgement { by: grant.actor().to_owned(), time: from_us(now_us), note })
}

/// Whether something was heard right before an instant, and nothing for a day from then on.
async fn is_silence(tx: &mut Tx, tier: VolumeTier, category: &str, last_seen: i64, now_us: i64) -> Result<bool, Refusal> {
    let last = last_seen - BUCKET_US;
    if last + DAY_US >= now_us {
        return Ok(false);
    }
    // By 5 minutes; where those are not kept any more, by the hour.
    let text = "select 1 as one from meter where (grain = 300 and bucket = $1 or grain = 3600 and bucket = $2) \
                and (tier = $3 or $3 = 'cse' and cse = 1) and category = $4 and (bytes > 0 or stored + failed > 0) limit 1";
    let query = sqlx::query(text).bind(last).bind(last - last.rem_euclid(HOUR_US));
    let before = query.bind(tier.as_str()).bind(category).fetch_optional(&mut **tx).await?;
    let text = "select 1 as one from meter where (grain = 300 and bucket > $1 and bucket <= $2 or grain = 3600 and bucket > $1 and bucket <= $3) \
                and (tier = $4 or $4 = 'cse' and cse = 1) and category = $5 and (bytes > 0 or stored + failed > 0) limit 1";
    let query = sqlx::query(text).bind(last).bind(last + DAY_US).bind(last + DAY_US - HOUR_US + BUCKET_US);
    let after = query.bind(tier.as_str()).bind(category).fetch_optional(&mut **tx).await?;
    Ok(before.is_some() && after.is_none())
}

fn note(note: &str) -> Result<String, Refusal> {
    let note = note.trim();
    if note.chars().count() > NOTE_CHARS || note.chars().any(char::is_control) {
        return Err(Refusal::invalid("INVALID_INPUT", "note", format!("note: at most {NOTE_CHARS} characters, none of them a control character")));
    }
    Ok(note.to_owned())
}
