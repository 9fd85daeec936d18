//! Events as customers' machines send them: Windows events in the flat shape, and syslog lines.

use bailiwick_chassis::{Clock, SystemClock};
use chrono::SecondsFormat;
use serde_json::{Value, json};

/// Accounts a spray tries; the last one has the password.
pub const ACCOUNTS: [&str; 12] =
    ["a.meyer", "b.silva", "c.novak", "d.khan", "e.rossi", "f.dubois", "g.larsen", "h.tanaka", "i.popescu", "j.smith", "k.weber", "l.moreau"];

/// A Windows event of now: channel, provider, id, host, and its data.
pub fn windows(channel: &str, provider: &str, id: u32, host: &str, data: Value) -> Value {
    let time = SystemClock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
    let mut event = json!({"@timestamp": time, "Channel": channel, "Provider_Name": provider, "EventID": id, "Computer": host, "Level": 0});
    if let (Value::Object(event), Value::Object(data)) = (&mut event, data) {
        event.extend(data);
    }
    event
}

/// An event of the Security log.
pub fn security(id: u32, host: &str, data: Value) -> Value {
    windows("Security", "Microsoft-Windows-Security-Auditing", id, host, data)
}

/// A program starts.
pub fn process(host: &str, user: &str, image: &str, command_line: &str) -> Value {
    let data = json!({"Image": image, "CommandLine": command_line, "ParentImage": "C:\\Windows\\explorer.exe", "User": user,
        "IntegrityLevel": "Medium", "ProcessId": 4711, "ParentProcessId": 1200});
    windows("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", 1, host, data)
}

/// Somebody signs in over the network, or fails to.
pub fn logon(host: &str, user: &str, address: &str, success: bool) -> Value {
    let mut data = json!({"TargetUserName": user, "TargetDomainName": "CORP", "IpAddress": address, "IpPort": "51234", "LogonType": 3,
        "WorkstationName": "-", "SubjectUserName": "-", "LogonProcessName": "NtLmSsp ", "AuthenticationPackageName": "NTLM"});
    if !success && let Value::Object(data) = &mut data {
        data.insert("Status".into(), "0xc000006d".into());
        data.insert("SubStatus".into(), "0xc000006a".into());
    }
    security(if success { 4624 } else { 4625 }, host, data)
}

/// The account of a spray's victim, who has the password: sprays from different addresses try different people.
pub fn victim(address: &str) -> String {
    account(ACCOUNTS[ACCOUNTS.len() - 1], address)
}

fn account(name: &str, address: &str) -> String {
    format!("{name}{}", address.rsplit('.').next().unwrap_or_default())
}

/// One address tries every account and gets in as the last one: enough for one investigation about host and address.
pub fn spray(host: &str, address: &str) -> Vec<Value> {
    let mut events: Vec<_> = ACCOUNTS.iter().map(|name| logon(host, &account(name, address), address, false)).collect();
    events.push(logon(host, &victim(address), address, true));
    events
}

/// A spray, and then the account that was guessed makes another and puts it among the administrators.
pub fn spray_story(host: &str, address: &str) -> Vec<Value> {
    let who = json!({"SubjectUserName": victim(address), "SubjectDomainName": "CORP"});
    let made = json!({"TargetUserName": "svc_sync", "TargetDomainName": "CORP", "SamAccountName": "svc_sync", "TargetSid": "S-1-5-21-1-2-3-4711"});
    let member = json!({"TargetUserName": "Administrators", "TargetDomainName": "Builtin", "TargetSid": "S-1-5-32-544",
        "MemberName": "CN=svc_sync,CN=Users,DC=corp,DC=example", "MemberSid": "S-1-5-21-1-2-3-4711"});
    let mut story = spray(host, address);
    story.push(security(4720, host, merged(&who, made)));
    story.push(security(4732, host, merged(&who, member)));
    story
}

/// What ordinary machines say; none of it is worth an investigation.
pub fn ordinary(count: usize) -> Vec<Value> {
    let one = |n: usize| {
        let host = format!("wks-{:03}.corp.example", n % 40);
        let user = ACCOUNTS[n % ACCOUNTS.len()];
        match n % 4 {
            0 => process(&host, &format!("CORP\\{user}"), "C:\\Windows\\System32\\notepad.exe", "notepad.exe notes.txt"),
            1 => logon("dc01.corp.example", user, &format!("10.1.2.{}", 10 + n % 200), true),
            2 => security(4634, &host, json!({"TargetUserName": user, "TargetDomainName": "CORP", "LogonType": 3})),
            _ => process(&host, &format!("CORP\\{user}"), "C:\\Program Files\\Mozilla Firefox\\firefox.exe", "firefox.exe -contentproc"),
        }
    };
    (0..count).map(one).collect()
}

/// A syslog line of RFC 5424 from sshd, of now, without its framing.
pub fn sshd(host: &str, text: &str) -> String {
    let time = SystemClock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    format!("<86>1 {time} {host} sshd 4242 - - {text}")
}

fn merged(one: &Value, more: Value) -> Value {
    let mut all = one.clone();
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    all
}
