//! The body of Elasticsearch's `_bulk`: a line that says what to do, and for most actions a line with the document.
//!
//! Pure: bytes in, items out; documents are slices of the body. As in Elasticsearch, an action line that cannot be read refuses the whole
//! request, since nobody knows what the lines after it are; what is wrong with one document is that item's own matter.
#![allow(clippy::type_complexity, reason = "rows of a test table")]

use super::MAX_EVENTS;
use bytes::Bytes;
use serde::Deserialize;
use std::{borrow::Cow, sync::Arc};

/// Characters an `_id` may have, as in Elasticsearch.
const ID_BYTES: usize = 512;
/// Characters the name of an index may have, as in Elasticsearch.
const INDEX_BYTES: usize = 255;

/// Bytes an action line may have.
const LINE_BYTES: usize = 64 << 10;

/// What an item asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new document; refused when its id is there.
    Create,
    /// A document, new or not.
    Index,
    /// A change of one.
    Update,
    /// A removal.
    Delete,
}

impl Action {
    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Index => "index",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What to do.
    pub action: Action,
    /// In which index; none when neither the line nor the path says.
    pub index: Option<Arc<str>>,
    /// The sender's id.
    pub id: Option<String>,
    /// The document; empty for a removal.
    pub source: Bytes,
}

/// Why a body cannot be divided at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// An action line is none.
    #[error("Malformed action/metadata line [{line}], {reason}")]
    Action {
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// An action wants a document and the body ends.
    #[error("Malformed action/metadata line [{line}], its document is missing")]
    NoDocument {
        /// From 1.
        line: usize,
    },
    /// The last line is not ended: the body may be cut.
    #[error("The bulk request must be terminated by a newline [\\n]")]
    NotEnded,
    /// Nothing in it.
    #[error("request body is required")]
    Empty,
    /// Too many items.
    #[error("more than {MAX_EVENTS} items; nothing was accepted")]
    TooMany,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ActionLine<'a> {
    #[serde(borrow)]
    Create(Meta<'a>),
    #[serde(borrow)]
    Index(Meta<'a>),
    #[serde(borrow)]
    Update(Meta<'a>),
    #[serde(borrow)]
    Delete(Meta<'a>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta<'a> {
    #[serde(borrow)]
    _index: Option<Cow<'a, str>>,
    #[serde(borrow)]
    _id: Option<Id<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id<'a> {
    #[serde(borrow)]
    Text(Cow<'a, str>),
    Number(serde_json::Number),
}

impl Id<'_> {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text.into_owned(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Divides a body. `index` is the one the path names.
pub fn parse(body: &Bytes, index: Option<&str>) -> Result<Vec<Item>, Malformed> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Malformed::Empty);
    }
    if body.last() != Some(&b'\n') {
        return Err(Malformed::NotEnded);
    }
    let mut lines = Lines { body, at: 0, number: 0 };
    let mut indices = Indices { last: index.map(Arc::from), path: index.map(Arc::from) };
    let mut items = Vec::new();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        if items.len() == MAX_EVENTS {
            return Err(Malformed::TooMany);
        }
        let number = lines.number;
        let (action, meta) = action(&line).map_err(|reason| Malformed::Action { line: number, reason })?;
        let index = indices.of(meta._index);
        let id = meta._id.map(Id::into_text).filter(|id| !id.is_empty());
        let source = match action {
            Action::Delete => Bytes::new(),
            _ => lines.next().ok_or(Malformed::NoDocument { line: number })?,
        };
        items.push(Item { action, index, id, source });
    }
    Ok(items)
}

fn action(line: &[u8]) -> Result<(Action, Meta<'_>), String> {
    if line.len() > LINE_BYTES {
        return Err(format!("more than {LINE_BYTES} bytes"));
    }
    let after = memchr::memchr(b':', line).and_then(|at| line.get(at + 1..)).unwrap_or_default();
    if after.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err("expected an action and an object".to_owned());
    }
    let read: ActionLine<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let (action, meta) = match read {
        ActionLine::Create(meta) => (Action::Create, meta),
        ActionLine::Index(meta) => (Action::Index, meta),
        ActionLine::Update(meta) => (Action::Update, meta),
        ActionLine::Delete(meta) => (Action::Delete, meta),
    };
    if meta._index.as_ref().is_some_and(|index| index.len() > INDEX_BYTES) {
        return Err(format!("_index: more than {INDEX_BYTES} bytes"));
    }
    if matches!(&meta._id, Some(Id::Text(id)) if id.len() > ID_BYTES) {
        return Err(format!("_id: more than {ID_BYTES} bytes"));
    }
    Ok((action, meta))
}

/// Names of indices, each kept once as long as it repeats.
struct Indices {
    last: Option<Arc<str>>,
    path: Option<Arc<str>>,
}

impl Indices {
    fn of(&mut self, named: Option<Cow<'_, str>>) -> Option<Arc<str>> {
        let Some(named) = named.filter(|name| !name.is_empty()) else { return self.path.clone() };
        if self.last.as_deref() != Some(&*named) {
            self.last = Some(Arc::from(&*named));
        }
        self.last.clone()
    }
}

struct Lines<'a> {
    body: &'a Bytes,
    at: usize,
    number: usize,
}

