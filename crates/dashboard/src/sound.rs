//! What a definition may say: which measures can be told apart by what, in which unit, and drawn how.

use crate::{
    Wrong,
    time::{Span, edges},
};
use bailiwick_api::dashboards::{After, Bucket, Chart, Dashboard, Measure, Outlier, Panel, PanelDimension, Sorting, Unit, VolumeTier};
use chrono_tz::Tz;
use std::collections::HashSet;

/// Panels of one dashboard.
const MAX_PANELS: usize = 40;
const MAX_SECTIONS: usize = 20;
const MAX_NAME: usize = 60;
const MAX_ID: usize = 100;
const MAX_TITLE: usize = 120;
const MAX_TEXT: usize = 1_000;
const MAX_DIMENSIONS: usize = 8;
/// Groups of one panel.
const MAX_GROUPS: u32 = 10_000;
/// Rows of one panel.
const MAX_ROWS: u32 = 5_000;

pub(crate) fn dashboard(dashboard: &Dashboard) -> Result<(), Wrong> {
    word("name", &dashboard.name, MAX_NAME)?;
    title("title", &dashboard.title, 1)?;
    text("description", &dashboard.description)?;
    let range = Span::of("range", &dashboard.range)?;
    let slice = Span::of("timeslice", &dashboard.timeslice)?;
    edges(0, range.micros(), slice, Tz::UTC)?;
    distinct("filters", &dashboard.filters)?;
    if !(1..=MAX_SECTIONS).contains(&dashboard.sections.len()) {
        return Err(Wrong::new("sections", format!("1 to {MAX_SECTIONS}")));
    }
    for section in &dashboard.sections {
        title("sections", &section.title, 0)?;
    }
    if !(1..=MAX_PANELS).contains(&dashboard.panels().count()) {
        return Err(Wrong::new("sections", format!("1 to {MAX_PANELS} panels in all")));
    }
    let mut ids = HashSet::new();
    for one in dashboard.panels() {
        let named = |wrong: Wrong| Wrong::new(format!("{}.{}.{}", dashboard.name, one.id, wrong.field), wrong.why);
        panel(one).map_err(named)?;
        if !ids.insert(one.id.as_str()) {
            return Err(named(Wrong::new("id", "another panel has it")));
        }
    }
    Ok(())
}

fn panel(panel: &Panel) -> Result<(), Wrong> {
    word("id", &panel.id, MAX_ID)?;
    title("title", &panel.title, 1)?;
    text("description", &panel.description)?;
    grouping(panel)?;
    if !panel.tiers.is_empty() && !is_volume(panel.measure) {
        return Err(Wrong::new("tiers", "only measures of volume have a tier"));
    }
    distinct("tiers", &panel.tiers)?;
    if panel.per_day && (panel.measure != Measure::Bytes || panel.bucket != Bucket::None) {
        return Err(Wrong::new("per_day", "only of bytes that are not told apart by time"));
    }
    unit(panel)?;
    after(panel)?;
    chart(panel)?;
    order(panel)?;
    let most = if is_rows(panel.measure) { MAX_ROWS } else { MAX_GROUPS };
    if panel.limit.is_some_and(|limit| !(1..=most).contains(&limit)) {
        return Err(Wrong::new("limit", format!("1 to {most}")));
    }
    panel.range.as_deref().map(|range| Span::of("range", range)).transpose()?;
    Ok(())
}

fn grouping(panel: &Panel) -> Result<(), Wrong> {
    let known = dimensions(panel.measure);
    if let Some(other) = panel.group_by.iter().find(|dimension| !known.contains(dimension)) {
        return Err(Wrong::new("group_by", format!("{} has no {}", panel.measure.as_str(), other.as_str())));
    }
    distinct("group_by", &panel.group_by)?;
    if panel.group_by.len() > MAX_DIMENSIONS {
        return Err(Wrong::new("group_by", format!("at most {MAX_DIMENSIONS}")));
    }
    if panel.bucket != Bucket::None && (is_rows(panel.measure) || panel.measure == Measure::InsightsStatus) {
        return Err(Wrong::new("bucket", format!("{} is not told apart by time", panel.measure.as_str())));
    }
    Ok(())
}

