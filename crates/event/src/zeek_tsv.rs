//! Zeek's tab-separated files to the fields of its JSON.
//!
//! Which column is what stands in the file's header, and an event is one line: it does not carry the header. So the layouts Zeek writes
//! by default are known here, told apart by their number of columns and by what only one of them can have in a place. A file with
//! columns of its own cannot be read: Zeek has to write JSON for it, and the reason says so.

use serde_json::Value as Json;

use crate::fields::Fields;
use crate::outcome::{Known, Refusal};
use crate::record::ReasonCode;
use crate::value::Value;

struct Layout {
    path: &'static str,
    /// Column names, separated by blanks.
    columns: &'static str,
    is: fn(&[&str]) -> bool,
}

const LAYOUTS: &[Layout] = &[
    Layout {
        path: "conn",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp \
                  missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents",
        is: |c| transport(c[6]) && is_state(c[11]),
    },
    Layout {
        path: "dns",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto trans_id rtt query qclass qclass_name qtype qtype_name rcode rcode_name \
                  AA TC RD RA Z answers TTLs rejected",
        is: |c| transport(c[6]) && boolean(c[16]) && boolean(c[23]),
    },
    Layout {
        path: "http",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p trans_depth method host uri referrer version user_agent origin request_body_len \
                  response_body_len status_code status_msg info_code info_msg tags username password proxied orig_fuids orig_filenames \
                  orig_mime_types resp_fuids resp_filenames resp_mime_types",
        is: |c| number(c[6]) && connection(c[1]),
    },
    Layout {
        path: "ssl",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p version cipher curve server_name resumed last_alert next_protocol established \
                  ssl_history cert_chain_fps client_cert_chain_fps sni_matches_cert",
        is: |c| connection(c[1]) && boolean(c[10]) && boolean(c[13]),
    },
    Layout {
        path: "files",
        columns: "ts fuid uid id.orig_h id.orig_p id.resp_h id.resp_p source depth analyzers mime_type filename duration local_orig is_orig \
                  seen_bytes total_bytes missing_bytes overflow_bytes timedout parent_fuid md5 sha1 sha256 extracted extracted_cutoff extracted_size",
        is: |c| c[1].starts_with('F') && boolean(c[14]) && boolean(c[19]),
    },
    Layout {
        path: "kerberos",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p request_type client service success error_msg from till cipher forwardable \
                  renewable client_cert_subject client_cert_fuid server_cert_subject server_cert_fuid",
        is: |c| connection(c[1]) && matches!(c[6], "AS" | "TGS" | "-"),
    },
    Layout {
        path: "smb_mapping",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p path service native_file_system share_type",
        is: |c| connection(c[1]) && c[6].starts_with('\\'),
    },
    Layout {
        path: "dce_rpc",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p rtt named_pipe endpoint operation",
        is: |c| connection(c[1]) && (number(c[6]) || c[6] == "-"),
    },
    Layout {
        path: "smb_files",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p fuid action path name size prev_name times.modified times.accessed \
                  times.created times.changed",
        is: |c| connection(c[1]) && c[7].starts_with("SMB::"),
    },
    Layout {
        path: "ntlm",
        columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p username hostname domainname server_nb_computer_name server_dns_computer_name \
                  server_tree_name success",
        is: |c| connection(c[1]) && boolean(c[12]),
    },
    Layout { path: "weird", columns: "ts uid id.orig_h id.orig_p id.resp_h id.resp_p name addl notice peer source", is: |c| boolean(c[8]) },
    Layout {
        path: "analyzer",
        columns: "ts cause analyzer_kind analyzer_name uid fuid id.orig_h id.orig_p id.resp_h id.resp_p failure_reason failure_data",
        is: |c| matches!(c[1], "violation" | "disabled" | "disabling"),
    },
    Layout {
        path: "x509",
        columns: "ts fingerprint certificate.version certificate.serial certificate.subject certificate.issuer certificate.not_valid_before \
                  certificate.not_valid_after certificate.key_alg certificate.sig_alg certificate.key_type certificate.key_length \
                  certificate.exponent certificate.curve san.dns san.uri san.email san.ip basic_constraints.ca basic_constraints.path_len \
                  host_cert client_cert",
        is: |c| c[1].len() == 64 && number(c[2]),
    },
    Layout {
        path: "pe",
        columns: "ts id machine compile_ts os subsystem is_exe is_64bit uses_aslr uses_dep uses_code_integrity uses_seh has_import_table \
                  has_export_table has_cert_table has_debug_data section_names",
        is: |c| c[1].starts_with('F') && boolean(c[6]) && boolean(c[15]),
    },
    Layout { path: "packet_filter", columns: "ts node filter init success failure_reason", is: |c| boolean(c[3]) && boolean(c[4]) },
];

