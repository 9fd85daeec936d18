//! Names and types of files.

use super::*;

#[test]
fn a_name_is_the_last_part_without_what_misleads() {
    for (given, kept) in [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.exe", "a.exe"),
        ("in\u{202e}fdp.exe", "infdp.exe"),
        (" a\nb.txt ", "ab.txt"),
        ("..hidden.", "hidden"),
        ("отчёт №1.docx", "отчёт №1.docx"),
    ] {
        assert_eq!(clean_name(given).unwrap(), kept, "{given:?}");
    }
    for wrong in ["", "..", "a/", "\u{0}", &"x".repeat(201)] {
        assert_eq!(clean_name(wrong).unwrap_err().problem().field.as_deref(), Some("name"), "{wrong:?}");
    }
}

#[test]
fn a_type_cannot_break_a_header() {
    assert_eq!(clean_type("").unwrap(), "application/octet-stream");
    assert_eq!(clean_type(" Text/Plain; charset=utf-8").unwrap(), "text/plain; charset=utf-8");
    for wrong in ["text", "a/b\r\nx: y", "a/ü", &format!("a/{}", "x".repeat(100))] {
        assert!(clean_type(wrong).is_err(), "{wrong:?}");
    }
}
