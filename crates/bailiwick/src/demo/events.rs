//! Windows and CloudTrail events in the shapes the field sends them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

/// An event without its time.
#[derive(Clone)]
pub(super) struct Event(Value);

impl Event {
    /// The event at a time.
    pub(super) fn at(&self, time: DateTime<Utc>) -> Value {
        let text = time.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut event = self.0.clone();
        let name = if event.get("eventSource").is_some() { "eventTime" } else { "@timestamp" };
        if let Value::Object(fields) = &mut event {
            fields.insert(name.to_owned(), text.into());
        }
        event
    }
}

/// A Windows event: channel, provider, id, host and its data.
fn windows(channel: &str, provider: &str, id: u32, host: &str, data: Value) -> Event {
    let mut event = json!({"Channel": channel, "Provider_Name": provider, "EventID": id, "Computer": host, "Level": 0});
    if let (Value::Object(event), Value::Object(data)) = (&mut event, data) {
        event.extend(data);
    }
    Event(event)
}

pub(super) fn security(id: u32, host: &str, data: Value) -> Event {
    windows("Security", "Microsoft-Windows-Security-Auditing", id, host, data)
}

pub(super) fn system(id: u32, host: &str, data: Value) -> Event {
    windows("System", "Service Control Manager", id, host, data)
}

pub(super) fn sysmon(id: u32, host: &str, data: Value) -> Event {
    windows("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", id, host, data)
}

/// A program starts.
pub(super) fn process(host: &str, user: &str, image: &str, command_line: &str, parent: &str) -> Event {
    let data = json!({"Image": image, "CommandLine": command_line, "ParentImage": parent, "ParentCommandLine": parent, "User": user,
        "IntegrityLevel": "Medium", "ProcessId": 4000 + command_line.len() * 7, "ParentProcessId": 1200});
    sysmon(1, host, data)
}

/// Somebody signs in over the network, or fails to.
pub(super) fn logon(host: &str, user: &str, address: &str, success: bool) -> Event {
    let mut data = json!({"TargetUserName": user, "TargetDomainName": "CORP", "IpAddress": address, "IpPort": "51234", "LogonType": 3,
        "WorkstationName": "-", "SubjectUserName": "-", "LogonProcessName": "NtLmSsp ", "AuthenticationPackageName": "NTLM"});
    if !success && let Value::Object(data) = &mut data {
        data.insert("Status".into(), "0xc000006d".into());
        data.insert("SubStatus".into(), "0xc000006a".into());
    }
    security(if success { 4624 } else { 4625 }, host, data)
}

/// An AWS call that only reads.
pub(super) fn aws_read(user: &str, address: &str, service: &str, call: &str) -> Event {
    Event(json!({"eventVersion": "1.09", "eventSource": format!("{service}.amazonaws.com"), "eventName": call, "awsRegion": "eu-central-1",
        "sourceIPAddress": address, "userAgent": "aws-cli/2.27.1", "eventType": "AwsApiCall", "readOnly": true, "managementEvent": true,
        "recipientAccountId": "210000000042", "requestParameters": null, "responseElements": null,
        "userIdentity": {"type": "IAMUser", "userName": user, "accountId": "210000000042", "arn": format!("arn:aws:iam::210000000042:user/{user}")}}))
}
