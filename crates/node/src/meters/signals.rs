//! Signals by the time of the event that completed them, counted where they are written.

use super::{GRAIN, GRAINS, bucket};
use crate::dashboards;
use bailiwick_chassis::{Refusal, sql::Tx};
use std::collections::BTreeMap;

/// Signals, ready to be counted.
#[derive(Debug, Default)]
pub(crate) struct SignalTally(BTreeMap<(i64, &'static str), i64>);

impl SignalTally {
    /// Adds one.
    pub(crate) fn add(&mut self, event_time: i64, prototype: bool, suppressed: bool) {
        let state = if prototype {
            "prototype"
        } else if suppressed {
            "suppressed"
        } else {
            "active"
        };
        *self.0.entry((bucket(event_time, GRAIN), state)).or_default() += 1;
    }

    /// Writes them, in the transaction that writes the signals.
    pub(crate) async fn write(&self, tx: &mut Tx) -> Result<(), Refusal> {
        for (grain, _) in GRAINS {
            let mut buckets: BTreeMap<(i64, &str), i64> = BTreeMap::new();
            for ((at, state), n) in &self.0 {
                *buckets.entry((bucket(*at, grain), state)).or_default() += n;
            }
            for ((at, state), n) in buckets {
                let text = "insert into signal_meter (grain, bucket, state, n) values ($1, $2, $3, $4) \
                            on conflict (grain, bucket, state) do update set n = signal_meter.n + excluded.n";
                sqlx::query(text).bind(grain).bind(at).bind(state).bind(n).execute(&mut **tx).await?;
            }
        }
        dashboards::mark(tx, "signals", self.0.keys().map(|(at, _)| *at)).await
    }
}
