//! Whether a row matches: the one place where a filter and a tree of conditions are decided. What stands outside of the row (signals, rules,
//! comments, evidence) is looked up before, as sets of ids ([`super::facts`]); SQL may leave rows out beforehand, never decide.

use bailiwick_api::{Condition, CustomerName, Field, InvestigationRow, Op, Operand, RowFilter, TimeField, Where};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// A filter made ready.
pub(crate) struct Criteria<'a> {
    filter: &'a RowFilter,
    words: Vec<String>,
    tags: Vec<String>,
    assignee: Option<String>,
    tree: Option<Node<'a>>,
}

/// A tree whose conditions know their sets.
enum Node<'a> {
    And(Vec<Node<'a>>),
    Or(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    Is(&'a Condition),
    /// The number of its set.
    LookedUp(&'a Condition, usize),
}

impl<'a> Node<'a> {
    fn new(tree: &'a Where, sets: &mut usize) -> Self {
        match tree {
            Where::And(parts) => Self::And(parts.iter().map(|part| Self::new(part, sets)).collect()),
            Where::Or(parts) => Self::Or(parts.iter().map(|part| Self::new(part, sets)).collect()),
            Where::Not(part) => Self::Not(Box::new(Self::new(part, sets))),
            Where::Is(one) if is_looked_up(one.field) => {
                *sets += 1;
                Self::LookedUp(one, *sets - 1)
            }
            Where::Is(one) => Self::Is(one),
        }
    }

    fn holds(&self, id: &str, row: &InvestigationRow, around: &Around<'_>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(id, row, around)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(id, row, around)),
            Self::Not(part) => !part.holds(id, row, around),
            Self::Is(one) => condition(one, row, around),
            Self::LookedUp(one, set) => looked_up(one, around.sets.get(*set), id, row),
        }
    }
}

/// What is known of the workspace besides its rows.
#[derive(Default)]
pub(crate) struct Around<'a> {
    /// What the console calls the customer.
    pub(crate) customer: Option<&'a CustomerName>,
    /// Ids of investigations for each condition of the tree that is looked up, in its order.
    pub(crate) sets: &'a [HashSet<String>],
}

/// Whether a field stands outside of the row.
pub(crate) fn is_looked_up(field: Field) -> bool {
    matches!(
        field,
        Field::Hostname | Field::Username | Field::Ip | Field::Rule | Field::RuleName | Field::Technique | Field::Comment | Field::Evidence
    )
}

impl<'a> Criteria<'a> {
    /// Makes a filter ready.
    pub(crate) fn new(filter: &'a RowFilter) -> Self {
        let words = filter.q.as_deref().unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
        let tags = filter.tags.iter().flatten().map(|tag| tag.to_lowercase()).collect();
        Self {
            filter,
            words,
            tags,
            assignee: filter.assignee.as_deref().map(|email| email.trim().to_lowercase()),
            tree: filter.tree.as_ref().map(|tree| Node::new(tree, &mut 0)),
        }
    }

    /// Whether SQL decides it alone.
    pub(crate) fn is_plain(&self) -> bool {
        self.words.is_empty() && self.tags.is_empty() && self.filter.tree.is_none()
    }

    /// Conditions that are looked up, in the order of their sets.
    pub(crate) fn looked_up(&self) -> Vec<&'a Condition> {
        let conditions = self.filter.tree.as_ref().map(Where::conditions).unwrap_or_default();
        conditions.into_iter().filter(|one| is_looked_up(one.field)).collect()
    }

    /// Whether a row matches; `id` is its id in the workspace.
    pub(crate) fn matches(&self, id: &str, row: &InvestigationRow, around: &Around<'_>) -> bool {
        let tree = || self.tree.as_ref().is_none_or(|tree| tree.holds(id, row, around));
        self.in_lists(row) && self.in_window(row) && self.in_words(row) && tree()
    }

    fn in_lists(&self, row: &InvestigationRow) -> bool {
        let filter = self.filter;
        let assigned = || match self.assignee.as_deref() {
            None => true,
            Some("none") => row.assignee.is_none(),
            Some(email) => row.assignee.as_ref().is_some_and(|assignee| assignee.email.to_lowercase() == email),
        };
        filter.statuses.as_ref().is_none_or(|words| words.contains(&row.status))
            && filter.priorities.as_ref().is_none_or(|words| words.contains(&row.priority))
            && filter.sources.as_ref().is_none_or(|words| words.contains(&row.source))
            && filter.dispositions.as_ref().is_none_or(|words| words.contains(&row.disposition))
            && assigned()
    }

    fn in_window(&self, row: &InvestigationRow) -> bool {
        let filter = self.filter;
        if filter.updated_since.is_some_and(|since| row.updated_time < since) {
            return false;
        }
        if filter.from.is_none() && filter.to.is_none() {
            return true;
        }
        let time = match filter.time_field.unwrap_or_default() {
            TimeField::CreatedTime => Some(row.created_time),
            TimeField::UpdatedTime => Some(row.updated_time),
            TimeField::LatestAlertTime => row.latest_alert_time,
            TimeField::FirstAlertTime => row.first_alert_time,
            TimeField::ClosedTime => row.closed_time,
            TimeField::LastAccessedTime => row.last_accessed_time,
        };
        time.is_some_and(|time| filter.from.is_none_or(|from| time >= from) && filter.to.is_none_or(|to| time < to))
    }

    fn in_words(&self, row: &InvestigationRow) -> bool {
        if !self.words.is_empty() {
            let entity = row.entity.as_ref().map_or("", |entity| entity.value.as_str());
            let text = format!("{}\n{entity}", row.title).to_lowercase();
            if !self.words.iter().all(|word| text.contains(word.as_str())) {
                return false;
            }
        }
        let tagged = |wanted: &String| row.tags.iter().any(|tag| tag.to_lowercase() == *wanted);
        self.tags.iter().all(tagged)
    }
}

