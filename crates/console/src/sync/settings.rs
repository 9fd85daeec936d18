//! Settings that belong to every customer: set once here, carried to each workspace by its sync, new ones included.

use super::store;
use crate::{
    State,
    access::Actor,
    audit::{self, Line},
    store::{set, setting},
};
use bailiwick_api::{CustomerSettings, CustomerSettingsNow};
use bailiwick_chassis::{Refusal, clock::from_us, sql::Db};

const KEY: &str = "customer_settings";
/// Who set them and when, microseconds UTC.
const KEY_BY: &str = "customer_settings_by";

/// As they were set; none when nobody did yet.
pub(super) async fn read(db: &Db) -> Result<Option<CustomerSettings>, Refusal> {
    setting(db.pool(), KEY).await
}

/// With who set them.
pub(super) async fn show(db: &Db) -> Result<CustomerSettingsNow, Refusal> {
    let settings = read(db).await?.unwrap_or_default();
    let by: Option<(String, i64)> = setting(db.pool(), KEY_BY).await?;
    let (set_by, set_time) = by.map(|(by, at)| (by, from_us(at))).unzip();
    Ok(CustomerSettingsNow { settings, set_by, set_time })
}

/// Sets them, and begins to carry them.
pub(super) async fn write(state: &State, actor: &Actor, settings: &CustomerSettings) -> Result<(), Refusal> {
    check(settings)?;
    let now_us = state.clock.now_us();
    let mut tx = state.db.begin().await?;
    set(&mut tx, KEY, settings).await?;
    set(&mut tx, KEY_BY, &(actor.email(), now_us)).await?;
    store::again_all(&mut tx, now_us).await?;
    let line = Line { actor: actor.email(), verb: "settings.customers", customer: None, outcome: audit::OK };
    audit::record_in(&mut tx, line, now_us).await?;
    tx.commit().await?;
    state.syncs.wake();
    Ok(())
}

/// Refuses here what every node would refuse, by name.
fn check(settings: &CustomerSettings) -> Result<(), Refusal> {
    let mut numbers = Vec::new();
    if let Some(retention) = &settings.retention {
        numbers.push(("retention.continuous_days", retention.continuous_days, 1, 3650));
        numbers.push(("retention.frequent_days", retention.frequent_days, 1, 3650));
        numbers.push(("retention.infrequent_days", retention.infrequent_days, 1, 3650));
    }
    if let Some(detection) = &settings.detection {
        numbers.push(("detection.window_days", detection.window_days, 1, 90));
        numbers.push(("detection.threshold", detection.threshold, 1, 1_000));
        numbers.push(("detection.quiet_cap_hours", detection.quiet_cap_hours, 24, 72));
        numbers.push(("detection.quiet_hours", detection.quiet_hours, 1, detection.quiet_cap_hours));
    }
    match numbers.into_iter().find(|(_, number, least, most)| !(*least..=*most).contains(number)) {
        Some((field, _, least, most)) => Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {least} to {most}"))),
        None => Ok(()),
    }
}
