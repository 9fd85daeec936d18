import { expect, test } from "vitest";
import type { Customer, OpenCounts } from "../../src/api/types";
import { groupsAmong, ordered } from "../../src/lib/customer-order";

const none: OpenCounts = { critical: 0, high: 0, medium: 0, low: 0, unspecified: 0 };
const customer = (name: string, change: Partial<Customer> = {}): Customer =>
  ({
    id: name,
    name,
    region: "eu",
    mail: "",
    primary: false,
    health: "up",
    open: none,
    groups: [],
    ...change,
  }) as Customer;
const names = (rows: Customer[]) => rows.map(({ name }) => name).join("");

test("the primary is pinned first whatever the order, the rest are by name", () => {
  const all = [customer("b"), customer("p", { primary: true }), customer("a")];
  expect(names(ordered(all, { find: "" }))).toBe("pab");
  expect(names(ordered(all, { find: "", sort: "health" }))).toBe("pab");
});

test("by health the worst are first", () => {
  const all = [
    customer("u"),
    customer("n", { health: "unknown" }),
    customer("g", { health: "degraded" }),
    customer("d", { health: "down" }),
  ];
  expect(names(ordered(all, { find: "", sort: "health" }))).toBe("dgnu");
});

test("by open priority the worst decides, then its count, then the next; an unknown count is last", () => {
  const all = [
    customer("x", { open: null }),
    customer("n"),
    customer("h", { open: { ...none, high: 9 } }),
    customer("c", { open: { ...none, critical: 1 } }),
    customer("d", { open: { ...none, critical: 1, high: 1 } }),
  ];
  expect(names(ordered(all, { find: "", sort: "priority" }))).toBe("dchnx");
});

test("a group narrows, and so does its name", () => {
  const banks = { id: "g1", name: "Banks" };
  const all = [customer("a", { groups: [banks] }), customer("b")];
  expect(names(ordered(all, { find: "", group: "g1" }))).toBe("a");
  expect(names(ordered(all, { find: "bank" }))).toBe("a");
  expect(groupsAmong(all)).toEqual([banks]);
});
