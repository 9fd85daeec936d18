//! Pages of plain lists: how many rows, and a cursor that only the node reads.

use bailiwick_api::Paged;
use bailiwick_chassis::Refusal;
use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, de::DeserializeOwned};

/// Rows of a page when none are asked for.
pub(crate) const ROWS: usize = 200;
/// Rows a page may have.
pub(crate) const MAX_ROWS: usize = 1000;

/// How many rows were asked for.
pub(crate) fn rows(limit: Option<u32>) -> Result<usize, Refusal> {
    match limit.map(|n| n as usize) {
        None => Ok(ROWS),
        Some(n @ 1..=MAX_ROWS) => Ok(n),
        Some(_) => Err(Refusal::invalid("INVALID_INPUT", "limit", format!("limit: 1 to {MAX_ROWS}"))),
    }
}

/// The place a cursor stands for.
pub(crate) fn after<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Refusal> {
    let invalid = || Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: not one this node gave for this list");
    let Some(text) = cursor else { return Ok(None) };
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| invalid())?;
    serde_json::from_slice(&bytes).map(Some).map_err(|_| invalid())
}

/// A page of what was read one row further than asked for.
pub(crate) fn page<T, K: Serialize>(mut data: Vec<T>, rows: usize, key: impl Fn(&T) -> K) -> Result<Paged<T>, Refusal> {
    let more = data.len() > rows;
    data.truncate(rows);
    let last = data.last().filter(|_| more).map(|row| serde_json::to_vec(&key(row)));
    let next = last.transpose().map_err(Refusal::internal)?.map(|bytes| BASE64URL_NOPAD.encode(&bytes));
    Ok(Paged { data, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_a_cursor_only_when_there_is_more() {
        let first = page(vec![1, 2, 3], 2, |n| *n).unwrap();
        assert_eq!((first.data, after::<i32>(first.next.as_deref()).unwrap()), (vec![1, 2], Some(2)));
        assert_eq!(page(vec![3], 2, |n| *n).unwrap().next, None);
        for garbage in ["x", "!", "bnVsbA"] {
            assert_eq!(after::<(String, i64)>(Some(garbage)).unwrap_err().code(), "CURSOR_INVALID");
        }
        assert!(rows(Some(0)).is_err() && rows(Some(1001)).is_err() && rows(Some(1000)).is_ok());
    }
}
