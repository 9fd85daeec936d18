//! Health as dashboards count it.

use super::{groups::Groups, panel::Panel};
use bailiwick_api::dashboards::RowPart;
use bailiwick_chassis::{Refusal, sql::Db};

/// The health of one workspace.
#[derive(Clone, Default)]
pub(super) struct Health;

impl Health {
    /// Reads what changed since the last time.
    pub(super) async fn refresh(&mut self, _db: &Db) -> Result<(), Refusal> {
        Ok(())
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        0
    }

    /// Adds what a panel counts.
    pub(super) fn count(&self, _panel: &Panel<'_>, _into: &mut Groups) {}

    /// The newest rows of a panel, newest first, at most `limit`.
    pub(super) fn rows(&self, _panel: &Panel<'_>, _limit: usize) -> Vec<RowPart> {
        Vec::new()
    }
}
