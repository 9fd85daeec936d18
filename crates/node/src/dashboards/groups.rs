//! A panel's groups as they add up over workspaces, and which of them are told.

use super::{durations::Durations, panel::buckets};
use bailiwick_api::dashboards::{GroupPart, Outlier, PanelAsk, PanelPart, RestPart};
use bailiwick_dashboard::outlier::outlier;
use std::{cmp::Ordering, collections::HashMap, sync::Arc};

/// A value for each dimension of a panel, in order; the workspace's id for `org`.
pub(super) type Key = Vec<Option<Arc<str>>>;

/// Groups that are told of one panel.
const MOST: usize = 5_000;
/// Groups that are held where only the largest are told.
const HELD: usize = 100_000;
/// Numbers a panel may hold: groups times buckets.
const CELLS: usize = 4_000_000;

/// The place of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(usize);

/// The groups of one panel.
pub(super) struct Groups {
    buckets: usize,
    most: usize,
    keys: Vec<Key>,
    places: HashMap<Key, usize>,
    values: Vec<f64>,
    samples: HashMap<(usize, usize), Durations>,
    /// The last workspace that added to a group.
    last: Vec<usize>,
    workspace: usize,
    told: u64,
    over: bool,
}

impl Groups {
    pub(super) fn new(ask: &PanelAsk) -> Self {
        let buckets = buckets(ask);
        let most = if ask.top.is_some() { HELD } else { MOST };
        Self {
            buckets,
            most: most.min(CELLS / buckets),
            keys: Vec::new(),
            places: HashMap::new(),
            values: Vec::new(),
            samples: HashMap::new(),
            last: Vec::new(),
            workspace: 0,
            told: 0,
            over: false,
        }
    }

    /// What is added from now on comes from this workspace; gives to how many groups the one before added.
    pub(super) fn begin(&mut self, workspace: usize) -> u64 {
        self.workspace = workspace;
        std::mem::take(&mut self.told)
    }

    /// The place of a group, which is made when it is new; none when there are too many.
    pub(super) fn slot(&mut self, key: Key) -> Option<Slot> {
        let place = match self.places.get(&key) {
            Some(place) => *place,
            None if self.keys.len() >= self.most => {
                self.over = true;
                return None;
            }
            None => {
                self.keys.push(key.clone());
                self.last.push(usize::MAX);
                self.values.resize(self.keys.len() * self.buckets, 0.0);
                self.places.insert(key, self.keys.len() - 1);
                self.keys.len() - 1
            }
        };
        if self.last[place] != self.workspace {
            self.last[place] = self.workspace;
            self.told += 1;
        }
        Some(Slot(place))
    }

    /// Adds to a bucket of a group.
    pub(super) fn put(&mut self, slot: Slot, bucket: usize, value: f64) {
        self.values[slot.0 * self.buckets + bucket] += value;
    }

    /// Adds to a bucket of the group of a key.
    pub(super) fn add(&mut self, key: Key, bucket: usize, value: f64) {
        if let Some(slot) = self.slot(key) {
            self.put(slot, bucket, value);
        }
    }

    /// Adds a duration to a bucket of the group of a key; a negative one is none at all.
    pub(super) fn sample(&mut self, key: Key, bucket: usize, seconds: f64) {
        if let Some(Slot(place)) = self.slot(key) {
            self.samples.entry((place, bucket)).or_default().add(seconds.max(0.0));
        }
    }

    /// What is told.
    pub(super) fn finish(mut self, ask: &PanelAsk) -> PanelPart {
        let mut part = PanelPart { id: ask.id.clone(), ..PanelPart::default() };
        if self.over {
            part.error = Some(self.too_many());
            return part;
        }
        let mut order: Vec<usize> = (0..self.keys.len()).collect();
        let ranks: Vec<Rank> = order.iter().map(|place| self.rank(*place, ask)).collect();
        order.sort_by(|a, b| ranks[*a].compare(&ranks[*b]).then_with(|| self.keys[*a].cmp(&self.keys[*b])));
        let sampled = !self.samples.is_empty();
        let told = if sampled { order.len() } else { ask.top.map_or(order.len(), |top| order.len().min(top as usize)) };
        if told > MOST {
            part.error = Some(self.too_many());
            return part;
        }
        part.rest = self.rest(&order[told..]);
        part.groups = order[..told].iter().map(|place| self.group(*place, sampled)).collect();
        part
    }

    fn too_many(&self) -> String {
        let most = self.most.min(MOST);
        format!("more than {most} groups of {} buckets on one node: narrow org_name, take wider buckets or a shorter range", self.buckets)
    }

    fn row(&self, place: usize) -> &[f64] {
        &self.values[place * self.buckets..(place + 1) * self.buckets]
    }

    fn rank(&self, place: usize, ask: &PanelAsk) -> Rank {
        let row = self.row(place);
        let severity = ask.outlier.map_or(0.0, |by| severity(if ask.unfinished { &row[..row.len() - 1] } else { row }, by));
        Rank { severity, total: row.iter().sum() }
    }

