/** Which lines of an audit a page shows: in its address, on the wire, and in a file's address. */
import type { AuditCheck, AuditFilter, AuditFormat, AuditModule } from "../api/types";
import { count, plural } from "./format";
import { oneOf, text, toQuery } from "./search";
import { fromLocalInput, parseRange, type RangeState, windowOf } from "./time-range";

export const MODULE: Record<AuditModule, string> = {
  customers: "Customers",
  removals: "Removals",
  links: "Links and enrolment",
  sync: "Sync",
  licences: "Licences",
  technicians: "Technicians",
  access: "Access",
  sessions: "Sessions",
  investigations: "Investigations",
  logs: "Log search",
  sources: "Sources and collectors",
  parsers: "Parsers",
  detection: "Detection",
  health: "Health and notifications",
  settings: "Settings",
  audit: "Audit",
  other: "Other",
};
export const MODULES = Object.keys(MODULE) as readonly AuditModule[];

export const OUTCOMES = ["ok", "refused"] as const;
export type Outcome = (typeof OUTCOMES)[number];
export const OUTCOME: Record<Outcome, string> = { ok: "Done", refused: "Refused" };

/** Lines of no customer: what the provider does for itself. */
export const PROVIDER = "provider";

/** What stands in the address of an audit's page. */
export interface AuditSearch extends RangeState {
  actor?: string;
  customer?: string;
  module?: AuditModule;
  outcome?: Outcome;
}

export function parseAudit(raw: Record<string, unknown>): AuditSearch {
  return {
    ...parseRange(raw),
    actor: text(raw.actor),
    customer: text(raw.customer),
    module: oneOf(raw.module, MODULES),
    outcome: oneOf(raw.outcome, OUTCOMES),
  };
}

/** Whether anything is left out. */
export function isNarrow({ range, actor, customer, module, outcome }: AuditSearch): boolean {
  return range !== "all" || [actor, customer, module, outcome].some(Boolean);
}

/** As the API wants it. A span ends now, and begins at a full minute, so that the same question keeps its words. */
export function auditFilter(search: AuditSearch, now: number): AuditFilter {
  const { actor, customer, module, outcome } = search;
  return { actor, customer, module, outcome, ...windowOf(search, Math.floor(now / 60_000) * 60_000) };
}

/** Where the file of the same lines is. */
export function exportAddress(filter: AuditFilter, format: AuditFormat): string {
  return `/api/v1/audit/export?${toQuery({ ...filter, format })}`;
}

/** What two typed times mean; nothing typed is all of time. */
export function betweenTimes(from: string, to: string): RangeState {
  const [start, end] = [fromLocalInput(from), fromLocalInput(to)];
  return start || end ? { range: "custom", from: start, to: end } : { range: "all" };
}

/** Two walks of one chain as one, the second from where the first ended. */
export function walkedOn(before: AuditCheck | null, next: AuditCheck): AuditCheck {
  if (!before) return next;
  return {
    ...next,
    entries: before.entries + next.entries,
    first_id: before.first_id ?? next.first_id,
    last_id: next.last_id ?? before.last_id,
    ok: before.ok && next.ok,
  };
}

/** What walking the chain found, in a sentence. */
export function checkWords({ ok, entries, first_id, last_id, broken_at }: AuditCheck): string {
  if (!ok) {
    return typeof broken_at === "number"
      ? `Line ${count(broken_at)} does not fit the lines before it, or is not there. Lines were changed or taken away.`
      : "The chain does not fit together. Lines were changed or taken away.";
  }
  if (entries === 0) return "There is no line yet.";
  const range = `${count(first_id ?? 0)} to ${count(last_id ?? 0)}`;
  return `${plural(entries, "line")}, ${range}: each fits the one before it. None was changed or taken away.`;
}
