//! The parsers of a node: every `parsers/<name>/parser.vrl` of the repository, embedded and compiled.

use std::collections::BTreeMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

pub use crate::program::ParserError;
use crate::program::{self, Parser};

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../parsers");

/// Compiled parsers by name, shared by all threads.
#[derive(Debug)]
pub struct Parsers(BTreeMap<String, Parser>);

impl Parsers {
    /// Compiles the parsers that come with the program.
    ///
    /// # Errors
    /// The first program that does not compile or breaks the contract of `parsers/README.md`.
    pub fn shipped() -> Result<Arc<Self>, ParserError> {
        let functions = program::functions();
        let mut parsers = BTreeMap::new();
        for folder in SHIPPED.dirs() {
            let text = |file: &str| SHIPPED.get_file(folder.path().join(file)).and_then(|file| file.contents_utf8());
            let Some(source) = text("parser.vrl") else {
                continue;
            };
            let name = folder.path().to_string_lossy().into_owned();
            let parser = Parser::compile(&name, source, text("events.tsv").unwrap_or_default(), &functions)?;
            parsers.insert(name, parser);
        }
        Ok(Arc::new(Self(parsers)))
    }

    /// The names of the parsers, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Parser> {
        self.0.get(name)
    }
}
