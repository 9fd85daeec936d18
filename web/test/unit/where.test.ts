import { expect, test } from "vitest";
import type { Where } from "../../src/api/queue-types";
import { filterQuery, parseQueue, queueFilter, readSought, writeSought } from "../../src/lib/queue-search";
import {
  type Condition,
  countLeaves,
  depthOf,
  FIELD_NAMES,
  fromWhere,
  isComplete,
  newCondition,
  newGroup,
  opsOf,
  parseWhere,
  sentence,
  tooLarge,
  toWhere,
  withField,
  withOp,
} from "../../src/lib/where";

const names = { customer: (id: string) => (id === "c1" ? "Acme" : id), time: (time: string) => time };
const leaf = (field: Condition["field"], value: Condition["value"], op: Condition["op"] = "equals"): Condition => ({
  ...newCondition(field),
  op,
  value,
});

const TREE: Where = {
  and: [
    { field: "title", op: "contains", value: "mimikatz" },
    {
      not: {
        or: [
          { field: "status", op: "in", value: ["OPEN", "WAITING"] },
          { field: "tag", op: "exists" },
        ],
      },
    },
    { not: { field: "customer", op: "equals", value: "c1" } },
  ],
};

test("a tree survives the builder and back", () => {
  expect(toWhere(fromWhere(TREE))).toEqual(TREE);
  expect(toWhere(fromWhere({ not: { field: "title", op: "contains", value: "x" } }))).toEqual({
    not: { field: "title", op: "contains", value: "x" },
  });
  expect(toWhere(fromWhere({ not: { not: { field: "rrn", value: "r" } } }))).toEqual({
    field: "rrn",
    op: "equals",
    value: "r",
  });
});

test("it reads as a sentence", () => {
  expect(sentence(TREE, names)).toBe(
    "Title contains “mimikatz” and not (Status is any of Open, Waiting or Tag is set) and Customer is not Acme",
  );
  expect(sentence({ or: [{ field: "priority", op: "gte", value: "HIGH" }, TREE] }, names)).toMatch(
    /^Priority is at least High or \(Title/,
  );
  expect(sentence({ field: "created_time", op: "gte", value: "T" }, names)).toBe("Created is since T");
});

test("a condition without a value is left out, and a group of nothing asks nothing", () => {
  expect(toWhere(newGroup())).toBeUndefined();
  expect(toWhere(newGroup("or", [leaf("title", "x"), leaf("tag", null)]))).toEqual({
    field: "title",
    op: "equals",
    value: "x",
  });
  expect(isComplete(leaf("signal_count", Number.NaN, "gte"))).toBe(false);
  expect(isComplete(leaf("assignee", null, "exists"))).toBe(true);
});

test("another field keeps what fits it", () => {
  expect(withField(leaf("title", "x", "contains"), "hostname")).toMatchObject({ op: "contains", value: "x" });
  expect(withField(leaf("title", "x", "contains"), "created_time")).toMatchObject({ op: "gte", value: null });
  expect(withField(leaf("status", ["OPEN"], "in"), "disposition")).toMatchObject({ op: "in", value: null });
  expect(withOp(leaf("status", "OPEN"), "in", false).value).toEqual(["OPEN"]);
  expect(withOp(leaf("status", ["OPEN"], "in"), "equals", true)).toMatchObject({ value: "OPEN", negated: true });
  expect(withOp(leaf("tag", "x"), "exists", false).value).toBeNull();
  for (const field of FIELD_NAMES) expect(opsOf(field).length).toBeGreaterThan(1);
});

test("what the servers would refuse for its size is said before it is asked", () => {
  const many = newGroup(
    "or",
    Array.from({ length: 101 }, (_, at) => leaf("tag", `t${at}`)),
  );
  expect(countLeaves(toWhere(many))).toBe(101);
  expect(tooLarge(toWhere(many))).toMatch(/100 conditions/);
  let deep: Where = { field: "tag", value: "x" };
  for (let at = 0; at < 8; at++) deep = { and: [deep, { field: "tag", value: "y" }] };
  expect(depthOf(deep)).toBe(9);
  expect(tooLarge(deep)).toMatch(/8 deep/);
  expect(tooLarge(TREE)).toBeNull();
});

test("nonsense in an address is no filter", () => {
  for (const text of [
    "",
    "{",
    "1",
    "null",
    '{"and":1}',
    '{"field":"nothing","value":1}',
    '{"field":"title","op":"like"}',
  ]) {
    expect(parseWhere(text)).toBeUndefined();
  }
  expect(parseWhere(JSON.stringify(TREE))).toEqual(TREE);
});

test("words and tree travel in the fragment, and in no query string", () => {
  const sought = { q: "jdoe & co", where: JSON.stringify(TREE) };
  expect(readSought(`#${writeSought(sought)}`)).toEqual(sought);
  expect(writeSought({ q: "", where: "" })).toBe("");
  const filter = queueFilter(parseQueue({}), sought);
  expect(filter.where).toEqual(TREE);
  expect(filterQuery(filter)).toBe("statuses=OPEN,INVESTIGATING,WAITING&limit=200");
});
