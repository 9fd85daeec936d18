import { expect, test } from "vitest";
import type { Customer, LatencyBucket } from "../../src/api/types";
import { healthWords, latencyOf, latencyWords } from "../../src/lib/health";

const now = Date.parse("2026-11-22T12:00:00Z");
const bucket = (minutesAgo: number, change: Partial<LatencyBucket> = {}): LatencyBucket => ({
  time: new Date(now - minutesAgo * 60_000).toISOString(),
  answered: 10,
  missed: 0,
  median_us: 4000,
  most_us: 9000,
  ...change,
});

test("a mark says state, since when, the cause in words and what was seen", () => {
  const customer = { health: "down", health_since: null, health_cause: "UNREACHABLE", health_detail: "no route" };
  expect(healthWords(customer as Customer)).toBe("Down: Nothing comes back from its address (no route)");
  expect(healthWords({ health: "up", health_since: null } as Customer)).toBe("Up");
  expect(healthWords({ ...customer, health_cause: null } as Customer)).toBe("Down: no route");
});

test("a day of answers runs from left to right, the slowest at the top", () => {
  const { runs, most } = latencyOf([bucket(1440), bucket(5, { median_us: 8000 })], now, 288, 100);
  expect(most).toBe(8000);
  expect(runs.map((run) => run.map(({ x, y }) => [Math.round(x * 10) / 10, y]))).toEqual([[[0.5, 50]], [[287.5, 0]]]);
});

test("buckets that follow each other are one line, and a gap is none", () => {
  const { runs } = latencyOf([bucket(30), bucket(25), bucket(10), bucket(5)], now, 288, 100);
  expect(runs.map((run) => run.length)).toEqual([2, 2]);
});

test("a bucket in which nothing was answered is a miss and no point", () => {
  const { runs, misses } = latencyOf(
    [bucket(10, { answered: 0, missed: 4, median_us: null }), bucket(5, { answered: 3, missed: 1 })],
    now,
    288,
    100,
  );
  expect(misses.map(({ part }) => part)).toEqual([1, 0.25]);
  expect(runs.flat()).toHaveLength(1);
});

test("the drawing has its words", () => {
  expect(latencyWords([])).toBe("Nothing was asked in the last 24 hours");
  expect(latencyWords([bucket(10), bucket(5, { missed: 2, median_us: 6000, most_us: 20_000 })])).toBe(
    "Last 24 hours: 20 commands answered, 2 missed, most within 6.0 ms, the slowest 20.0 ms",
  );
});
