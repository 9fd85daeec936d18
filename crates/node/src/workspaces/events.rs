//! Between the lake's rows and the wire.

use bailiwick_api::{EventPage, EventRow, Facet, FacetValue, Facets, Histogram, HistogramBucket, LogSearch, Position};
use bailiwick_chassis::{Refusal, clock::from_us};
use bailiwick_lake::{Cursor, Derive, LakeError, Page, Query, Row, Search};
use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use std::time::Duration;

/// How long a search may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Buckets of a histogram, values of a field, and fields of facets, unless told.
pub(super) const BUCKETS: usize = 60;
pub(super) const VALUES: usize = 10;
pub(super) const FIELDS: [&str; 10] =
    ["record_type", "source_category", "source", "host.name", "user.name", "source.ip", "destination.ip", "event.code", "process.name", "product"];

/// Fields that are not kept beside the raw text they follow from.
#[derive(Debug)]
pub(crate) struct EventFields;

impl Derive for EventFields {
    fn fields(&self, way: &str, raw: &str, added: Option<&str>) -> Option<String> {
        bailiwick_event::derive(way, raw, added)
    }
}

pub(super) fn to_lake(search: &LogSearch) -> Result<Search, Refusal> {
    let limit = search.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Refusal::invalid("INVALID_INPUT", "limit", "limit: 1 to 1000"));
    }
    let after = search.cursor.as_deref().map(read_cursor).transpose()?;
    Ok(Search { limit: limit as usize, after, ..all_of(&search.query, search.from, search.to)? })
}

/// All events that match in a window.
pub(super) fn all_of(query: &str, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<Search, Refusal> {
    let parsed = Query::parse(query).map_err(|error| {
        let position = error.position().map(|byte| Position::at_byte(query, byte));
        Refusal::invalid("QUERY_INVALID", "query", format!("query: {error}")).position(position)
    })?;
    let us = |time: DateTime<Utc>| time.timestamp_micros();
    Ok(Search { query: parsed, from: from.map(us), to: to.map(us), limit: 1, after: None, deadline: DEADLINE })
}

/// Refuses a query that cannot be read.
pub(crate) fn check(query: &str) -> Result<(), Refusal> {
    all_of(query, None, None).map(drop)
}

pub(super) fn to_histogram(told: bailiwick_lake::Histogram) -> Histogram {
    let bucket = |bar: &bailiwick_lake::Bar| {
        let records = bar.rows.saturating_sub(bar.failed);
        HistogramBucket { start: from_us(bar.start), records, failed_records: bar.failed }
    };
    let width_ms = u64::try_from(told.width / 1000).unwrap_or_default();
    let data = told.bars.iter().map(bucket).collect();
    Histogram { from: told.from.map(from_us), to: told.to.map(from_us), width_ms, total: told.total, data }
}

pub(super) fn to_facets(told: bailiwick_lake::Facets) -> Facets {
    let facet = |facet: bailiwick_lake::Facet| Facet {
        field: facet.field,
        values: facet.values.into_iter().map(|(value, rows)| FacetValue { value, rows }).collect(),
        other_rows: facet.other,
        missing_rows: facet.missing,
        exact: facet.exact,
    };
    Facets { total: told.total, data: told.fields.into_iter().map(facet).collect() }
}

fn read_cursor(text: &str) -> Result<Cursor, Refusal> {
    let invalid = || Refusal::invalid("CURSOR_INVALID", "cursor", "cursor: not one this node gave");
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| invalid())?;
    serde_json::from_slice(&bytes).map_err(|_| invalid())
}

pub(super) fn to_page(page: Page) -> Result<EventPage, Refusal> {
    let next = page.next.map(|cursor| serde_json::to_vec(&cursor)).transpose().map_err(Refusal::internal)?;
    let data = page.rows.into_iter().map(to_event).collect::<Result<_, _>>()?;
    Ok(EventPage { data, next: next.map(|bytes| BASE64URL_NOPAD.encode(&bytes)) })
}

pub(super) fn to_event(row: Row) -> Result<EventRow, Refusal> {
    let fields = serde_json::from_str(&row.fields).map_err(Refusal::internal)?;
    Ok(EventRow {
        id: row.id,
        event_time: from_us(row.event_time),
        receipt_time: from_us(row.receipt_time),
        source: row.source,
        source_category: row.source_category,
        record_type: row.record_type,
        reason_code: row.reason_code,
        reason: row.reason,
        vendor: row.vendor,
        product: row.product,
        parser: row.parser,
        event_code: row.event_code,
        message: row.message,
        raw: row.raw,
        ecs: row.ecs.into_iter().map(|(field, value)| (field.into_owned(), value)).collect::<serde_json::Map<_, _>>().into(),
        fields,
    })
}

pub(crate) fn refusal(error: LakeError) -> Refusal {
    match error {
        LakeError::Deadline => Refusal::new(StatusCode::GATEWAY_TIMEOUT, "SEARCH_DEADLINE")
            .detail(format!("the search took more than {} s; narrow it", DEADLINE.as_secs())),
        LakeError::Memory(_) => {
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "SEARCH_TOO_LARGE").detail("the search needs too much memory; narrow it")
        }
        LakeError::Invalid { field, reason } => Refusal::invalid("INVALID_INPUT", field, format!("{field}: {reason}")),
        LakeError::Store { .. } => {
            tracing::error!(%error, "the lake's store does not answer");
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "STORAGE_UNAVAILABLE").detail("the store the events are in does not answer").retry_after(5)
        }
        other => Refusal::internal(other),
    }
}
