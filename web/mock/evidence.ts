/** Signals, rules and events of the mock world. */
import type * as T from "../src/api/types";
import { ago } from "./world";

const HITS: [string, string, number, string, T.MatchedField[], string[]][] = [
  [
    "Many failed sign-ins from one address",
    "medium",
    5,
    "An account failed to log on: jdoe from 203.0.113.77",
    [],
    ["attack.credential-access", "attack.t1110.003"],
  ],
  [
    "Sign-in after a password spray",
    "high",
    7,
    "An account was logged on: jdoe from 203.0.113.77",
    [
      { field: "EventID", value: "4624" },
      { field: "IpAddress", value: "203.0.113.77" },
    ],
    ["attack.initial-access", "attack.t1078"],
  ],
  [
    "Office program starts a shell",
    "high",
    7,
    "WINWORD.EXE started powershell.exe -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA",
    [
      { field: "ParentImage", value: "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE" },
      { field: "Image", value: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe" },
    ],
    ["attack.execution", "attack.t1059.001"],
  ],
  [
    "LSASS memory read",
    "critical",
    9,
    "procdump64.exe opened lsass.exe with 0x1fffff",
    [
      { field: "TargetImage", value: "C:\\Windows\\System32\\lsass.exe" },
      { field: "GrantedAccess", value: "0x1fffff" },
    ],
    ["attack.credential-access", "attack.t1003.001"],
  ],
  [
    "LSASS memory read",
    "critical",
    9,
    "procdump64.exe opened lsass.exe with 0x1fffff",
    [{ field: "TargetImage", value: "C:\\Windows\\System32\\lsass.exe" }],
    ["attack.credential-access", "attack.t1003.001"],
  ],
  [
    "Shadow copies deleted",
    "critical",
    9,
    "vssadmin.exe delete shadows /all /quiet",
    [{ field: "CommandLine", value: "vssadmin.exe delete shadows /all /quiet" }],
    ["attack.impact", "attack.t1490"],
  ],
  [
    "Local account added",
    "low",
    3,
    "A user account was created: helpdesk2",
    [{ field: "TargetUserName", value: "helpdesk2" }],
    ["attack.persistence", "attack.t1136.001"],
  ],
];

export function signals(row: T.Investigation): T.Signal[] {
  return HITS.map(([name, level, severity, message, matched, tags], i) => ({
    id: `sig-${i}`,
    rule_id: `rule-${i}`,
    name,
    level,
    severity,
    entity: row.entity ?? { type: "hostname", value: "ws-4348" },
    created_time: ago(1790 - i * 61 - (i > 4 ? 900 : 0)),
    event_time: ago(1800 - i * 61 - (i > 4 ? 900 : 0) + (i === 0 ? 86_400 : 0)),
    event_ids: [`e${i}`],
    matched,
    message,
    tags,
    suppressed: i === 4 ? "the same rule scored for this entity within 72 h" : null,
  }));
}

export function rule(id: string): T.RuleInfo {
  const [title, level, , , , tags] = HITS[Number(id.split("-")[1])] ?? HITS[0] ?? ["", "low", 0, "", [], []];
  return {
    id: "5b4a6e1e-2c1c-4b1c-9b0a-3e9a1f4f2d11",
    title,
    level,
    description:
      "A process opened LSASS with rights that allow reading its memory, where credentials of signed-in people are kept.\nAdministration tools rarely need this.",
    tags,
    author: "Bailiwick",
    false_positives: ["Endpoint protection software", "Crash collection by the vendor"],
    references: ["https://attack.mitre.org/techniques/T1003/001/", "internal runbook 12"],
    source: `title: ${title}\nid: 5b4a6e1e-2c1c-4b1c-9b0a-3e9a1f4f2d11\nstatus: stable\nlogsource:\n  product: windows\n  category: process_access\ndetection:\n  selection:\n    TargetImage|endswith: '\\lsass.exe'\n    GrantedAccess|contains:\n      - '0x1010'\n      - '0x1fffff'\n  condition: selection\nlevel: ${level}\n`,
  };
}

export function event(i: number): T.EventRow {
  const failed = i % 9 === 4;
  const fields = {
    EventID: 10,
    Channel: "Microsoft-Windows-Sysmon/Operational",
    Computer: "ws-4348.corp.example",
    EventData: {
      SourceImage: "C:\\Users\\jdoe\\Downloads\\procdump64.exe",
      TargetImage: "C:\\Windows\\System32\\lsass.exe",
      GrantedAccess: "0x1fffff",
      CallTrace:
        "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+2c14e|C:\\Users\\jdoe\\Downloads\\procdump64.exe+a81e",
    },
    "unsafe<script>alert(1)</script>": "<img src=x onerror=alert(1)>",
  };
  return {
    id: `e${i}`,
    event_time: ago(20 + i * 37),
    receipt_time: ago(19 + i * 37),
    source: i % 3 === 0 ? "Linux hosts" : "Domain controllers",
    source_category: i % 3 === 0 ? "linux/auth" : "windows/dc",
    record_type: failed ? "FailedRecord" : "ProcessAccess",
    reason_code: failed ? "PARSER_FAILED" : null,
    reason: failed ? "windows: field EventID is not a number" : null,
    vendor: "Microsoft",
    product: "Sysmon",
    parser: "windows",
    event_code: "10",
    message: failed ? "EventID=abc" : "procdump64.exe opened lsass.exe with 0x1fffff",
    raw: JSON.stringify(fields),
    ecs: failed
      ? {}
      : {
          "event.code": "10",
          "host.name": "ws-4348.corp.example",
          "process.executable": fields.EventData.SourceImage,
          "user.name": "jdoe",
        },
    fields,
  };
}
