//! What an ordinary customer's machines say all day. None of it is worth an investigation.

use super::events::{Event, aws_read, logon, process, security};
use chrono::{DateTime, SecondsFormat, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use std::fmt::Write;

const USERS: [&str; 10] = ["m.adams", "s.brandt", "o.chen", "p.diaz", "r.evans", "t.fischer", "u.gomez", "v.hughes", "w.ito", "y.jensen"];
const PROGRAMS: [(&str, &str, &str); 6] = [
    ("C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE", "WINWORD.EXE /n report.docx", "C:\\Windows\\explorer.exe"),
    ("C:\\Program Files\\Mozilla Firefox\\firefox.exe", "firefox.exe -contentproc", "C:\\Program Files\\Mozilla Firefox\\firefox.exe"),
    ("C:\\Windows\\System32\\svchost.exe", "svchost.exe -k netsvcs -p", "C:\\Windows\\System32\\services.exe"),
    ("C:\\Windows\\System32\\notepad.exe", "notepad.exe notes.txt", "C:\\Windows\\explorer.exe"),
    ("C:\\Windows\\System32\\backgroundTaskHost.exe", "backgroundTaskHost.exe -ServerName:App", "C:\\Windows\\System32\\svchost.exe"),
    ("C:\\Program Files\\7-Zip\\7z.exe", "7z.exe a backup.7z documents", "C:\\Windows\\explorer.exe"),
];
const CALLS: [(&str, &str); 5] =
    [("ec2", "DescribeInstances"), ("s3", "ListBuckets"), ("iam", "ListUsers"), ("sts", "GetCallerIdentity"), ("logs", "DescribeLogGroups")];
const PAGES: [(&str, u16); 6] =
    [("/", 200), ("/index.html", 304), ("/css/site.css", 200), ("/products?id=17", 200), ("/favicon.ico", 404), ("/login", 200)];

/// One customer's noise.
pub(super) struct Noise {
    random: StdRng,
}

impl Noise {
    /// The same customer makes the same noise in each demo.
    pub(super) fn of_customer(customer: usize) -> Self {
        Self { random: StdRng::seed_from_u64(0xba11 + customer as u64) }
    }

    /// A handful of events.
    pub(super) fn events(&mut self, now: DateTime<Utc>) -> Vec<Value> {
        let count = self.random.random_range(4..12);
        (0..count).map(|_| self.event().at(now)).collect()
    }

    fn event(&mut self) -> Event {
        let user = self.pick(&USERS);
        let host = format!("wks-{:03}.corp.example", self.random.random_range(1..80));
        let address = self.address();
        match self.random.random_range(0..10) {
            0..=4 => {
                let (image, command_line, parent) = self.pick(&PROGRAMS);
                process(&host, &format!("CORP\\{user}"), image, command_line, parent)
            }
            5..=6 => logon("dc01.corp.example", user, &address, true),
            7 => security(4634, &host, json!({"TargetUserName": user, "TargetDomainName": "CORP", "LogonType": 3})),
            8 if self.random.random_bool(0.05) => logon("dc01.corp.example", user, &address, false),
            _ => {
                let (service, call) = self.pick(&CALLS);
                aws_read(user, &address, service, call)
            }
        }
    }

    /// A handful of syslog lines.
    pub(super) fn lines(&mut self, now: DateTime<Utc>) -> String {
        let time = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut lines = String::new();
        for _ in 0..self.random.random_range(2..6) {
            let (user, address) = (self.pick(&USERS), self.address());
            let host = format!("web-{:02}", self.random.random_range(1..9));
            let (program, text) = match self.random.random_range(0..6) {
                0 => ("sshd", format!("Accepted publickey for {user} from {address} port 50022 ssh2: ED25519 SHA256:abc")),
                1 => ("sudo", format!("{user} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND=/usr/bin/systemctl status nginx")),
                2 => ("CRON", "(root) CMD (run-parts /etc/cron.hourly)".to_owned()),
                _ => {
                    let (page, status) = self.pick(&PAGES);
                    let clock = now.format("%d/%b/%Y:%H:%M:%S +0000");
                    ("nginx", format!("{address} - - [{clock}] \"GET {page} HTTP/1.1\" {status} 5316 \"-\" \"Mozilla/5.0 (X11; Linux x86_64)\""))
                }
            };
            let _infallible = writeln!(lines, "<86>1 {time} {host} {program} 4242 - - {text}");
        }
        lines
    }

    fn address(&mut self) -> String {
        format!("10.{}.{}.{}", self.random.random_range(1..5), self.random.random_range(0..20), self.random.random_range(2..250))
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *from.choose(&mut self.random).unwrap_or(&from[0])
    }
}
