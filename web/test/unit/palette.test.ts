import { describe, expect, test } from "vitest";
import { find, rank } from "../../src/lib/palette";

const names = ["Alder Logistics", "Birch Health", "Cedar Bank", "Harbour Security", "Bank of the Harbour", "Écluse SA"];
const entries = names.map((label) => ({ key: label, label, hint: "eu" }));
const found = (typed: string) => find(entries, typed, 10).map(({ label }) => label);

describe("finding a name", () => {
  test("what begins like it comes first, then what has a word like it", () => {
    expect(found("bank")).toEqual(["Bank of the Harbour", "Cedar Bank"]);
    expect(found("har")).toEqual(["Harbour Security", "Bank of the Harbour"]);
  });
  test("every word must be there, in any order and any case", () => {
    expect(found("HARB bank")).toEqual(["Bank of the Harbour"]);
    expect(found("bank nowhere")).toEqual([]);
  });
  test("initials find it, too", () => expect(found("bh")).toEqual(["Birch Health"]));
  test("letters within a word find it last", () => expect(found("gist")).toEqual(["Alder Logistics"]));
  test("letters that are not English are letters", () => expect(found("écl")).toEqual(["Écluse SA"]));
  test("what is said beside it counts", () => expect(found("cedar eu")).toEqual(["Cedar Bank"]));
  test("nothing typed is everything, in the order it came, and at most the limit", () => {
    expect(found("  ")).toEqual(names);
    expect(find(entries, "", 2)).toHaveLength(2);
  });
  test("what is not there has no rank", () => expect(rank({ key: "x", label: "Cedar" }, "zz")).toBeNull());
});

test("of thousands the one is found", () => {
  const many = Array.from({ length: 2000 }, (_, at) => ({ key: `${at}`, label: `Customer ${at} of the estate` }));
  expect(find(many, "1999", 50).map(({ key }) => key)).toEqual(["1999"]);
});
