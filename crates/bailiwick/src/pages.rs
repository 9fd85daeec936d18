//! The built pages, inside the binary.

use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "../../web/dist/console"]
struct ConsolePages;

#[derive(Embed)]
#[folder = "../../web/dist/node"]
struct NodePages;

/// The console's pages.
pub(crate) fn console(path: &str) -> Option<EmbeddedFile> {
    ConsolePages::get(path)
}

/// The workspace's pages on a node.
pub(crate) fn node(path: &str) -> Option<EmbeddedFile> {
    NodePages::get(path)
}
