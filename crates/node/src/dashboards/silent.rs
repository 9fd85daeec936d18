//! Source categories that sent nothing for a day or longer, out of the meters.
//!
//! What is held of a tier and category is little: when it was last heard, and its gaps of a day or more. Like everything of volume, time goes by
//! the starts of 5 minutes of receipt. The finest meters are kept for 35 days; an older gap is known by the hour, and then as short as it can be.
//!
//! A silence is that before the end of the range, or else the last one that ended and has a whole day in the range; one for each tier and category.
//! What was heard last more than 30 days before the range is gone and no longer missed. What somebody said they know is not shown again.

pub(crate) mod acknowledge;
mod read;
#[cfg(test)]
mod tests;

use super::{live::Live, panel::Panel};
use bailiwick_api::dashboards::{PanelAsk, RowPart, RowValues, SilentCategoryRow, VolumeTier};
use bailiwick_chassis::{Refusal, sql::Db};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Microseconds of the finest bucket.
const BUCKET_US: i64 = 300_000_000;
const HOUR_US: i64 = 3_600_000_000;
/// What counts as silence.
const DAY_US: i64 = 24 * HOUR_US;
/// How long before a range something may have been heard last and still is missed.
const MISSED_US: i64 = 30 * DAY_US;
/// About what a category takes besides its name and its gaps.
const CATEGORY_BYTES: usize = 200;

/// Tier and category.
type Name = (Arc<str>, Arc<str>);

/// When the source categories of a workspace were not heard.
#[derive(Clone, Default)]
pub(super) struct Silent {
    /// Start of the newest 5 minutes that were read.
    newest: Option<i64>,
    categories: BTreeMap<Name, Category>,
    /// Ends of what was heard before silences that are known.
    known: HashMap<Name, i64>,
    told: HashMap<(Name, i64), Told>,
}

/// A source category of a tier. Times are starts of 5 minutes, microseconds UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Category {
    /// When it was last heard.
    last: i64,
    /// Where it was not heard for a day, oldest first.
    gaps: Vec<Gap>,
}

/// Nothing was heard between two times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    last: i64,
    next: i64,
}

/// A silence: what was heard last before it, and first after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Silence {
    last: i64,
    next: Option<i64>,
}

/// What is told of a silence besides its times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    /// Bytes of the day before it.
    bytes: u64,
    /// The usual time between 5 minutes with data, seconds.
    cadence_s: Option<u64>,
}

impl Category {
    fn first_heard(at: i64) -> Self {
        Self { last: at, gaps: Vec::new() }
    }

    /// Something was heard, perhaps long ago.
    fn heard(&mut self, at: i64) {
        if at > self.last {
            self.gap(self.gaps.len(), Gap { last: self.last, next: at });
            self.last = at;
            return;
        }
        let place = self.gaps.partition_point(|gap| gap.next <= at);
        if let Some(gap) = self.gaps.get(place).copied().filter(|gap| gap.last < at) {
            self.gaps.remove(place);
            self.gap(place, Gap { last: at, next: gap.next });
            self.gap(place, Gap { last: gap.last, next: at });
        }
    }

    /// The same, also heard at these times.
    fn and(&self, times: &[i64]) -> Self {
        let mut category = self.clone();
        times.iter().for_each(|at| category.heard(*at));
        category
    }

    fn gap(&mut self, place: usize, gap: Gap) {
        if gap.next - gap.last > DAY_US {
            self.gaps.insert(place, gap);
        }
    }

    /// The silence of a range, if there is one.
    fn silence(&self, from: i64, to: i64, now: i64) -> Option<Silence> {
        let end = to.min(now);
        let at_end = if self.last < end {
            Some(Silence { last: self.last, next: None })
        } else {
            let across = self.gaps.iter().find(|gap| gap.last < end && end <= gap.next);
            across.map(|gap| Silence { last: gap.last, next: Some(gap.next) })
        };
        if let Some(silence) = at_end.filter(|silence| silence.last + DAY_US < end) {
            return (silence.last >= from - MISSED_US).then_some(silence);
        }
        let within = |gap: &&Gap| gap.next < end && gap.next - (gap.last + BUCKET_US).max(from) >= DAY_US;
        self.gaps.iter().rev().find(within).map(|gap| Silence { last: gap.last, next: Some(gap.next) })
    }
}

