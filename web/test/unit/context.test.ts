import { beforeEach, describe, expect, test } from "vitest";
import type { Customer } from "../../src/api/types";
import { customerOf, forgetRecent, placeOf, recent, visited, workspaceOf } from "../../src/lib/context";

const RRN = "rrn:investigation:eu:acme-ws:investigation:abc123";

describe("where in the product an address is", () => {
  test.each([
    ["/customer-table", { area: "platform" }],
    ["/home", { area: "platform" }],
    ["/investigations", { area: "merged" }],
    ["/customers", { area: "merged" }],
    ["/customers/c1", { area: "customer", id: "c1", part: "overview" }],
    ["/customers/c1/investigations", { area: "customer", id: "c1", part: "investigations" }],
    ["/customers/c1/logs", { area: "customer", id: "c1", part: "logs" }],
    [`/investigations/${RRN}`, { area: "customer", workspace: "acme-ws", part: "investigations" }],
    [`/investigations/${encodeURIComponent(RRN)}`, { area: "customer", workspace: "acme-ws", part: "investigations" }],
    ["/investigations/not-a-name", { area: "merged" }],
    ["/investigations/%E0%A4%A", { area: "merged" }],
    ["/technicians/c1", { area: "merged" }],
  ])("%s", (path, place) => expect(placeOf(path)).toEqual(place));
});

test("a resource name names its workspace, any other text none", () => {
  expect(workspaceOf(RRN)).toBe("acme-ws");
  expect(workspaceOf("rrn:alert:eu:acme-ws:alert:1")).toBeNull();
  expect(workspaceOf("rrn:investigation:eu")).toBeNull();
});

test("the customer of a place is found by its id, or by its workspace", () => {
  const customers = [
    { id: "c1", workspace: "acme-ws" },
    { id: "c2", workspace: "other" },
  ] as Customer[];
  expect(customerOf(placeOf("/customers/c2/logs"), customers)?.id).toBe("c2");
  expect(customerOf(placeOf(`/investigations/${RRN}`), customers)?.id).toBe("c1");
  expect(customerOf(placeOf("/customers/gone"), customers)).toBeUndefined();
  expect(customerOf(placeOf("/investigations"), customers)).toBeUndefined();
  expect(customerOf(placeOf("/customers/c1"), undefined)).toBeUndefined();
});

describe("customers opened lately", () => {
  beforeEach(forgetRecent);

  test("stand once each, the last one first, and only so many", () => {
    for (const id of ["a", "b", "a", "c", "c"]) visited(id);
    expect(recent()).toEqual(["c", "a", "b"]);
    for (const id of ["d", "e", "f", "g", "h"]) visited(id);
    expect(recent()).toEqual(["h", "g", "f", "e", "d", "c"]);
  });
});
