import { describe, expect, test } from "vitest";
import type { SavedSearch } from "../../src/api/me-types";
import { fingerprint, linkTo, ordered, presentOf, savedOf } from "../../src/lib/saved";

const saved = (name: string, mine: boolean, body: Record<string, unknown>): SavedSearch => ({
  id: name,
  kind: "INVESTIGATIONS",
  name,
  body,
  mine,
  shared: !mine,
  owner: { email: "ana@x.example", name: "Ana" },
});

describe("saved searches", () => {
  const all = [
    saved("b mine", true, { statuses: ["OPEN"], sort: "-priority" }),
    saved("A theirs", false, { q: "lsass" }),
    saved("a mine", true, { where: { and: [{ field: "tag", op: "equals", value: "x" }] } }),
  ];
  test("one's own stand apart from what colleagues share, by name", () => {
    expect(ordered(all).mine.map(({ name }) => name)).toEqual(["a mine", "b mine"]);
    expect(ordered(all).shared.map(({ name }) => name)).toEqual(["A theirs"]);
  });
  test("the present one is known whatever the order of its keys, and not by less than all of it", () => {
    expect(presentOf(all, { sort: "-priority", statuses: ["OPEN"], customers: undefined })?.name).toBe("b mine");
    expect(presentOf(all, { statuses: ["OPEN"] })).toBeUndefined();
    expect(presentOf(all, { where: { and: [{ value: "x", op: "equals", field: "tag" }] } })?.name).toBe("a mine");
  });
  test("lists keep their order: it may mean something", () => {
    expect(fingerprint({ a: [1, 2] })).not.toBe(fingerprint({ a: [2, 1] }));
  });
  test("a link says which one, in the fragment alone", () => {
    const link = linkTo({ origin: "https://c.example", pathname: "/investigations" }, "s 1");
    expect(new URL(link).search).toBe("");
    expect(savedOf(new URL(link).hash)).toBe("s 1");
    expect(savedOf("#q=words")).toBeNull();
    expect(savedOf("")).toBeNull();
  });
});