impl Silent {
    /// Reads what came since the last time. When that fails, or is given up, everything is read the next time.
    pub(super) async fn refresh(&mut self, db: &Db, now: i64) -> Result<(), Refusal> {
        let mut next = std::mem::take(self);
        match next.newest {
            None => next.read_all(db).await?,
            Some(newest) => next.read_since(db, newest).await?,
        }
        next.read_known(db).await?;
        next.read_told(db, now).await?;
        *self = next;
        Ok(())
    }

    /// About how much memory this takes.
    pub(super) fn bytes(&self) -> usize {
        let of = |((tier, name), category): (&Name, &Category)| CATEGORY_BYTES + tier.len() + name.len() + category.gaps.len() * size_of::<Gap>();
        self.categories.iter().map(of).sum::<usize>() + self.known.len() * 64 + self.told.len() * 96
    }

    /// Rows of a panel, the last heard first, at most so many. What is in no meter yet was heard all the same.
    pub(super) fn rows(&self, panel: &Panel<'_>, live: &Live, limit: usize) -> Vec<RowPart> {
        let live = heard_now(live);
        let mut rows: Vec<RowPart> = self.silences(panel, &live).map(|(name, silence)| self.row(panel, name, silence)).collect();
        rows.sort_by(|a, b| (b.time, &b.id).cmp(&(a.time, &a.id)));
        rows.truncate(limit);
        rows
    }

    /// Silences of a range that nobody said they know of.
    fn silences<'a>(&'a self, panel: &'a Panel<'_>, live: &'a HashMap<Name, Vec<i64>>) -> impl Iterator<Item = (&'a Name, Silence)> {
        let ask = panel.ask;
        self.categories.iter().filter(|((tier, _), _)| asked(ask, tier)).filter_map(move |(name, category)| {
            let silence = match live.get(name) {
                Some(times) => category.and(times).silence(ask.from, ask.to, panel.now),
                None => category.silence(ask.from, ask.to, panel.now),
            }?;
            let known = self.known.get(name).is_some_and(|last_seen| silence.last + BUCKET_US <= *last_seen);
            (!known).then_some((name, silence))
        })
    }

    fn row(&self, panel: &Panel<'_>, name: &Name, silence: Silence) -> RowPart {
        let told = self.told.get(&(name.clone(), silence.last)).copied().unwrap_or_default();
        let values = SilentCategoryRow {
            tier: name.0.to_string(),
            source_category: name.1.to_string(),
            bytes_before: told.bytes,
            last_seen: silence.last + BUCKET_US,
            back: silence.next,
            cadence_s: told.cadence_s,
            acknowledged_by: None,
            acknowledged: None,
        };
        RowPart {
            workspace: panel.workspace.clone(),
            time: silence.last + BUCKET_US,
            id: format!("{}/{}", name.0, name.1),
            values: RowValues::SilentCategory(Box::new(values)),
        }
    }

    fn heard(&mut self, tier: &str, category: &str, at: i64) {
        let name: Name = (Arc::from(tier), Arc::from(category));
        self.categories.entry(name).and_modify(|known| known.heard(at)).or_insert_with(|| Category::first_heard(at));
        self.newest = self.newest.max(Some(at));
    }
}

/// By tier and category, when something came that is in no meter yet.
fn heard_now(live: &Live) -> HashMap<Name, Vec<i64>> {
    let mut heard: HashMap<Name, Vec<i64>> = HashMap::new();
    for (at, label, _) in live.volume.iter().filter(|(_, _, numbers)| numbers.iter().any(|n| *n > 0)) {
        let category = label.category.clone().unwrap_or_default();
        for tier in [Some(label.tier), label.cse.then_some(VolumeTier::Cse)].into_iter().flatten() {
            heard.entry((Arc::from(tier.as_str()), Arc::clone(&category))).or_default().push(*at);
        }
    }
    heard
}

/// Whether a panel asks for a tier; `cse` is part of the others, and only asked for by name.
fn asked(ask: &PanelAsk, tier: &str) -> bool {
    if ask.tiers.is_empty() { tier != VolumeTier::Cse.as_str() } else { ask.tiers.iter().any(|one| one.as_str() == tier) }
}
