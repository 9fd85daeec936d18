//! What a document says of a case.

use super::{
    font::{Fonts, Weight},
    page::{Layout, Style},
};
use bailiwick_api::{CaseExport, Comment, Evidence, HistoryEntry, Signal};
use chrono::{DateTime, Utc};

const BODY: Style = Style { weight: Weight::Regular, size: 9.0, grey: 0.0, indent: 0.0 };
const QUIET: Style = Style { grey: 0.35, size: 8.0, ..BODY };
const STRONG: Style = Style { weight: Weight::Bold, ..BODY };
const HEADING: Style = Style { size: 12.0, ..STRONG };
const TITLE: Style = Style { size: 17.0, ..STRONG };
const INSIDE: Style = Style { indent: 12.0, ..BODY };
const RAW: Style = Style { size: 7.5, grey: 0.2, ..INSIDE };

/// Writes everything, section after section.
pub(super) fn write(to: &mut Layout, fonts: &Fonts, export: &CaseExport) {
    let mut page = Writer { to, fonts };
    page.facts(export);
    page.signals(export);
    page.comments(export);
    page.attachments(export);
    page.evidence(export);
    page.history(export);
    page.end();
}

struct Writer<'a> {
    to: &'a mut Layout,
    fonts: &'a Fonts,
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

impl Writer<'_> {
    fn text(&mut self, style: Style, text: &str) {
        self.to.text(self.fonts, style, text);
    }

    fn heading(&mut self, text: &str) {
        self.to.space(14.0);
        self.text(HEADING, text);
        self.to.space(4.0);
    }

    /// A section's heading with how many there are, and how many are told.
    fn section(&mut self, name: &str, told: usize, all: usize) {
        if told < all {
            self.heading(&format!("{name} ({told} of {all})"));
        } else {
            self.heading(&format!("{name} ({told})"));
        }
        if told == 0 {
            self.text(QUIET, "None.");
        }
    }

    fn facts(&mut self, export: &CaseExport) {
        let row = &export.investigation;
        self.text(QUIET, &format!("Investigation of {}", export.workspace_name));
        self.text(TITLE, &row.title);
        self.text(QUIET, &row.rrn);
        self.to.space(6.0);
        let maybe = |at: Option<DateTime<Utc>>| at.map_or_else(|| "–".to_owned(), time);
        let assignee = row.assignee.as_ref().map_or_else(|| "nobody".to_owned(), |a| format!("{} <{}>", a.name, a.email));
        let inherited = if row.priority_inherited { " (of its signals)" } else { "" };
        let facts = [
            ("Status", row.status.to_string()),
            ("Priority", format!("{}{inherited}", row.priority)),
            ("Disposition", row.disposition.to_string()),
            ("Source", row.source.to_string()),
            ("Assignee", assignee),
            ("Responsibility", row.responsibility.map_or_else(|| "–".to_owned(), |word| word.to_string())),
            ("About", row.entity.as_ref().map_or_else(|| "–".to_owned(), |e| format!("{} {}", e.kind, e.value))),
            ("Tags", if row.tags.is_empty() { "–".to_owned() } else { row.tags.join(", ") }),
            ("Opened", time(row.created_time)),
            ("Changed", time(row.updated_time)),
            ("Closed", maybe(row.closed_time)),
            ("First signal", maybe(row.first_alert_time)),
            ("Newest signal", maybe(row.latest_alert_time)),
            ("Held back", format!("{} signals", row.throttled_count)),
            ("Merged into", row.merged_into.clone().unwrap_or_else(|| "–".to_owned())),
            ("Exported", format!("{} by {}", time(export.exported_time), export.exported_by)),
        ];
        for (name, value) in facts {
            self.text(BODY, &format!("{name}: {value}"));
        }
    }

    fn signals(&mut self, export: &CaseExport) {
        self.section("Timeline of signals", export.signals.len(), export.investigation.signal_count as usize);
        for signal in &export.signals {
            self.signal(signal);
        }
    }

    fn signal(&mut self, signal: &Signal) {
        self.to.space(3.0);
        self.text(STRONG, &format!("{}  {}", time(signal.event_time), signal.name));
        let entity = format!("{} {}", signal.entity.kind, signal.entity.value);
        self.text(INSIDE, &format!("{} · severity {} · {entity}", signal.level, signal.severity));
        self.text(INSIDE, &signal.message);
        let matched: Vec<String> = signal.matched.iter().map(|field| format!("{} = {}", field.field, field.value)).collect();
        if !matched.is_empty() {
            self.text(RAW, &matched.join("\n"));
        }
    }

    fn comments(&mut self, export: &CaseExport) {
        self.section("Comments", export.comments.len(), export.investigation.comment_count as usize);
        for Comment { author, created_time, body, visibility, attachments, .. } in &export.comments {
            self.to.space(3.0);
            self.text(STRONG, &format!("{}  {} · {visibility}", time(*created_time), author.name));
            self.text(INSIDE, body);
            for file in attachments {
                self.text(INSIDE, &format!("File: {}", file.file_name));
            }
        }
    }

    fn attachments(&mut self, export: &CaseExport) {
        self.section("Files", export.attachments.len(), export.investigation.attachment_count as usize);
        for file in &export.attachments {
            let by = &file.author.name;
            self.text(BODY, &format!("{} · {} bytes · {} · {by} · {}", file.file_name, file.size, file.scan_status, time(file.created_time)));
            self.text(RAW, &format!("SHA-256 {}", file.sha256));
        }
    }

    fn evidence(&mut self, export: &CaseExport) {
        self.section("Log rows", export.evidence.len(), export.investigation.evidence_count as usize);
        for Evidence { event, note, added_time, added_by } in &export.evidence {
            self.to.space(3.0);
            self.text(STRONG, &format!("{}  {}", time(event.event_time), event.source));
            if let Some(note) = note {
                self.text(INSIDE, note);
            }
            self.text(INSIDE, &event.message);
            self.text(RAW, &event.raw);
            self.text(RAW, &format!("{} · added {} by {added_by}", event.id, time(*added_time)));
        }
    }

    fn history(&mut self, export: &CaseExport) {
        self.heading(&format!("History (latest {})", export.history.len()));
        for HistoryEntry { time: at, actor, field, from, to } in &export.history {
            let value = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
            self.text(BODY, &format!("{}  {actor}: {field}: {} → {}", time(*at), value(from), value(to)));
        }
    }

    fn end(&mut self) {
        self.to.space(14.0);
        let told = "All times are UTC. Characters that the font of this document does not have are shown as \u{fffd}; the JSON export has them.";
        self.text(QUIET, told);
    }
}
