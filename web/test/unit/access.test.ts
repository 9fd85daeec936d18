import { expect, test } from "vitest";
import type { Access, Grant, User } from "../../src/api/types";
import {
  type DelegationDraft,
  delegationsOf,
  grantWords,
  missingStep,
  reachWords,
  subjectOf,
  viaWords,
  whyNotDelegate,
  whyNotPerson,
} from "../../src/lib/access";

const draft: DelegationDraft = {
  users: ["u1"],
  customers: ["c1"],
  groups: [],
  all: false,
  gives: "analyst",
  expires: undefined,
  reason: " ",
};

test("what is empty is not sent: an empty list would be refused", () => {
  expect(delegationsOf(draft)).toEqual({ users: ["u1"], customers: ["c1"], role: "analyst" });
});

test("all customers take the place of those that were chosen before", () => {
  expect(delegationsOf({ ...draft, all: true, groups: ["g"], gives: "deny", reason: "left us" })).toEqual({
    users: ["u1"],
    all: true,
    deny: true,
    reason: "left us",
  });
});

test("a form that cannot be sent says why", () => {
  expect(whyNotDelegate(draft)).toBeNull();
  expect(whyNotDelegate({ ...draft, users: [] })).toMatch(/technician/);
  expect(whyNotDelegate({ ...draft, customers: [] })).toMatch(/customer/);
  expect(whyNotDelegate({ ...draft, customers: [], all: true })).toBeNull();
});

test("delegations and what follows from them are told in words", () => {
  const group = { id: "g", name: "Banks" };
  expect(subjectOf({ all: true })).toBe("All customers, future ones included");
  expect(subjectOf({ all: false, group })).toBe("Group Banks");
  const via = { id: "d", all: false, deny: false, role: "viewer" as const, by: "a@b" };
  expect(viaWords({ ...via, group })).toBe("Viewer by group Banks");
  expect(viaWords({ ...via, all: true, deny: true, role: null })).toBe("denied by all customers");
  const grant = { desired: "analyst", applied: null, state: "PENDING", detail: "the node is down" };
  expect(grantWords(grant as Grant)).toBe("Decided here: Analyst. Confirmed by the node: no role: the node is down");
});

const user = (id: string, change: Partial<User> = {}): User => ({
  id,
  email: `${id}@mssp.example`,
  name: id,
  role: "administrator",
  state: "ACTIVE",
  customers: { granted: 0, applied: 0, pending: 0, refused: 0 },
  created_time: "2026-11-22T10:00:00Z",
  ...change,
});

test("the last administrator stays, and nobody changes their own role", () => {
  const [ada, bob] = [user("ada"), user("bob", { role: "analyst" })];
  const gone = user("eve", { state: "DISABLED" });
  expect(whyNotPerson(ada, { id: "ada" }, [ada, bob], "role")).toMatch(/own role/);
  expect(whyNotPerson(ada, { id: "bob" }, [ada, bob, gone], "end")).toMatch(/last administrator/);
  expect(whyNotPerson(ada, { id: "bob" }, [ada, user("cy")], "end")).toBeNull();
  expect(whyNotPerson(ada, { id: "bob" }, [ada, user("cy", { state: "INVITED" })], "end")).toMatch(/last/);
  expect(whyNotPerson(bob, { id: "ada" }, [ada, bob], "end")).toBeNull();
});

test("the first link that is false is named, with how many are reached", () => {
  const row = (allowed: boolean, count: number): Access => ({
    allowed,
    count,
    missing: allowed ? null : "DELEGATION",
    links: [
      { link: "PERSON", ok: true },
      { link: "DELEGATION", ok: allowed, remedy: "delegate it" },
    ],
  });
  expect(missingStep(row(false, 1))?.remedy).toBe("delegate it");
  expect(missingStep(row(true, 1))).toBeNull();
  expect(reachWords([row(true, 1), row(false, 4)], "you reach")).toBe("you reach 1 of 5 customers");
});
