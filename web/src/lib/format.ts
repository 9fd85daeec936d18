/** How numbers and times read. Times are shown in the viewer's zone; the full UTC time is in the tooltip. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago: `12s`, `4m`, `1h 4m`, `14h`, `3d 2h`, `48d`; two units below ten of the first. A time to come counts as now. */
export function age(from: string, now: number): string {
  const span = Math.max(0, now - Date.parse(from));
  if (Number.isNaN(span)) return "–";
  if (span < MINUTE) return `${Math.floor(span / SECOND)}s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)}m`;
  if (span >= 10 * HOUR && span < DAY) return `${Math.floor(span / HOUR)}h`;
  if (span < DAY) return two(Math.floor(span / HOUR), "h", Math.floor((span % HOUR) / MINUTE), "m");
  if (span < 10 * DAY) return two(Math.floor(span / DAY), "d", Math.floor((span % DAY) / HOUR), "h");
  return `${Math.floor(span / DAY)}d`;
}

/** How long ago for what is known by the hour only: `this hour`, `3h`, `2d`. */
export function ageOfHour(hour: string, now: number): string {
  const hours = Math.max(0, Math.floor((now - Date.parse(hour)) / HOUR));
  if (Number.isNaN(hours)) return "–";
  if (hours === 0) return "this hour";
  return hours < 24 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

function two(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit} ${small}${smallUnit}`;
}

const dateTime = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const minuteTime = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** `22 Nov 2026 01:23:45`. */
export function fullTime(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : dateTime.format(time).replace(",", "");
}

/** `22 Nov 01:23`. */
export function shortTime(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : minuteTime.format(time).replace(",", "");
}

/** `2026-11-22 01:23:45.678 UTC`, for tooltips and copying. */
export function utcTime(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : `${new Date(time).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** The zone times are shown in, such as `GMT+1` or `UTC`. */
export function zoneName(): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts();
  return parts.find((p) => p.type === "timeZoneName")?.value ?? "local time";
}

const whole = new Intl.NumberFormat("en-GB");

/** `12,345`. */
export function count(n: number): string {
  return whole.format(n);
}

/** `1 customer`, `3 customers`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `812 B`, `4.2 KiB`, `31 MiB`. */
export function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Microseconds as `0`, `412 µs`, `12.4 ms`, `3.1 s`, `2.5 min`. */
export function micros(n: number): string {
  if (n < 1000) return n === 0 ? "0" : `${Math.round(n)} µs`;
  if (n < 1_000_000) return `${(n / 1000).toFixed(1)} ms`;
  return n < 60_000_000 ? `${(n / 1_000_000).toFixed(1)} s` : `${(n / 60_000_000).toFixed(1)} min`;
}

/** Any JSON value as one line of text. */
export function jsonText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A JSON object as sorted `a.b.c → text` rows; objects are walked, lists stay whole. Bounded. */
export function flatten(value: unknown, limit = 500): [string, string][] {
  const rows: [string, string][] = [];
  const walk = (node: unknown, path: string, depth: number) => {
    if (rows.length >= limit) return;
    const nested = typeof node === "object" && node !== null && !Array.isArray(node) && depth < 12;
    if (!nested || Object.keys(node).length === 0) {
      if (path !== "") rows.push([path, jsonText(node)]);
      return;
    }
    for (const [key, child] of Object.entries(node)) walk(child, path === "" ? key : `${path}.${key}`, depth + 1);
  };
  walk(value, "", 0);
  return rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The bytes of a fingerprint, as they are read out one by one. */
export function pairs(hex: string): string[] {
  return hex.match(/../g) ?? [];
}
