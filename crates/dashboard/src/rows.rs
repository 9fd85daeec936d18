//! Tables of single things, column by column.

use crate::{
    frame::{column, number, rfc3339},
    merge::{Merging, Row},
    time::instant,
};
use bailiwick_api::dashboards::{Column, ColumnKind, Measure, RowValues, Sorting, Unit};
use serde_json::Value;
use std::cmp::Reverse;

const GB: f64 = 1_073_741_824.0;

type Cell = fn(&Row) -> Value;

/// The columns of a measure that is rows.
pub(crate) fn columns(measure: Measure, of: &Merging, sort: Sorting) -> Vec<Column> {
    let mut rows: Vec<&Row> = of.rows.iter().collect();
    match sort {
        Sorting::TimeAsc => rows.reverse(),
        Sorting::ValueDesc => rows.sort_by_key(|row| Reverse(weight(row))),
        Sorting::TimeDesc | Sorting::GroupThenValue => {}
    }
    let cells: &[(&str, ColumnKind, Option<Unit>, Cell)] = match measure {
        Measure::HealthResourceRows => &HEALTH_RESOURCES,
        Measure::HealthEventRows => &HEALTH_EVENTS,
        Measure::SilentCategoryRows => &SILENT_CATEGORIES,
        Measure::FailedRecordRows => &FAILED_RECORDS,
        Measure::SignalRows => &SIGNALS,
        _ => &[],
    };
    cells.iter().map(|(name, kind, unit, cell)| column(name, *kind, *unit, rows.iter().map(|row| cell(row)).collect())).collect()
}

/// What a table that is ordered by value is ordered by.
fn weight(row: &Row) -> u64 {
    match &row.part.values {
        RowValues::SilentCategory(row) => row.bytes_before,
        RowValues::HealthResource(row) => row.events,
        RowValues::Signal(row) => row.severity.unsigned_abs(),
        RowValues::HealthEvent(_) | RowValues::FailedRecord(_) => 0,
    }
}

fn text(value: Option<&String>) -> Value {
    value.map_or(Value::Null, |text| Value::from(text.as_str()))
}

fn time(value: Option<i64>) -> Value {
    value.map_or(Value::Null, |at| rfc3339(instant(at)))
}

const ORG_NAME: (&str, ColumnKind, Option<Unit>, Cell) = ("org_name", ColumnKind::Text, None, |row| Value::from(&*row.org.name));
const ORG_ID: (&str, ColumnKind, Option<Unit>, Cell) = ("org_id", ColumnKind::Text, None, |row| Value::from(&*row.org.id));
const TIME: (&str, ColumnKind, Option<Unit>, Cell) = ("time", ColumnKind::Time, None, |row| rfc3339(instant(row.part.time)));
const ID: (&str, ColumnKind, Option<Unit>, Cell) = ("id", ColumnKind::Text, None, |row| Value::from(row.part.id.as_str()));

/// A column of one kind of row; null for rows of another kind, which no node sends.
macro_rules! cell {
    ($name:literal, $kind:ident, $row:ident, |$at:ident| $value:expr) => {
        cell!($name, $kind, None, $row, |$at| $value)
    };
    ($name:literal, $kind:ident, $unit:expr, $row:ident, |$at:ident| $value:expr) => {
        ($name, ColumnKind::$kind, $unit, |row| match &row.part.values {
            RowValues::$row($at) => $value,
            _ => Value::Null,
        })
    };
}

const HEALTH_RESOURCES: [(&str, ColumnKind, Option<Unit>, Cell); 16] = [
    ORG_NAME,
    ORG_ID,
    cell!("resource", Text, HealthResource, |at| Value::from(at.resource.as_str())),
    cell!("resource_type", Text, HealthResource, |at| Value::from(at.resource_type.as_str())),
    cell!("resource_id", Text, HealthResource, |at| Value::from(at.resource_id.as_str())),
    cell!("collector", Text, HealthResource, |at| text(at.collector.as_ref())),
    cell!("collector_id", Text, HealthResource, |at| text(at.collector_id.as_ref())),
    cell!("severity", Text, HealthResource, |at| Value::from(at.severity.as_str())),
    cell!("tracker", Text, HealthResource, |at| Value::from(at.tracker.as_str())),
    cell!("error", Text, HealthResource, |at| Value::from(at.error.as_str())),
    cell!("description", Text, HealthResource, |at| Value::from(at.description.as_str())),
    cell!("first_seen", Time, HealthResource, |at| time(Some(at.first_seen))),
    cell!("last_seen", Time, HealthResource, |at| time(Some(at.last_seen))),
    cell!("events", Number, Some(Unit::Events), HealthResource, |at| Value::from(at.events)),
    cell!("open", Boolean, HealthResource, |at| Value::from(at.open)),
    cell!("since", Time, HealthResource, |at| time(at.since)),
];

