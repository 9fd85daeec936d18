//! The filter of a list as a person sends it, in a query string or a body, checked before any node is asked.

use super::cursor::Seal;
use crate::{
    State,
    access::{self, Action, Actor, Reach},
};
use bailiwick_api::{
    CustomerId, CustomerName, CustomerRef, Disposition, Field, Origin, Priority, RowFilter, Sort, SortColumn, SortKey, Status, TimeField, Where,
    WorkspaceId,
};
use bailiwick_chassis::{Refusal, extract::QueryParams, secrets};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::IntoParams;

const DEFAULT_LIMIT: i64 = 100;
const MAX_LIMIT: i64 = 500;
const MAX_WORDS: usize = 5000;
const MAX_TAGS: usize = 50;
const MAX_CHARS: usize = 500;

/// Which investigations. Lists match any of their words, criteria are ANDed, tags need all. A window is half-open `[from, to)`;
/// none unless asked. Lists are separated by commas or repeated.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Customer ids; absent means all the person may see.
    #[param(value_type = Option<Vec<String>>)]
    customers: Option<Vec<CustomerId>>,
    /// Regions.
    regions: Option<Vec<String>>,
    /// Statuses.
    #[param(inline)]
    statuses: Option<Vec<Status>>,
    /// Priorities.
    #[param(inline)]
    priorities: Option<Vec<Priority>>,
    /// Sources.
    #[param(inline)]
    sources: Option<Vec<Origin>>,
    /// Dispositions.
    #[param(inline)]
    dispositions: Option<Vec<Disposition>>,
    /// Tags, all of them.
    tags: Option<Vec<String>>,
    /// Mail address of the assignee; `none` for unassigned.
    assignee: Option<String>,
    /// Words in title or entity, all of them, any case.
    q: Option<String>,
    /// Which time `from` and `to` act on.
    #[param(inline)]
    time_field: Option<TimeField>,
    /// Start, included.
    from: Option<DateTime<Utc>>,
    /// End, excluded.
    to: Option<DateTime<Utc>>,
    /// Changed at or after this, whatever the window acts on.
    updated_since: Option<DateTime<Utc>>,
    /// A tree of conditions, in the body of a search only.
    #[serde(rename = "where")]
    #[param(ignore)]
    tree: Option<Value>,
    /// Order.
    #[param(inline, value_type = Option<Sort>)]
    sort: Option<String>,
    /// Rows a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<i64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl QueryParams for ListParams {
    const LISTS: &'static [&'static str] = &["customers", "regions", "statuses", "priorities", "sources", "dispositions", "tags"];
    const NUMBERS: &'static [&'static str] = &["limit"];
}

/// A filter that was checked.
#[derive(Clone, Debug)]
pub struct Wanted {
    customers: Option<Vec<CustomerId>>,
    regions: Option<Vec<String>>,
    /// What the nodes decide by.
    pub(super) rows: RowFilter,
    /// Order.
    pub(super) sort: Sort,
    /// Rows a page.
    pub(super) limit: u32,
    /// The place the page begins after.
    pub(super) after: Option<SortKey>,
    /// Ties cursors to this filter.
    pub(super) digest: String,
}

impl ListParams {
    /// Checks it, and opens its cursor.
    pub fn wanted(self, seal: &Seal) -> Result<Wanted, Refusal> {
        self.check()?;
        let limit = limit(self.limit, DEFAULT_LIMIT, MAX_LIMIT)?;
        let named = |why| Refusal::invalid("INVALID_INPUT", "sort", format!("sort: {why}"));
        let sort = self.sort.as_deref().map_or(Ok(Sort::default()), |text| text.parse().map_err(named))?;
        let tree = self.tree.as_ref().map(read_tree).transpose()?;
        let digest = self.digest(tree.as_ref());
        let after = self.cursor.as_deref().map(|text| seal.read(text, sort, &digest)).transpose()?;
        let Self { customers, regions, statuses, priorities, sources, dispositions, tags, assignee, q, time_field, from, to, updated_since, .. } =
            self;
        let rows = RowFilter { statuses, priorities, sources, dispositions, tags, assignee, q, time_field, from, to, updated_since, tree };
        Ok(Wanted { customers, regions, rows, sort, limit, after, digest })
    }
}

/// A tree of conditions; what is wrong is named with its place.
fn read_tree(value: &Value) -> Result<Where, Refusal> {
    Where::read(value).map_err(|error| {
        let code = if error.unknown { "UNKNOWN_FIELD" } else { "INVALID_INPUT" };
        Refusal::invalid(code, &error.place, error.to_string())
    })
}

impl Wanted {
    /// Whom the person reaches of those wanted. A region nobody is in leaves nobody.
    pub(super) async fn reach(&self, state: &State, actor: &Actor) -> Result<Reach, Refusal> {
        self.reach_for(state, actor, Action::ViewInvestigations).await
    }

