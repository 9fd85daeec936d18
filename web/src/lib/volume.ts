import type * as T from "../api/types";

export const VOLUME_RANGES = ["6h", "24h", "7d", "30d"] as const;
export type VolumeRange = (typeof VOLUME_RANGES)[number];
export const VOLUME_RANGE_WORDS: Record<VolumeRange, string> = {
  "6h": "Last 6 hours",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};

const HOUR = 3_600_000;
const SPAN: Record<VolumeRange, number> = { "6h": 6 * HOUR, "24h": 24 * HOUR, "7d": 168 * HOUR, "30d": 720 * HOUR };
/** The meters' grain in seconds, and how wide a bar is: 72 to 168 bars, or days. */
const GRAIN: Record<VolumeRange, number> = { "6h": 300, "24h": 900, "7d": 3600, "30d": 3600 };

export interface VolumeWindow {
  from: number;
  to: number;
  widthMs: number;
  grain: number;
}

/** The window that ends now, beginning where a bucket begins. */
export function volumeWindow(range: VolumeRange, now: number): VolumeWindow {
  const grain = GRAIN[range];
  const widthMs = range === "30d" ? 24 * HOUR : grain * 1000;
  const from = Math.floor((now - SPAN[range]) / (grain * 1000)) * grain * 1000;
  return { from, to: now, widthMs, grain };
}

/** What nothing is known about. */
export const NONE = "(none)";

/** Of volumes, the rows to draw: one tier, or all three. `cse` counts what stands in the others again. */
export function drawn(rows: readonly T.Volume[], tier: T.Tier | "cse" | "all"): T.Volume[] {
  return rows.filter((row) => (tier === "all" ? row.tier !== "cse" : row.tier === tier));
}

export interface VolumeTotal {
  value: string;
  bytes: number;
  events: number;
  continuous: number;
  frequent: number;
  infrequent: number;
  /** Bytes of these that are fed to detection. */
  cse: number;
}

/** Bytes by value and tier, the most first. */
export function volumeTotals(rows: readonly T.Volume[]): VolumeTotal[] {
  const totals = new Map<string, VolumeTotal>();
  for (const row of rows) {
    const name = row.value === "" ? NONE : row.value;
    const total = totals.get(name) ?? {
      value: name,
      bytes: 0,
      events: 0,
      continuous: 0,
      frequent: 0,
      infrequent: 0,
      cse: 0,
    };
    if (row.tier === "cse") {
      total.cse += row.bytes;
    } else {
      total.bytes += row.bytes;
      total.events += row.events;
      if (row.tier === "continuous" || row.tier === "frequent" || row.tier === "infrequent") {
        total[row.tier] += row.bytes;
      }
    }
    totals.set(name, total);
  }
  return [...totals.values()].sort((a, b) => b.bytes - a.bytes || a.value.localeCompare(b.value));
}

export interface SourceTotal {
  source: string;
  name: string;
  received: number;
  stored: number;
  failed: number;
  dropped: number;
  bytes: number;
  /** Events dropped, by cause, the most first. */
  causes: { cause: T.DropCause; events: number }[];
  /** Whether every event is accounted for. */
  whole: boolean;
}

/** What each source brought in a window and what became of it, the most first. */
export function sourceTotals(page: T.MeterPage): SourceTotal[] {
  const totals = new Map<string, SourceTotal>();
  const of = (source: string, name: string) => {
    const known = totals.get(source);
    if (known) return known;
    const made = { source, name, received: 0, stored: 0, failed: 0, dropped: 0, bytes: 0, causes: [], whole: true };
    totals.set(source, made);
    return made;
  };
  for (const row of page.data) {
    const total = of(row.source, row.name);
    total.name = row.name;
    for (const field of ["received", "stored", "failed", "dropped", "bytes"] as const) total[field] += row[field];
  }
  for (const drop of page.drops) of(drop.source, drop.source).causes.push({ cause: drop.cause, events: drop.events });
  const all = [...totals.values()];
  for (const total of all) {
    total.whole = total.received === total.stored + total.failed + total.dropped;
    total.causes.sort((a, b) => b.events - a.events);
  }
  return all.sort((a, b) => b.received - a.received || a.name.localeCompare(b.name));
}

export const DROP_CAUSE: Record<T.DropCause, string> = {
  QUEUE_FULL: "the queue was full",
  THROTTLED: "over the licensed volume",
  NODE_STOPPED: "the node was stopping",
};
