/** The servers' words as people read them. */
import type * as T from "../api/types";

export const STATUS: Record<T.Status, string> = {
  OPEN: "Open",
  INVESTIGATING: "Investigating",
  WAITING: "Waiting",
  CLOSED: "Closed",
};
export const STATUSES: readonly T.Status[] = ["OPEN", "INVESTIGATING", "WAITING", "CLOSED"];

export const PRIORITY: Record<T.Priority, string> = {
  CRITICAL: "Critical",
  HIGH: "High",
  MEDIUM: "Medium",
  LOW: "Low",
  UNSPECIFIED: "Unspecified",
};
export const PRIORITIES: readonly T.Priority[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"];

export const DISPOSITION: Record<T.Disposition, string> = {
  UNDECIDED: "Undecided",
  MALICIOUS: "Malicious",
  BENIGN: "Benign",
  FALSE_POSITIVE: "False positive",
  SECURITY_TEST: "Security test",
  NOT_APPLICABLE: "Not applicable",
  UNKNOWN: "Unknown",
};
export const DISPOSITIONS: readonly T.Disposition[] = [
  "UNDECIDED",
  "MALICIOUS",
  "BENIGN",
  "FALSE_POSITIVE",
  "SECURITY_TEST",
  "NOT_APPLICABLE",
  "UNKNOWN",
];

/** What each verdict means, for the person who has to choose one. */
export const DISPOSITION_HINT: Record<T.Disposition, string> = {
  UNDECIDED: "Not judged yet",
  MALICIOUS: "An attack",
  BENIGN: "It happened, and it is harmless",
  FALSE_POSITIVE: "The rule was wrong",
  SECURITY_TEST: "A test by the customer or by us",
  NOT_APPLICABLE: "Does not apply to this customer",
  UNKNOWN: "It could not be found out",
};

export const ORIGIN: Record<T.Origin, string> = {
  ALERT: "Correlation",
  USER: "A person",
  HUNT: "A hunt",
  AUTOMATION: "Automation",
};

export const ROLE: Record<T.Role, string> = { administrator: "Administrator", analyst: "Analyst", viewer: "Viewer" };
export const ROLES: readonly T.Role[] = ["viewer", "analyst", "administrator"];

export const GRANT_STATE: Record<T.GrantState, string> = { APPLIED: "Applied", PENDING: "Pending", REFUSED: "Refused" };

export const HEALTH: Record<T.Health, string> = { up: "Up", degraded: "Degraded", down: "Down", unknown: "Unknown" };

export const PREFLIGHT: Record<T.PreflightCheck, string> = {
  FORM: "Name and mail address",
  ADDRESS: "The server has an address",
  PORT: "The port answers",
  TLS: "The connection is safe",
  PRODUCT: "It is a node of a version that fits",
  CREDENTIALS: "The credentials are a workspace administrator’s",
  ENROLMENT: "The workspace is free to be enrolled",
  WAY_BACK: "The node can call the console",
};
export const PREFLIGHT_CHECKS = Object.keys(PREFLIGHT) as readonly T.PreflightCheck[];
export const PREFLIGHT_RESULT: Record<T.PreflightResult, string> = {
  PASSED: "Passed",
  WARNING: "Works, with a drawback",
  FAILED: "Failed",
  SKIPPED: "Not looked at",
};

export const IMPORT_RESULT: Record<T.ImportResult, string> = {
  ADDED: "Added",
  UNCHANGED: "There already",
  FAILED: "Refused",
};

export const REMOVAL_KIND: Record<T.RemovalKind, string> = {
  SOFT: "Deleted",
  FORCED: "Force-deleted",
  MOVED: "Moved to another node",
};

export const SKIP_REASON: Record<T.SkipReason, string> = {
  NO_GRANT: "you hold no grant for it",
  NO_ROLE: "its workspace knows no role for you",
  NO_LICENCE: "no licence is allocated to it",
  TOGGLE_OFF: "you switched it off",
  RELATIONSHIP_REVOKED: "it withdrew from the MSSP",
};

export const FAIL_REASON: Record<T.FailCode, string> = {
  NODE_DOWN: "its node cannot be reached",
  TIMEOUT: "its node has not answered in time",
  VERSION: "its node speaks another version",
};

export const TIERS: readonly T.Tier[] = ["continuous", "frequent", "infrequent"];
export const FORMATS: readonly T.Format[] = ["auto", "json", "syslog", "windows", "cloudtrail", "web-access"];
export const FORMAT: Record<T.Format, string> = {
  auto: "Decide by shape",
  json: "JSON",
  syslog: "Syslog (RFC 5424, RFC 3164)",
  windows: "Windows events as JSON",
  cloudtrail: "AWS CloudTrail",
  "web-access": "Web access log",
};

export const RULE_STATE: Record<T.RuleState, string> = {
  active: "Active",
  disabled: "Off",
  prototype: "On trial",
  failed: "Set aside",
};
export const RULE_STATES: readonly T.RuleState[] = ["active", "prototype", "disabled", "failed"];
export const LEVELS = ["critical", "high", "medium", "low", "informational"] as const;

/** Kinds of entities. The first three score; the others are evidence. */
export const ENTITY_KINDS = [
  "hostname",
  "username",
  "ip",
  "domain",
  "url",
  "process",
  "file",
  "hash",
  "resource",
] as const;

export type Severity = "critical" | "high" | "medium" | "low" | "info";

/** Which severity mark a priority carries. */
export const PRIORITY_SEVERITY: Record<T.Priority, Severity> = {
  CRITICAL: "critical",
  HIGH: "high",
  MEDIUM: "medium",
  LOW: "low",
  UNSPECIFIED: "info",
};

/** Which severity mark a Sigma level carries. */
export function levelSeverity(level: string): Severity {
  const known: Record<string, Severity> = { critical: "critical", high: "high", medium: "medium", low: "low" };
  return known[level.toLowerCase()] ?? "info";
}

/** A Sigma level as people read it. */
export function levelWord(level: string): string {
  return level.charAt(0).toUpperCase() + level.slice(1).toLowerCase();
}

/** `attack.t1003.001` reads `T1003.001`; a tactic keeps its words. */
export function attackTag(tag: string): string {
  const body = tag.replace(/^attack\./, "");
  return /^[tgs]\d/.test(body) ? body.toUpperCase() : body.replaceAll(/[-_]/g, " ");
}
