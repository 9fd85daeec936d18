//! A workspace's database and questions about it, for tests.

use super::{
    groups::Groups,
    panel::{Panel, Spans},
};
use bailiwick_api::{
    WorkspaceId,
    dashboards::{Measure, PanelAsk, PanelDimension, PanelPart},
};
use bailiwick_chassis::sql::Db;
use std::{collections::BTreeMap, sync::Arc};
use tempfile::TempDir;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/workspace");

/// An hour of an October, microseconds UTC.
pub(super) const T: i64 = 1_760_004_000_000_000;
pub(super) const MINUTE: i64 = 60_000_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// An empty database.
pub(super) async fn database() -> (TempDir, Db) {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::file(&dir.path().join("workspace.db"), &MIGRATIONS, 2).await.unwrap();
    (dir, db)
}

/// Runs statements, each in a transaction.
pub(super) async fn run(db: &Db, statements: &[String]) {
    for text in statements {
        let mut tx = db.begin().await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(text.clone())).execute(&mut *tx).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        tx.commit().await.unwrap();
    }
}

/// A measure over a range.
pub(super) fn ask(measure: Measure, group_by: &[PanelDimension], from: i64, to: i64) -> PanelAsk {
    PanelAsk {
        id: "panel".into(),
        measure,
        group_by: group_by.to_vec(),
        tiers: Vec::new(),
        from,
        to,
        edges: Vec::new(),
        outlier: None,
        unfinished: false,
        top: None,
        rows: 100,
        open_now: false,
    }
}

/// Has a panel of one workspace filled in.
pub(super) fn with_panel<T>(ask: &PanelAsk, now: i64, work: impl FnOnce(&Panel<'_>) -> T) -> T {
    let (workspace, spans) = (WorkspaceId::from("acme-1"), Spans::default());
    work(&Panel { ask, workspace: &workspace, org: Arc::from("acme-1"), rates: &[], now, spans: &spans })
}

/// What is counted.
pub(super) fn counted(ask: &PanelAsk, count: impl FnOnce(&Panel<'_>, &mut Groups)) -> PanelPart {
    let mut groups = Groups::new(ask);
    with_panel(ask, i64::MAX, |panel| count(panel, &mut groups));
    groups.finish(ask)
}

/// Numbers by group; a missing value is `-`.
pub(super) fn numbers(part: &PanelPart) -> BTreeMap<String, Vec<f64>> {
    let name = |key: &[Option<String>]| key.iter().map(|value| value.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(" ");
    part.groups.iter().map(|group| (name(&group.key), group.values.clone())).collect()
}
