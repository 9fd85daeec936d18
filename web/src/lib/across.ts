/** Rows of many customers as they come in: one list, newest first, and how many each customer has. */
import type { AcrossProgress, AcrossRow, LogSearchState } from "../api/case-types";
import type { CustomerRef } from "../api/types";
import { list, text as textOf } from "./search";
import { parseRange, type RangeState } from "./time-range";

/** An event's id is one of its workspace's: two customers may have the same. */
export const acrossKey = (row: AcrossRow) => `${row.customer.id} ${row.id}`;

/** Newest first; ties by customer, then by id, so that the order never changes by itself. */
export function compareAcross(a: AcrossRow, b: AcrossRow): number {
  return Date.parse(b.event_time) - Date.parse(a.event_time) || text(acrossKey(a), acrossKey(b));
}

function text(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Both in one order; what was there already stays one row. */
export function joinAcross(before: readonly AcrossRow[], more: readonly AcrossRow[]): AcrossRow[] {
  const known = new Set(before.map(acrossKey));
  const fresh = more.filter((row) => !known.has(acrossKey(row))).sort(compareAcross);
  const joined: AcrossRow[] = [];
  let at = 0;
  for (const row of before) {
    for (let next = fresh[at]; next && compareAcross(next, row) < 0; next = fresh[at]) {
      joined.push(next);
      at += 1;
    }
    joined.push(row);
  }
  return [...joined, ...fresh.slice(at)];
}

/** How far the search of one customer is. */
export interface CustomerProgress {
  customer: CustomerRef;
  state: LogSearchState;
  rows: number;
  /** It has more rows that match than were asked for. */
  more: boolean;
}

/** Those with news put in, the newest news of each: what failed and what is at work first, then those with most rows. */
export function withNews(
  before: readonly CustomerProgress[],
  news: readonly AcrossProgress[],
): readonly CustomerProgress[] {
  const all = new Map(before.map((each) => [each.customer.id, each]));
  for (const { customer, state, customer_rows: rows, more } of news) {
    if (customer && state) all.set(customer.id, { customer, state, rows, more });
  }
  const rank = (each: CustomerProgress) => ORDER.indexOf(each.state);
  return [...all.values()].sort(
    (a, b) => rank(a) - rank(b) || b.rows - a.rows || text(a.customer.name, b.customer.name),
  );
}

const ORDER: readonly LogSearchState[] = ["FAILED", "SEARCHING", "WAITING", "DONE", "SKIPPED"];

export const SEARCH_STATE: Record<LogSearchState, string> = {
  FAILED: "Did not answer",
  SEARCHING: "Searching",
  WAITING: "Waits for its turn",
  DONE: "Done",
  SKIPPED: "Not searched",
};

/** What stands in the address: the window and whom; what is searched for stands in the fragment. */
export interface AcrossState extends RangeState {
  customers?: string[];
}

export function parseAcross(raw: Record<string, unknown>): AcrossState {
  return { ...parseRange(raw), customers: list(raw.customers) };
}

/** What a saved query asks for: words, window and whom. */
export function logBody(body: Record<string, unknown>): AcrossState & { q: string } {
  return { q: textOf(body.q) ?? "", ...parseAcross(body) };
}
