/** A small world in memory, for looking at the pages without servers. Development only; no test of a server uses it. */
import type * as T from "../src/api/types";

const NOW = Date.now();
export const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

export interface World {
  me: T.Me | null;
  nodeMe: T.NodeMe | null;
  users: T.User[];
  customers: T.Customer[];
  grants: T.Grant[];
  rows: T.Investigation[];
  history: Map<string, T.HistoryEntry[]>;
  technicians: T.Technician[];
  sources: T.Source[];
  workspaces: T.WorkspaceInfo[];
  audit: T.AuditEntry[];
}

export const PEOPLE: T.User[] = [
  { id: "u1", email: "amina.khan@mssp.example", name: "Amina Khan", role: "administrator", active: true },
  { id: "u2", email: "dan.novak@mssp.example", name: "Dan Novák", role: "analyst", active: true },
  { id: "u3", email: "elisa.silva@mssp.example", name: "Elisa Silva", role: "analyst", active: true },
  { id: "u4", email: "board@mssp.example", name: "Board", role: "viewer", active: false },
];

const NAMES: [string, string, T.Role | null, T.Health][] = [
  ["Harbor SOC", "eu", "administrator", "up"],
  ["Acme Media", "eu", "analyst", "up"],
  ["Northwind Logistics", "us", "administrator", "up"],
  ["Bluefin Retail", "us", "viewer", "up"],
  ["Tundra Robotics", "ap", "administrator", "up"],
  ["Quarry Energy", "ap", "administrator", "up"],
  ["Pinnacle Telecom & Broadcasting Holding of the Northern Provinces", "eu", "administrator", "up"],
  ["Umbra Legal", "us", "administrator", "up"],
  ["Helios Bank", "ap", "analyst", "down"],
  ["Copper Health", "eu", null, "unknown"],
];

function customers(): T.Customer[] {
  return NAMES.map(([name, region, role, health], i) => ({
    id: `cus_${i}`,
    name,
    mail: `soc@${name.split(" ")[0]?.toLowerCase()}.example`,
    region,
    primary: i === 0,
    node: `node-${region}`,
    workspace: `w${i}`,
    server: `node-${region}.bailiwick.example`,
    port: 9101,
    scheme: "https",
    health,
    health_since: health === "unknown" ? null : ago(health === "down" ? 2640 : 86_400 * 3),
    health_detail: health === "down" ? "connection refused by node-ap.bailiwick.example:9101" : null,
    open: null,
    role,
    created_time: ago(86_400 * 40),
  }));
}

const STORIES: [string, string, T.Priority][] = [
  ["Password spray that succeeded, then a new account", "username", "HIGH"],
  ["Service created, LSASS read, shadow copies deleted", "hostname", "CRITICAL"],
  ["Encoded PowerShell started by Word", "hostname", "HIGH"],
  ["Web shell requested after upload", "ip", "CRITICAL"],
  ["IAM user created by another user's key", "username", "MEDIUM"],
  ["Security log cleared", "hostname", "MEDIUM"],
  ["Remote process by WMI", "hostname", "LOW"],
  ["Sign-in from a country never seen", "username", "UNSPECIFIED"],
];
const ENTITIES: Record<string, string[]> = {
  username: ["jdoe", "svc-backup", "maria.lindqvist", "administrator"],
  hostname: ["ws-4348", "dc01.corp.example", "srv-files-02", "lt-3671"],
  ip: ["203.0.113.77", "198.51.100.14"],
};

export const SCALE = Number(globalThis.process?.env.MOCK_ROWS ?? 64);

function rows(all: T.Customer[]): T.Investigation[] {
  const asked = all.filter((c) => c.role && c.health === "up");
  return Array.from({ length: SCALE }, (_, i) => {
    const customer = asked[i % asked.length] as T.Customer;
    const [title, type, priority] = STORIES[(i * 5 + (i % 3)) % STORIES.length] as [string, string, T.Priority];
    const values = ENTITIES[type] as string[];
    const created = 45 + i * i * 13;
    const status = (["OPEN", "OPEN", "INVESTIGATING", "OPEN", "WAITING", "CLOSED"] as const)[i % 6] as T.Status;
    const assignee = [null, PEOPLE[1], null, PEOPLE[0], PEOPLE[2]][i % 5];
    return {
      customer: { id: customer.id, name: customer.name, region: customer.region },
      rrn: `rrn:investigation:${customer.region}:${customer.workspace}:investigation:${(1e9 + i * 7919).toString(36)}`,
      workspace: customer.workspace,
      version: 1,
      title,
      status,
      priority,
      disposition: status === "CLOSED" ? "BENIGN" : "UNDECIDED",
      source: "ALERT",
      assignee: assignee ? { email: assignee.email, name: assignee.name } : null,
      entity: { type, value: values[i % values.length] as string },
      tags: i % 4 === 0 ? ["vip"] : [],
      signal_count: 7,
      created_time: ago(created),
      updated_time: ago(created * 0.6),
      first_alert_time: ago(created + 600),
      latest_alert_time: ago(created * 0.7),
      closed_time: status === "CLOSED" ? ago(created * 0.5) : null,
    };
  });
}

