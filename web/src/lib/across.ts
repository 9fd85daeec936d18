/** Rows of many customers as they come in: one list, newest first, and how many each customer has. */
import type { AcrossRow } from "../api/case-types";
import { list } from "./search";
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

export interface CustomerHits {
  customer: AcrossRow["customer"];
  rows: number;
}

/** How many rows of each customer are shown, most first. */
export function hitsOf(rows: readonly AcrossRow[]): CustomerHits[] {
  const hits = new Map<string, CustomerHits>();
  for (const { customer } of rows) {
    const known = hits.get(customer.id);
    if (known) known.rows += 1;
    else hits.set(customer.id, { customer, rows: 1 });
  }
  return [...hits.values()].sort((a, b) => b.rows - a.rows || text(a.customer.name, b.customer.name));
}

/** What stands in the address: the window and whom; what is searched for stands in the fragment. */
export interface AcrossState extends RangeState {
  customers?: string[];
}

export function parseAcross(raw: Record<string, unknown>): AcrossState {
  return { ...parseRange(raw), customers: list(raw.customers) };
}
