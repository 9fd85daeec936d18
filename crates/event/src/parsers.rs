//! The parsers of a node: every folder of `parsers/` of the repository, embedded, and over them those a workspace uploaded.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};

use crate::budget::Watch;
use crate::guard;
use crate::program::{self, Files, Parser, ParserError};

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../parsers");

/// Parsers by name, shared by all threads. A shipped program is compiled when the first event comes for it: all together take seconds.
#[derive(Debug)]
pub struct Parsers(BTreeMap<String, Arc<Entry>>);

#[derive(Debug)]
enum Entry {
    Shipped { files: Files<'static>, compiled: OnceLock<Result<Parser, ParserError>> },
    Uploaded { uploaded: Uploaded, parser: Parser },
}

/// A parser that was uploaded: a VRL program under the contract of `parsers/README.md`, run within limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// Its name. The name of a shipped parser takes that one's place.
    pub name: String,
    /// The program, at most [`MAX_SOURCE_BYTES`](crate::MAX_SOURCE_BYTES).
    pub source: String,
    /// Why it is set aside, when it is: then it is not compiled, and its events become failed records.
    pub set_aside: Option<String>,
}

/// An uploaded parser that used more than its limits too often and is not run any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its name.
    pub parser: String,
    /// What it did, in one sentence.
    pub why: String,
    /// The start of the event it did it on last.
    pub sample: String,
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
            let files = Files { program: text("parser.vrl"), fields: text("fields.tsv"), events: text("events.tsv") };
            if files.program.is_none() && files.fields.is_none() {
                continue;
            }
            let entry = Entry::Shipped { files, compiled: OnceLock::new() };
            parsers.insert(folder.path().to_string_lossy().into_owned(), Arc::new(entry));
        }
        Ok(Arc::new(Self(parsers)))
    }

    /// These parsers and, over them, uploaded ones. The shipped ones are shared, not compiled again; neither are those of `before` whose
    /// program is the same and that are not set aside, so that what is known of their runs stays.
    ///
    /// # Errors
    /// The first that is not accepted, with the place in its program.
    pub fn with(self: &Arc<Self>, uploaded: &[Uploaded], before: Option<&Self>) -> Result<Arc<Self>, ParserError> {
        if uploaded.is_empty() {
            return Ok(Arc::clone(self));
        }
        let (mut parsers, functions) = (self.0.clone(), OnceLock::new());
        for one in uploaded {
            let entry = match before.and_then(|before| before.0.get(&one.name)).filter(|entry| entry.is(one)) {
                Some(same) => Arc::clone(same),
                None => {
                    let parser = match &one.set_aside {
                        Some(why) => Parser::set_aside(&one.name, why.clone()),
                        None => Parser::uploaded(&one.name, &one.source, functions.get_or_init(guard::functions))?,
                    };
                    Arc::new(Entry::Uploaded { uploaded: one.clone(), parser })
                }
            };
            parsers.insert(one.name.clone(), entry);
        }
        Ok(Arc::new(Self(parsers)))
    }

    /// Compiles every parser.
    ///
    /// # Errors
    /// The first program that does not compile or breaks the contract of `parsers/README.md`.
    pub fn check(&self) -> Result<(), ParserError> {
        self.0.iter().try_for_each(|(name, entry)| entry.parser(name).map(|_| ()))
    }

    /// The names of the parsers, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The text of a parser that comes with the program, for people: its program, or its table where it has no program.
    pub fn source(name: &str) -> Option<&'static str> {
        let folder = SHIPPED.dirs().find(|folder| folder.path().to_str() == Some(name))?;
        let text = |file: &str| SHIPPED.get_file(folder.path().join(file)).and_then(|file| file.contents_utf8());
        text("parser.vrl").or_else(|| text("fields.tsv"))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Parser> {
        self.0.get(name)?.parser(name).ok()
    }

    /// The uploaded parsers that were set aside and not told of yet.
    pub(crate) fn set_aside(&self) -> Vec<SetAside> {
        let told = |entry: &Arc<Entry>| match &**entry {
            Entry::Uploaded { parser, .. } => parser.watch.as_ref().and_then(Watch::tell).map(|aside| SetAside {
                parser: parser.name.clone(),
                why: aside.why.clone(),
                sample: aside.sample.clone(),
            }),
            Entry::Shipped { .. } => None,
        };
        self.0.values().filter_map(told).collect()
    }
}

impl Entry {
    fn parser(&self, name: &str) -> Result<&Parser, ParserError> {
        match self {
            Self::Shipped { files, compiled } => {
                compiled.get_or_init(|| Parser::shipped(name, *files, &program::functions())).as_ref().map_err(ParserError::clone)
            }
            Self::Uploaded { parser, .. } => Ok(parser),
        }
    }

    /// Whether it is this uploaded parser, and runs.
    fn is(&self, one: &Uploaded) -> bool {
        match self {
            Self::Shipped { .. } => false,
            Self::Uploaded { uploaded, parser } => uploaded == one && parser.watch.as_ref().is_none_or(|watch| watch.why().is_none()),
        }
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