const HEALTH_EVENTS: [(&str, ColumnKind, Option<Unit>, Cell); 11] = [
    TIME,
    ORG_NAME,
    ORG_ID,
    cell!("resource", Text, HealthEvent, |at| Value::from(at.resource.as_str())),
    cell!("resource_type", Text, HealthEvent, |at| Value::from(at.resource_type.as_str())),
    cell!("resource_id", Text, HealthEvent, |at| Value::from(at.resource_id.as_str())),
    cell!("collector", Text, HealthEvent, |at| text(at.collector.as_ref())),
    cell!("severity", Text, HealthEvent, |at| Value::from(at.severity.as_str())),
    cell!("tracker", Text, HealthEvent, |at| Value::from(at.tracker.as_str())),
    cell!("error", Text, HealthEvent, |at| Value::from(at.error.as_str())),
    cell!("description", Text, HealthEvent, |at| Value::from(at.description.as_str())),
];

#[expect(clippy::cast_precision_loss, reason = "bytes of a day are far below 2^53")]
const SILENT_CATEGORIES: [(&str, ColumnKind, Option<Unit>, Cell); 10] = [
    ORG_NAME,
    ORG_ID,
    cell!("tier", Text, SilentCategory, |at| Value::from(at.tier.as_str())),
    cell!("source_category", Text, SilentCategory, |at| Value::from(at.source_category.as_str())),
    cell!("gb", Number, Some(Unit::Gb), SilentCategory, |at| number(Some(at.bytes_before as f64 / GB))),
    cell!("last_seen", Time, SilentCategory, |at| time(Some(at.last_seen))),
    cell!("back", Time, SilentCategory, |at| time(at.back)),
    cell!("cadence_seconds", Number, Some(Unit::Seconds), SilentCategory, |at| at.cadence_s.map_or(Value::Null, Value::from)),
    cell!("acknowledged_by", Text, SilentCategory, |at| text(at.acknowledged_by.as_ref())),
    cell!("acknowledged", Time, SilentCategory, |at| time(at.acknowledged)),
];

/// The raw text is for those who may search the customer's logs.
const FAILED_RECORDS: [(&str, ColumnKind, Option<Unit>, Cell); 12] = [
    TIME,
    ORG_NAME,
    ORG_ID,
    cell!("source_category", Text, FailedRecord, |at| text(at.source_category.as_ref())),
    cell!("vendor", Text, FailedRecord, |at| text(at.vendor.as_ref())),
    cell!("product", Text, FailedRecord, |at| text(at.product.as_ref())),
    cell!("event_id", Text, FailedRecord, |at| text(at.event_id.as_ref())),
    cell!("parser", Text, FailedRecord, |at| text(at.parser.as_ref())),
    cell!("reason_code", Text, FailedRecord, |at| text(at.reason_code.as_ref())),
    cell!("reason", Text, FailedRecord, |at| text(at.reason.as_ref())),
    ("raw", ColumnKind::Text, None, |row| match &row.part.values {
        RowValues::FailedRecord(at) if row.org.raw => Value::from(at.raw.as_str()),
        _ => Value::Null,
    }),
    ID,
];

const SIGNALS: [(&str, ColumnKind, Option<Unit>, Cell); 14] = [
    TIME,
    ORG_NAME,
    ORG_ID,
    cell!("name", Text, Signal, |at| Value::from(at.name.as_str())),
    cell!("rule", Text, Signal, |at| Value::from(at.rule.as_str())),
    cell!("severity", Number, Signal, |at| Value::from(at.severity)),
    cell!("entity_type", Text, Signal, |at| Value::from(at.entity_type.as_str())),
    cell!("entity", Text, Signal, |at| Value::from(at.entity.as_str())),
    cell!("attack_stage", Text, Signal, |at| text(at.attack_stage.as_ref())),
    cell!("tags", List, Signal, |at| Value::from(at.tags.clone())),
    cell!("suppressed", Text, Signal, |at| text(at.suppressed.as_ref())),
    cell!("prototype", Boolean, Signal, |at| Value::from(at.prototype)),
    cell!("investigation", Text, Signal, |at| text(at.investigation.as_ref())),
    ID,
];
