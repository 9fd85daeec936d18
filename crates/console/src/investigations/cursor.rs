//! Where a page or a feed ended, as opaque text for a URL: sealed with a key that never leaves this console's database, since it may hold a
//! title or an address. It is tied to its order and its filter, so that it cannot be used with another question.
//!
//! The same place is always the same text: the nonce is a keyed hash of what is sealed, so nonces repeat only where everything does.

use crate::StartError;
use bailiwick_api::{FeedPosition, NodeId, Sort, SortKey};
use bailiwick_chassis::{Refusal, secrets, sql::Db};
use data_encoding::BASE64URL_NOPAD;
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use std::collections::BTreeMap;

/// Characters a cursor may have: enough for the feed of 500 nodes.
const MAX_CHARS: usize = 20_000;
const KEY: &str = "cursor_key";

/// What a cursor is for; one cannot stand in for another.
const PAGE: &[u8] = b"page";
const FEED: &[u8] = b"feed";

/// Seals cursors.
pub struct Seal {
    key: LessSafeKey,
    nonces: hmac::Key,
}

#[derive(Serialize, Deserialize)]
struct Place {
    sort: Sort,
    key: SortKey,
    filter: String,
}

/// Up to where a feed was told, node by node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Where nodes begin that are not in here, in µs.
    pub(super) since: i64,
    nodes: BTreeMap<u32, FeedPosition>,
}

impl Seal {
    /// The console's own, made at the first start that knows of it.
    pub(crate) async fn load(db: &Db) -> Result<Self, StartError> {
        let made = BASE64URL_NOPAD.encode(&secrets::random_bytes::<32>());
        let insert = "insert into settings (key, value) values ($1, $2) on conflict (key) do nothing";
        sqlx::query(insert).bind(KEY).bind(made).execute(db.pool()).await?;
        let row = sqlx::query("select value from settings where key = $1").bind(KEY).fetch_one(db.pool()).await?;
        let bytes = BASE64URL_NOPAD.decode(row.try_get::<String, _>(0)?.as_bytes()).ok();
        bytes.and_then(|bytes| Self::with(&bytes)).ok_or_else(|| StartError::Database(format!("settings: {KEY}: not a key of 256 bits")))
    }

    /// With a key of 32 bytes; none with any other.
    pub fn with(bytes: &[u8]) -> Option<Self> {
        let nonces = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, bytes), b"nonces");
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes).ok()?;
        Some(Self { key: LessSafeKey::new(key), nonces: hmac::Key::new(hmac::HMAC_SHA256, nonces.as_ref()) })
    }

    #[cfg(test)]
    pub(super) fn fixed() -> Self {
        Self::with(&[7; 32]).expect("32 bytes are a key")
    }

    fn close(&self, kind: &[u8], mut bytes: Vec<u8>) -> Option<String> {
        let mut context = hmac::Context::with_key(&self.nonces);
        context.update(kind);
        context.update(&bytes);
        let nonce: [u8; NONCE_LEN] = context.sign().as_ref()[..NONCE_LEN].try_into().ok()?;
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(kind), &mut bytes).ok()?;
        Some(BASE64URL_NOPAD.encode(&[&nonce[..], &bytes].concat()))
    }

    fn open(&self, kind: &[u8], text: &str) -> Result<Vec<u8>, Refusal> {
        let open = || {
            let bytes = Some(text).filter(|text| text.len() <= MAX_CHARS).and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok())?;
            let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
            let mut sealed = sealed.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            self.key.open_in_place(nonce, Aad::from(kind), &mut sealed).ok().map(|open| open.to_vec())
        };
        open().ok_or_else(|| refuse("not one this console made"))
    }

    /// Writes the cursor of a page.
    pub(super) fn write(&self, sort: Sort, key: SortKey, filter: &str) -> Option<String> {
        let place = Place { sort, key, filter: filter.to_owned() };
        // A struct of numbers and text is always JSON; should it not be, the list ends here.
        serde_json::to_vec(&place).ok().and_then(|bytes| self.close(PAGE, bytes))
    }

    /// Reads the cursor of a page; one that was cut, made up, or made for another order or filter is a 400.
    pub(super) fn read(&self, text: &str, sort: Sort, filter: &str) -> Result<SortKey, Refusal> {
        let place: Place = serde_json::from_slice(&self.open(PAGE, text)?).map_err(|_| refuse("made by another version"))?;
        if place.sort != sort {
            return Err(refuse("made for another order"));
        }
        if place.filter != filter {
            return Err(refuse("made for another filter"));
        }
        Ok(place.key)
    }

    /// Writes the cursor of a feed.
    pub(super) fn write_feed(&self, told: &Told) -> Option<String> {
        let mut bytes = told.since.to_be_bytes().to_vec();
        for (node, position) in &told.nodes {
            bytes.extend(node.to_be_bytes());
            bytes.extend(position.after.to_be_bytes());
            bytes.extend(position.floor.unwrap_or_default().to_be_bytes());
        }
        self.close(FEED, bytes)
    }

    /// Reads the cursor of a feed.
    pub(super) fn read_feed(&self, text: &str) -> Result<Told, Refusal> {
        let bytes = self.open(FEED, text)?;
        let number = |bytes: &[u8]| bytes.try_into().map(i64::from_be_bytes).unwrap_or_default();
        let (since, nodes) = bytes.split_at_checked(8).ok_or_else(|| refuse("made by another version"))?;
        let read = |one: &[u8]| {
            let floor = Some(number(&one[12..20])).filter(|floor| *floor != 0);
            let node = u32::from_be_bytes([one[0], one[1], one[2], one[3]]);
            (node, FeedPosition { after: number(&one[4..12]), floor })
        };
        Ok(Told { since: number(since), nodes: nodes.chunks_exact(20).map(read).collect() })
    }
}

