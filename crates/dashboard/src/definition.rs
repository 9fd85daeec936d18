//! The dashboards that come with the program: the files of `dashboards/` of the repository, embedded.

use crate::{Wrong, sound};
use bailiwick_api::dashboards::Dashboard;
use include_dir::{Dir, include_dir};
use std::sync::LazyLock;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../dashboards");

static SHIPPED: LazyLock<Vec<Dashboard>> = LazyLock::new(|| {
    let read = |file: &include_dir::File<'_>| file.contents_utf8().and_then(|text| serde_json::from_str(text).ok());
    let mut dashboards: Vec<Dashboard> = FILES.files().filter_map(read).collect();
    dashboards.sort_by(|a, b| a.name.cmp(&b.name));
    dashboards
});

/// The dashboards that come with the program, by name.
pub fn shipped() -> &'static [Dashboard] {
    &SHIPPED
}

/// One of them.
pub fn find(name: &str) -> Option<&'static Dashboard> {
    shipped().iter().find(|dashboard| dashboard.name == name)
}

/// Refuses a dashboard that cannot be answered or drawn as it says, naming dashboard, panel and field.
pub fn check(dashboard: &Dashboard) -> Result<(), Wrong> {
    sound::dashboard(dashboard)
}

#[cfg(test)]
mod tests;
