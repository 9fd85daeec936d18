//! Files attached to investigations: what people hand in and take out again. The content is a file of the workspace's own directory, named by
//! its id; it comes in parts, so that nobody holds it in memory, and is scanned for malware where the node has a scanner ([`scan`]).
//! The workspace's own people see the files of public comments alone.

pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod scan;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use scan::Clamd;
pub(crate) use scan::Scanner;

use bailiwick_api::NewUpload;
use bailiwick_chassis::Refusal;

/// Files of one investigation.
const MAX_FILES: i64 = 200;
const MAX_NAME_CHARS: usize = 200;
const MAX_TYPE_CHARS: usize = 100;
/// What was begun and not finished for so long is thrown away.
const ABANDONED_US: i64 = 3_600_000_000;

/// How files are kept and scanned.
#[derive(Clone, Debug)]
pub struct AttachmentConfig {
    /// The scanner; without one files are marked unscanned.
    pub clamd: Option<Clamd>,
    /// Bytes that all files of a workspace may have together.
    pub quota_bytes: u64,
}

impl Default for AttachmentConfig {
    fn default() -> Self {
        Self { clamd: None, quota_bytes: 1 << 30 }
    }
}

/// A name for people: without folders, control characters and what turns text around; never empty.
pub(crate) fn clean_name(name: &str) -> Result<String, Refusal> {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !turns(*c)).collect();
    let clean = clean.trim().trim_matches('.').trim();
    if clean.is_empty() || clean.chars().count() > MAX_NAME_CHARS {
        return Err(Refusal::invalid("INVALID_INPUT", "name", format!("name: the name of a file, 1 to {MAX_NAME_CHARS} characters")));
    }
    Ok(clean.to_owned())
}

/// A media type as it may stand in a header; nothing is opened by it.
fn clean_type(mime_type: &str) -> Result<String, Refusal> {
    let text = mime_type.trim();
    let plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let wrong = text.chars().count() > MAX_TYPE_CHARS || !text.chars().all(plain) || (!text.is_empty() && !text.contains('/'));
    if wrong {
        return Err(Refusal::invalid("INVALID_INPUT", "type", "type: a media type such as text/plain"));
    }
    Ok(if text.is_empty() { "application/octet-stream".to_owned() } else { text.to_ascii_lowercase() })
}

/// Name and type as they are kept.
pub(crate) fn check(new: &NewUpload) -> Result<NewUpload, Refusal> {
    Ok(NewUpload { name: clean_name(&new.name)?, mime_type: clean_type(&new.mime_type)? })
}
