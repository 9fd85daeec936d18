import { expect, test } from "vitest";
import { atLeast, headline, missing, total, whyMissing } from "../../src/lib/scope";
import { scope } from "./rows";

const acme = { id: "c1", name: "Acme", region: "eu" };
const partial = scope({
  complete: false,
  asked: 6,
  answered: 5,
  failed: [{ customer: acme, region: "eu", code: "TIMEOUT", message: "no answer after 300 ms" }],
  skipped: [
    { customer: { id: "c2", name: "Bluefin", region: "us" }, count: 1, reason: "NO_ROLE" },
    { customer: null, count: 2, reason: "NO_GRANT" },
  ],
});

test("everybody who is missing counts, named or not", () => {
  expect(total(partial)).toBe(9);
  expect(headline(partial)).toBe("5 of 9 customers answered");
});

test("a whole answer says so", () => {
  expect(headline(scope())).toBe("All 3 customers answered");
  expect(headline(scope({ answered: 1, asked: 1 }))).toBe("1 customer answered");
  expect(headline(scope({ answered: 0, asked: 0 }))).toBe("No customers to ask");
});

test("each missing customer has its reason in words, failures first", () => {
  expect(missing(partial).map((m) => [m.customer?.name ?? m.count, m.reason, m.code])).toEqual([
    ["Acme", "its node has not answered in time", "TIMEOUT"],
    ["Bluefin", "its workspace knows no role for you", "NO_ROLE"],
    [2, "you hold no grant for it", "NO_GRANT"],
  ]);
});

test("one customer's reason can be asked for, and the server's words are not said twice", () => {
  expect(whyMissing(partial, "c2")).toBe("Its workspace knows no role for you");
  expect(whyMissing(partial, "c9")).toBeNull();
  const down = scope({
    failed: [{ customer: acme, region: "eu", code: "NODE_DOWN", message: "the node cannot be reached" }],
  });
  expect(missing(down)[0]?.detail).toBeNull();
  expect(missing(partial)[0]?.detail).toBe("no answer after 300 ms");
});

test("a count claims no more than is known", () => {
  expect(atLeast(42, scope(), false)).toBe("42");
  expect(atLeast(42, scope(), true)).toBe("at least 42");
  expect(atLeast(42, partial, false)).toBe("at least 42");
  expect(atLeast(42, undefined, false)).toBe("at least 42");
});
