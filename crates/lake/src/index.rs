//! The index beside each file.

use crate::Row;

/// Builds an index row by row.
#[derive(Debug, Default)]
pub(crate) struct Builder {}

impl Builder {
    pub(crate) fn add(&mut self, _row: &Row) {}

    pub(crate) fn finish(self) -> Vec<u8> {
        Vec::new()
    }
}
