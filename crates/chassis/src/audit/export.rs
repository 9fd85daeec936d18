//! Lines written to a file, a slice at a time: whoever reads slowly slows the reading of the database.

use super::{
    filter::Filter,
    store::{self, Head},
};
use crate::{Refusal, sql::Db, table::plain};
use bailiwick_api::{AuditEntry, AuditFormat};
use std::time::{Duration, Instant};

/// Lines read at a time.
const SLICE: u32 = 1_000;
/// How long an export may take; who reads slower gets a file that ends in an error.
const TIME: Duration = Duration::from_secs(600);

/// An export under way: the lines there were when it began, oldest first.
#[derive(Debug)]
pub struct Export {
    format: AuditFormat,
    at: i64,
    until: i64,
    headed: bool,
    ends: Instant,
}

impl Export {
    /// Begins.
    pub async fn begin(db: &Db, format: AuditFormat) -> Result<Self, Refusal> {
        let Head { last, .. } = store::head(db).await?;
        Ok(Self { format, at: 0, until: last, headed: false, ends: Instant::now() + TIME })
    }

    /// Media type and file name.
    pub fn kind(&self) -> (&'static str, &'static str) {
        match self.format {
            AuditFormat::Ndjson => ("application/x-ndjson", "attachment; filename=\"audit.ndjson\""),
            AuditFormat::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        }
    }

    /// The next lines; none at the end.
    pub async fn next(&mut self, db: &Db, filter: &Filter) -> Result<Option<Vec<AuditEntry>>, Refusal> {
        if self.at >= self.until {
            return Ok(None);
        }
        if Instant::now() > self.ends {
            return Err(Refusal::internal("an export was read too slowly"));
        }
        let entries = store::wanted(db, filter, self.at, self.until, SLICE).await?;
        let full = entries.len() == SLICE as usize;
        self.at = entries.last().filter(|_| full).map_or(self.until, |entry| entry.id);
        Ok(Some(entries))
    }

    /// The lines as they stand in the file.
    pub fn write(&mut self, entries: &[AuditEntry]) -> Result<Vec<u8>, Refusal> {
        match self.format {
            AuditFormat::Ndjson => {
                let mut text = Vec::new();
                for entry in entries {
                    serde_json::to_writer(&mut text, entry).map_err(Refusal::internal)?;
                    text.push(b'\n');
                }
                Ok(text)
            }
            AuditFormat::Csv => self.rows(entries).map_err(Refusal::internal),
        }
    }

    fn rows(&mut self, entries: &[AuditEntry]) -> Result<Vec<u8>, String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        if !std::mem::replace(&mut self.headed, true) {
            writer.write_record(AuditEntry::COLUMNS).map_err(|error| error.to_string())?;
        }
        for entry in entries {
            let row = entry.cells().map(|cell| plain(&cell));
            writer.write_record(row).map_err(|error| error.to_string())?;
        }
        writer.into_inner().map_err(|error| error.to_string())
    }
}
