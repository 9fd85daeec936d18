/** Frames as charts want them: series over time, groups, rows. */
import type { Column, Dimension, Frame, PanelDef, Value } from "../../api/dashboard-types";
import { PRIORITY, STATUS } from "../words";
import { SERIES } from "./state";
import { TIER } from "./words";

/** What a number is told apart by, and whose it is. */
export interface Group {
  /** Unique within the frame. */
  key: string;
  name: string;
  /** The customer's id, where it is told apart by customer. */
  org: string | null;
  orgName: string | null;
  /** The value of each dimension but the customer. */
  keys: Partial<Record<Dimension, string | null>>;
  /** The sum of those that are not shown. */
  other: boolean;
}

export interface Series extends Group {
  /** One for each bucket. */
  values: (number | null)[];
  outlier?: OutlierPoints;
}

export interface OutlierPoints {
  lower: (number | null)[];
  upper: (number | null)[];
  mean: (number | null)[];
  severity: (number | null)[];
  violation: boolean[];
}

export interface Timed {
  /** Starts of the buckets, milliseconds. */
  starts: number[];
  /** The end of the last. */
  end: number;
  series: Series[];
}

export interface Bar extends Group {
  value: number | null;
  /** The same of an earlier time, where it is compared. */
  before: number | null;
}

export function columnOf(frame: Frame, name: string): Column | undefined {
  return frame.columns.find((column) => column.name === name);
}

export function rowCount(frame: Frame | null | undefined): number {
  return frame?.columns[0]?.values.length ?? 0;
}

/** The column a panel's numbers stand in: the first of numbers. */
export function valueColumn(frame: Frame): Column | undefined {
  return frame.columns.find((column) => column.type === "number");
}

const numberAt = (column: Column | undefined, at: number): number | null => {
  const value = column?.values[at];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
};
const textAt = (column: Column | undefined, at: number): string | null => {
  const value = column?.values[at];
  return value === null || value === undefined ? null : String(value);
};

export const UNKNOWN = "(unknown)";
const OTHER = "Other";

const WORDED: Partial<Record<Dimension, Record<string, string>>> = { status: STATUS, priority: PRIORITY, tier: TIER };

/** A value of the servers' vocabulary as people read it. */
export function wordOf(dim: string, value: string): string {
  return WORDED[dim as Dimension]?.[value] ?? value;
}

/** Reads what a row is told apart by. */
function grouper(panel: PanelDef, frame: Frame): (at: number) => Group {
  const dims = (panel.group_by ?? []).filter((dim) => dim !== "org");
  const columns = dims.map((dim) => [dim, columnOf(frame, dim)] as const);
  const byOrg = panel.group_by?.includes("org") === true;
  const [id, name] = [columnOf(frame, "org_id"), columnOf(frame, "org_name")];
  const summed = (frame.groups ?? 0) > SERIES;
  return (at) => {
    const orgName = byOrg ? textAt(name, at) : null;
    const org = byOrg ? textAt(id, at) : null;
    const keys = Object.fromEntries(columns.map(([dim, column]) => [dim, textAt(column, at)]));
    const parts = [...(byOrg ? [orgName ?? UNKNOWN] : []), ...dims.map((dim) => wordOf(dim, keys[dim] ?? UNKNOWN))];
    const other = parts[0] === OTHER && (byOrg ? org === null : summed);
    return { key: JSON.stringify([org, ...parts]), name: other ? OTHER : parts.join(" · "), org, orgName, keys, other };
  };
}

/** A frame told apart by time, series by series in the order they come. */
export function timed(panel: PanelDef, frame: Frame): Timed {
  const time = columnOf(frame, "time");
  const values = valueColumn(frame);
  const texts = frame.buckets?.length ? frame.buckets : distinct(time);
  const starts = texts.map((text) => Date.parse(text));
  const outliers = values ? outlierColumns(frame, values.name) : null;
  const bucketOf = buckets(texts, starts);
  const seriesOf = collect(panel, frame, () => ({
    values: new Array<number | null>(starts.length).fill(null),
    ...(outliers ? { outlier: emptyPoints(starts.length) } : {}),
  }));
  for (let at = 0; at < rowCount(frame); at += 1) {
    const bucket = bucketOf(time?.values[at]);
    if (bucket === undefined) continue;
    const series = seriesOf.at(at);
    series.values[bucket] = numberAt(values, at);
    if (outliers && series.outlier) readPoint(outliers, at, series.outlier, bucket);
  }
  return { starts, end: endOf(starts, frame), series: [...seriesOf.all.values()] };
}

/** Where the last bucket ends: as wide as the one before, but not beyond the range. */
function endOf(starts: readonly number[], frame: Frame): number {
  const last = starts.at(-1) ?? 0;
  const width = starts.length > 1 ? last - (starts.at(-2) ?? last) : Number.POSITIVE_INFINITY;
  const to = Date.parse(frame.range?.to ?? "");
  const end = Math.min(last + width, Number.isNaN(to) ? Number.POSITIVE_INFINITY : to);
  return Number.isFinite(end) ? Math.max(end, last) : last;
}

/** The bucket of a time as it is written; the same instant may be written in another way. */
function buckets(texts: readonly string[], starts: readonly number[]): (time: Value | undefined) => number | undefined {
  const written = new Map(texts.map((text, index) => [text, index]));
  const instants = new Map(starts.map((start, index) => [start, index]));
  return (time) => {
    if (typeof time !== "string") return undefined;
    return written.get(time) ?? instants.get(Date.parse(time));
  };
}