impl Told {
    /// Nothing told yet: from this time on.
    pub(super) fn since(since: i64) -> Self {
        Self { since, nodes: BTreeMap::new() }
    }

    /// Up to where a node has told.
    pub(super) fn of(&self, node: &NodeId) -> FeedPosition {
        self.nodes.get(&short(node)).copied().unwrap_or(FeedPosition { after: self.since, floor: None })
    }

    /// Notes up to where a node has told. Of two nodes that look alike here, the one behind counts: what the other told comes again.
    pub(super) fn set(&mut self, node: &NodeId, position: FeedPosition, already: &mut Vec<u32>) {
        let short = short(node);
        let seen = already.contains(&short);
        already.push(short);
        match self.nodes.get_mut(&short) {
            Some(kept) if seen && kept.after < position.after => {}
            Some(kept) => *kept = position,
            None => {
                self.nodes.insert(short, position);
            }
        }
    }
}

/// A node in four bytes.
fn short(node: &NodeId) -> u32 {
    let digest = ring::digest::digest(&ring::digest::SHA256, node.as_str().as_bytes());
    let bytes = digest.as_ref();
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn refuse(why: &str) -> Refusal {
    Refusal::invalid("CURSOR_INVALID", "cursor", format!("cursor: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_api::SortValue;

    #[test]
    fn a_cursor_reads_back_only_with_its_own_order_and_filter_and_shows_nothing() {
        let seal = Seal::fixed();
        let first = Some(SortValue::Text("secret title".into()));
        let key = SortKey { first, created: 1_700_000_000_000_000, rrn: "rrn:investigation:eu:a:investigation:1".into() };
        let text = seal.write(Sort::PRIORITY, key.clone(), "digest").unwrap();
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{text}");
        assert!(!String::from_utf8_lossy(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).contains("secret"));
        assert_eq!(seal.write(Sort::PRIORITY, key.clone(), "digest").unwrap(), text, "the same place is the same text");
        assert_eq!(seal.read(&text, Sort::PRIORITY, "digest").unwrap(), key);
        let mut bent = text.clone().into_bytes();
        bent[30] = if bent[30] == b'A' { b'B' } else { b'A' };
        let feed = seal.write_feed(&Told::since(5)).unwrap();
        for (text, sort, filter) in [
            (text.as_str(), Sort::NEWEST, "digest"),
            (text.as_str(), Sort::PRIORITY, "other"),
            (&text[..20], Sort::PRIORITY, "digest"),
            (std::str::from_utf8(&bent).unwrap(), Sort::PRIORITY, "digest"),
            (&feed, Sort::PRIORITY, "digest"),
            ("", Sort::PRIORITY, "digest"),
            ("é", Sort::PRIORITY, "digest"),
            (&"A".repeat(50_000), Sort::PRIORITY, "digest"),
        ] {
            let refusal = seal.read(text, sort, filter).unwrap_err();
            assert_eq!((refusal.status().as_u16(), refusal.code()), (400, "CURSOR_INVALID"));
            assert_eq!(refusal.problem().field.as_deref(), Some("cursor"));
        }
    }

    #[test]
    fn a_feed_goes_on_where_each_node_was() {
        let seal = Seal::fixed();
        let mut told = Told::since(100);
        let mut already = Vec::new();
        told.set(&"n1".into(), FeedPosition { after: 150, floor: None }, &mut already);
        told.set(&"n2".into(), FeedPosition { after: 170, floor: Some(160) }, &mut already);
        let read = seal.read_feed(&seal.write_feed(&told).unwrap()).unwrap();
        assert_eq!(read, told);
        assert_eq!(read.of(&"n2".into()), FeedPosition { after: 170, floor: Some(160) });
        assert_eq!(read.of(&"new".into()), FeedPosition { after: 100, floor: None });
        assert!(seal.read_feed(&seal.write(Sort::PRIORITY, SortKey { first: None, created: 0, rrn: String::new() }, "").unwrap()).is_err());
    }
}
