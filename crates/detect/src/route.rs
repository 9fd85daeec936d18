//! Which rules look at which record.
//!
//! Rules are grouped by the product and the category (or, without one, the service) of their logsource, one engine per
//! group, and a record is shown only to the groups it belongs to. Writing the logsource as rule conditions instead would give
//! every process-creation rule the same witness and make the engine's candidate index useless, 16 to 60 times slower.
//!
//! - **Windows** records belong to groups by `Channel` (`channels.tsv`: channel → service) and by `Channel` with
//!   `EventID` (`categories.tsv`). A Windows rule with both a category and a service is grouped by its category.
//! - **Every other** record belongs to the groups of its own logsource and of what `aliases.tsv` adds to it (product, the
//!   record's service or category, the kind of what is added, its name). A rule with both is grouped by its service, the
//!   narrower of the two.
//! - A rule **without a product** looks at every record of its category or service, whatever the product. A rule without
//!   any logsource looks at everything.

use std::collections::HashMap;

use bailiwick_event::{LogSource, Record, ValueRef};

use crate::rule::RuleLogSource;

const WINDOWS: &str = "windows";

/// The narrower part of a logsource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Facet {
    Any,
    Category(String),
    Service(String),
}

/// The group a rule belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Group {
    product: Option<String>,
    facet: Facet,
}

impl Group {
    /// The group of a rule with this (lower-case) logsource.
    pub(crate) fn of(logsource: &RuleLogSource) -> Self {
        let category = logsource.category.clone().map(Facet::Category);
        let service = logsource.service.clone().map(Facet::Service);
        let windows = logsource.product.as_deref() == Some(WINDOWS);
        let facet = if windows { category.or(service) } else { service.or(category) };
        Self { product: logsource.product.clone(), facet: facet.unwrap_or(Facet::Any) }
    }
}

/// The groups of one channel, by engine number.
#[derive(Default)]
struct Channel {
    engines: Vec<usize>,
    by_event: HashMap<i64, Vec<usize>>,
}

/// From a record to the engines that look at it.
pub(crate) struct Router {
    everything: Vec<usize>,
    windows: Vec<usize>,
    channels: HashMap<String, Channel>,
    groups: HashMap<Group, usize>,
    aliases: HashMap<(String, String), Vec<Facet>>,
}

impl Router {
    /// A router to the engines numbered as `groups` says.
    pub(crate) fn new(groups: HashMap<Group, usize>) -> Self {
        let one = |product: Option<&str>, facet: Facet| groups.get(&Group { product: product.map(str::to_owned), facet }).copied();
        let both = |facet: Facet| one(Some(WINDOWS), facet.clone()).into_iter().chain(one(None, facet));
        let mut channels: HashMap<String, Channel> = HashMap::new();
        for [channel, service] in rows(include_str!("channels.tsv")) {
            channels.entry(channel.to_owned()).or_default().engines.extend(both(Facet::Service(service.to_owned())));
        }
        for [channel, event, category] in rows(include_str!("categories.tsv")) {
            let Ok(event) = event.parse() else { continue };
            let by_event = &mut channels.entry(channel.to_owned()).or_default().by_event;
            by_event.entry(event).or_default().extend(both(Facet::Category(category.to_owned())));
        }
        let mut aliases: HashMap<(String, String), Vec<Facet>> = HashMap::new();
        for [product, part, kind, name] in rows(include_str!("aliases.tsv")) {
            let facet = if kind == "category" { Facet::Category(name.to_owned()) } else { Facet::Service(name.to_owned()) };
            aliases.entry((product.to_owned(), part.to_owned())).or_default().push(facet);
        }
        Self {
            everything: one(None, Facet::Any).into_iter().collect(),
            windows: one(Some(WINDOWS), Facet::Any).into_iter().collect(),
            channels,
            groups,
            aliases,
        }
    }

