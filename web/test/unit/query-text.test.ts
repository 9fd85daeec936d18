import { expect, test } from "vitest";
import { addTerm, term, utf16 } from "../../src/lib/query-text";

test.each([
  ["alice", "user.name:alice"],
  ["10.1.2.3", "user.name:10.1.2.3"],
  ["svc backup", 'user.name:"svc backup"'],
  ["AND", 'user.name:"AND"'],
  ["-x", 'user.name:"-x"'],
  ["a*b", 'user.name:"a*b"'],
  ["fe80::1", 'user.name:"fe80::1"'],
  ['C:\\Windows\\"x"', 'user.name:"C:\\\\Windows\\\\\\"x\\""'],
])("the value %s stands in a query as %s", (value, written) => {
  expect(term("user.name", value)).toBe(written);
});

test.each([
  ["", false, "f:v"],
  ["", true, "NOT f:v"],
  ["a", false, "a AND f:v"],
  ["a AND NOT b", true, "a AND NOT b AND NOT f:v"],
  ["a OR b", false, "(a OR b) AND f:v"],
  ["two words", false, "(two words) AND f:v"],
  ['"two OR words"', false, '"two OR words" AND f:v'],
  ["x AND (a OR (b OR c))", false, "x AND (a OR (b OR c)) AND f:v"],
  ["t:[1 TO 5]", false, "t:[1 TO 5] AND f:v"],
  ["f:v", false, "f:v"],
  ["a AND f:v", false, "a AND f:v"],
  ["f:v AND a", false, "f:v AND a"],
  ["f:vv", false, "f:vv AND f:v"],
])("a term is added to «%s» (not: %s)", (query, not, result) => {
  expect(addTerm(query, "f", "v", not)).toBe(result);
});

test("a place counted in characters is found in a text with characters beyond the basic plane", () => {
  expect(utf16("a😀b", 2)).toBe(3);
  expect(utf16("ab", 9)).toBe(2);
});