    /// The same for an act.
    pub(super) async fn reach_for(&self, state: &State, actor: &Actor, action: Action) -> Result<Reach, Refusal> {
        let mut reach = access::reach_many(state, actor, action, self.customers.as_deref()).await?;
        reach.grants.retain(|grant| self.is_in_region(grant.customer()));
        // Customers that may not be named stay counted: they may be in the region.
        reach.skipped.retain(|skipped| skipped.customer.as_ref().is_none_or(|customer| self.is_in_region(customer)));
        Ok(reach)
    }

    /// What nodes have to know of customers to answer: their names, where filter or order go by them.
    pub(super) fn names(&self, customers: impl Iterator<Item = (WorkspaceId, CustomerRef)>) -> BTreeMap<WorkspaceId, CustomerName> {
        let asks = |tree: &Where| tree.conditions().iter().any(|one| one.field == Field::Customer);
        if self.sort.column != SortColumn::Customer && !self.rows.tree.as_ref().is_some_and(asks) {
            return BTreeMap::new();
        }
        customers.map(|(workspace, customer)| (workspace, CustomerName { id: customer.id.0, name: customer.name })).collect()
    }

    fn is_in_region(&self, customer: &CustomerRef) -> bool {
        self.regions.as_ref().is_none_or(|regions| regions.iter().any(|region| region.eq_ignore_ascii_case(&customer.region)))
    }
}

impl ListParams {
    fn check(&self) -> Result<(), Refusal> {
        let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.chars().count() > MAX_CHARS);
        let refuse = |field: &str, why: String| Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: {why}")));
        for (field, text) in [("q", &self.q), ("assignee", &self.assignee)] {
            if long(text) {
                return refuse(field, format!("at most {MAX_CHARS} characters"));
            }
        }
        let tags = self.tags.as_deref().unwrap_or_default();
        if tags.len() > MAX_TAGS || tags.iter().any(|tag| tag.chars().count() > MAX_CHARS) {
            return refuse("tags", format!("at most {MAX_TAGS} of at most {MAX_CHARS} characters"));
        }
        let many = |count: Option<usize>| count.is_some_and(|count| count > MAX_WORDS);
        for (field, count) in [("customers", self.customers.as_ref().map(Vec::len)), ("regions", self.regions.as_ref().map(Vec::len))] {
            if many(count) {
                return refuse(field, format!("at most {MAX_WORDS}"));
            }
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > to => refuse("from", "is later than to".into()),
            _ => Ok(()),
        }
    }

    /// A digest of everything that decides which rows there are; the order of words in a list does not matter.
    fn digest(&self, tree: Option<&Where>) -> String {
        let words = |list: &Option<Vec<String>>| sorted(list.iter().flatten().cloned(), list.is_some());
        let named = |list: Option<Vec<&'static str>>| list.map(|list| sorted(list.into_iter().map(str::to_owned), true));
        let parts = [
            self.customers.as_ref().map(|list| sorted(list.iter().map(|id| id.0.clone()), true)).into(),
            words(&self.regions),
            named(self.statuses.as_ref().map(|list| list.iter().map(|word| word.as_str()).collect())).into(),
            named(self.priorities.as_ref().map(|list| list.iter().map(|word| word.as_str()).collect())).into(),
            named(self.sources.as_ref().map(|list| list.iter().map(|word| word.as_str()).collect())).into(),
            named(self.dispositions.as_ref().map(|list| list.iter().map(|word| word.as_str()).collect())).into(),
            words(&self.tags),
            Value::from(self.assignee.clone()),
            Value::from(self.q.clone()),
            serde_json::to_value(self.time_field).unwrap_or_default(),
            Value::from(self.from.map(|time| time.timestamp_micros())),
            Value::from(self.to.map(|time| time.timestamp_micros())),
            Value::from(self.updated_since.map(|time| time.timestamp_micros())),
            tree.map(Where::to_value).unwrap_or_default(),
        ];
        let mut digest = secrets::digest(Value::from(parts.to_vec()).to_string());
        digest.truncate(22);
        digest
    }
}

fn sorted(words: impl Iterator<Item = String>, given: bool) -> Value {
    let mut words: Vec<String> = words.collect();
    words.sort();
    words.dedup();
    if given { Value::from(words) } else { Value::Null }
}

