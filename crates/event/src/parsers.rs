//! The parsers of a node: every `parsers/<name>/parser.vrl` of the repository, embedded.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};

pub use crate::program::ParserError;
use crate::program::{self, Parser};

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../parsers");

/// Parsers by name, shared by all threads. A program is compiled when the first event comes for it: all together take seconds.
#[derive(Debug)]
pub struct Parsers(BTreeMap<String, Shipped>);

#[derive(Debug)]
struct Shipped {
    source: &'static str,
    events: &'static str,
    compiled: OnceLock<Result<Parser, ParserError>>,
}

impl Parsers {
    /// The parsers that come with the program.
    ///
    /// # Errors
    /// Never now; a program that does not compile is found by [`Parsers::check`].
    pub fn shipped() -> Result<Arc<Self>, ParserError> {
        let mut parsers = BTreeMap::new();
        for folder in SHIPPED.dirs() {
            let text = |file: &str| SHIPPED.get_file(folder.path().join(file)).and_then(|file| file.contents_utf8());
            let Some(source) = text("parser.vrl") else {
                continue;
            };
            let events = text("events.tsv").unwrap_or_default();
            parsers.insert(folder.path().to_string_lossy().into_owned(), Shipped { source, events, compiled: OnceLock::new() });
        }
        Ok(Arc::new(Self(parsers)))
    }

    /// Compiles every parser.
    ///
    /// # Errors
    /// The first program that does not compile or breaks the contract of `parsers/README.md`.
    pub fn check(&self) -> Result<(), ParserError> {
        self.0.keys().try_for_each(|name| self.compiled(name).map_or(Ok(()), |compiled| compiled.as_ref().map(|_| ()).map_err(ParserError::clone)))
    }

    /// The names of the parsers, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Parser> {
        self.compiled(name)?.as_ref().ok()
    }

    fn compiled(&self, name: &str) -> Option<&Result<Parser, ParserError>> {
        let shipped = self.0.get(name)?;
        Some(shipped.compiled.get_or_init(|| Parser::compile(name, shipped.source, shipped.events, &program::functions())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parser_that_ships_compiles() {
        assert_eq!(Parsers::shipped().expect("parsers").check().map_err(|error| error.to_string()), Ok(()));
    }
}
