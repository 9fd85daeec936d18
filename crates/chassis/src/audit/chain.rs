//! The chain: what each hash is over, and walking it.

use super::store::{self, Head};
use crate::{Refusal, sql::Db};
use bailiwick_api::{AUDIT_BEGINNING, AuditCheck, AuditEntry};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};

/// Lines read at a time.
const SLICE: i64 = 2_000;

/// The hash a line has to have.
pub fn hash(entry: &AuditEntry) -> String {
    HEXLOWER.encode(&Sha256::digest(entry.canonical()))
}

/// Up to where lines fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Id of the last line that fits; 0 before the first.
    pub last: i64,
    /// Its hash.
    pub head: String,
}

impl Default for Chain {
    fn default() -> Self {
        Self { last: 0, head: AUDIT_BEGINNING.to_owned() }
    }
}

impl Chain {
    /// Takes the next line. The id of the line that does not fit, or is not there, when this is not the one that has to come.
    pub fn take(&mut self, entry: &AuditEntry) -> Result<(), i64> {
        let due = self.last + 1;
        if entry.id != due || entry.previous != self.head || hash(entry) != entry.hash {
            return Err(due);
        }
        (self.last, self.head) = (entry.id, entry.hash.clone());
        Ok(())
    }
}

/// Walks the lines there are now, from the first or from behind the line `after`, for as long as there is time. An `after` that is no
/// line: 400.
pub async fn check(db: &Db, after: Option<i64>, time: Duration) -> Result<AuditCheck, Refusal> {
    let ends = Instant::now() + time;
    let Head { last, hash: newest } = store::head(db).await?;
    let mut chain = match after.filter(|id| *id > 0) {
        Some(id) => store::line(db, id).await?.map(|entry| Chain { last: id, head: entry.hash }).ok_or_else(no_line)?,
        None => Chain::default(),
    };
    let (first, mut broken_at) = (chain.last + 1, None);
    while broken_at.is_none() && chain.last < last && Instant::now() < ends {
        broken_at = slice(db, &mut chain, last).await?;
    }
    let complete = chain.last == last;
    if broken_at.is_none() && complete && chain.head != newest {
        broken_at = Some(last);
    }
    let any = chain.last >= first;
    Ok(AuditCheck {
        entries: u64::try_from(chain.last + 1 - first).unwrap_or_default(),
        first_id: any.then_some(first),
        last_id: any.then_some(chain.last),
        head: chain.head,
        ok: broken_at.is_none(),
        broken_at,
        complete,
    })
}

/// Walks the next lines up to `last`; the id of the first that does not fit.
async fn slice(db: &Db, chain: &mut Chain, last: i64) -> Result<Option<i64>, Refusal> {
    let entries = store::run(db, chain.last, last, SLICE).await?;
    if entries.is_empty() {
        return Ok(Some(chain.last + 1));
    }
    Ok(entries.iter().find_map(|entry| chain.take(entry).err()))
}

fn no_line() -> Refusal {
    Refusal::invalid("INVALID_INPUT", "after", "query: after: no line has this id")
}
