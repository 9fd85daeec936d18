import { expect, test } from "vitest";
import type { MeterPage, Volume } from "../../src/api/types";
import { drawn, NONE, sourceTotals, volumeTotals, volumeWindow } from "../../src/lib/volume";

const row = (tier: string, value: string, bytes: number): Volume => ({
  bucket: "2026-11-22T07:00:00Z",
  tier,
  value,
  bytes,
  field_bytes: 0,
  events: 1,
});

test("what is fed to detection stands in its own column and is not counted twice", () => {
  const rows = [row("continuous", "a", 10), row("frequent", "a", 5), row("cse", "a", 10), row("continuous", "", 30)];
  const [none, a] = volumeTotals(rows);
  expect(none).toMatchObject({ value: NONE, bytes: 30, cse: 0 });
  expect(a).toMatchObject({ value: "a", bytes: 15, events: 2, continuous: 10, frequent: 5, cse: 10 });
  expect(drawn(rows, "all")).toHaveLength(3);
  expect(drawn(rows, "cse")).toHaveLength(1);
});

test("a source is whole when every event is accounted for, and drops name their cause", () => {
  const meter = { bucket: "2026-11-22T07:00:00Z", bytes: 1 };
  const page = {
    data: [
      { ...meter, source: "s1", name: "old", received: 5, stored: 3, failed: 1, dropped: 1 },
      { ...meter, source: "s1", name: "new", received: 2, stored: 2, failed: 0, dropped: 0 },
      { ...meter, source: "s2", name: "b", received: 9, stored: 8, failed: 0, dropped: 0 },
    ],
    drops: [
      { source: "s1", cause: "QUEUE_FULL", events: 1, bytes: 0 },
      { source: "s1", cause: "THROTTLED", events: 4, bytes: 0 },
    ],
    truncated: false,
  } as MeterPage;
  const [b, renamed] = sourceTotals(page);
  expect(b).toMatchObject({ name: "b", whole: false });
  expect(renamed).toMatchObject({ name: "new", received: 7, dropped: 1, whole: true });
  expect(renamed?.causes.map((c) => c.cause)).toEqual(["THROTTLED", "QUEUE_FULL"]);
});

test("a window begins where a bucket begins", () => {
  const now = Date.parse("2026-11-22T07:07:07Z");
  for (const range of ["6h", "24h", "7d", "30d"] as const) {
    const { from, grain, to } = volumeWindow(range, now);
    expect(from % (grain * 1000)).toBe(0);
    expect(to).toBe(now);
  }
});
