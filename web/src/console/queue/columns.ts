/** The columns of the queue: which there are, how wide, and what each is ordered by. */
import type { SortColumn } from "../../api/queue-types";

export interface ColumnDef {
  id: string;
  label: string;
  sort?: SortColumn;
  /** The direction of the first press on its head. */
  descending?: boolean;
  /** It shows how long ago: its order reads the other way round than that of the time. */
  age?: boolean;
  right?: boolean;
  /** Least and most of its width: pixels, and shares of what is left. */
  least: number;
  share?: number;
  /** Least width in windows below 1280 pixels; null leaves it out there, unless somebody chose the columns. */
  narrow?: number | null;
}

export const COLUMNS = [
  { id: "priority", label: "Priority", sort: "priority", descending: true, least: 92, narrow: 86 },
  { id: "title", label: "Title", sort: "title", least: 200, share: 4.5, narrow: 146 },
  { id: "customer", label: "Customer", sort: "customer", least: 110, share: 1.3, narrow: 100 },
  { id: "region", label: "Region", sort: "region", least: 56, narrow: null },
  { id: "entity", label: "Entity", sort: "entity", least: 116, share: 1.8, narrow: 100 },
  { id: "signals", label: "Signals", sort: "signal_count", descending: true, right: true, least: 58, narrow: null },
  { id: "status", label: "Status", sort: "status", least: 116, narrow: 118 },
  { id: "assignee", label: "Assignee", sort: "assignee", least: 104, share: 1.4, narrow: 104 },
  { id: "disposition", label: "Disposition", sort: "disposition", least: 112 },
  { id: "source", label: "Source", sort: "source", least: 88 },
  { id: "responsibility", label: "Responsibility", sort: "responsibility", least: 104 },
  { id: "tags", label: "Tags", least: 110, share: 1.2 },
  { id: "comments", label: "Comments", sort: "comment_count", descending: true, right: true, least: 76 },
  { id: "first", label: "First signal", sort: "first_alert_time", descending: true, age: true, right: true, least: 78 },
  {
    id: "latest",
    label: "Latest signal",
    sort: "latest_alert_time",
    descending: true,
    age: true,
    right: true,
    least: 88,
  },
  { id: "age", label: "Age", sort: "created_time", descending: true, age: true, right: true, least: 56, narrow: null },
  {
    id: "updated",
    label: "Updated",
    sort: "updated_time",
    descending: true,
    age: true,
    right: true,
    least: 66,
    narrow: 62,
  },
  { id: "closed", label: "Closed", sort: "closed_time", descending: true, age: true, right: true, least: 60 },
  {
    id: "accessed",
    label: "Last looked at",
    sort: "last_accessed_time",
    descending: true,
    age: true,
    right: true,
    least: 98,
  },
  { id: "rrn", label: "Name (RRN)", sort: "rrn", least: 180, share: 1 },
] as const satisfies readonly ColumnDef[];

export type ColumnId = (typeof COLUMNS)[number]["id"];

/** What everybody begins with. */
const DEFAULT: readonly ColumnId[] = [
  "priority",
  "title",
  "customer",
  "region",
  "entity",
  "signals",
  "status",
  "assignee",
  "age",
  "updated",
];

export interface Layout {
  columns: readonly (ColumnDef & { id: ColumnId })[];
  /** Somebody chose them. */
  chosen: boolean;
  /** The tracks of the grid in wide and in narrow windows, and the least width of both. */
  wide: string;
  narrow: string;
  least: number;
}

const TICK = 20;
const MENU = 24;
const GAPS = 12;

/** The columns that were kept for a person; in a customer's own context its name and region say nothing. */
export function layoutOf(kept: string | null, single: boolean): Layout {
  const wanted = kept === null ? null : COLUMNS.filter(({ id }) => kept.split(",").includes(id));
  const chosen = wanted !== null && wanted.length > 0;
  const shown: readonly (ColumnDef & { id: ColumnId })[] = chosen
    ? wanted
    : COLUMNS.filter(({ id }) => DEFAULT.includes(id));
  const columns = shown
    .filter(({ id }) => !(single && (id === "customer" || id === "region")))
    .map((column) => (chosen ? { ...column, narrow: column.narrow ?? undefined } : column));
  const narrow = columns.filter((column) => column.narrow !== null);
  const tracks = (list: readonly ColumnDef[], least: (column: ColumnDef) => number) =>
    [`${TICK}px`, ...list.map((column) => track(column, least(column))), `${MENU}px`].join(" ");
  const sum = columns.reduce((total, column) => total + column.least + GAPS, TICK + MENU + 3 * GAPS);
  return {
    columns,
    chosen,
    wide: tracks(columns, ({ least }) => least),
    narrow: tracks(narrow, (column) => column.narrow ?? column.least),
    least: chosen ? sum : 0,
  };
}

function track(column: ColumnDef, least: number): string {
  return column.share ? `minmax(${least}px,${column.share}fr)` : `${least}px`;
}

/** The columns after one was ticked or not; null for those everybody begins with. */
export function toggled(layout: Layout, id: ColumnId, kept: string | null): string | null {
  const now = kept === null ? [...DEFAULT] : COLUMNS.filter((c) => kept.split(",").includes(c.id)).map((c) => c.id);
  const next = now.includes(id) ? now.filter((one) => one !== id) : [...now, id];
  // A queue without titles is none.
  const ids = COLUMNS.map((column) => column.id).filter((one) => one === "title" || next.includes(one));
  return ids.join() === DEFAULT.join() && !layout.columns.some((column) => column.id === id) ? null : ids.join();
}

export function isShown(kept: string | null, id: ColumnId): boolean {
  return kept === null ? DEFAULT.includes(id) : kept.split(",").includes(id);
}
