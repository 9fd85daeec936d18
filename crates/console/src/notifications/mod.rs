//! Notifications: people are told when a customer goes down or comes back, and when the licence nears its end.
//!
//! ```text
//! health ─ a state that lasts ─┐
//! licence ─ a warning ─────────┴─► one event ─► a row for each channel ─► mail · webhook, tried for a day
//! ```
//!
//! What was told of a customer stands beside its health, in the same transaction as the rows that tell it: nothing is told twice, and
//! what comes back within the settling time is not told at all. Everything that changed in one look is one event.

mod event;
pub mod http;
mod send;
mod settings;
mod store;
mod watch;

pub use watch::{Notifier, watch};

use crate::State;
use bailiwick_api::NotificationEvent;
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_id, sql::Tx};
use settings::Settings;

/// Tells that the licence ends within so many days, 0 when it has ended; in the transaction of what notes it.
pub(crate) async fn licence_ends(state: &State, tx: &mut Tx, days: u32, now_us: i64) -> Result<(), Refusal> {
    let settings = settings::read_in(tx).await?;
    let event = event::licence(&made(state, "licence.expiry", now_us), days);
    enqueue(tx, &settings, &event, now_us).await?;
    state.notifier.wake();
    Ok(())
}

/// An event that says nothing yet.
fn made(state: &State, event: &str, now_us: i64) -> NotificationEvent {
    NotificationEvent {
        id: random_id("notification-"),
        event: event.to_owned(),
        time: from_us(now_us),
        console: state.name.clone(),
        subject: String::new(),
        changes: Vec::new(),
        more: 0,
        days: None,
    }
}

/// Puts an event where it is sent from, once for each channel there is.
async fn enqueue(tx: &mut Tx, settings: &Settings, event: &NotificationEvent, now_us: i64) -> Result<(), Refusal> {
    for channel in settings.channels() {
        store::add(tx, channel, event, now_us).await?;
    }
    store::prune(tx, now_us).await
}
