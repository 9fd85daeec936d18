import { expect, test } from "vitest";
import type { Comment, Evidence } from "../../src/api/case-types";
import type { HistoryEntry, Signal } from "../../src/api/types";
import { changeText, countKinds, entriesOf, entryAbout, parseDetail } from "../../src/lib/case-entries";
import { entityQuery, pivotQuery, windowAround } from "../../src/lib/pivot";

const signal = (id: string, time: string) => ({ id, event_time: time, name: "LSASS read" }) as Signal;
const change = (field: string, time: string, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  field,
  time,
  actor: "ana@harbour.example",
  from: null,
  to: null,
  ...more,
});
const evidence = (id: string, time: string) =>
  ({
    event: { id, event_time: time, message: "logon", ecs: { host: { name: "ws-1" }, "user.name": "jdoe" } },
    added_time: "2026-11-22T12:00:00Z",
    added_by: "ana@harbour.example",
  }) as unknown as Evidence;
const comment = (id: string, time: string) => ({ id, created_time: time, body: "seen" }) as Comment;

test("everything stands in one order, evidence where it happened", () => {
  const entries = entriesOf({
    signals: [signal("s2", "2026-11-22T10:02:00Z"), signal("s1", "2026-11-22T10:00:00Z")],
    history: [change("opened", "2026-11-22T10:03:00Z"), change("status", "2026-11-22T11:00:00Z")],
    comments: [comment("c1", "2026-11-22T10:30:00Z")],
    evidence: [evidence("e1", "2026-11-22T10:01:00Z")],
  });
  expect(entries.map((entry) => entry.key)).toEqual([
    "signal-s1",
    "evidence-e1",
    "signal-s2",
    "change-0",
    "comment-c1",
    "change-1",
  ]);
  expect(countKinds(entries)).toEqual({ signal: 2, evidence: 1, comment: 1, file: 0, change: 2 });
});

test("what an entry of its own tells is not told twice, a signal that a person moved is", () => {
  const entries = entriesOf({
    signals: [],
    history: [
      change("comment", "2026-11-22T10:00:00Z", { to: "INTERNAL" }),
      change("signal", "2026-11-22T10:01:00Z", { actor: "correlation" }),
      change("signal", "2026-11-22T10:02:00Z", { from: "LSASS read" }),
      change("comment", "2026-11-22T10:03:00Z", { from: "INTERNAL" }),
    ],
  });
  expect(entries.map((entry) => entry.key)).toEqual(["change-2", "change-3"]);
});

test("a change reads as words", () => {
  expect(changeText(change("status", "", { from: "OPEN", to: "WAITING" }))).toBe("status: Open → Waiting");
  expect(changeText(change("assignee", "", { from: null, to: "ana" }))).toBe("assignee: Unassigned → ana");
  expect(changeText(change("opened", ""))).toBe("opened it");
  expect(changeText(change("signal", "", { from: "LSASS read" }))).toBe("took off the alert LSASS read");
  expect(changeText(change("comment", "", { from: "INTERNAL", to: "PUBLIC" }))).toBe("made a comment public");
  expect(changeText(change("comment", "", { from: "PUBLIC" }))).toBe("deleted a public comment");
});

test("evidence names its hosts and users, nested or flat", () => {
  const [entry] = entriesOf({ signals: [], history: [], evidence: [evidence("e", "2026-11-22T10:00:00Z")] });
  expect(entry && entryAbout(entry)).toEqual([
    { type: "hostname", value: "ws-1" },
    { type: "username", value: "jdoe" },
  ]);
});

test("the address of a detail: an old link to a signal still opens it", () => {
  expect(parseDetail({ signal: "abc", tab: "nonsense" }).entry).toBe("signal-abc");
  expect(parseDetail({ kinds: "comment,nonsense,change" }).kinds).toEqual(["comment", "change"]);
});

test("a value becomes a question", () => {
  expect(pivotQuery("user.name", "jdoe")).toBe("user.name:jdoe");
  expect(pivotQuery("process.executable", "C:\\Windows\\x.exe")).toBe('process.executable:"C:\\\\Windows\\\\x.exe"');
  expect(pivotQuery("bailiwick.source", "src-1")).toBe("source:src-1");
  expect(pivotQuery("host.ip", '["10.0.0.1","10.0.0.2"]')).toBe("host.ip:10.0.0.1 OR host.ip:10.0.0.2");
  expect(pivotQuery("@timestamp odd", "a b")).toBe('"a b"');
  expect(pivotQuery("message", "")).toBeNull();
  expect(pivotQuery("message", "x".repeat(500))).toBeNull();
});

test("an entity is looked for in every field of its kind", () => {
  expect(entityQuery("ip", "10.0.0.1")).toBe("source.ip:10.0.0.1 OR destination.ip:10.0.0.1");
  expect(entityQuery("hash", "ab cd")).toBe('"ab cd"');
});

test("the window has room on both sides", () => {
  expect(windowAround("2026-11-22T10:00:00Z", null, "2026-11-22T11:00:00Z")).toEqual({
    from: "2026-11-22T09:45:00.000Z",
    to: "2026-11-22T11:15:00.000Z",
  });
  expect(windowAround(null)).toBeNull();
});
