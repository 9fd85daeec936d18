/** The queue's filters, as the URL holds them and as the API wants them. */
import type { Investigation, InvestigationFilter, Priority, Sort, Status } from "../api/types";
import { list, oneOf, type Raw, text, toQuery, words } from "./search";
import { PRIORITIES, STATUSES } from "./words";

export interface QueueSearch {
  customers?: string[];
  regions?: string[];
  /** `all` is written out: an absent list means the default, everything not closed. */
  statuses: Status[] | "all";
  priorities?: Priority[];
  assignee?: string;
  sort?: Sort;
}

export const NOT_CLOSED: Status[] = ["OPEN", "INVESTIGATING", "WAITING"];
export const SORTS: readonly Sort[] = ["-priority", "-created_time", "created_time", "-updated_time"];
export const PAGE_SIZE = 200;

export function parseQueue(raw: Raw | Record<string, unknown>): QueueSearch {
  return {
    customers: list(raw.customers),
    regions: list(raw.regions),
    statuses: raw.statuses === "all" ? "all" : (words(raw.statuses, STATUSES) ?? NOT_CLOSED),
    priorities: words(raw.priorities, PRIORITIES),
    assignee: text(raw.assignee),
    sort: oneOf(raw.sort, SORTS),
  };
}

/** The filter as the API wants it, in the order its keys are asked. */
export function queueFilter(search: QueueSearch, q: string, cursor?: string): InvestigationFilter {
  const { statuses, ...rest } = search;
  const filter = {
    ...rest,
    statuses: statuses === "all" ? undefined : statuses,
    q: q.trim() || undefined,
    limit: PAGE_SIZE,
    cursor,
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** A filter for a query string: search words never stand in one, and what is null is left out. */
export function flatFilter({ q: _words, ...filter }: InvestigationFilter) {
  return {
    customers: filter.customers ?? undefined,
    regions: filter.regions ?? undefined,
    statuses: filter.statuses ?? undefined,
    priorities: filter.priorities ?? undefined,
    assignee: filter.assignee ?? undefined,
    sort: filter.sort,
    limit: filter.limit ?? undefined,
    cursor: filter.cursor ?? undefined,
  };
}

/** The same as text. */
export function filterQuery(filter: InvestigationFilter): string {
  return toQuery(flatFilter(filter));
}

/** Whether anything but the default narrows the queue. */
export function isNarrowed(search: QueueSearch, q: string): boolean {
  const defaults = search.statuses !== "all" && search.statuses.join() === NOT_CLOSED.join();
  return Boolean(search.customers || search.regions || search.priorities || search.assignee || q || !defaults);
}

const RANK: Record<Priority, number> = { UNSPECIFIED: 0, LOW: 1, MEDIUM: 2, HIGH: 3, CRITICAL: 4 };

/** The servers' order: negative when `a` comes first. */
export function compareRows(sort: Sort, a: Investigation, b: Investigation): number {
  const created = Date.parse(b.created_time) - Date.parse(a.created_time);
  const first: Record<Sort, number> = {
    "-priority": RANK[b.priority] - RANK[a.priority],
    "-created_time": 0,
    created_time: -created,
    "-updated_time": Date.parse(b.updated_time) - Date.parse(a.updated_time),
  };
  return first[sort] || (sort === "created_time" ? 0 : created) || (a.rrn < b.rrn ? -1 : a.rrn > b.rrn ? 1 : 0);
}

/**
 * The live first page and the rows loaded below it as one list. A row from below that would stand inside the live page
 * but is not on it has left the result; one that stands after it stays.
 */
export function joinPages(sort: Sort, live: Investigation[], below: Investigation[]): Investigation[] {
  const last = live.at(-1);
  const seen = new Set(live.map((row) => row.rrn));
  const rest: Investigation[] = [];
  for (const row of below) {
    if (!seen.has(row.rrn) && (last === undefined || compareRows(sort, last, row) < 0)) {
      seen.add(row.rrn);
      rest.push(row);
    }
  }
  return [...live, ...rest.sort((a, b) => compareRows(sort, a, b))];
}
