//! Parts of a panel, as nodes tell them, added up: the order in which they come and how customers are spread over nodes change nothing.

use crate::{plan::Plan, sample, sound};
use bailiwick_api::{
    WorkspaceId,
    dashboards::{GroupPart, PanelDimension, PanelPart, RestPart, RowPart, Sample},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// Numbers of one panel that are held at a time: groups times buckets, or durations.
const MAX_CELLS: usize = 1_000_000;

/// What a group is told apart by; ids of customers where that is the customer.
pub(crate) type Key = Vec<Option<Arc<str>>>;

/// A customer, as a workspace of its node is called here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Org {
    /// Id.
    pub id: Arc<str>,
    /// Name.
    pub name: Arc<str>,
    /// Whether the person may read its raw logs.
    pub raw: bool,
}

/// The customers of a node that answered.
pub type Orgs = HashMap<WorkspaceId, Org>;

/// A group's numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cells {
    /// Of measures that add up.
    Sums(Vec<f64>),
    /// Of measures that are means.
    Samples(Vec<Sample>),
}

/// A row and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) org: Org,
    pub(crate) part: RowPart,
}

/// A panel's parts so far.
#[derive(Debug)]
pub struct Merging {
    group_by: Vec<PanelDimension>,
    buckets: usize,
    means: bool,
    most_rows: usize,
    cells: usize,
    pub(crate) groups: HashMap<Key, Cells>,
    pub(crate) rest: Option<RestPart>,
    pub(crate) rows: Vec<Row>,
    pub(crate) more: bool,
    pub(crate) names: BTreeMap<Arc<str>, Arc<str>>,
    pub(crate) error: Option<String>,
    refused: u64,
}

impl Merging {
    /// Nothing yet.
    pub fn new(plan: &Plan) -> Self {
        Self {
            group_by: plan.panel.group_by.clone(),
            buckets: plan.buckets(),
            means: sound::is_mean(plan.panel.measure),
            most_rows: if sound::is_rows(plan.panel.measure) { plan.rows() as usize } else { 0 },
            cells: 0,
            groups: HashMap::new(),
            rest: None,
            rows: Vec::new(),
            more: false,
            names: BTreeMap::new(),
            error: None,
            refused: 0,
        }
    }

    /// Adds a node's part. What is not about a customer of the node, or not of this panel's shape, is counted and left out.
    pub fn add(&mut self, part: PanelPart, orgs: &Orgs) {
        if let Some(error) = part.error {
            self.fail(error.chars().take(300).collect());
        }
        if self.error.is_some() {
            return;
        }
        for group in part.groups {
            self.group(group, orgs);
        }
        if let Some(rest) = part.rest {
            self.rest(rest);
        }
        self.more |= part.more;
        self.take_rows(part.rows, orgs);
        if self.cells > MAX_CELLS {
            self.fail(format!("more than {MAX_CELLS} numbers: narrow org_name or the range, or choose a wider timeslice"));
        }
    }

    /// Parts of groups and rows that were left out.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The same error whichever node told its first.
    fn fail(&mut self, error: String) {
        self.error = Some(self.error.take().map_or(error.clone(), |known| known.min(error)));
        (self.groups, self.rows, self.rest) = (HashMap::new(), Vec::new(), None);
    }

    fn group(&mut self, group: GroupPart, orgs: &Orgs) {
        let GroupPart { key, values, samples } = group;
        let Some((key, cells)) = self.key(key, orgs).zip(self.sound(values, samples)) else {
            self.refused += 1;
            return;
        };
        let told = match &cells {
            Cells::Sums(values) => values.len(),
            Cells::Samples(samples) => samples.iter().map(|sample| 1 + sample.centres.len()).sum(),
        };
        match (self.groups.get_mut(&key), cells) {
            (Some(Cells::Sums(into)), Cells::Sums(values)) => into.iter_mut().zip(values).for_each(|(into, value)| *into += value),
            (Some(Cells::Samples(into)), Cells::Samples(samples)) => {
                self.cells += told;
                into.iter_mut().zip(samples).for_each(|(into, other)| sample::join(into, other));
            }
            (_, cells) => {
                self.cells += told;
                self.groups.insert(key, cells);
            }
        }
    }

    /// A key with customers in the place of workspaces.
    fn key(&mut self, key: Vec<Option<String>>, orgs: &Orgs) -> Option<Key> {
        if key.len() != self.group_by.len() {
            return None;
        }
        let mut out = Vec::with_capacity(key.len());
        for (dimension, value) in self.group_by.iter().zip(key) {
            out.push(match (dimension, value) {
                (PanelDimension::Org, Some(workspace)) => {
                    let org = orgs.get(&WorkspaceId(workspace))?;
                    self.names.insert(org.id.clone(), org.name.clone());
                    Some(org.id.clone())
                }
                (PanelDimension::Org, None) => return None,
                (_, value) => value.map(Arc::from),
            });
        }
        Some(out)
    }

    fn sound(&self, values: Vec<f64>, samples: Vec<Sample>) -> Option<Cells> {
        if self.means {
            let fits = samples.len() == self.buckets && samples.iter().all(sample::is_sound);
            return fits.then_some(Cells::Samples(samples));
        }
        let fits = values.len() == self.buckets && values.iter().all(|value| value.is_finite());
        fits.then_some(Cells::Sums(values))
    }

    fn rest(&mut self, rest: RestPart) {
        if self.means || rest.values.len() != self.buckets || rest.values.iter().any(|value| !value.is_finite()) {
            self.refused += 1;
            return;
        }
        let into = self.rest.get_or_insert_with(|| RestPart { groups: 0, values: vec![0.0; self.buckets] });
        into.groups += rest.groups;
        into.values.iter_mut().zip(rest.values).for_each(|(into, value)| *into += value);
    }

    /// The newest rows of all nodes, no more than the panel shows.
    fn take_rows(&mut self, rows: Vec<RowPart>, orgs: &Orgs) {
        for part in rows {
            match orgs.get(&part.workspace) {
                Some(org) if self.most_rows > 0 => self.rows.push(Row { org: org.clone(), part }),
                _ => self.refused += 1,
            }
        }
        if self.rows.len() > self.most_rows {
            self.more = true;
        }
        self.rows.sort_by(|a, b| newest(a).cmp(&newest(b)));
        self.rows.truncate(self.most_rows);
    }
}

fn newest(row: &Row) -> (Reverse<i64>, Reverse<&str>, &str) {
    (Reverse(row.part.time), Reverse(row.part.id.as_str()), &row.org.id)
}