fn unit(panel: &Panel) -> Result<(), Wrong> {
    let right = match panel.measure {
        Measure::Bytes if panel.per_day => Unit::GbPerDay,
        measure => unit_of(measure),
    };
    if panel.unit == right { Ok(()) } else { Err(Wrong::new("unit", format!("{} is in {}", panel.measure.as_str(), right.as_str()))) }
}

fn after(panel: &Panel) -> Result<(), Wrong> {
    let refuse = |field: &str, why: &str| Err(Wrong::new(format!("after{field}"), why));
    match &panel.after {
        None => Ok(()),
        Some(_) if is_rows(panel.measure) => refuse("", "not of rows"),
        Some(After::Compare(compare)) => Span::of("after.compare.timeshift", &compare.timeshift).map(drop),
        Some(After::Outlier(_)) if panel.bucket != Bucket::Timeslice || is_mean(panel.measure) => {
            refuse("", "outlier is of sums that are told apart by timeslice")
        }
        Some(After::Outlier(Outlier { window, threshold, consecutive, .. })) => {
            if !(2..=1_000).contains(window) {
                return refuse(".outlier.window", "2 to 1,000");
            }
            if !threshold.is_finite() || *threshold <= 0.0 || *threshold > 1_000.0 {
                return refuse(".outlier.threshold", "above 0, at most 1,000");
            }
            if !(1..=100).contains(consecutive) {
                return refuse(".outlier.consecutive", "1 to 100");
            }
            Ok(())
        }
    }
}

fn chart(panel: &Panel) -> Result<(), Wrong> {
    let (rows, timed, grouped) = (is_rows(panel.measure), panel.bucket != Bucket::None, !panel.group_by.is_empty());
    let outlier = matches!(panel.after, Some(After::Outlier(_)));
    let compare = matches!(panel.after, Some(After::Compare(_)));
    let fits = match panel.chart {
        Chart::Table => !outlier,
        Chart::Outlier => outlier,
        Chart::Single => !rows && !timed && !grouped,
        Chart::Bar => !rows && !timed && grouped,
        Chart::Pie => !rows && !timed && grouped && !compare && !is_mean(panel.measure),
        Chart::Columns | Chart::Lines => timed && !outlier,
    };
    if fits {
        return Ok(());
    }
    let needs = match panel.chart {
        Chart::Table => "a table does not draw outliers; the chart outlier does",
        Chart::Outlier => "draws what the operator outlier says",
        Chart::Single => "one number is not told apart by anything",
        Chart::Bar => "bars need something to be told apart by, and not time",
        Chart::Pie => "parts of a whole need sums told apart by something, and not time",
        Chart::Columns | Chart::Lines => "need to be told apart by time",
    };
    Err(Wrong::new("chart", format!("{}: {needs}", panel.chart.as_str())))
}

fn order(panel: &Panel) -> Result<(), Wrong> {
    let timed = panel.bucket != Bucket::None || is_rows(panel.measure);
    match panel.sort {
        Sorting::TimeAsc | Sorting::TimeDesc if !timed => Err(Wrong::new("sort", "there is no time to order by")),
        Sorting::GroupThenValue if panel.group_by.is_empty() => Err(Wrong::new("sort", "there is no group to order by")),
        _ => Ok(()),
    }
}

