/** The window of a log search: a span that ends now, two fixed times, or all of time. */
import { oneOf, text } from "./search";

export const SPANS = ["15m", "1h", "24h", "7d", "30d"] as const;
export type Span = (typeof SPANS)[number];
export type Range = Span | "all" | "custom";
export const RANGES: readonly Range[] = ["all", ...SPANS, "custom"];

export const RANGE_WORDS: Record<Range, string> = {
  all: "Any time",
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  custom: "Between two times",
};

const MS: Record<Span, number> = {
  "15m": 900_000,
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 604_800_000,
  "30d": 2_592_000_000,
};

export interface RangeState {
  range: Range;
  /** RFC 3339, for `custom` only. */
  from?: string;
  to?: string;
}

/** What the URL says of the window. A custom one without any time is all of time. */
export function parseRange(raw: Record<string, unknown>): RangeState {
  const range = oneOf(raw.range, RANGES) ?? "all";
  if (range !== "custom") return { range };
  const from = instant(text(raw.from));
  const to = instant(text(raw.to));
  return from || to ? { range, from, to } : { range: "all" };
}

/** The window, and whether the question is SQL. */
export function parseLogs(raw: Record<string, unknown>): RangeState & { view?: "sql" } {
  return raw.view === "sql" ? { ...parseRange(raw), view: "sql" } : parseRange(raw);
}

function instant(time: string | undefined): string | undefined {
  return time !== undefined && !Number.isNaN(Date.parse(time)) ? new Date(time).toISOString() : undefined;
}

/** The window as the API wants it. */
export function windowOf(state: RangeState, now: number): { from?: string; to?: string } {
  if (state.range === "all") return {};
  if (state.range === "custom") return { from: state.from, to: state.to };
  return { from: new Date(now - MS[state.range]).toISOString() };
}

/** RFC 3339 to what a datetime-local input holds, in the viewer's zone. */
export function toLocalInput(time: string | undefined): string {
  if (!time) return "";
  const date = new Date(time);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

/** The other way round; undefined when it is empty or no time. */
export function fromLocalInput(value: string): string | undefined {
  return value ? instant(value) : undefined;
}
