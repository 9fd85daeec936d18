//! Every form of the search bar, on a few rows that are in a file and in the tail alike.

use bailiwick_lake::Row;
use serde_json::json;

use crate::rows::{DAY, SECOND, ids, lake, row, search, shared, with};

fn rows() -> Vec<Row> {
    let logon = |n: usize, text: &str| Row { event_code: Some("4625".into()), ..row(n, DAY + n as i64 * 3600 * SECOND, text) };
    vec![
        with(
            logon(1, "An account FAILED to log on"),
            json!({"host.name": "WEB-1", "user.name": "Alice", "source.ip": "10.0.0.5", "source.port": 443, "event.category": ["authentication", "network"]}),
            json!({"TargetUserName": "Alice", "EventData": {"LogonType": 3, "Status": "0xC000006D", "Peer": "FE80::1"}}),
        ),
        with(
            logon(2, "An account was logged on"),
            json!({"host.name": "web-2", "user.name": "BOB", "source.ip": "10.0.0.20", "source.port": "8443"}),
            json!({"TargetUserName": "bob", "EventData": {"LogonType": 10, "Peer": "192.168.7.9"}}),
        ),
        with(
            Row {
                event_code: Some("1".into()),
                source: "sysmon".into(),
                ..row(3, DAY + 3 * 3600 * SECOND, r"Process created: C:\Windows\System32\cmd.exe")
            },
            json!({"host.name": "db", "process.executable": r"C:\Windows\System32\cmd.exe"}),
            json!({"Image": r"C:\Windows\System32\cmd.exe", "Tags": ["a", "b"]}),
        ),
        Row {
            raw: r#"{"p":"D:\\tools\\x.exe","q":"say \"hi\""}"#.into(),
            message: "übung / 100% _done_".into(),
            ..row(4, DAY + 30 * 3600 * SECOND, "")
        },
    ]
}

