//! Where a page ended, as opaque text for a URL. It holds the order, the last row's place in it and a digest of the filter, so
//! that it cannot be used with another question; it holds nothing a customer wrote.

use bailiwick_api::{Sort, SortKey};
use bailiwick_chassis::Refusal;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// Characters a cursor may have.
const MAX_CHARS: usize = 1000;

#[derive(Serialize, Deserialize)]
struct Place {
    sort: Sort,
    key: SortKey,
    filter: String,
}

/// Writes a cursor.
pub(super) fn write(sort: Sort, key: SortKey, filter: &str) -> Option<String> {
    let place = Place { sort, key, filter: filter.to_owned() };
    // A struct of numbers and text is always JSON; should it not be, the list ends here.
    serde_json::to_vec(&place).ok().map(|bytes| BASE64URL_NOPAD.encode(&bytes))
}

/// Reads a cursor; one that was cut, made up, or made for another order or filter is a 400.
pub(super) fn read(text: &str, sort: Sort, filter: &str) -> Result<SortKey, Refusal> {
    let refuse = |why: &str| Refusal::invalid("CURSOR_INVALID", "cursor", format!("cursor: {why}"));
    let bytes = Some(text).filter(|text| text.len() <= MAX_CHARS).and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
    let place: Option<Place> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let place = place.ok_or_else(|| refuse("not one this console made"))?;
    if place.sort != sort {
        return Err(refuse("made for another order"));
    }
    if place.filter != filter {
        return Err(refuse("made for another filter"));
    }
    Ok(place.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_only_with_its_own_order_and_filter() {
        let key = SortKey { first: 4, created: 1_700_000_000_000_000, rrn: "rrn:investigation:eu:a:investigation:1".into() };
        let text = write(Sort::Priority, key.clone(), "digest").unwrap();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
        assert_eq!(read(&text, Sort::Priority, "digest").unwrap(), key);
        for (text, sort, filter) in [
            (text.as_str(), Sort::Newest, "digest"),
            (text.as_str(), Sort::Priority, "other"),
            (&text[..20], Sort::Priority, "digest"),
            ("", Sort::Priority, "digest"),
            ("é", Sort::Priority, "digest"),
            (&"A".repeat(5000), Sort::Priority, "digest"),
        ] {
            let refusal = read(text, sort, filter).unwrap_err();
            assert_eq!((refusal.status().as_u16(), refusal.code()), (400, "CURSOR_INVALID"));
            assert_eq!(refusal.problem().field.as_deref(), Some("cursor"));
        }
    }
}
