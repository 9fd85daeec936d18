//! Answers for people: tables and a few lines.

use bailiwick_api::{Customer, ImportLine, ImportReport, Preflight, PreflightStep, Removal, SyncStatus};
use chrono::{DateTime, Utc};

/// Rows under a heading, each column as wide as its widest cell.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = heading.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let heading = heading.map(str::to_owned);
    let lines = std::iter::once(&heading).chain(rows).map(|row| {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A time, or a dash.
fn time(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

fn place(customer: &Customer) -> String {
    if customer.server.is_empty() { "dials in".to_owned() } else { format!("{}:{}", customer.server, customer.port) }
}

/// All customers.
pub(super) fn customers(all: &[Customer]) -> String {
    let sync = |customer: &Customer| customer.sync.as_ref().map_or_else(|| "-".to_owned(), |sync| sync.state.to_string());
    let row = |customer: &Customer| {
        let name = if customer.primary { format!("{} *", customer.name) } else { customer.name.clone() };
        [name, customer.id.0.clone(), customer.region.clone(), word(&customer.health), sync(customer), place(customer)]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    format!("{}\n{} customers", table(["NAME", "ID", "REGION", "HEALTH", "SYNC", "NODE"], &rows), all.len())
}

/// One customer.
pub(super) fn customer(customer: &Customer) -> String {
    let lines = [
        ("name", customer.name.clone()),
        ("id", customer.id.0.clone()),
        ("mail", customer.mail.clone()),
        ("primary", customer.primary.to_string()),
        ("region", customer.region.clone()),
        ("node", format!("{} ({})", place(customer), customer.node)),
        ("workspace", customer.workspace.0.clone()),
        ("health", format!("{} since {}", word(&customer.health), time(customer.health_since))),
        ("why", customer.health_detail.clone().unwrap_or_else(|| "-".to_owned())),
        ("sync", customer.sync.as_ref().map_or_else(|| "-".to_owned(), |sync| format!("{}, last success {}", sync.state, time(sync.last_success)))),
        ("added", time(Some(customer.created_time))),
    ];
    lines.map(|(name, value)| format!("{name:<10} {value}")).join("\n")
}

/// A word as the API writes it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The steps of a preflight.
pub(super) fn preflight(preflight: &Preflight) -> String {
    let step = |step: &PreflightStep| {
        let mut text = format!("{:<8} {:<12} {}", step.result.to_string(), step.check.to_string(), step.detail.as_deref().unwrap_or_default());
        if let Some(code) = &step.code {
            text = format!("{} ({code})", text.trim_end());
        }
        if let Some(remedy) = &step.remedy {
            text = format!("{text}\n{:21} -> {remedy}", "");
        }
        text.trim_end().to_owned()
    };
    let mut lines: Vec<_> = preflight.steps.iter().map(step).collect();
    if let Some(certificate) = preflight.certificate.as_ref().filter(|certificate| !certificate.trusted) {
        lines.push(format!("{:21} the node's certificate: {}", "", certificate.fingerprint));
    }
    lines.join("\n")
}

/// A sync that ended.
pub(super) fn sync(name: &str, status: &SyncStatus) -> String {
    let summary = &status.summary;
    let rows = status.modules.iter().map(|module| {
        let detail = module.detail.clone().or_else(|| module.code.clone()).unwrap_or_default();
        [module.name.to_string(), module.state.to_string(), time(module.last_success), detail]
    });
    let rows: Vec<_> = rows.collect();
    let mut text = format!("{name}: {}\n{}", summary.state, table(["MODULE", "STATE", "LAST SUCCESS", "DETAIL"], &rows));
    if let Some(detail) = summary.detail.as_ref().or(summary.code.as_ref()) {
        text = format!("{text}\n{detail}");
    }
    text
}

/// A customer on its way out.
pub(super) fn removal(removal: &Removal) -> String {
    let mut text = format!("{} is let go: {} ({})", removal.name, removal.state, removal.how);
    if let Some(until) = removal.undo_until {
        text = format!("{text}\nIt can be taken back until {}: bailiwick customers restore {}", time(Some(until)), removal.customer);
    }
    match &removal.detail {
        Some(detail) => format!("{text}\nIt waits: {detail}"),
        None => text,
    }
}

/// One line of a file of customers.
pub(super) fn imported(line: &ImportLine) -> String {
    let why = match (&line.code, &line.detail) {
        (Some(code), Some(detail)) => format!("{detail} ({code})"),
        (Some(text), None) | (None, Some(text)) => text.clone(),
        (None, None) => String::new(),
    };
    format!("line {:<5} {:<10} {:<30} {why}", line.line, line.result.to_string(), line.name).trim_end().to_owned()
}

/// A whole file of customers.
pub(super) fn report(report: &ImportReport) -> String {
    format!("{} added, {} unchanged, {} failed", report.added, report.unchanged, report.failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_whatever_the_alphabet() {
        let rows = [["Zoë".to_owned(), "1".to_owned()], ["東京".to_owned(), "22".to_owned()]];
        assert_eq!(table(["N", "LONG"], &rows), "N    LONG\nZoë  1\n東京   22");
    }
}