/// Columns that hold several values, separated by commas.
const SETS: [&str; 16] = [
    "tunnel_parents",
    "answers",
    "TTLs",
    "tags",
    "proxied",
    "orig_fuids",
    "orig_filenames",
    "orig_mime_types",
    "resp_fuids",
    "resp_filenames",
    "resp_mime_types",
    "analyzers",
    "cert_chain_fps",
    "client_cert_chain_fps",
    "san.dns",
    "section_names",
];

fn transport(column: &str) -> bool {
    matches!(column, "tcp" | "udp" | "icmp" | "unknown_transport")
}

fn is_state(column: &str) -> bool {
    (2..=6).contains(&column.len()) && column.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn boolean(column: &str) -> bool {
    matches!(column, "T" | "F" | "-")
}

fn number(column: &str) -> bool {
    column.parse::<f64>().is_ok()
}

fn connection(column: &str) -> bool {
    column.starts_with('C') && column.len() > 10
}

/// The fields of a line of a default layout; why not, for any other.
pub(crate) fn read(line: &str) -> Result<Fields, Refusal> {
    if line.starts_with('#') {
        return Err(refusal("a header line of a file of Zeek: it describes the file and is no event".to_owned()));
    }
    let columns: Vec<&str> = line.split('\t').collect();
    let fits = |layout: &&Layout| layout.columns.split_ascii_whitespace().count() == columns.len() && (layout.is)(&columns);
    let Some(layout) = LAYOUTS.iter().find(fits) else {
        return Err(refusal(format!(
            "a Zeek line of {} tab-separated columns in none of the default layouts: its names stand in the file's #fields header, which an \
             event does not carry; let Zeek write JSON (policy/tuning/json-logs)",
            columns.len()
        )));
    };
    let named = layout.columns.split_ascii_whitespace().zip(&columns).filter(|(_, value)| **value != "-");
    let mut pairs: Vec<(Box<str>, Value)> = named.map(|(name, value)| (name.into(), typed(name, value))).collect();
    pairs.push(("_path".into(), layout.path.into()));
    Ok(Fields::from_pairs(pairs))
}

fn typed(name: &str, value: &str) -> Value {
    if SETS.contains(&name) {
        let items = if value == "(empty)" { Vec::new() } else { value.split(',').map(Json::from).collect() };
        return Value::Json(Json::Array(items));
    }
    match value {
        "T" => true.into(),
        "F" => false.into(),
        "(empty)" => "".into(),
        _ if name == "ts" => value.into(),
        _ => value.parse::<i64>().map_or_else(|_| value.into(), Value::Int),
    }
}

fn refusal(reason: String) -> Refusal {
    let known = Known { parser: Some("zeek".to_owned()), vendor: Some("Zeek".to_owned()), product: Some("Zeek".to_owned()), event_code: None };
    Refusal::new(ReasonCode::NoMapper, reason).with(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_default_layout_gets_the_names_of_its_columns() {
        let line = "1772439330.25\tCHhAvVGS1DHFjwGM9\t10.0.1.4\t51234\t203.0.113.9\t443\ttcp\tssl\t1.5\t390\t5500\tSF\tT\tF\t0\tShADadFf\t9\t800\t12\t6000\t-";
        let fields = read(line).expect("a connection");
        let number = |name: &str| fields.get(name).and_then(|value| value.as_i64());
        assert_eq!((fields.get_str("_path"), number("id.orig_p")), (Some("conn"), Some(51234)));
        let local = fields.get("local_orig").and_then(|value| value.to_text().map(|text| text.into_owned()));
        assert_eq!((local.as_deref(), fields.contains("tunnel_parents")), (Some("true"), false));
    }

    #[test]
    fn what_is_in_no_layout_says_what_to_do() {
        let refusal = read("1772439330.25\tCHhAvVGS1DHFjwGM9\tx").expect_err("three columns");
        assert!(refusal.reason.contains("3 tab-separated columns") && refusal.reason.contains("JSON"), "{}", refusal.reason);
        assert!(read("#fields\tts\tuid").expect_err("a header").reason.contains("header"));
    }
}