    /// Calls `visit` with the number of every engine that looks at `record`, each once.
    pub(crate) fn route(&self, record: &Record, mut visit: impl FnMut(usize)) {
        self.everything.iter().copied().for_each(&mut visit);
        if is_windows(record) {
            self.windows.iter().copied().for_each(&mut visit);
            self.route_windows(record, visit);
        } else {
            self.route_other(&record.logsource, visit);
        }
    }

    fn route_windows(&self, record: &Record, mut visit: impl FnMut(usize)) {
        let Some(channel) = record.fields.get_str("Channel") else { return };
        let Some(channel) = self.channels.get(channel.to_ascii_lowercase().as_str()) else { return };
        channel.engines.iter().copied().for_each(&mut visit);
        let Some(event) = record.fields.get("EventID").and_then(whole_number) else { return };
        if let Some(engines) = channel.by_event.get(&event) {
            engines.iter().copied().for_each(&mut visit);
        }
    }

    fn route_other(&self, logsource: &LogSource, mut visit: impl FnMut(usize)) {
        let product = logsource.product.as_deref();
        let facets = self.facets(logsource);
        let mut seen: Vec<usize> = Vec::with_capacity(facets.len() + 1);
        let any = product.map(|product| Group { product: Some(product.to_owned()), facet: Facet::Any });
        let by_product = |facet: &Facet| product.map(|product| Group { product: Some(product.to_owned()), facet: facet.clone() });
        let without = |facet: &Facet| Group { product: None, facet: facet.clone() };
        let wanted = any.into_iter().chain(facets.iter().flat_map(|facet| by_product(facet).into_iter().chain([without(facet)])));
        for group in wanted {
            if let Some(&engine) = self.groups.get(&group)
                && !seen.contains(&engine)
            {
                seen.push(engine);
                visit(engine);
            }
        }
    }

    fn facets(&self, logsource: &LogSource) -> Vec<Facet> {
        let (category, service) = (logsource.category.clone(), logsource.service.clone());
        let own = category.clone().map(Facet::Category).into_iter().chain(service.clone().map(Facet::Service));
        let mut facets: Vec<Facet> = own.collect();
        let Some(product) = &logsource.product else { return facets };
        for part in category.into_iter().chain(service) {
            facets.extend(self.aliases.get(&(product.clone(), part)).into_iter().flatten().cloned());
        }
        facets
    }
}

fn is_windows(record: &Record) -> bool {
    match record.logsource.product.as_deref() {
        Some(product) => product == WINDOWS,
        None => record.fields.contains("Channel"),
    }
}

fn whole_number(value: ValueRef<'_>) -> Option<i64> {
    crate::event_view::event_value(value).as_i64()
}

/// The rows of a table that have exactly `N` columns.
fn rows<const N: usize>(table: &str) -> impl Iterator<Item = [&str; N]> {
    table.lines().filter_map(|line| <[&str; N]>::try_from(line.split('\t').collect::<Vec<_>>()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_every_table_is_read() {
        let lines = |table: &str| table.lines().count();
        assert_eq!(rows::<2>(include_str!("channels.tsv")).count(), lines(include_str!("channels.tsv")));
        assert_eq!(rows::<4>(include_str!("aliases.tsv")).count(), lines(include_str!("aliases.tsv")));
        let categories = include_str!("categories.tsv");
        let read = rows::<3>(categories).filter(|[_, event, _]| event.parse::<i64>().is_ok()).count();
        assert_eq!(read, lines(categories));
    }

    #[test]
    fn a_rule_with_category_and_service_goes_by_category_on_windows_and_by_service_elsewhere() {
        let logsource = |product: &str| RuleLogSource {
            product: Some(product.to_owned()),
            category: Some("file_event".to_owned()),
            service: Some("sysmon".to_owned()),
        };
        assert_eq!(Group::of(&logsource("windows")).facet, Facet::Category("file_event".to_owned()));
        assert_eq!(Group::of(&logsource("paloalto")).facet, Facet::Service("sysmon".to_owned()));
    }
}
