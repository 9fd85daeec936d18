//! Source categories that fell silent.

use super::panel::Panel;
use bailiwick_api::dashboards::RowPart;
use bailiwick_chassis::{Refusal, sql::Db};

/// When each tier and source category of one workspace sent, and what of its silence was acknowledged.
#[derive(Clone, Default)]
pub(super) struct Silent;

impl Silent {
    /// Reads what changed since the last time.
    pub(super) async fn refresh(&mut self, _db: &Db) -> Result<(), Refusal> {
        Ok(())
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        0
    }

    /// The newest rows of a panel, newest first, at most `limit`.
    pub(super) fn rows(&self, _panel: &Panel<'_>, _limit: usize) -> Vec<RowPart> {
        Vec::new()
    }
}