/// By what a measure can be told apart.
fn dimensions(measure: Measure) -> &'static [PanelDimension] {
    use PanelDimension as D;
    match measure {
        Measure::HealthOrgs | Measure::HealthResources | Measure::HealthEvents => &[D::Org, D::Tracker, D::Error, D::Severity, D::ResourceType],
        Measure::Bytes | Measure::Events | Measure::Credits => &[D::Org, D::Tier, D::SourceCategory, D::Collector, D::Source],
        Measure::FailedRecords => &[D::Org, D::SourceCategory, D::Reason, D::ReasonCode, D::Vendor, D::Product, D::EventId, D::Parser],
        Measure::Signals => &[D::Org, D::State],
        Measure::InsightsCreated | Measure::InsightsUpdated | Measure::TimeToDetect | Measure::TimeToProgress => &[D::Org, D::Priority],
        Measure::InsightsStatus => &[D::Org, D::Status, D::Priority],
        Measure::InsightsClosed | Measure::TimeToRespond | Measure::TimeToRemediate => &[D::Org, D::User, D::Priority],
        Measure::HealthResourceRows | Measure::HealthEventRows | Measure::SilentCategoryRows | Measure::FailedRecordRows | Measure::SignalRows => &[],
    }
}

/// In what a measure is.
fn unit_of(measure: Measure) -> Unit {
    match measure {
        Measure::HealthOrgs => Unit::Orgs,
        Measure::HealthResources => Unit::Resources,
        Measure::HealthEvents | Measure::Events => Unit::Events,
        Measure::Bytes => Unit::Gb,
        Measure::Credits => Unit::Credits,
        Measure::FailedRecords => Unit::Records,
        Measure::Signals => Unit::Signals,
        Measure::InsightsCreated | Measure::InsightsUpdated | Measure::InsightsClosed | Measure::InsightsStatus => Unit::Insights,
        Measure::TimeToDetect | Measure::TimeToRespond | Measure::TimeToProgress | Measure::TimeToRemediate => Unit::Seconds,
        Measure::HealthResourceRows | Measure::HealthEventRows | Measure::SilentCategoryRows | Measure::FailedRecordRows | Measure::SignalRows => {
            Unit::Rows
        }
    }
}

/// Whether a measure is rows.
pub(crate) fn is_rows(measure: Measure) -> bool {
    unit_of(measure) == Unit::Rows
}

/// Whether a measure is a mean of durations.
pub(crate) fn is_mean(measure: Measure) -> bool {
    unit_of(measure) == Unit::Seconds
}

/// Whether a measure knows tiers.
pub(crate) fn is_volume(measure: Measure) -> bool {
    matches!(measure, Measure::Bytes | Measure::Events | Measure::Credits | Measure::SilentCategoryRows)
}

/// Whether a measure is of health.
pub(crate) fn is_health(measure: Measure) -> bool {
    use Measure as M;
    matches!(measure, M::HealthOrgs | M::HealthResources | M::HealthEvents | M::HealthResourceRows | M::HealthEventRows)
}

/// A tier in any case.
pub(crate) fn tier(text: &str) -> Option<VolumeTier> {
    VolumeTier::ALL.iter().copied().find(|tier| text.trim().eq_ignore_ascii_case(tier.as_str()))
}

fn word(field: &str, text: &str, most: usize) -> Result<(), Wrong> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let sound = (1..=most).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('-') && !text.ends_with('-');
    if sound { Ok(()) } else { Err(Wrong::new(field, format!("1 to {most} of a-z, 0-9 and dashes, no dash at either end"))) }
}

fn title(field: &str, text: &str, fewest: usize) -> Result<(), Wrong> {
    let sound = (fewest..=MAX_TITLE).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control);
    if sound { Ok(()) } else { Err(Wrong::new(field, format!("{fewest} to {MAX_TITLE} characters, no control characters"))) }
}

fn text(field: &str, text: &str) -> Result<(), Wrong> {
    if text.chars().count() <= MAX_TEXT { Ok(()) } else { Err(Wrong::new(field, format!("at most {MAX_TEXT} characters"))) }
}

fn distinct<T: PartialEq>(field: &str, of: &[T]) -> Result<(), Wrong> {
    let twice = of.iter().enumerate().any(|(at, one)| of[..at].contains(one));
    if twice { Err(Wrong::new(field, "each at most once")) } else { Ok(()) }
}
