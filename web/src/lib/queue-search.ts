/** The queue's filters, as the URL holds them and as the API wants them. */
import { type QueueFilter, type QueueRow, type QueueSort, SORT_COLUMNS, type SortColumn } from "../api/queue-types";
import type { Disposition, Origin, Priority, Status } from "../api/types";
import { list, type Raw, readFragment, text, toQuery, words } from "./search";
import { parseWhere } from "./where";
import { DISPOSITIONS, ORIGIN, PRIORITIES, STATUSES } from "./words";

export interface QueueSearch {
  customers?: string[];
  regions?: string[];
  /** `all` is written out: an absent list means the default, everything not closed. */
  statuses: Status[] | "all";
  priorities?: Priority[];
  dispositions?: Disposition[];
  sources?: Origin[];
  assignee?: string;
  sort?: QueueSort;
}

export const NOT_CLOSED: Status[] = ["OPEN", "INVESTIGATING", "WAITING"];
export const DEFAULT_SORT: QueueSort = "-priority";
export const PAGE_SIZE = 200;
const ORIGINS = Object.keys(ORIGIN) as Origin[];

export function parseQueue(raw: Raw | Record<string, unknown>): QueueSearch {
  return {
    customers: list(raw.customers),
    regions: list(raw.regions),
    statuses: raw.statuses === "all" ? "all" : (words(raw.statuses, STATUSES) ?? NOT_CLOSED),
    priorities: words(raw.priorities, PRIORITIES),
    dispositions: words(raw.dispositions, DISPOSITIONS),
    sources: words(raw.sources, ORIGINS),
    assignee: text(raw.assignee),
    sort: parseSort(raw.sort),
  };
}

/** A column and its direction; undefined for what is none, and for the order everybody begins with. */
export function parseSort(raw: unknown): QueueSort | undefined {
  if (typeof raw !== "string" || raw === DEFAULT_SORT) return undefined;
  const column = SORT_COLUMNS.find((name) => name === raw.replace(/^-/, ""));
  return column && (raw.startsWith("-") ? `-${column}` : column);
}

export function sortColumn(sort: QueueSort): SortColumn {
  return sort.replace(/^-/, "") as SortColumn;
}

/** What an analyst looks for: words and a tree. It stands in the fragment, which no server log sees. */
export interface Sought {
  q: string;
  where: string;
}

export function readSought(hash: string): Sought {
  return { q: readFragment(hash), where: readFragment(hash, "where") };
}

export function writeSought({ q, where }: Sought): string {
  const parts = Object.entries({ q, where }).filter(([, value]) => value !== "");
  return new URLSearchParams(parts).toString();
}

