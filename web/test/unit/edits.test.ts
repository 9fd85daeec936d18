import { expect, test } from "vitest";
import { conflictText, Edits, needsDisposition } from "../../src/lib/edits";
import { row } from "./rows";

test("a change shows at once and stays until the server's rows have caught up", () => {
  const edits = new Edits();
  const old = row();
  edits.begin(old, { status: "WAITING" });
  expect(edits.over(old).status).toBe("WAITING");
  edits.settle(row({ status: "WAITING", version: 2 }));
  expect(edits.over(old).status).toBe("WAITING");
  expect(edits.over(row({ status: "CLOSED", version: 3 })).status).toBe("CLOSED");
});

test("while a change travels, not even a newer row from the server flickers through", () => {
  const edits = new Edits();
  edits.begin(row(), { priority: "LOW" });
  expect(edits.over(row({ version: 2, priority: "CRITICAL" })).priority).toBe("LOW");
});

test("a refused change is taken back", () => {
  const edits = new Edits();
  edits.begin(row(), { status: "CLOSED" });
  edits.drop(row().rrn);
  expect(edits.over(row()).status).toBe("OPEN");
});

test("who lost sees the current row, marked until it was looked at", () => {
  const edits = new Edits();
  let told = 0;
  edits.subscribe(() => told++);
  edits.begin(row(), { status: "WAITING" });
  edits.settle(row({ status: "INVESTIGATING", version: 2 }), { before: row(), wanted: { status: "WAITING" } });
  expect(edits.over(row()).status).toBe("INVESTIGATING");
  expect(edits.hasLost(row().rrn)).toBe(true);
  edits.seen(row().rrn);
  expect(edits.hasLost(row().rrn)).toBe(false);
  expect(told).toBe(3);
});

test("unassigning is a change, leaving the assignee out is none", () => {
  const edits = new Edits();
  const mine = row({ assignee: { email: "a@x.example", name: "A" } });
  edits.begin(mine, { assignee: null });
  expect(edits.over(mine).assignee).toBeNull();
  edits.begin(mine, { status: "WAITING", assignee: undefined });
  expect(edits.over(mine).assignee?.email).toBe("a@x.example");
});

test("the loser is told what the other did and what was not done", () => {
  const before = row();
  const current = row({ version: 2, status: "INVESTIGATING", assignee: { email: "dan@x.example", name: "Dan" } });
  const text = conflictText({ before, wanted: { status: "WAITING" }, current });
  expect(text).toBe(
    "Somebody else came first: status is now Investigating (was Open), assignee is now Dan (was Unassigned). Your change of status to Waiting was not made.",
  );
});

test("a conflict without a visible difference still says that nothing was changed", () => {
  expect(conflictText({ before: row(), wanted: { assignee: null }, current: row({ version: 2 }) })).toContain(
    "assignee to Unassigned was not made",
  );
});

test("closing needs a verdict, in the change or on the row", () => {
  expect(needsDisposition(row(), { status: "CLOSED" })).toBe(true);
  expect(needsDisposition(row(), { status: "CLOSED", disposition: "BENIGN" })).toBe(false);
  expect(needsDisposition(row({ disposition: "MALICIOUS" }), { status: "CLOSED" })).toBe(false);
  expect(needsDisposition(row(), { status: "WAITING" })).toBe(false);
});