function sources(): T.Source[] {
  const base = { enabled: true, dropped: 0, syslog_error: null, created_time: ago(86_400 * 30) };
  return [
    {
      ...base,
      id: "s1",
      name: "Domain controllers",
      source_category: "windows/dc",
      format: "windows",
      tier: "continuous",
      key_hint: "bwk_8f3a",
      received: 4_812_223,
      stored: 4_812_223,
      allowed: [],
      cse: true,
      open_issues: 0,
      failed: 0,
      bytes: 7_340_112_004,
      last_seen: ago(2),
    },
    {
      ...base,
      id: "s2",
      name: "Linux hosts",
      source_category: "linux/auth",
      format: "syslog",
      tier: "continuous",
      key_hint: "bwk_19cc",
      received: 120_440,
      stored: 120_440,
      allowed: [],
      cse: true,
      open_issues: 0,
      failed: 312,
      bytes: 31_220_100,
      last_seen: ago(9),
      syslog_tcp: "127.0.0.1:9514",
      dropped: 4,
    },
    {
      ...base,
      id: "s3",
      name: "AWS organisation",
      source_category: "cloud/aws",
      format: "cloudtrail",
      tier: "frequent",
      key_hint: "bwk_77d0",
      received: 22_001,
      stored: 22_001,
      allowed: [],
      cse: true,
      open_issues: 0,
      failed: 0,
      bytes: 40_000_000,
      last_seen: ago(65),
    },
    {
      ...base,
      id: "s4",
      name: "Old proxy",
      source_category: "web/proxy",
      format: "web-access",
      tier: "infrequent",
      key_hint: "bwk_00aa",
      received: 0,
      stored: 0,
      allowed: [],
      cse: true,
      open_issues: 0,
      failed: 0,
      bytes: 0,
      last_seen: null,
      enabled: false,
      syslog_tcp: "10.0.0.1:514",
      syslog_error: "address 10.0.0.1:514 cannot be assigned",
    },
  ];
}

function grants(): T.Grant[] {
  const base = { granted_by: "amina.khan@mssp.example", updated_time: ago(4000) };
  const on = { customer: "cus_1", customer_name: "Acme Media" };
  return [
    {
      ...base,
      ...on,
      id: "g1",
      user: "u1",
      email: "amina.khan@mssp.example",
      desired: "administrator",
      applied: "administrator",
      state: "APPLIED",
      detail: null,
    },
    {
      ...base,
      ...on,
      id: "g2",
      user: "u2",
      email: "dan.novak@mssp.example",
      desired: "analyst",
      applied: null,
      state: "PENDING",
      detail: "the node did not answer; it is told as soon as it does",
    },
    {
      ...base,
      ...on,
      id: "g3",
      user: "u3",
      email: "elisa.silva@mssp.example",
      desired: "viewer",
      applied: null,
      state: "REFUSED",
      detail: "revoked at the workspace by acme-admin",
    },
  ];
}

export function makeWorld(): World {
  const all = customers();
  return {
    me: null,
    nodeMe: null,
    users: [...PEOPLE],
    customers: all,
    grants: grants(),
    rows: rows(all),
    history: new Map(),
    technicians: [
      {
        email: "amina.khan@mssp.example",
        name: "Amina Khan",
        role: "administrator",
        granted_by: "amina.khan@mssp.example at Harbor SOC",
        granted_time: ago(86_400 * 9),
        last_seen: ago(40),
      },
      {
        email: "dan.novak@mssp.example",
        name: "Dan Novák",
        role: "analyst",
        granted_by: "amina.khan@mssp.example at Harbor SOC",
        granted_time: ago(86_400 * 8),
        last_seen: ago(9000),
      },
      {
        email: "elisa.silva@mssp.example",
        name: "Elisa Silva",
        role: "viewer",
        granted_by: "amina.khan@mssp.example at Harbor SOC",
        granted_time: ago(86_400 * 2),
        revoked_time: ago(86_400),
      },
    ],
    sources: sources(),
    workspaces: [
      { id: "acme-media", name: "Acme Media", admin: "acme-admin", created_time: ago(86_400 * 40) },
      { id: "copper-health", name: "Copper Health", admin: "copper-admin", created_time: ago(86_400 * 12) },
    ],
    audit: Array.from({ length: 40 }, (_, i) => ({
      id: 40 - i,
      time: ago(60 + i * 431),
      actor: PEOPLE[i % 3]?.email ?? "",
      verb: ["investigation.update", "logs.search", "customer.add", "grant.set", "session.open"][i % 5] as string,
      customer: i % 5 === 4 ? null : (NAMES[i % NAMES.length]?.[0] ?? null),
      outcome: i % 7 === 6 ? "FORBIDDEN" : "ok",
    })),
  };
}
