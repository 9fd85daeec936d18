//! Two attacks, step by step. Names differ by customer and round, so that each telling is a case of its own.

use super::events::{Event, logon, process, security, sysmon, system};
use serde_json::json;

/// Who is sprayed; one of them has the password.
const ACCOUNTS: [&str; 14] = [
    "a.meyer",
    "b.silva",
    "c.novak",
    "d.khan",
    "e.rossi",
    "f.dubois",
    "g.larsen",
    "h.tanaka",
    "i.popescu",
    "j.smith",
    "k.weber",
    "l.moreau",
    "m.costa",
    "n.olsen",
];

type Step = Vec<Event>;

/// A password spray that succeeds and then makes an account.
pub(super) fn spray(customer: usize, round: usize) -> Vec<Step> {
    let address = format!("203.0.113.{}", 10 + (customer * 23 + round * 7) % 240);
    let controller = format!("dc{:02}.corp.example", 1 + round % 3);
    let victim = ACCOUNTS[(customer + round) % ACCOUNTS.len()];
    let new = format!("svc_sync{round}{customer}");
    let attempts = ACCOUNTS.iter().map(|account| vec![logon(&controller, account, &address, false)]);
    let subject = json!({"SubjectUserName": victim, "SubjectDomainName": "CORP", "SubjectUserSid": "S-1-5-21-1004336348-1177238915-682003330-1106"});
    let with = |more: serde_json::Value| {
        let mut data = subject.clone();
        if let (serde_json::Value::Object(data), serde_json::Value::Object(more)) = (&mut data, more) {
            data.extend(more);
        }
        data
    };
    let after = [
        vec![logon(&controller, victim, &address, true)],
        vec![security(
            4720,
            &controller,
            with(json!({"TargetUserName": new, "TargetDomainName": "CORP", "SamAccountName": new,
            "TargetSid": "S-1-5-21-1004336348-1177238915-682003330-4711"})),
        )],
        vec![security(
            4732,
            &controller,
            with(json!({"TargetUserName": "Administrators", "TargetDomainName": "Builtin", "TargetSid": "S-1-5-32-544",
            "MemberName": format!("CN={new},CN=Users,DC=corp,DC=example"), "MemberSid": "S-1-5-21-1004336348-1177238915-682003330-4711"})),
        )],
    ];
    attempts.chain(after).collect()
}

/// A service created, LSASS read, shadow copies deleted.
pub(super) fn service(customer: usize, round: usize) -> Vec<Step> {
    let host = format!("srv-file{:02}.corp.example", 1 + (customer * 3 + round) % 60);
    let user = format!("CORP\\{}", ACCOUNTS[(customer * 5 + round) % ACCOUNTS.len()]);
    let tool = "C:\\Users\\Public\\upd.exe";
    vec![
        vec![system(
            7045,
            &host,
            json!({"ServiceName": "WinUpdateHelper", "ImagePath": tool, "ServiceType": "user mode service",
            "StartType": "auto start", "AccountName": "LocalSystem"}),
        )],
        vec![process(&host, &user, tool, tool, "C:\\Windows\\System32\\services.exe")],
        vec![sysmon(
            10,
            &host,
            json!({"SourceImage": tool, "TargetImage": "C:\\Windows\\system32\\lsass.exe", "GrantedAccess": "0x1410",
            "SourceUser": user, "TargetUser": "NT AUTHORITY\\SYSTEM",
            "CallTrace": "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+32a19|UNKNOWN(00000000052F2B23)"}),
        )],
        vec![process(&host, &user, "C:\\Windows\\System32\\vssadmin.exe", "vssadmin delete shadows /all /quiet", "C:\\Windows\\System32\\cmd.exe")],
    ]
}
