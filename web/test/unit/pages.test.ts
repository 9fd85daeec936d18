import { expect, test } from "vitest";
import { compareRows, joinPages } from "../../src/lib/queue-search";
import { row } from "./rows";

const at = (rrn: string, priority: "HIGH" | "LOW", minute: number) =>
  row({ rrn, priority, created_time: `2026-11-22T10:${String(minute).padStart(2, "0")}:00Z` });

test("rows stand by priority, then newest, then rrn", () => {
  const rows = [at("d", "LOW", 9), at("b", "HIGH", 1), at("c", "HIGH", 1), at("a", "HIGH", 5)];
  expect(rows.sort((a, b) => compareRows("-priority", a, b)).map((r) => r.rrn)).toEqual(["a", "b", "c", "d"]);
  expect(rows.sort((a, b) => compareRows("created_time", a, b)).map((r) => r.rrn)).toEqual(["b", "c", "a", "d"]);
});

test("older pages follow the live one without doubles", () => {
  const live = [at("a", "HIGH", 9), at("b", "HIGH", 8)];
  const below = [at("b", "HIGH", 8), at("c", "LOW", 7)];
  expect(joinPages("-priority", live, below).map((r) => r.rrn)).toEqual(["a", "b", "c"]);
});

test("a row pushed out of the live page by a newer one stays in the list", () => {
  const before = [at("a", "HIGH", 9), at("b", "HIGH", 8)];
  const live = [at("new", "HIGH", 10), at("a", "HIGH", 9)];
  expect(joinPages("-priority", live, [at("c", "LOW", 7), ...before]).map((r) => r.rrn)).toEqual([
    "new",
    "a",
    "b",
    "c",
  ]);
});

test("a row that left the live page without being pushed out is gone", () => {
  const live = [at("a", "HIGH", 9), at("c", "HIGH", 7)];
  expect(joinPages("-priority", live, [at("b", "HIGH", 8)]).map((r) => r.rrn)).toEqual(["a", "c"]);
});
