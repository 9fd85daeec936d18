//! The pool: set by hand or by a signed file, never to less than is allocated.

use super::{allocate::fits, check, expiry, store};
use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    sync,
};
use bailiwick_api::{LicenceFile, LicencePool, LicenceResource, PoolResource, PoolSource, PutPool, Resources};
use bailiwick_chassis::{Refusal, clock::from_us};
use bailiwick_client::open_document;
use http::StatusCode;

/// What a licence file is signed as.
pub(super) const KIND: &str = "bailiwick-licence";
const FILE_BYTES: usize = 16 << 10;
const LICENSEE_CHARS: usize = 200;

/// What is to become the pool.
pub(super) struct NewPool {
    pub(super) resources: Resources,
    pub(super) expires_us: Option<i64>,
    pub(super) source: PoolSource,
    pub(super) licensee: Option<String>,
}

/// The pool as it stands.
pub(super) async fn get(state: &State) -> Result<LicencePool, Refusal> {
    let row = store::pool(&state.db).await?;
    let (sums, now_us) = (store::sums(&state.db).await?, state.clock.now_us());
    let told = sync::licences_told(state).await?;
    let resource = |resource: LicenceResource| {
        let total = row.resources.get(resource);
        let allocated = sums.get(resource).unwrap_or(0);
        let each = told.values().map(|(licence, _)| licence.usage.of(resource));
        PoolResource {
            resource,
            total,
            allocated,
            available: total.map(|total| if resource.is_sum() { total.saturating_sub(allocated) } else { total }),
            used: if resource.is_sum() { each.sum() } else { each.max().unwrap_or(0) },
        }
    };
    let days_left = row.expires_us.map(|ends| expiry::days_left(ends, now_us));
    Ok(LicencePool {
        state: expiry::state(&row, now_us),
        resources: LicenceResource::ALL.iter().map(|one| resource(*one)).collect(),
        expires_at: row.expires_us.map(from_us),
        days_left,
        warning: row.expires_us.and_then(|ends| expiry::warning(ends, now_us)),
        source: row.source,
        licensee: row.licensee,
        set_by: row.set_by,
        set_time: row.set_us.map(from_us),
    })
}

/// Sets the pool, or says what is in the way; either is in the audit.
pub(super) async fn put(state: &State, actor: &Actor, new: &PutPool) -> Result<LicencePool, Refusal> {
    if let Err(refusal) = try_put(state, actor, new).await {
        audit::record(state, Line { actor: actor.email(), verb: "licence.pool", customer: None, outcome: refusal.code() }).await?;
        return Err(refusal);
    }
    expiry::warn(state).await?;
    get(state).await
}

async fn try_put(state: &State, actor: &Actor, put: &PutPool) -> Result<(), Refusal> {
    let new = match &put.file {
        Some(file) => of_file(state, put, file)?,
        None => NewPool {
            resources: put.resources(),
            expires_us: put.expires_at.map(|at| at.timestamp_micros()),
            source: PoolSource::Hand,
            licensee: None,
        },
    };
    check(&new.resources)?;
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    store::take_pool(&mut tx).await?;
    // What is allocated must fit; of days, the most that anybody has.
    fits(&new.resources, &Resources::default(), &store::allocated(&mut tx, None).await?)?;
    store::set_pool(&mut tx, &new, actor, now_us).await?;
    let line = Line { actor: actor.email(), verb: "licence.pool", customer: None, outcome: audit::OK };
    audit::record_in(&mut tx, line, now_us).await?;
    Ok(tx.commit().await?)
}

fn of_file(state: &State, put: &PutPool, file: &str) -> Result<NewPool, Refusal> {
    if (PutPool { file: None, ..put.clone() }) != PutPool::default() {
        return Err(Refusal::invalid("INVALID_INPUT", "file", "file: alone; its numbers and its end are in it"));
    }
    let unmet = |code: &str, detail: &str| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, code).field("file").detail(detail);
    let Some(key) = &state.licence_public_key else {
        return Err(unmet("NO_LICENCE_KEY", "file: this console has no licence_public_key in its settings; without it a file proves nothing"));
    };
    let invalid = || unmet("LICENCE_FILE_INVALID", "file: not a licence signed with the key this console was given");
    if file.len() > FILE_BYTES {
        return Err(invalid());
    }
    let bytes = open_document(key, KIND, file).map_err(|_| invalid())?;
    let file: LicenceFile = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
    let licensee = file.licensee.chars().filter(|c| !c.is_control()).take(LICENSEE_CHARS).collect();
    let expires_us = file.expires_at.map(|at| at.timestamp_micros());
    Ok(NewPool { resources: file.resources, expires_us, source: PoolSource::File, licensee: Some(licensee) })
}
