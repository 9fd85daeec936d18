/** What the scope of a federated answer says in words. */
import type { CustomerRef, Scope } from "../api/types";
import { count, plural } from "./format";
import { FAIL_REASON, SKIP_REASON } from "./words";

export interface Missing {
  key: string;
  customer: CustomerRef | null;
  /** Customers this line stands for. */
  count: number;
  code: string;
  reason: string;
  /** The server's own words, where it gave some. */
  detail: string | null;
  /** Failed customers come back by themselves; skipped ones need somebody to act. */
  failed: boolean;
}

/** How many customers there are in all: those that answered and every missing one. */
export function total(scope: Scope): number {
  return scope.answered + missing(scope).reduce((sum, m) => sum + m.count, 0);
}

/** `7 of 8 customers answered`. */
export function headline(scope: Scope): string {
  const all = total(scope);
  if (all === 0) return "No customers to ask";
  if (scope.answered === all) return all === 1 ? "1 customer answered" : `All ${count(all)} customers answered`;
  return `${count(scope.answered)} of ${plural(all, "customer")} answered`;
}

/** Whether the server's words only say the reason again. */
function restated(message: string, reason: string | undefined): boolean {
  return message === "" || message.replace(/^the /, "its ") === reason;
}

/** Why one customer is missing from an answer, as the beginning of a sentence; null when it is not. */
export function whyMissing(scope: Scope | undefined, customer: string): string | null {
  const found = scope ? missing(scope).find((m) => m.customer?.id === customer) : undefined;
  return found ? found.reason.charAt(0).toUpperCase() + found.reason.slice(1) : null;
}

/** Every missing customer with its reason, failures first. */
export function missing(scope: Scope): Missing[] {
  const failed = scope.failed.map((f) => ({
    key: `failed-${f.customer.id}`,
    customer: f.customer,
    count: 1,
    code: f.code,
    reason: FAIL_REASON[f.code] ?? "it did not answer",
    detail: restated(f.message, FAIL_REASON[f.code]) ? null : f.message,
    failed: true,
  }));
  const skipped = scope.skipped.map((s, index) => ({
    key: `skipped-${s.customer?.id ?? index}`,
    customer: s.customer ?? null,
    count: s.count,
    code: s.reason,
    reason: SKIP_REASON[s.reason] ?? "it was not asked",
    detail: null,
    failed: false,
  }));
  return [...failed, ...skipped];
}

/** A count of rows, never claiming more than is known: `42`, `at least 42`. */
export function atLeast(rows: number, scope: Scope | undefined, more: boolean): string {
  const known = scope?.complete === true && !more;
  return known ? `${rows}` : `at least ${rows}`;
}