const CASES: &[(&str, &[usize])] = &[
    ("", &[4, 3, 2, 1]),
    ("*", &[4, 3, 2, 1]),
    ("account", &[2, 1]),
    ("ACCOUNT failed", &[1]),
    ("\"account was\"", &[2]),
    ("'account was'", &[2]),
    ("fail* OR proc?ss", &[3, 1]),
    ("account -failed", &[2]),
    ("account NOT failed", &[2]),
    ("account AND NOT failed", &[2]),
    ("NOT account", &[4, 3]),
    ("-account", &[4, 3]),
    ("+account +was", &[2]),
    ("(failed OR created) AND (web OR system32)", &[3]),
    ("failed OR created AND absent", &[1]),
    ("failed OR -account", &[4, 3, 1]),
    ("account failed OR was", &[2, 1]),
    ("accoun", &[]),
    ("accoun*", &[2, 1]),
    ("*ccoun*", &[2, 1]),
    ("*ccount", &[2, 1]),
    ("*ccoun", &[]),
    ("\"n account was l\"", &[]),
    ("\"an account w\"*", &[2]),
    ("rocess*", &[]),
    ("system32", &[3]),
    ("ystem32", &[]),
    ("cmd.exe", &[3]),
    ("100%", &[4]),
    ("_done_", &[4]),
    ("1_0", &[]),
    ("ÜBUNG", &[4]),
    ("ÜBUN", &[]),
    ("übu*", &[4]),
    ("host.name:web-1", &[1]),
    ("host_name:Web-1", &[1]),
    ("host.name:web", &[]),
    ("host.name:web-*", &[2, 1]),
    ("host.name:?b", &[3]),
    ("host.name:\"web-*\"", &[]),
    ("host.name:\"web\"*", &[2, 1]),
    ("host.name:*", &[3, 2, 1]),
    ("NOT host.name:*", &[4]),
    ("NOT host.name:web-1", &[4, 3, 2]),
    ("NOT (host.name:web-1 OR user.name:bob)", &[4, 3]),
    ("host.name:(web-1 OR db)", &[3, 1]),
    ("host.name: IN [WEB-1 db]", &[3, 1]),
    ("IN [failed created]", &[3, 1]),
    ("host.name:[web-1 TO web-2}", &[1]),
    ("user.name:bob", &[2]),
    ("event.code:4625", &[2, 1]),
    ("event_code:46*", &[2, 1]),
    ("event.code:[1000 TO 5000]", &[2, 1]),
    ("event.code:<100", &[3]),
    ("source.ip:10.0.0.5", &[1]),
    ("source.ip:10.0.*", &[2, 1]),
    ("source.ip:[10.0.0.6 TO 10.0.0.100]", &[2]),
    ("source.ip:10.0.0.0/8", &[2, 1]),
    ("source.ip:10.0.0.0/29", &[1]),
    ("source.ip:10.0.0.5/32 OR source.ip:192.168.0.0/16", &[1]),
    ("NOT source.ip:10.0.0.16/28", &[4, 3, 1]),
    ("EventData.Peer:192.168.0.0/16", &[2]),
    ("EventData.Peer:\"fe80::/10\"", &[1]),
    ("host.name:10.0.0.0/8", &[]),
    ("host.name:w*b-?", &[2, 1]),
    ("source.port:443", &[1]),
    ("source.port:8443", &[2]),
    ("source.port:>=443", &[2, 1]),
    ("source.port:{443 TO *]", &[2]),
    ("source.port:[* TO *]", &[2, 1]),
    ("source.port:*", &[2, 1]),
    ("_source:sysmon", &[3]),
    ("_sourceCategory:WINDOWS/security", &[4, 3, 2, 1]),
    ("_raw:tools", &[4]),
    ("message:account", &[2, 1]),
    ("message:accoun", &[]),
    ("message:*ccoun*", &[2, 1]),
    ("message:*", &[4, 3, 2, 1]),
    ("message_bytes:24", &[2]),
    ("record_type:authentication", &[4, 3, 2, 1]),
    ("TargetUserName:alice", &[1]),
    ("targetusername:BOB", &[2]),
    ("EventData.LogonType:3", &[1]),
    ("EventData.LogonType:[4 TO 20]", &[2]),
    ("EventData.Status:0xc0*", &[1]),
    ("EventData:*", &[2, 1]),
    ("Tags:b", &[3]),
    ("event.category:network", &[1]),
    ("NOT Tags:*", &[4, 2, 1]),
    ("Absent:1", &[]),
    (r#"Image:"C:\Windows\System32\cmd.exe""#, &[3]),
    (r#"process.executable:"c:\windows\system32\CMD.EXE""#, &[3]),
    (r"process.executable:*\\cmd.exe", &[3]),
    (r#""C:\Windows\System32""#, &[3]),
    (r#""D:\tools\x.exe""#, &[4]),
    (r#""say \"hi\"""#, &[4]),
    ("event_time:2026-01-31", &[3, 2, 1]),
    ("@timestamp:>2026-01-31", &[4]),
    ("@timestamp:[2026-01-31T02:00:00Z TO 2026-01-31T03:00:00+00:00}", &[2]),
    ("event_time:\"2026-01-31T01:00:00Z\"", &[1]),
    ("id:00000003", &[3]),
];

#[tokio::test]
async fn every_form_finds_the_same_in_a_file_and_in_the_tail() {
    let (_directory, lake) = lake();
    let rows = shared(rows());
    let files = lake.write("a", &rows).await.expect("written");
    for (query, expected) in CASES {
        let expected: Vec<String> = expected.iter().map(|n| format!("{n:08}")).collect();
        for (files, tail) in [(files.as_slice(), &[][..]), (&[], rows.as_slice())] {
            let place = if tail.is_empty() { "file" } else { "tail" };
            assert_eq!(ids(&lake, files, tail, search(query)).await, expected, "{query} in the {place}");
            assert_eq!(lake.count(files, tail, &search(query)).await.expect("a count"), expected.len() as u64, "{query} in the {place}");
        }
    }
}
