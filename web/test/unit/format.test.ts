import { expect, test } from "vitest";
import { age, ageOfHour, bytes, flatten, plural } from "../../src/lib/format";
import { attackTag, levelSeverity } from "../../src/lib/words";

const now = Date.parse("2026-11-22T12:00:00Z");
const before = (seconds: number) => new Date(now - seconds * 1000).toISOString();

test.each([
  [0, "0s"],
  [59, "59s"],
  [60, "1m"],
  [3599, "59m"],
  [3600, "1h"],
  [3660, "1h 1m"],
  [35_999, "9h 59m"],
  [86_399, "23h"],
  [90_000, "1d 1h"],
  [864_000, "10d"],
])("%i seconds ago reads %s", (seconds, text) => {
  expect(age(before(seconds), now)).toBe(text);
});

test("a clock that runs ahead counts as now, and a broken time as none", () => {
  expect(age(before(-30), now)).toBe("0s");
  expect(age("soon", now)).toBe("–");
});

test("sizes and counts", () => {
  expect([bytes(0), bytes(1023), bytes(1536), bytes(7_340_112_004)]).toEqual(["0 B", "1023 B", "1.5 KiB", "6.8 GiB"]);
  expect([plural(1, "customer"), plural(2000, "customer")]).toEqual(["1 customer", "2,000 customers"]);
});

test("fields are walked into rows; lists stay whole, empty objects are not lost, the number is bounded", () => {
  expect(flatten({ b: { c: 1, d: {} }, a: ["x", 2], "e.f": null })).toEqual([
    ["a", '["x",2]'],
    ["b.c", "1"],
    ["b.d", "{}"],
    ["e.f", "null"],
  ]);
  expect(flatten(Object.fromEntries(Array.from({ length: 9999 }, (_, i) => [`f${i}`, i])))).toHaveLength(500);
});

test("rule words", () => {
  expect([attackTag("attack.t1003.001"), attackTag("attack.credential-access")]).toEqual([
    "T1003.001",
    "credential access",
  ]);
  expect([levelSeverity("Critical"), levelSeverity("informational")]).toEqual(["critical", "info"]);
});

test.each([
  ["2026-11-22T12:00:00Z", "this hour"],
  ["2026-11-22T13:00:00Z", "this hour"],
  ["2026-11-22T10:00:00Z", "2h"],
  ["2026-11-20T10:00:00Z", "2d"],
  ["never", "–"],
])("what is known by the hour, %s, was %s", (hour, words) => {
  expect(ageOfHour(hour, Date.parse("2026-11-22T12:40:00Z"))).toBe(words);
});
