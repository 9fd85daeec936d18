//! What tells the kinds of events apart: cheap signs only, for every event passes here. A parser that looks closer and finds the
//! event is not its own aborts, and the next one is asked.

use crate::fields::Fields;
use crate::syslog::{self, Frame};

fn has(fields: &Fields, names: &[&str]) -> bool {
    names.iter().all(|name| fields.contains(name))
}

/// Zeek's JSON: with the stream's name (`_path`, or `@stream` of its Kafka writer), or by the names only Zeek gives.
pub(crate) fn is_zeek(fields: &Fields) -> bool {
    let stream = has(fields, &["_path"]) || has(fields, &["@stream", "@proc"]);
    stream || (fields.contains("ts") && ["id.orig_h", "id_orig_h", "fuid", "certificate.serial"].iter().any(|name| fields.contains(name)))
}

/// Suricata's EVE log.
pub(crate) fn is_eve(fields: &Fields) -> bool {
    has(fields, &["event_type", "timestamp"]) && ["flow_id", "src_ip", "stats", "in_iface", "engine"].iter().any(|name| fields.contains(name))
}

/// The Office 365 Management Activity API, or a row of the audit log's export that holds one in `AuditData`.
pub(crate) fn is_m365(fields: &Fields) -> bool {
    has(fields, &["Operation", "Workload"]) || has(fields, &["AuditData", "RecordType"]) || has(fields, &["AuditData", "Operations"])
}

/// Entra's sign-ins, audits and risks, as Graph, a diagnostic setting or Log Analytics writes them.
pub(crate) fn is_entra(fields: &Fields) -> bool {
    const CATEGORIES: [&str; 3] = ["SignInLogs", "AuditLogs", "RiskyUsers"];
    let category = fields.get_str("category").or_else(|| fields.get_str("Category")).unwrap_or_default();
    let diagnostic = || CATEGORIES.contains(&category) || category.ends_with("SignInLogs") || category.ends_with("RiskEvents");
    let graph =
        || has(fields, &["userPrincipalName", "createdDateTime", "appDisplayName"]) || has(fields, &["activityDisplayName", "activityDateTime"]);
    let analytics = || has(fields, &["OperationName", "TimeGenerated"]) && (fields.contains("AADOperationType") || fields.contains("AppDisplayName"));
    (fields.contains("operationName") || fields.contains("OperationName")) && diagnostic()
        || graph()
        || analytics()
        || fields.contains("riskEventType")
}

/// Azure's activity log: the control plane of a subscription.
pub(crate) fn is_azure_activity(fields: &Fields) -> bool {
    has(fields, &["operationName", "resourceId"]) || has(fields, &["OperationNameValue", "CategoryValue"])
}

/// Okta's system log.
pub(crate) fn is_okta(fields: &Fields) -> bool {
    has(fields, &["eventType", "actor", "published"])
}

/// The audit log of a Kubernetes API server.
pub(crate) fn is_kubernetes_audit(fields: &Fields) -> bool {
    has(fields, &["auditID"]) || fields.get_str("apiVersion").is_some_and(|version| version.starts_with("audit.k8s.io/"))
}

/// Google Cloud's audit log.
pub(crate) fn is_gcp_audit(fields: &Fields) -> bool {
    fields.contains("protoPayload")
}

/// GitHub's audit log of an organisation or an enterprise.
pub(crate) fn is_github_audit(fields: &Fields) -> bool {
    has(fields, &["action", "_document_id"]) || (has(fields, &["action", "actor"]) && (has(fields, &["org"]) || has(fields, &["business"])))
}

/// OneLogin's event stream.
pub(crate) fn is_onelogin(fields: &Fields) -> bool {
    fields.contains("event_type_id")
}

/// The Linux audit daemon's lines, as its file, its syslog plugin and the kernel write them.
pub(crate) fn is_auditd(text: &str) -> bool {
    let starts = ["type=", "node=", "audit: type=", "audit(", "msg=audit("].iter().any(|start| text.starts_with(start));
    (starts || text.starts_with('[') && text.contains("] audit: ")) && text.contains("audit(")
}

pub(crate) fn is_cef(text: &str) -> bool {
    text.starts_with("CEF:")
}

pub(crate) fn is_leef(text: &str) -> bool {
    text.starts_with("LEEF:")
}

/// FortiGate's `date=… time=… devid=…`.
pub(crate) fn is_fortigate(text: &str) -> bool {
    (text.starts_with("date=") || text.starts_with("logver=")) && (text.contains(" devid=") || text.contains(" logid="))
}

/// PAN-OS: `1,2026/03/02 08:15:30,serial,TRAFFIC,…`.
pub(crate) fn is_paloalto(text: &str) -> bool {
    text.starts_with("1,") && text.as_bytes().get(6) == Some(&b'/') && text.as_bytes().get(9) == Some(&b'/')
}

/// Cisco ASA and Firepower: `%ASA-6-302013: …`.
pub(crate) fn is_cisco_asa(text: &str) -> bool {
    text.starts_with("%ASA-") || text.starts_with("%FTD-")
}

/// Error logs: nginx's `2026/03/02 08:15:30 [error]`, Apache's `[Mon Mar 02 08:15:30.123456 2026] [core:error]`.
pub(crate) fn is_web_error(text: &str) -> bool {
    let bytes = text.as_bytes();
    let at = |place: usize, byte: u8| bytes.get(place) == Some(&byte);
    let nginx = at(4, b'/') && at(7, b'/') && at(10, b' ') && at(19, b' ') && at(20, b'[');
    nginx || (starts_with_weekday(text) && text.contains("] ["))
}

/// `[Mon …`: text in brackets that no JSON array can start with.
pub(crate) fn starts_with_weekday(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first() == Some(&b'[') && bytes.get(1).is_some_and(u8::is_ascii_uppercase) && bytes.get(4) == Some(&b' ')
}

