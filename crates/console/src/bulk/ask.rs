//! A request for a bulk change, checked before anybody is asked.

use bailiwick_api::{BULK_MAX, BulkSet, BulkTarget, Disposition, Status, UserId};
use bailiwick_chassis::{Refusal, extract::parse_json, secrets};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashSet;

const COMMENT_CHARS: usize = 10_000;
const MAX_TAGS: usize = 50;
const TAG_CHARS: usize = 64;
const KEY_BYTES: usize = 200;
/// Letters of a digest that are kept.
const DIGEST: usize = 22;

/// A request as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    select: Select,
    set: BulkSet,
    cap: Option<i64>,
    #[serde(default)]
    preview: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Select {
    rrns: Option<Vec<String>>,
    items: Option<Vec<BulkTarget>>,
    filter: Option<Map<String, Value>>,
    all: Option<bool>,
}

/// Which investigations.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Selected {
    /// Named ones, each once.
    Named(Vec<BulkTarget>),
    /// What a filter finds, as the list takes it.
    Filter(Map<String, Value>),
}

/// A request that was checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) selected: Selected,
    pub(super) set: BulkSet,
    pub(super) cap: u32,
    pub(super) preview: bool,
}

/// What a change is called, and what tells another under the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) id: String,
    pub(super) digest: String,
}

impl Name {
    /// By the key of whoever asks, or one of its own. The digest is over the key as well: without it nobody learns from the digest what was
    /// asked.
    pub(super) fn of(user: &UserId, key: Option<&str>, body: &[u8]) -> Result<Self, Refusal> {
        let key = match key {
            Some(key) if key.is_empty() || key.len() > KEY_BYTES => {
                let detail = format!("Idempotency-Key: 1 to {KEY_BYTES} bytes");
                return Err(Refusal::invalid("INVALID_INPUT", "Idempotency-Key", detail));
            }
            Some(key) => key.to_owned(),
            None => secrets::secret(),
        };
        let text = |what: &[u8]| -> String {
            let mut bytes = format!("{}\n{key}\n", user.as_str()).into_bytes();
            bytes.extend_from_slice(what);
            secrets::digest(bytes).chars().filter(char::is_ascii_alphanumeric).take(DIGEST).collect()
        };
        // Spaces and the order of fields make no other request.
        let same: Value = parse_json(body)?;
        Ok(Self { id: format!("bulk-{}", text(b"name")), digest: text(same.to_string().as_bytes()) })
    }
}

impl TryFrom<Request> for Asked {
    type Error = Refusal;

    fn try_from(request: Request) -> Result<Self, Refusal> {
        let Request { select, set, cap, preview } = request;
        let missing = || Refusal::invalid("MISSING_FIELD", "cap", "cap: how many may be changed at most; nothing is changed when more match");
        let cap = cap.ok_or_else(missing)?;
        let fits = u32::try_from(cap).ok().filter(|cap| (1..=BULK_MAX).contains(cap));
        let cap = fits.ok_or_else(|| Refusal::invalid("INVALID_INPUT", "cap", format!("cap: 1 to {BULK_MAX}")))?;
        check_set(&set)?;
        Ok(Self { selected: selected(select)?, set, cap, preview })
    }
}

fn selected(select: Select) -> Result<Selected, Refusal> {
    let refuse = |why: &str| Err(Refusal::invalid("INVALID_INPUT", "select", format!("select: {why}")));
    let named = |targets: Vec<BulkTarget>| {
        if targets.len() > BULK_MAX as usize {
            return refuse(&format!("at most {BULK_MAX} at a time"));
        }
        let mut seen = HashSet::new();
        Ok(Selected::Named(targets.into_iter().filter(|target| seen.insert(target.rrn.clone())).collect()))
    };
    match select {
        Select { rrns: Some(rrns), items: None, filter: None, all: None } => {
            named(rrns.into_iter().map(|rrn| BulkTarget { rrn, version: None }).collect())
        }
        Select { rrns: None, items: Some(items), filter: None, all: None } => named(items),
        Select { rrns: None, items: None, filter: Some(filter), all: None } => {
            match ["limit", "cursor"].into_iter().find(|page| filter.contains_key(*page)) {
                Some(page) => {
                    Err(Refusal::invalid("INVALID_INPUT", page, format!("select.filter.{page}: a change is of everything that matches; see cap")))
                }
                None => Ok(Selected::Filter(filter)),
            }
        }
        Select { rrns: None, items: None, filter: None, all: Some(true) } => {
            let open = Status::ALL.iter().filter(|status| **status != Status::Closed).map(|status| Value::from(status.as_str())).collect();
            Ok(Selected::Filter(Map::from_iter([("statuses".to_owned(), Value::Array(open))])))
        }
        Select { all: Some(false), .. } => refuse("all: only true means something"),
        _ => refuse("exactly one of rrns, items, filter and all"),
    }
}

fn check_set(set: &BulkSet) -> Result<(), Refusal> {
    let refuse = |field: &str, why: String| Err(Refusal::invalid("INVALID_INPUT", field, format!("set.{field}: {why}")));
    if *set == BulkSet::default() {
        return Err(Refusal::invalid("MISSING_FIELD", "set", "set: nothing is to be set"));
    }
    if set.status == Some(Status::Closed) && set.disposition.is_none_or(|verdict| verdict == Disposition::Undecided) {
        let detail = "set.disposition: closing needs one other than UNDECIDED";
        return Err(Refusal::invalid("DISPOSITION_REQUIRED", "disposition", detail));
    }
    if let Some(comment) = &set.comment
        && (comment.body.trim().is_empty() || comment.body.chars().count() > COMMENT_CHARS)
    {
        return refuse("comment", format!("body: 1 to {COMMENT_CHARS} characters"));
    }
    let lists = [("tags", set.tags.as_deref().unwrap_or_default()), ("add_tags", &set.add_tags), ("remove_tags", &set.remove_tags)];
    for (field, tags) in lists {
        let wrong = |tag: &String| {
            let chars = tag.trim().chars().count();
            chars == 0 || chars > TAG_CHARS || tag.contains(',') || tag.chars().any(char::is_control)
        };
        if tags.len() > MAX_TAGS || tags.iter().any(wrong) {
            return refuse(field, format!("at most {MAX_TAGS}, each 1 to {TAG_CHARS} characters, without commas"));
        }
    }
    Ok(())
}
