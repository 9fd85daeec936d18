//! A case as a document for people: what it says ([`case`]), broken into lines and pages ([`page`]), in fonts of our own ([`font`]).

mod case;
mod font;
mod page;
#[cfg(test)]
mod tests;

use bailiwick_api::CaseExport;
use font::{Face, Fonts};
use page::Layout;

/// The whole file.
pub(super) fn document(export: &CaseExport) -> Result<Vec<u8>, String> {
    let mut fonts = Fonts::new(Face::regular()?, Face::bold()?);
    let mut layout = Layout::new();
    case::write(&mut layout, &fonts, export);
    let footer = format!("{} · exported {} UTC", export.investigation.title, export.exported_time.format("%Y-%m-%d %H:%M:%S"));
    layout.finish(&mut fonts, &export.investigation.title, &footer)
}