    fn rest(&self, places: &[usize]) -> Option<RestPart> {
        if places.is_empty() {
            return None;
        }
        let mut values = vec![0.0; self.buckets];
        for place in places {
            for (sum, value) in values.iter_mut().zip(self.row(*place)) {
                *sum += value;
            }
        }
        Some(RestPart { groups: places.len() as u64, values })
    }

    fn group(&mut self, place: usize, sampled: bool) -> GroupPart {
        let key = self.keys[place].iter().map(|value| value.as_deref().map(str::to_owned)).collect();
        if !sampled {
            return GroupPart { key, values: self.row(place).to_vec(), samples: Vec::new() };
        }
        let samples = (0..self.buckets).map(|bucket| self.samples.remove(&(place, bucket)).unwrap_or_default().told()).collect();
        GroupPart { key, values: Vec::new(), samples }
    }
}

/// How far up a group stands.
struct Rank {
    severity: f64,
    total: f64,
}

impl Rank {
    fn compare(&self, other: &Self) -> Ordering {
        other.severity.total_cmp(&self.severity).then_with(|| other.total.total_cmp(&self.total))
    }
}

/// How far the worst violation of a series is out; 0 without one.
fn severity(row: &[f64], by: Outlier) -> f64 {
    outlier(row, by).iter().zip(row).map(|(verdict, value)| verdict.severity(*value)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_api::dashboards::{Measure, PanelDimension};

    fn ask(edges: i64, top: Option<u32>) -> PanelAsk {
        PanelAsk {
            id: "p".into(),
            measure: Measure::Bytes,
            group_by: vec![PanelDimension::Org],
            tiers: Vec::new(),
            from: 0,
            to: edges,
            edges: (0..=edges).collect(),
            outlier: None,
            unfinished: false,
            top,
            rows: 0,
            open_now: false,
        }
    }

    fn filled(ask: &PanelAsk, rows: &[(&str, &[f64])]) -> Groups {
        let mut groups = Groups::new(ask);
        for (key, values) in rows {
            values.iter().enumerate().for_each(|(bucket, value)| groups.add(vec![Some((*key).into())], bucket, *value));
        }
        groups
    }

    fn names(part: &PanelPart) -> Vec<&str> {
        part.groups.iter().map(|group| group.key[0].as_deref().unwrap()).collect()
    }

    #[test]
    fn the_largest_are_told_and_the_others_added_up() {
        let ask = ask(2, Some(2));
        let part = filled(&ask, &[("a", &[1.0, 2.0]), ("b", &[5.0, 0.0]), ("c", &[0.0, 4.0]), ("d", &[3.0, 0.0])]).finish(&ask);
        assert_eq!((names(&part), part.rest.as_ref()), (vec!["b", "c"], Some(&RestPart { groups: 2, values: vec![4.0, 2.0] })));
    }

    #[test]
    fn those_that_are_out_come_first_and_what_is_unfinished_does_not_count() {
        let calm = [9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0];
        let with = |last: &[f64]| [&calm[..], last].concat();
        let (out, far, late, large) = (with(&[20.0, 10.0]), with(&[30.0, 10.0]), with(&[10.0, 99.0]), [100.0; 12].to_vec());
        let rows: [(&str, &[f64]); 4] = [("large", &large), ("late", &late), ("out", &out), ("far", &far)];
        let by = PanelAsk { outlier: Some(Outlier::default()), unfinished: true, ..ask(12, Some(3)) };
        assert_eq!(names(&filled(&by, &rows).finish(&by)), ["far", "out", "large"]);
        let whole = PanelAsk { unfinished: false, ..by };
        assert_eq!(names(&filled(&whole, &rows).finish(&whole)), ["late", "far", "out"]);
    }

    #[test]
    fn too_many_groups_are_an_error_and_no_part_of_them_an_answer() {
        let many = |ask: &PanelAsk, count: usize| {
            let mut groups = Groups::new(ask);
            (0..count).for_each(|n| groups.add(vec![Some(n.to_string().into())], 0, 1.0));
            groups.finish(ask)
        };
        let all = ask(1, None);
        assert_eq!((many(&all, MOST).groups.len(), many(&all, MOST).error), (MOST, None));
        let over = many(&all, MOST + 1);
        assert!(over.groups.is_empty() && over.error.unwrap().starts_with("more than 5000 groups"));
        let top = many(&ask(1, Some(3)), MOST + 1);
        assert_eq!((top.groups.len(), top.rest.unwrap().groups), (3, MOST as u64 - 2));
    }

    #[test]
    fn a_workspace_is_told_how_many_groups_it_added_to() {
        let ask = ask(2, None);
        let mut groups = Groups::new(&ask);
        let add = |groups: &mut Groups, key: &str| groups.add(vec![Some(key.into())], 0, 1.0);
        groups.begin(0);
        ["a", "b", "a"].into_iter().for_each(|key| add(&mut groups, key));
        assert_eq!(groups.begin(1), 2);
        add(&mut groups, "a");
        assert_eq!(groups.begin(2), 1);
    }
}