/** The series of a row. Rows of one series follow each other: the texts of a row are looked at only where they change. */
function collect(panel: PanelDef, frame: Frame, empty: () => Pick<Series, "values" | "outlier">) {
  const names = [...(panel.group_by?.includes("org") ? ["org_id", "org_name"] : []), ...(panel.group_by ?? [])];
  const columns = names.map((name) => columnOf(frame, name)?.values).filter((values) => values !== undefined);
  const group = grouper(panel, frame);
  const all = new Map<string, Series>();
  let last: Series | null = null;
  let before = -1;
  const at = (row: number): Series => {
    if (last && columns.every((values) => values[row] === values[before])) return last;
    const one = group(row);
    const series = all.get(one.key) ?? { ...one, ...empty() };
    all.set(one.key, series);
    last = series;
    before = row;
    return series;
  };
  return { all, at };
}

function distinct(column: Column | undefined): string[] {
  return [...new Set((column?.values ?? []).filter((value) => typeof value === "string"))].sort();
}

function outlierColumns(frame: Frame, value: string) {
  const column = (suffix: string) => columnOf(frame, `${value}_${suffix}`);
  const violation = column("violation");
  return violation
    ? { violation, lower: column("lower"), upper: column("upper"), mean: column("mean"), severity: column("severity") }
    : null;
}

function emptyPoints(length: number): OutlierPoints {
  const nulls = () => new Array<number | null>(length).fill(null);
  return {
    lower: nulls(),
    upper: nulls(),
    mean: nulls(),
    severity: nulls(),
    violation: new Array<boolean>(length).fill(false),
  };
}

function readPoint(
  columns: NonNullable<ReturnType<typeof outlierColumns>>,
  at: number,
  into: OutlierPoints,
  bucket: number,
) {
  into.lower[bucket] = numberAt(columns.lower, at);
  into.upper[bucket] = numberAt(columns.upper, at);
  into.mean[bucket] = numberAt(columns.mean, at);
  into.severity[bucket] = numberAt(columns.severity, at);
  into.violation[bucket] = columns.violation.values[at] === true;
}

/** A frame of groups without time, in its order. */
export function bars(panel: PanelDef, frame: Frame): Bar[] {
  const values = valueColumn(frame);
  const before = values ? frame.columns.find((column) => column.name.startsWith(`${values.name}_`)) : undefined;
  const compared = panel.after && "compare" in panel.after ? before : undefined;
  const group = grouper(panel, frame);
  return Array.from({ length: rowCount(frame) }, (_, at) => ({
    ...group(at),
    value: numberAt(values, at),
    before: numberAt(compared, at),
  }));
}

/** Those shown, and the sum of the others as one, for numbers that add up. */
export function capped(all: readonly Bar[], most: number): Bar[] {
  if (all.length <= most + 1) return [...all];
  const rest = all.slice(most);
  const sum = rest.reduce((total, { value }) => total + (value ?? 0), 0);
  const group = { key: "other", name: `Other (${rest.length})`, org: null, orgName: null, keys: {}, other: true };
  return [...all.slice(0, most), { ...group, value: sum, before: null }];
}

/** The number of a single value, and what stands beside it. */
export function single(frame: Frame): {
  value: number | null;
  median: number | null;
  p90: number | null;
  count: number | null;
} {
  return {
    value: numberAt(valueColumn(frame), 0),
    median: numberAt(columnOf(frame, "median_seconds"), 0),
    p90: numberAt(columnOf(frame, "p90_seconds"), 0),
    count: numberAt(columnOf(frame, "count"), 0),
  };
}

/** The sum of all series in each bucket. */
export function totals({ starts, series }: Timed): number[] {
  return starts.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
}

/** Nothing to see: no rows, or only zeros and nothing. */
export function isEmpty(panel: PanelDef, frame: Frame): boolean {
  if (panel.chart === "single") return false;
  if (rowCount(frame) === 0) return true;
  if (panel.chart === "table") return false;
  const values = valueColumn(frame)?.values ?? [];
  return values.every((value) => value === null || value === 0);
}

/** One row as a record, for what is done with it. */
export function rowOf(frame: Frame, at: number): Record<string, Value> {
  return Object.fromEntries(frame.columns.map(({ name, values }) => [name, values[at] ?? null]));
}

/** Read before the rest, behind the name of what it is about. */
const FIRST = ["time", "org_name", "resource", "open", "since"];

/** The columns people read, what matters most first: ids stand behind names. */
export function shownColumns(frame: Frame): Column[] {
  const rows = frame.columns.some(({ name }) => name === "resource" || name === "raw" || name === "entity");
  const hidden = new Set(rows ? ["org_id", "id", "resource_id", "collector_id"] : ["org_id"]);
  // Who has seen a silence stands beside the button that says so.
  if (columnOf(frame, "cadence_seconds")) for (const name of ["acknowledged_by", "acknowledged"]) hidden.add(name);
  const shown = frame.columns.filter(({ name }) => !hidden.has(name));
  if (!frame.columns.some(({ name }) => name === "since")) return shown;
  const first = FIRST.flatMap((name) => shown.filter((column) => column.name === name));
  return [...first, ...shown.filter((column) => !first.includes(column))];
}

/** All of a frame as lines of a file. */
export function frameRows(frame: Frame): [string[], Value[][]] {
  const rows = Array.from({ length: rowCount(frame) }, (_, at) =>
    frame.columns.map(({ values }) => values[at] ?? null),
  );
  return [frame.columns.map(({ name }) => name), rows];
}
