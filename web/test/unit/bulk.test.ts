import { expect, test } from "vitest";
import type { BulkResult } from "../../src/api/queue-types";
import {
  EMPTY,
  OUTCOME,
  retryable,
  saidSet,
  selectOf,
  setOf,
  tally,
  unchangedGroups,
} from "../../src/console/queue/bulk/plan";
import { remaining } from "../../src/console/queue/bulk/undo";
import { arrivals, stamp } from "../../src/console/queue/marks";
import { between } from "../../src/console/queue/selection";
import { initials } from "../../src/lib/people";
import { row, scope } from "./rows";

const result = (change: Partial<BulkResult>): BulkResult => ({
  id: "b1",
  preview: false,
  matched: 3,
  customers: [],
  changed: 0,
  unchanged: 0,
  failed: 0,
  items: [],
  scope: scope(),
  ...change,
});

test("rows are named with the versions that were seen, a filter without its order and its page", () => {
  expect(selectOf({ rows: [row({ rrn: "a", version: 7 })] })).toEqual({ items: [{ rrn: "a", version: 7 }] });
  expect(selectOf({ filter: { statuses: ["OPEN"], sort: "title", limit: 200, cursor: "x" } })).toEqual({
    filter: { statuses: ["OPEN"] },
  });
});

test("closing demands a disposition, by either way", () => {
  expect(setOf("close", EMPTY)).toBeNull();
  expect(setOf("status", { ...EMPTY, status: "CLOSED" })).toBeNull();
  expect(setOf("status", { ...EMPTY, status: "WAITING" })).toEqual({ status: "WAITING" });
  expect(setOf("close", { ...EMPTY, disposition: "BENIGN", comment: " why " })).toEqual({
    status: "CLOSED",
    disposition: "BENIGN",
    comment: { body: "why", visibility: "INTERNAL" },
  });
});

test("nobody is a choice, no choice is none", () => {
  expect(setOf("assign", EMPTY)).toBeNull();
  expect(setOf("assign", { ...EMPTY, assignee: null })).toEqual({ assignee: null });
  expect(setOf("tag", { ...EMPTY, addTags: " vip, ,vip ,x" })).toEqual({ add_tags: ["vip", "x"] });
  expect(setOf("comment", { ...EMPTY, comment: "  " })).toBeNull();
});

test("what did not change is said by its reason, and tried again where that can help", () => {
  const done = result({
    changed: 1,
    unchanged: 1,
    failed: 2,
    items: [
      { rrn: "a", outcome: "CHANGED" },
      { rrn: "b", outcome: "UNCHANGED" },
      { rrn: "c", outcome: "CONFLICT", version: 9 },
      { rrn: "d", outcome: "FORBIDDEN", message: "you are a viewer there" },
      { rrn: "e", outcome: "FAILED" },
    ],
  });
  expect(tally(done)).toBe("1 changed, 1 was so already, 2 not changed");
  expect(unchangedGroups(done.items, OUTCOME).map((g) => g.why)).toContain("you are a viewer there");
  expect(retryable(done, new Map([["e", row({ rrn: "e", version: 4 })]]))).toEqual([
    { rrn: "c", version: 9 },
    { rrn: "e", version: 4 },
  ]);
});

test("what can be taken back says what it was and how long", () => {
  expect(saidSet({ status: "CLOSED", disposition: "BENIGN" })).toBe("status Closed, disposition Benign");
  expect(saidSet({ assignee: null, add_tags: ["x"] })).toBe("unassigned, tagged x");
  const now = Date.parse("2026-11-22T10:00:00Z");
  expect(remaining("2026-11-22T10:09:05Z", now)).toBe("9:05");
  expect(remaining("2026-11-22T09:59:59Z", now)).toBe("");
});

test("a range is every row between two, whichever stands first", () => {
  const rows = ["a", "b", "c", "d"].map((rrn) => row({ rrn }));
  expect(between(rows, "d", "b").map(([rrn]) => rrn)).toEqual(["b", "c", "d"]);
  expect(between(rows, "gone", "b").map(([rrn]) => rrn)).toEqual(["b"]);
  expect(between(rows, "a", "gone")).toEqual([]);
});

test("rows that came or changed are marked, others are not", () => {
  const old = row({ rrn: "a" });
  const seen = new Map([
    ["a", stamp(old)],
    ["b", stamp(row({ rrn: "b" }))],
  ]);
  const marks = arrivals(seen, [old, row({ rrn: "b", version: 2 }), row({ rrn: "c" })]);
  expect([...marks]).toEqual([
    ["b", "changed"],
    ["c", "new"],
  ]);
});

test("people have initials", () => {
  expect(initials({ email: "dan@x.example", name: "" })).toBe("D");
  expect(initials({ email: "x", name: "Ada King Lovelace" })).toBe("AL");
});
