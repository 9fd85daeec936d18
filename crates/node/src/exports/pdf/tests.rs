//! What stands in a document, and that it is one.

use super::*;
use bailiwick_api::{Comment, HistoryEntry};

fn export() -> CaseExport {
    serde_json::from_value(serde_json::json!({
        "exported_time": "2026-03-01T10:00:00Z", "exported_by": "ana@mssp.example", "workspace_name": "Acme GmbH",
        "investigation": {
            "rrn": "rrn:investigation:eu:acme:investigation:abc", "workspace": "acme", "version": 3, "title": "Überfall auf dc01 – взлом 侵入",
            "status": "OPEN", "priority": "HIGH", "disposition": "UNDECIDED", "source": "ALERT", "assignee": null,
            "entity": {"type": "hostname", "value": "dc01"}, "tags": ["vip"], "signal_count": 700, "comment_count": 2,
            "created_time": "2026-03-01T08:00:00Z", "updated_time": "2026-03-01T09:00:00Z",
            "first_alert_time": null, "latest_alert_time": null, "closed_time": null
        },
        "signals": [{
            "id": "s1", "rule_id": "r1", "name": "Spray", "level": "high", "severity": 7, "entity": {"type": "hostname", "value": "dc01"},
            "created_time": "2026-03-01T08:00:00Z", "event_time": "2026-03-01T07:59:00Z", "event_ids": [],
            "matched": [{"field": "EventID", "value": "4625"}], "message": "a sign-in failed", "tags": [], "suppressed": null
        }],
        "comments": [comment("INTERNAL", "we look"), comment("PUBLIC", &"long words ".repeat(2_000))],
        "attachments": [], "evidence": [],
        "history": [{"time": "2026-03-01T08:00:00Z", "actor": "correlation", "field": "opened", "from": null, "to": "Spray on dc01"}]
    }))
    .unwrap()
}

fn comment(visibility: &str, body: &str) -> serde_json::Value {
    serde_json::json!({
        "id": "c1", "author": {"kind": "USER", "email": "ana@mssp.example", "name": "Ana"}, "created_time": "2026-03-01T08:30:00Z",
        "body": body, "visibility": visibility, "attachments": []
    })
}

fn fonts() -> Fonts {
    Fonts::new(Face::regular().unwrap(), Face::bold().unwrap())
}

#[test]
fn a_document_has_every_section_and_says_what_it_leaves_out() {
    let (fonts, export) = (fonts(), export());
    let mut layout = Layout::new();
    case::write(&mut layout, &fonts, &export);
    let text = layout.plain().join("\n");
    for part in [
        "Investigation of Acme GmbH",
        "Überfall auf dc01 – взлом 侵入",
        "Priority: HIGH",
        "Timeline of signals (1 of 700)",
        "EventID = 4625",
        "Ana · INTERNAL",
        "Ana · PUBLIC",
        "Files (0)",
        "correlation: opened: – → Spray on dc01",
        "2026-03-01 08:00:00 UTC",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn a_document_is_a_pdf_of_several_pages() {
    let file = document(&export()).unwrap();
    let count = |needle: &[u8]| file.windows(needle.len()).filter(|window| *window == needle).count();
    assert!(file.starts_with(b"%PDF-1.") && file.ends_with(b"%%EOF"));
    assert!(count(b"/Type /Page\n") > 3, "{} pages", count(b"/Type /Page\n"));
    assert!(file.len() < 200_000, "only shapes that are used are in it: {} bytes", file.len());
}

#[test]
fn long_text_is_wrapped_between_words_or_within_one() {
    let fonts = fonts();
    let style = page::Style { weight: font::Weight::Regular, size: 9.0, grey: 0.0, indent: 0.0 };
    let width = |text: &str| text.chars().map(|c| fonts.width(style.weight, style.size, c)).sum::<f32>();
    let word = "0123456789abcdef".repeat(50);
    let text = format!("{} {word} end", "words between ".repeat(40));
    let mut layout = Layout::new();
    layout.text(&fonts, style, &text);
    let lines = layout.plain();
    assert!(lines.len() > 5 && lines.iter().all(|line| width(line.trim_end()) <= 495.5));
    assert_eq!(lines.concat(), text);
    assert!(lines[0].ends_with(' '), "broken between words: {:?}", lines[0]);
}

#[test]
fn what_the_font_has_no_shape_for_is_shown_as_such() {
    let mut fonts = fonts();
    let encode = |fonts: &mut Fonts, text: &str| fonts.encode(font::Weight::Regular, text);
    assert_eq!(encode(&mut fonts, "侵入"), encode(&mut fonts, "\u{fffd}\u{fffd}"));
    assert_ne!(encode(&mut fonts, "взлом"), encode(&mut fonts, "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}"));
    let control: Comment = serde_json::from_value(comment("PUBLIC", "a\u{7}b")).unwrap();
    let mut layout = Layout::new();
    layout.text(&fonts, page::Style { weight: font::Weight::Regular, size: 9.0, grey: 0.0, indent: 0.0 }, &control.body);
    assert_eq!(layout.plain(), ["a\u{fffd}b"]);
    let nothing = HistoryEntry { time: export().exported_time, actor: String::new(), field: String::new(), from: None, to: None };
    assert!(document(&CaseExport { history: vec![nothing], ..export() }).is_ok());
}
