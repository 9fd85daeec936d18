//! Which rules look at which records, by product, category and service.

use serde_json::json;

use crate::support::{matching, record_of, rules_of};

fn rule(id: &str, logsource: &str) -> String {
    format!("title: {id}\nid: {id}\nlogsource: {{{logsource}}}\ndetection:\n  s: {{A: 1}}\n  condition: s\n")
}

#[test]
fn a_record_reaches_the_rules_of_its_product_its_category_its_service_and_no_others() {
    let yaml = [
        rule("p", "product: okta"),
        rule("ps", "product: okta, service: okta"),
        rule("pc", "product: okta, category: authentication"),
        rule("c", "category: authentication"),
        rule("s", "service: okta"),
        rule("other-p", "product: azure"),
        rule("other-s", "product: okta, service: admin"),
        rule("other-c", "category: webserver"),
    ]
    .join("---\n");
    let rules = rules_of(&yaml);
    let found = |logsource| matching(rules.evaluate(&record_of(json!({"A": 1}), logsource)));
    assert_eq!(found([Some("okta"), None, Some("okta")]), ["p", "ps", "s"]);
    assert_eq!(found([Some("okta"), Some("authentication"), Some("okta")]), ["c", "p", "pc", "ps", "s"]);
    assert_eq!(found([Some("okta"), None, None]), ["p"]);
    assert_eq!(found([None, Some("authentication"), None]), ["c"]);
    assert!(found([None, None, None]).is_empty());
}

#[test]
fn the_products_of_the_public_rules_are_routed() {
    for (logsource, record) in [
        ("product: zeek, service: http", [Some("zeek"), None, Some("http")]),
        ("category: dns", [Some("zeek"), None, Some("dns")]),
        ("product: m365, service: audit", [Some("m365"), None, Some("audit")]),
        ("product: azure, service: signinlogs", [Some("azure"), None, Some("signinlogs")]),
        ("product: okta, service: okta", [Some("okta"), None, Some("okta")]),
        ("product: kubernetes, category: application, service: audit", [Some("kubernetes"), Some("application"), Some("audit")]),
        ("product: kubernetes, category: application, service: audit", [Some("kubernetes"), None, Some("audit")]),
        ("product: paloalto, category: file_event, service: globalprotect", [Some("paloalto"), Some("file_event"), Some("globalprotect")]),
        ("product: fortinet, service: event", [Some("fortinet"), None, Some("event")]),
        ("product: linux, service: auditd", [Some("linux"), None, Some("auditd")]),
        ("product: linux, category: process_creation", [Some("linux"), Some("process_creation"), Some("auditd")]),
        ("product: linux, service: auth", [Some("linux"), None, Some("sshd")]),
        ("category: webserver", [Some("nginx"), Some("webserver"), None]),
        ("category: firewall", [Some("fortinet"), Some("firewall"), Some("traffic")]),
    ] {
        let rules = rules_of(&rule("r", logsource));
        assert_eq!(matching(rules.evaluate(&record_of(json!({"A": 1}), record))), ["r"], "{logsource} for {record:?}");
    }
}
