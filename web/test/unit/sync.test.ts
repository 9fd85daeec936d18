import { expect, test } from "vitest";
import type { Component, SyncSummary } from "../../src/api/types";
import {
  componentValue,
  countdown,
  isSyncing,
  settingsReached,
  syncNote,
  syncTold,
  syncWords,
  until,
} from "../../src/lib/sync";

const now = Date.parse("2026-11-22T12:00:00Z");
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();

const sync = (change: Partial<SyncSummary>): SyncSummary => ({
  state: "OK",
  started: at(-61),
  finished: at(-60),
  items: 19,
  failed: [],
  code: null,
  detail: null,
  since: null,
  consecutive: 0,
  next_time: at(240),
  last_success: at(-60),
  ...change,
});
const failed = sync({
  state: "FAILED",
  code: "NODE_DOWN",
  detail: "the node cannot be reached",
  failed: ["components", "licence"],
  since: at(-600),
  consecutive: 3,
  last_success: at(-3600),
});

test.each([
  [sync({}), "1m ago"],
  [sync({ state: "NEVER", last_success: null }), ""],
  [sync({ state: "QUEUED" }), ""],
  [sync({ state: "RUNNING", started: at(-7) }), "for 7s"],
  [sync({ state: "PARTIAL", failed: ["proxy", "content"] }), "without proxy, content"],
  [failed, "NODE_DOWN, next try in 4m"],
  [sync({ state: "STALE", last_success: at(-7200) }), "last good 2h ago"],
])("the note of a sync that is $state", (summary, note) => {
  expect(syncNote(summary, now)).toBe(note);
});

test("all of a failed sync is told: code, reason, how often, the last good one and the next", () => {
  const words = syncWords(failed);
  for (const part of [
    "Failed",
    "NODE_DOWN: the node cannot be reached",
    "3 failures in a row",
    "last success",
    "next ",
  ]) {
    expect(words).toContain(part);
  }
  expect(syncWords(sync({}))).not.toContain("last success");
});

test("only what waits or is at work is looked at again soon", () => {
  const states = ["NEVER", "QUEUED", "RUNNING", "OK", "PARTIAL", "FAILED", "STALE"] as const;
  expect(states.filter((state) => isSyncing(sync({ state })))).toEqual(["QUEUED", "RUNNING"]);
  expect(isSyncing(null)).toBe(false);
});

test("a time to come, and one that is over", () => {
  expect([until(at(42), now), until(at(3 * 60), now), until(at(0), now), until("soon", now)]).toEqual([
    "in 42s",
    "in 3m",
    "now",
    "–",
  ]);
  expect([countdown(at(3544), now), countdown(at(3600), now), countdown(at(9), now), countdown(at(-1), now)]).toEqual([
    "59:04",
    "1:00:00",
    "0:09",
    "0:00",
  ]);
});

const component = (name: string, value: number | null, unit: string | null): Component => ({
  name,
  state: "OK",
  since: null,
  detail: null,
  value,
  unit,
});

test.each([
  [component("rules", 43, "rules"), "43 rules"],
  [component("listeners", 1, "ports"), "1 port"],
  [component("pipeline", 2048, "bytes"), "2.0 KiB waiting"],
  [component("lake", 2048, "bytes"), "2.0 KiB"],
  [component("clock", 12, "ms"), "12 ms ahead"],
  [component("clock", -7200, "ms"), "7.2 s behind"],
  [component("certificate", 61, "days"), "61 days left"],
  [component("certificate", -1, "days"), "ended 1 day ago"],
  [component("disk", null, null), null],
])("the value of $name", (part, text) => {
  expect(componentValue(part)).toBe(text);
});

test("how a sync ended is told by the customer's name", () => {
  expect(syncTold("Acme", sync({}))).toEqual({ good: true, title: "Acme: Data Collection Successful" });
  expect(syncTold("Acme", failed)).toMatchObject({ good: false, detail: "NODE_DOWN: the node cannot be reached" });
  expect(syncTold("Acme", sync({ state: "PARTIAL", failed: ["licence"] })).title).toBe("Acme: synced without licence");
});

test("settings have come to a customer when a sync after they were set took them", () => {
  expect(settingsReached(sync({}), at(-120))).toBe(true);
  expect(settingsReached(sync({}), at(-30))).toBe(false);
  expect(settingsReached(sync({ state: "PARTIAL", failed: ["settings"] }), at(-120))).toBe(false);
  const all = ["components", "proxy", "technicians", "licence", "content", "settings"] as const;
  const down = sync({ state: "FAILED", failed: [...all], last_success: at(-100) });
  expect(settingsReached(down, at(-120))).toBe(true);
  expect(settingsReached(down, at(-30))).toBe(false);
  expect(settingsReached(null, at(-120))).toBe(false);
});
