import { expect, test } from "vitest";
import { type QueueRow, type QueueSort, SORT_COLUMNS } from "../../src/api/queue-types";
import { COLUMNS, isShown, layoutOf, toggled } from "../../src/console/queue/columns";
import { nextSort } from "../../src/console/queue/head";
import { compareRows, parseSort } from "../../src/lib/queue-search";
import { row } from "./rows";

const order = (sort: QueueSort, rows: QueueRow[]) =>
  [...rows].sort((a, b) => compareRows(sort, a, b)).map((r) => r.rrn);

test("text is ordered by lowercase code points, whichever way its letters are stored", () => {
  const rows = ["b", "B2", "a", "Ä", "\u{1F600}", "\uFF21"].map((title) => row({ rrn: title, title }));
  expect(order("title", rows)).toEqual(["a", "b", "B2", "Ä", "\uFF21", "\u{1F600}"]);
  expect(order("-title", rows)).toEqual(["\u{1F600}", "\uFF21", "Ä", "B2", "b", "a"]);
});

test("what is absent comes last both ways", () => {
  const rows = [
    row({ rrn: "none", assignee: null }),
    row({ rrn: "b", assignee: { email: "b@x.example", name: "" } }),
    row({ rrn: "a", assignee: { email: "A@x.example", name: "" } }),
  ];
  expect(order("assignee", rows)).toEqual(["a", "b", "none"]);
  expect(order("-assignee", rows)).toEqual(["b", "a", "none"]);
  const closed = [row({ rrn: "open" }), row({ rrn: "closed", closed_time: "2026-11-22T10:00:00Z" })];
  expect(order("closed_time", closed)).toEqual(["closed", "open"]);
  expect(order("-closed_time", closed)).toEqual(["closed", "open"]);
});

test("among equals the newest comes first, then the rrn decides, to the microsecond", () => {
  const rows = [
    row({ rrn: "c", created_time: "2026-11-22T10:00:00.000001Z" }),
    row({ rrn: "a", created_time: "2026-11-22T10:00:00.000002Z" }),
    row({ rrn: "b", created_time: "2026-11-22T10:00:00.000001Z" }),
  ];
  expect(order("region", rows)).toEqual(["a", "b", "c"]);
  expect(order("-region", rows)).toEqual(["a", "b", "c"]);
  expect(order("created_time", rows)).toEqual(["b", "c", "a"]);
});

test("every column orders both ways without a fault", () => {
  for (const column of SORT_COLUMNS) {
    for (const sort of [column, `-${column}`] as const) {
      expect(order(sort, [row({ rrn: "a" }), row({ rrn: "b" })])).toEqual(sort === "-rrn" ? ["b", "a"] : ["a", "b"]);
      expect(parseSort(sort)).toBe(sort === "-priority" ? undefined : sort);
    }
  }
  expect(parseSort("sideways")).toBeUndefined();
});

test("a press on a head orders by it, another the other way round", () => {
  const [priority, title] = COLUMNS;
  expect(nextSort(title, "-priority")).toBe("title");
  expect(nextSort(title, "title")).toBe("-title");
  expect(nextSort(title, "-title")).toBe("title");
  expect(nextSort(priority, "title")).toBe("-priority");
  expect(nextSort(priority, "-priority")).toBe("priority");
});

test("columns are ticked and kept; in a customer's own context it names no customer", () => {
  const first = layoutOf(null, false);
  expect(first.columns.map((c) => c.id)).toContain("customer");
  expect(layoutOf(null, true).columns.map((c) => c.id)).not.toContain("customer");
  const kept = toggled(first, "tags", null);
  expect(isShown(kept, "tags")).toBe(true);
  expect(isShown(kept, "priority")).toBe(true);
  const without = toggled(layoutOf(kept, false), "tags", kept);
  expect(isShown(without, "tags")).toBe(false);
  expect(toggled(layoutOf("title", false), "title", "title")).toBe("title");
  expect(layoutOf("nonsense", false).chosen).toBe(false);
});