impl Lines<'_> {
    /// The next line without its end.
    fn next(&mut self) -> Option<Bytes> {
        let rest = self.body.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = self.body.slice(self.at..self.at + length);
        self.at += length + 1;
        self.number += 1;
        Some(if line.last() == Some(&b'\r') { line.slice(..line.len() - 1) } else { line })
    }
}

/// Why a document cannot be taken: it is no JSON object.
pub fn flaw(source: &[u8]) -> Option<String> {
    if source.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Some("a document is a JSON object".to_owned());
    }
    // Reading over a value does not look into its strings.
    let text = match std::str::from_utf8(source) {
        Ok(text) => text,
        Err(error) => return Some(format!("not UTF-8 at byte {}", error.valid_up_to())),
    };
    serde_json::from_str::<serde::de::IgnoredAny>(text).err().map(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(body: &str, index: Option<&str>) -> Result<Vec<(String, Option<String>, Option<String>, String)>, String> {
        let items = parse(&Bytes::copy_from_slice(body.as_bytes()), index).map_err(|error| error.to_string())?;
        let shown = |item: Item| {
            let source = String::from_utf8_lossy(&item.source).into_owned();
            (item.action.as_str().to_owned(), item.index.map(|index| index.to_string()), item.id, source)
        };
        Ok(items.into_iter().map(shown).collect())
    }

    #[test]
    fn every_action_is_read_with_its_document() {
        let body = "{\"create\":{\"_index\":\"logs-a\",\"_id\":\"1\"}}\n{\"m\":1}\r\n\n{ \"index\" : {} }\n{\"m\":2}\n{\"delete\":{\"_id\":7}}\n\
                    {\"update\":{\"_id\":\"8\",\"retry_on_conflict\":3}}\n{\"doc\":{}}\n";
        let item = |action: &str, index: &str, id: Option<&str>, source: &str| {
            (action.to_owned(), Some(index.to_owned()), id.map(str::to_owned), source.to_owned())
        };
        assert_eq!(
            parsed(body, Some("path")).unwrap(),
            [
                item("create", "logs-a", Some("1"), "{\"m\":1}"),
                item("index", "path", None, "{\"m\":2}"),
                item("delete", "path", Some("7"), ""),
                item("update", "path", Some("8"), "{\"doc\":{}}"),
            ]
        );
    }

    #[test]
    fn an_action_line_that_is_none_names_its_line() {
        let good = "{\"index\":{}}\n{}\n";
        for (bad, line) in [("\"words\"\n{}\n", 3), ("{\"upsert\":{}}\n{}\n", 3), ("{}\n", 3), ("{\"index\":{}\n", 3), ("\n{\"index\":[]}\n{}\n", 4)]
        {
            let error = parsed(&format!("{good}{bad}"), None).unwrap_err();
            assert!(error.starts_with(&format!("Malformed action/metadata line [{line}]")), "{bad}: {error}");
        }
        assert!(parsed(&format!("{good}{{\"index\":{{}}}}\n"), None).unwrap_err().contains("[3], its document is missing"));
        assert!(parsed("{\"index\":{}}\n{}", None).unwrap_err().contains("terminated by a newline"));
        assert!(parsed("\n", None).unwrap_err().contains("required"));
        let long = format!("{{\"index\":{{\"_id\":\"{}\"}}}}\n{{}}\n", "x".repeat(ID_BYTES + 1));
        assert!(parsed(&long, None).unwrap_err().contains("_id"));
    }

    #[test]
    fn a_document_is_one_json_object_in_utf_8() {
        assert_eq!(flaw(b" {\"a\":{\"b\":[1]}} "), None);
        for bad in [&b"[1]"[..], b"words", b"", b"{\"a\":", b"{\"a\":\"\xff\"}", b"{} {}"] {
            assert!(flaw(bad).is_some(), "{}", String::from_utf8_lossy(bad));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_and_every_item_is_of_the_body(mut noise in proptest::collection::vec(any::<u8>(), 0..300)) {
            noise.push(b'\n');
            let _maybe = parse(&Bytes::from(noise), None);
        }

        #[test]
        fn what_a_client_writes_is_read_back(documents in proptest::collection::vec(("[a-z]{0,8}", "\\PC{0,30}"), 1..20)) {
            let body: String = documents.iter().map(|(id, text)| {
                format!("{}\n{}\n", serde_json::json!({"create": {"_index": "i", "_id": id}}), serde_json::json!({"text": text}))
            }).collect();
            let items = parse(&Bytes::from(body), None).unwrap();
            prop_assert_eq!(items.len(), documents.len());
            for (item, (id, text)) in items.iter().zip(&documents) {
                prop_assert_eq!(item.id.as_deref().unwrap_or_default(), id);
                prop_assert_eq!(flaw(&item.source), None);
                let back: serde_json::Value = serde_json::from_slice(&item.source).unwrap();
                prop_assert_eq!(back["text"].as_str().unwrap(), text);
            }
        }
    }
}
