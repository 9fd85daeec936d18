/** Axes and stacks of the charts, without any drawing. */

/** Round values from 0 up to at least `max`, at most `most` steps; of bytes in powers of 1024. */
export function valueTicks(max: number, most: number, binary: boolean): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const decimal = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  // Events and bytes come whole.
  const step = Math.max(1, Math.ceil(binary ? 2 ** Math.ceil(Math.log2(rough)) : decimal));
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, i) => i * step);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  1000,
  5000,
  15_000,
  30_000,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  90 * DAY,
  365 * DAY,
];

/** Round moments of the viewer's zone between two times, about `most` of them. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const step = STEPS.find((each) => (to - from) / each <= most) ?? 365 * DAY;
  const shift = new Date(from).getTimezoneOffset() * MINUTE;
  const ticks: number[] = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) ticks.push(at);
  return ticks;
}

/** What stands below a tick: a time of day, or a day where days matter. */
export function tickLabel(time: number, spanMs: number): string {
  const date = new Date(time);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (spanMs > 3 * DAY || (midnight && spanMs > HOUR)) {
    return date.toLocaleDateString("en-GB", { day: "2-digit", month: "short" });
  }
  const seconds = spanMs < 10 * MINUTE ? ({ second: "2-digit" } as const) : {};
  return date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...seconds });
}

export interface Series {
  name: string;
  /** One for each bucket. */
  values: number[];
}

export interface Stack {
  /** Starts of the buckets, in milliseconds. */
  starts: number[];
  /** Largest first; what is beyond the eighth is summed up as the last. */
  series: Series[];
}

/** How many series a chart tells apart. */
export const MOST_SERIES = 8;
export const OTHER = "Other";

/** Where the bucket of a time begins: whole spans, or days of the viewer's zone. */
export function bucketStart(time: number, widthMs: number): number {
  if (widthMs < DAY) return Math.floor(time / widthMs) * widthMs;
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Every bucket of a window, the empty ones too. */
export function bucketsOf(from: number, to: number, widthMs: number): number[] {
  const starts: number[] = [];
  for (let at = bucketStart(from, widthMs); at < to; ) {
    starts.push(at);
    // A day of the viewer's zone may have 23 or 25 hours.
    at = widthMs < DAY ? at + widthMs : bucketStart(at + DAY + 2 * HOUR, widthMs);
  }
  return starts;
}

/** Sums values by bucket and name. */
export function stack(
  rows: readonly { time: number; name: string; value: number }[],
  window: { from: number; to: number; widthMs: number },
): Stack {
  const starts = bucketsOf(window.from, window.to, window.widthMs);
  const place = new Map(starts.map((start, index) => [start, index]));
  const sums = new Map<string, number[]>();
  for (const { time, name, value } of rows) {
    const at = place.get(bucketStart(time, window.widthMs));
    if (at === undefined) continue;
    const values = sums.get(name) ?? new Array<number>(starts.length).fill(0);
    values[at] = (values[at] ?? 0) + value;
    sums.set(name, values);
  }
  const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const all = [...sums].map(([name, values]) => ({ name, values }));
  all.sort((a, b) => total(b.values) - total(a.values) || a.name.localeCompare(b.name));
  if (all.length <= MOST_SERIES) return { starts, series: all };
  const kept = all.slice(0, MOST_SERIES - 1);
  const rest = all.slice(MOST_SERIES - 1);
  const other = starts.map((_, at) => rest.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  return { starts, series: [...kept, { name: OTHER, values: other }] };
}