/// A page's size between 1 and `most`; anything else is a 400 that names `limit`.
pub(crate) fn limit(asked: Option<i64>, default: i64, most: i64) -> Result<u32, Refusal> {
    let limit = asked.unwrap_or(default);
    let fits = (1..=most).contains(&limit).then(|| u32::try_from(limit).ok()).flatten();
    fits.ok_or_else(|| Refusal::invalid("INVALID_INPUT", "limit", format!("limit: expected 1 to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_chassis::extract::{parse_json, parse_query};
    use utoipa::openapi::path::ParameterIn;

    fn wanted(query: &str) -> Result<Wanted, Refusal> {
        parse_query::<ListParams>(query).and_then(|params| params.wanted(&Seal::fixed()))
    }

    fn refused(query: &str) -> (String, Option<String>) {
        let refusal = wanted(query).unwrap_err();
        assert_eq!(refusal.status().as_u16(), 400, "{query}");
        (refusal.code().to_owned(), refusal.problem().field)
    }

    #[test]
    fn a_query_is_read_in_any_case_and_has_no_window_unless_asked() {
        let wanted =
            wanted("statuses=open,Waiting&priorities=CRITICAL&priorities=high&sources=manual&regions=eu,us&limit=500&sort=-updated_time").unwrap();
        assert_eq!(wanted.rows.statuses, Some(vec![Status::Open, Status::Waiting]));
        assert_eq!(wanted.rows.priorities, Some(vec![Priority::Critical, Priority::High]));
        assert_eq!(wanted.rows.sources, Some(vec![Origin::User]));
        assert_eq!((wanted.limit, wanted.sort, wanted.rows.from, wanted.rows.to), (500, Sort::UPDATED, None, None));
        assert_eq!(super::tests::wanted("").unwrap().limit, 100);
    }

    #[test]
    fn what_is_unknown_or_out_of_range_is_named() {
        let named = |code: &str, field: &str| (code.to_owned(), Some(field.to_owned()));
        assert_eq!(refused("state=OPEN"), named("UNKNOWN_PARAMETER", "state"));
        for query in ["limit=0", "limit=501", "limit=-1", "limit=99999999999999", "limit=x"] {
            assert_eq!(refused(query), named("INVALID_INPUT", "limit"), "{query}");
        }
        assert_eq!(refused("cursor=x"), named("CURSOR_INVALID", "cursor"));
        assert_eq!(refused("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z"), named("INVALID_INPUT", "from"));
        assert_eq!(refused(&format!("q={}", "x".repeat(501))), named("INVALID_INPUT", "q"));
        assert_eq!(refused("statuses=opne").0, "INVALID_INPUT");
        let body = parse_json::<ListParams>(br#"{"statuses":["OPEN"],"foo":1}"#).unwrap_err();
        assert_eq!((body.code(), body.problem().field.as_deref()), ("UNKNOWN_FIELD", Some("foo")));
        let body = parse_json::<ListParams>(br#"{"limit":-5}"#).and_then(|params| params.wanted(&Seal::fixed())).unwrap_err();
        assert_eq!(body.problem().field.as_deref(), Some("limit"));
        assert_eq!(refused("sort=-colour"), named("INVALID_INPUT", "sort"));
        assert_eq!(refused("where=x"), named("INVALID_INPUT", "where"));
        let tree = |tree: &str| {
            let body = format!(r#"{{"where": {tree}}}"#);
            parse_json::<ListParams>(body.as_bytes()).and_then(|params| params.wanted(&Seal::fixed())).unwrap_err()
        };
        let field = tree(r#"{"or": [{"field": "colour", "value": "red"}]}"#);
        assert_eq!((field.code(), field.problem().field.as_deref()), ("UNKNOWN_FIELD", Some("where.or[0].field")));
        let op = tree(r#"{"field": "title", "op": "like", "value": "red"}"#);
        assert_eq!((op.code(), op.problem().field.as_deref()), ("UNKNOWN_FIELD", Some("where.op")));
    }

    #[test]
    fn a_query_and_a_body_that_mean_the_same_share_their_cursors_and_no_others_do() {
        let digest = |query: &str| wanted(query).unwrap().digest;
        let body: ListParams = parse_json(br#"{"statuses":["waiting","OPEN"],"customers":["b","a"],"limit":7}"#).unwrap();
        assert_eq!(body.wanted(&Seal::fixed()).unwrap().digest, digest("customers=a,b&statuses=OPEN,WAITING&limit=9"));
        let all = [
            "",
            "customers=",
            "customers=a",
            "regions=a",
            "tags=a",
            "q=a",
            "assignee=a",
            "statuses=OPEN",
            "time_field=closed_time",
            "updated_since=2026-01-01T00:00:00Z",
        ];
        let distinct: std::collections::HashSet<String> = all.iter().map(|query| digest(query)).collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn regions_narrow_in_any_case_and_an_empty_list_leaves_nobody() {
        let eu = CustomerRef { id: "c".into(), name: "c".into(), region: "eu".into() };
        assert!(wanted("").unwrap().is_in_region(&eu));
        assert!(wanted("regions=us,EU").unwrap().is_in_region(&eu));
        assert!(!wanted("regions=us").unwrap().is_in_region(&eu));
        assert!(!wanted("regions=").unwrap().is_in_region(&eu));
    }

    #[test]
    fn the_document_describes_every_parameter_in_place() {
        let params = ListParams::into_params(|| Some(ParameterIn::Query));
        let text = serde_json::to_string(&params).unwrap();
        assert!(!text.contains("$ref"), "{text}");
        for name in ListParams::LISTS.iter().chain(ListParams::NUMBERS) {
            assert!(text.contains(&format!("\"name\":\"{name}\"")), "{name} is not described");
        }
        assert!(text.contains("-created_time") && text.contains("INVESTIGATING"), "{text}");
    }
}