/** The filter as the API wants it, in the order its keys are asked. */
export function queueFilter(search: QueueSearch, sought: Sought, cursor?: string): QueueFilter {
  const { statuses, ...rest } = search;
  const filter = {
    ...rest,
    statuses: statuses === "all" ? undefined : statuses,
    q: sought.q.trim() || undefined,
    where: parseWhere(sought.where),
    limit: PAGE_SIZE,
    cursor,
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** A filter for a query string: search words and trees never stand in one, and what is null is left out. */
export function flatFilter({ q: _words, where: _tree, ...filter }: QueueFilter) {
  return {
    customers: filter.customers ?? undefined,
    regions: filter.regions ?? undefined,
    statuses: filter.statuses ?? undefined,
    priorities: filter.priorities ?? undefined,
    dispositions: filter.dispositions ?? undefined,
    sources: filter.sources ?? undefined,
    assignee: filter.assignee ?? undefined,
    sort: filter.sort,
    limit: filter.limit ?? undefined,
    cursor: filter.cursor ?? undefined,
  };
}

/** The same as text. */
export function filterQuery(filter: QueueFilter): string {
  return toQuery(flatFilter(filter));
}

/** Whether anything but the default narrows the queue. */
export function isNarrowed(search: QueueSearch, sought: Sought): boolean {
  const defaults = search.statuses !== "all" && search.statuses.join() === NOT_CLOSED.join();
  const { customers, regions, priorities, dispositions, sources, assignee } = search;
  const lists = customers || regions || priorities || dispositions || sources;
  return Boolean(lists || assignee || sought.q || sought.where || !defaults);
}

const RANK: Record<Priority, number> = { UNSPECIFIED: 0, LOW: 1, MEDIUM: 2, HIGH: 3, CRITICAL: 4 };

type Key = string | number | null;

const micros = (time: string | null | undefined): Key => {
  if (!time) return null;
  // The clock of a browser ends at milliseconds; the servers' times do not.
  const beyond = /\.\d{3}(\d{1,3})/.exec(time)?.[1] ?? "";
  return Date.parse(time) * 1000 + Number(beyond.padEnd(3, "0"));
};
const folded = (value: string | null | undefined): Key => value?.toLowerCase() ?? null;
/** Words of the vocabulary stand in its order, not in that of their letters. */
const ranked =
  (...vocabulary: string[]) =>
  (word: string | null | undefined): Key =>
    word ? vocabulary.indexOf(word) : null;
const statusRank = ranked("OPEN", "INVESTIGATING", "WAITING", "CLOSED");
const verdictRank = ranked(
  ...["UNDECIDED", "BENIGN", "MALICIOUS", "NOT_APPLICABLE", "FALSE_POSITIVE", "SECURITY_TEST", "UNKNOWN"],
);
const originRank = ranked("ALERT", "USER", "HUNT", "AUTOMATION");
const partyRank = ranked("MSSP", "CUSTOMER");

const KEYS: Record<SortColumn, (row: QueueRow) => Key> = {
  priority: (row) => RANK[row.priority],
  created_time: (row) => micros(row.created_time),
  updated_time: (row) => micros(row.updated_time),
  latest_alert_time: (row) => micros(row.latest_alert_time),
  first_alert_time: (row) => micros(row.first_alert_time),
  closed_time: (row) => micros(row.closed_time),
  last_accessed_time: (row) => micros(row.last_accessed_time),
  title: (row) => folded(row.title),
  status: (row) => statusRank(row.status),
  disposition: (row) => verdictRank(row.disposition),
  source: (row) => originRank(row.source),
  responsibility: (row) => partyRank(row.responsibility),
  assignee: (row) => folded(row.assignee?.email),
  entity: (row) => folded(row.entity?.value),
  signal_count: (row) => row.signal_count,
  comment_count: (row) => row.comment_count ?? 0,
  customer: (row) => folded(row.customer.name),
  region: (row) => folded(row.rrn.split(":")[2] ?? ""),
  rrn: (row) => folded(row.rrn),
};

/** By code points, as the servers compare: UTF-16 would put some letters elsewhere. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  let at = 0;
  while (a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // The second half of a pair is compared by the whole of it.
  const paired = at > 0 && /[\ud800-\udbff]/.test(a.charAt(at - 1));
  const from = paired ? at - 1 : at;
  return (a.codePointAt(from) ?? -1) - (b.codePointAt(from) ?? -1);
}

function compareKeys(a: Key, b: Key): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  return Number(a) - Number(b);
}

/** The servers' order: negative when `a` comes first. What is absent comes last both ways. */
export function compareRows(sort: QueueSort, a: QueueRow, b: QueueRow): number {
  const key = KEYS[sortColumn(sort)];
  const [left, right] = [key(a), key(b)];
  if (left === null || right === null) {
    if (left !== right) return left === null ? 1 : -1;
  } else {
    const first = compareKeys(left, right);
    if (first !== 0) return sort.startsWith("-") ? -first : first;
  }
  return compareKeys(KEYS.created_time(b), KEYS.created_time(a)) || compareText(a.rrn, b.rrn);
}

/**
 * The live first page and the rows loaded below it as one list. A row from below that would stand inside the live page
 * but is not on it has left the result; one that stands after it stays.
 */
export function joinPages(sort: QueueSort, live: QueueRow[], below: QueueRow[]): QueueRow[] {
  const last = live.at(-1);
  const seen = new Set(live.map((row) => row.rrn));
  const rest: QueueRow[] = [];
  for (const row of below) {
    if (!seen.has(row.rrn) && (last === undefined || compareRows(sort, last, row) < 0)) {
      seen.add(row.rrn);
      rest.push(row);
    }
  }
  return [...live, ...rest.sort((a, b) => compareRows(sort, a, b))];
}