/// A line of a Zeek file of tab-separated values, or of its header.
pub(crate) fn is_zeek_tsv(text: &str) -> bool {
    const HEADERS: [&str; 8] = ["#separator", "#set_separator", "#empty_field", "#unset_field", "#path", "#open", "#fields", "#types"];
    if text.starts_with('#') {
        return HEADERS.iter().any(|header| text.starts_with(header)) || text.starts_with("#close\t");
    }
    let Some((first, rest)) = text.split_once('\t') else { return false };
    let Some((seconds, micros)) = first.split_once('.') else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(seconds) && digits(micros) && rest.contains('\t')
}

/// `key=value …` from the first word on.
pub(crate) fn is_key_value(text: &str) -> bool {
    let Some((key, value)) = text.split_once('=') else { return false };
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
    !key.is_empty() && key.len() <= 64 && key.chars().all(name) && value.contains('=')
}

/// Words that start a message and look like the tag or the host of the frame it travels in.
const SELF_NAMED: [&str; 4] = ["CEF:", "LEEF:", "%ASA-", "%FTD-"];

/// Gives a message that names its own format back what the frame took for a tag or a host.
pub(crate) fn unwrap_self_named<'a>(frame: Frame<'a>, line: &'a str) -> Frame<'a> {
    let taken = |word: Option<&str>| word.is_some_and(|word| SELF_NAMED.iter().any(|name| word.starts_with(name.trim_end_matches(':'))));
    if !taken(frame.appname) && !taken(frame.hostname) && !frame.message.starts_with(": %") {
        return frame;
    }
    let Some(at) = SELF_NAMED.iter().find_map(|name| line.find(name)) else { return frame };
    Frame { message: &line[at..], ..syslog::parse(&line[..at]) }
}

/// A JSON object as the message of a frame (`@cee:` in front or not): its fields, and what only the frame knows.
pub(crate) fn framed_json(frame: &Frame<'_>) -> Option<Fields> {
    let text = frame.message.strip_prefix("@cee:").map_or(frame.message, str::trim_start);
    if !text.starts_with('{') || !text.ends_with('}') {
        return None;
    }
    let mut fields: Fields = serde_json::from_str(text).ok()?;
    for (name, word) in [("timestamp", frame.time), ("hostname", frame.hostname), ("appname", frame.appname), ("procid", frame.procid)] {
        if let Some(word) = word.filter(|_| !fields.contains(name)) {
            fields.insert(name, word);
        }
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_itself_is_the_message() {
        for (line, host, message) in [
            ("<134>Mar  2 08:15:30 fw-1 CEF:0|V|P|1|2|n|3|", Some("fw-1"), "CEF:0|V|P|1|2|n|3|"),
            ("<134>Mar  2 08:15:30 CEF:0|V|P|1|2|n|3|a=b", None, "CEF:0|V|P|1|2|n|3|a=b"),
            ("<134>1 2026-03-02T08:15:30Z fw-1 app - - - LEEF:1.0|V|P|1|2|", Some("fw-1"), "LEEF:1.0|V|P|1|2|"),
            ("<134>Mar  2 08:15:30 fw-1 LEEF:2.0|V|P|1|2|^|a=b", Some("fw-1"), "LEEF:2.0|V|P|1|2|^|a=b"),
            ("<166>Mar  2 08:15:30 fw-1 %ASA-6-1: Built", Some("fw-1"), "%ASA-6-1: Built"),
            ("<166>Mar  2 2026 08:15:30 fw-1 : %FTD-6-1: Built", Some("fw-1"), "%FTD-6-1: Built"),
            ("<134>Mar  2 08:15:30 fw-1 CEFd[9]: started", Some("fw-1"), "started"),
        ] {
            let frame = unwrap_self_named(syslog::parse(line), line);
            assert_eq!((frame.hostname, frame.message), (host, message), "{line}");
        }
    }

    #[test]
    fn json_in_a_frame_keeps_its_own_word() {
        let line = r#"<134>1 2026-03-02T08:15:30Z fw-1 app 7 - - @cee: {"hostname":"inner","a":1}"#;
        let fields = framed_json(&syslog::parse(line)).expect("an object");
        assert_eq!(fields.get_str("hostname"), Some("inner"));
        assert_eq!(fields.get_str("timestamp"), Some("2026-03-02T08:15:30Z"));
        assert!(framed_json(&syslog::parse("<134>1 - h a - - - {broken}")).is_none());
    }

    #[test]
    fn lines_of_a_kind_and_lines_that_only_look_like_it() {
        assert!(is_auditd("type=EXECVE msg=audit(1.0:1): argc=1") && !is_auditd("type=x y=z"));
        assert!(is_auditd("[ 12.5] audit: type=1400 audit(1.0:1): apparmor=\"DENIED\"") && !is_auditd("[ 12.5] usb 1-1: new device"));
        assert!(is_paloalto("1,2026/03/02 08:15:30,01,TRAFFIC") && !is_paloalto("1,2,3,4,5,6"));
        assert!(is_web_error("2026/03/02 08:15:30 [error] 9#9: x") && is_web_error("[Mon Mar 02 08:15:30 2026] [error] x"));
        assert!(!is_web_error("[1,2]") && !is_web_error("2026/03/02 08:15:30 error"));
        assert!(is_zeek_tsv("1694009732.021389\tCb\t-") && is_zeek_tsv("#fields\tts\tuid") && !is_zeek_tsv("#1 of them") && !is_zeek_tsv("1.5\tx"));
        assert!(is_key_value("level=info msg=\"x y\"") && !is_key_value("a=b") && !is_key_value("two words=1 a=2"));
    }
}