/// A condition with a set. The row's own entity stands beside those of its signals. A set of an absence holds those that have something.
fn looked_up(one: &Condition, set: Option<&HashSet<String>>, id: &str, row: &InvestigationRow) -> bool {
    let found = set.is_some_and(|set| set.contains(id));
    let own = entity_of(one.field, row);
    match one.operand {
        Operand::Presence(wanted) => (found || own.is_some()) == wanted,
        _ => found || own.is_some_and(|value| text(one, std::iter::once(value))),
    }
}

fn entity_of(field: Field, row: &InvestigationRow) -> Option<&str> {
    let kind = entity_kind(field)?;
    row.entity.as_ref().filter(|entity| entity.kind == kind).map(|entity| entity.value.as_str())
}

/// The kind of entity a field asks for.
pub(crate) fn entity_kind(field: Field) -> Option<&'static str> {
    match field {
        Field::Hostname => Some("hostname"),
        Field::Username => Some("username"),
        Field::Ip => Some("ip"),
        _ => None,
    }
}

fn condition(one: &Condition, row: &InvestigationRow, around: &Around<'_>) -> bool {
    let time = |time: Option<DateTime<Utc>>| number(one, time.map(|time| time.timestamp_micros()));
    let single = |value: Option<&str>| text(one, value.into_iter());
    match one.field {
        Field::Rrn => single(Some(&row.rrn)),
        Field::Title => single(Some(&row.title)),
        Field::Status => single(Some(row.status.as_str())),
        Field::Priority => number(one, Some(row.priority as i64)),
        Field::Disposition => single(Some(row.disposition.as_str())),
        Field::Source => single(Some(row.source.as_str())),
        Field::Responsibility => single(row.responsibility.map(|word| word.as_str())),
        Field::Assignee => {
            let assignee = row.assignee.as_ref();
            text(one, assignee.into_iter().flat_map(|who| [who.email.as_str(), who.name.as_str()]).filter(|value| !value.is_empty()))
        }
        Field::Tag => text(one, row.tags.iter().map(String::as_str)),
        Field::Customer => text(one, around.customer.into_iter().flat_map(|customer| [customer.id.as_str(), customer.name.as_str()])),
        Field::Region => single(row.rrn.split(':').nth(2)),
        Field::Entity => single(row.entity.as_ref().map(|entity| entity.value.as_str())),
        Field::EntityType => single(row.entity.as_ref().map(|entity| entity.kind.as_str())),
        Field::CreatedTime => time(Some(row.created_time)),
        Field::UpdatedTime => time(Some(row.updated_time)),
        Field::FirstAlertTime => time(row.first_alert_time),
        Field::LatestAlertTime => time(row.latest_alert_time),
        Field::ClosedTime => time(row.closed_time),
        Field::LastAccessedTime => time(row.last_accessed_time),
        Field::SignalCount => number(one, Some(i64::from(row.signal_count))),
        Field::CommentCount => number(one, Some(i64::from(row.comment_count))),
        Field::Hostname | Field::Username | Field::Ip | Field::Rule | Field::RuleName | Field::Technique | Field::Comment | Field::Evidence => false,
    }
}

/// Whether any of the texts a field has is what is asked for. Both sides in lower case.
pub(crate) fn text<'t>(one: &Condition, mut has: impl Iterator<Item = &'t str>) -> bool {
    match &one.operand {
        Operand::Presence(wanted) => has.next().is_some() == *wanted,
        Operand::Texts(wanted) => has.any(|value| {
            let value = value.to_lowercase();
            wanted.iter().any(|wanted| match one.op {
                Op::Contains => value.contains(wanted.as_str()),
                Op::StartsWith => value.starts_with(wanted.as_str()),
                _ => value == *wanted,
            })
        }),
        Operand::Numbers(_) => false,
    }
}

fn number(one: &Condition, has: Option<i64>) -> bool {
    match (&one.operand, has) {
        (Operand::Presence(wanted), has) => has.is_some() == *wanted,
        (_, None) | (Operand::Texts(_), _) => false,
        (Operand::Numbers(wanted), Some(has)) => wanted.iter().any(|wanted| match one.op {
            Op::Gt => has > *wanted,
            Op::Gte => has >= *wanted,
            Op::Lt => has < *wanted,
            Op::Lte => has <= *wanted,
            _ => has == *wanted,
        }),
    }
}
