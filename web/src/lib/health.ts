/** How a customer's health reads: cause and state in words, and the line of its latency. */
import type { Customer, Direction, HealthCause, LatencyBucket } from "../api/types";
import { fullTime, micros, plural } from "./format";
import { HEALTH } from "./words";

export const CAUSE: Record<HealthCause, string> = {
  ADDRESS_NOT_FOUND: "The server name is not known",
  CONNECTION_REFUSED: "The machine answers, and nobody listens there",
  UNREACHABLE: "Nothing comes back from its address",
  TIMEOUT: "It does not answer in time",
  TLS_FAILED: "The secure connection fails",
  WRONG_SERVER: "Something else than a node answers",
  WRONG_NODE: "Another node answers",
  NODE_ERROR: "It answers with an error of its own",
  NOT_CONNECTED: "It dials this console, and is not connected",
  VERSION: "Its version is too far from this console’s",
  NOT_ENROLLED: "The workspace refuses this console",
  SYNC_FAILED: "It answers, and its last sync failed",
  COMPONENT: "A part of it does not work as it should",
  SLOW: "It usually takes more than a second to answer",
};

export const DIRECTION: Record<Direction, string> = {
  CONSOLE_TO_NODE: "Console to node",
  NODE_TO_CONSOLE: "Node to console",
};

/** `Down since 22 Nov 2026 01:23:45: Nothing comes back from its address (no route to host)`. */
export function healthWords({ health, health_since, health_cause, health_detail }: Customer): string {
  const since = health_since ? ` since ${fullTime(health_since)}` : "";
  const cause = health_cause ? CAUSE[health_cause] : null;
  const why = cause && health_detail ? `${cause} (${health_detail})` : (cause ?? health_detail);
  return `${HEALTH[health]}${since}${why ? `: ${why}` : ""}`;
}

const DAY_MS = 86_400_000;
const BUCKET_MS = 300_000;

/** One day of answers, drawn. */
export interface Latency {
  /** Medians as runs of points that follow each other, so that a gap is no line. */
  runs: { x: number; y: number }[][];
  /** Where commands were not answered, and how much of the bucket that is, 0 to 1. */
  misses: { x: number; part: number }[];
  /** The slowest median, microseconds: the top of the drawing. */
  most: number;
}

/** Places buckets in a drawing of this size: the day that ends at `now` from left to right, the slowest at the top. */
export function latencyOf(buckets: readonly LatencyBucket[], now: number, width: number, height: number): Latency {
  const most = Math.max(1, ...buckets.map((b) => b.median_us ?? 0));
  const place = (time: number) => ((time + BUCKET_MS / 2 - (now - DAY_MS)) / DAY_MS) * width;
  const runs: Latency["runs"] = [];
  const misses: Latency["misses"] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { time, answered, missed, median_us } of buckets) {
    const at = Date.parse(time);
    const x = Math.min(width, Math.max(0, place(at)));
    if (missed > 0) misses.push({ x, part: missed / (answered + missed) });
    if (typeof median_us !== "number") continue;
    const point = { x, y: height - (median_us / most) * height };
    if (at - last > BUCKET_MS * 1.5) runs.push([point]);
    else runs.at(-1)?.push(point);
    last = at;
  }
  return { runs, misses, most };
}

/** The day in a sentence, for those who do not see the drawing. */
export function latencyWords(buckets: readonly LatencyBucket[]): string {
  const sum = (of: (bucket: LatencyBucket) => number) => buckets.reduce((all, bucket) => all + of(bucket), 0);
  const answered = sum((b) => b.answered);
  const missed = sum((b) => b.missed);
  if (answered + missed === 0) return "Nothing was asked in the last 24 hours";
  const medians = buckets.flatMap((b) => (typeof b.median_us === "number" ? [b.median_us] : [])).sort((a, b) => a - b);
  const middle = medians[Math.floor(medians.length / 2)];
  const most = Math.max(0, ...buckets.map((b) => b.most_us ?? 0));
  const took = middle === undefined ? "" : `, most within ${micros(middle)}, the slowest ${micros(most)}`;
  return `Last 24 hours: ${plural(answered, "command")} answered, ${missed} missed${took}`;
}
