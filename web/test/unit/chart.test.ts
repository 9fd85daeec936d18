import { expect, test } from "vitest";
import { bucketsOf, MOST_SERIES, OTHER, stack, tickLabel, timeTicks, valueTicks } from "../../src/lib/chart";

const HOUR = 3_600_000;

test.each([
  [0, 3, false, [0, 1]],
  [1, 3, false, [0, 1]],
  [7, 3, false, [0, 5, 10]],
  [1000, 3, false, [0, 500, 1000]],
  [2001, 4, false, [0, 1000, 2000, 3000]],
  [1_700_000, 3, true, [0, 1 << 20, 2 << 20]],
  [5, 3, true, [0, 2, 4, 6]],
])("ticks up to %s in at most %s steps (binary: %s)", (max, most, binary, ticks) => {
  expect(valueTicks(max, most, binary)).toEqual(ticks);
});

test("ticks always reach the highest value and never are many", () => {
  for (const binary of [true, false]) {
    for (let max = 1; max < 1e13; max = Math.ceil(max * 1.37)) {
      const ticks = valueTicks(max, 3, binary);
      expect(ticks.at(-1), `${max}`).toBeGreaterThanOrEqual(max);
      expect(ticks.length, `${max}`).toBeLessThanOrEqual(5);
      expect(new Set(ticks).size).toBe(ticks.length);
    }
  }
});

test("ticks of time are round, inside the window and few", () => {
  const from = new Date(2026, 10, 22, 7, 41).getTime();
  const ticks = timeTicks(from, from + 6 * HOUR, 7);
  expect(ticks.length).toBeGreaterThan(2);
  expect(ticks.length).toBeLessThanOrEqual(7);
  for (const tick of ticks) {
    expect(new Date(tick).getMinutes()).toBe(0);
    expect(tick).toBeGreaterThanOrEqual(from);
  }
  expect(tickLabel(new Date(2026, 10, 22, 9, 0).getTime(), 6 * HOUR)).toBe("09:00");
  expect(tickLabel(new Date(2026, 10, 22, 0, 0).getTime(), 24 * HOUR)).toBe("22 Nov");
});

test("every bucket of the window is there, the empty ones too, and none twice over a change of the clock", () => {
  expect(bucketsOf(0, 3 * HOUR, HOUR)).toEqual([0, HOUR, 2 * HOUR]);
  const days = bucketsOf(new Date(2026, 2, 1, 5).getTime(), new Date(2026, 10, 30, 5).getTime(), 24 * HOUR);
  expect(new Set(days).size).toBe(days.length);
  expect(days.every((day) => new Date(day).getHours() === 0)).toBe(true);
  expect(days.length).toBe(275);
});

test("a stack keeps the largest and sums up the rest", () => {
  const rows = Array.from({ length: 12 }, (_, i) => ({ time: HOUR, name: `s${i}`, value: 100 - i }));
  const { starts, series } = stack([...rows, { time: 99 * HOUR, name: "outside", value: 1e9 }], {
    from: 0,
    to: 2 * HOUR,
    widthMs: HOUR,
  });
  expect(starts).toEqual([0, HOUR]);
  expect(series).toHaveLength(MOST_SERIES);
  expect(series[0]).toEqual({ name: "s0", values: [0, 100] });
  expect(series.at(-1)?.name).toBe(OTHER);
  const sum = series.reduce((all, { values }) => all + values.reduce((a, b) => a + b, 0), 0);
  expect(sum).toBe(rows.reduce((all, row) => all + row.value, 0));
});
