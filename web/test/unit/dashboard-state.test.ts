import { describe, expect, test } from "vitest";
import type { Dashboard } from "../../src/api/dashboard-types";
import {
  answersTo,
  asGlob,
  type DashboardState,
  parseDashboard,
  parseRate,
  queryOf,
  ratesOf,
  resolve,
  shortTitle,
  spanWords,
  withPanelRange,
  withRange,
} from "../../src/lib/dashboards/state";
import { parseSearch, stringifySearch } from "../../src/lib/search";

const dashboard: Dashboard = {
  name: "credits",
  title: "MSSP - Credits",
  range: "7d",
  timeslice: "1d",
  filters: ["org_name", "timeslice", "rates"],
  sections: [
    {
      panels: [
        { id: "a", title: "A", measure: "credits", chart: "bar", unit: "credits" },
        { id: "b", title: "B", measure: "credits", chart: "bar", unit: "credits", range: "24h" },
      ],
    },
  ],
};
const NOW = Date.parse("2026-11-22T10:03:20Z");

test("what an address says survives being written and read", () => {
  const state: DashboardState = {
    org_name: ["acme*", "Helios Bank"],
    from: "2026-11-01T00:00:00.000Z",
    to: "2026-11-02T00:00:00.000Z",
    timeslice: "15m",
    tier: ["continuous", "cse"],
    panels: ["a~24h", "b~2026-11-01T00:00:00.000Z~2026-11-01T06:00:00.000Z"],
    open_now: "yes",
    every: "1m",
    FrequentTierBurndownRate: 8.5,
  };
  const back = parseDashboard(parseSearch(stringifySearch(state)));
  expect(Object.fromEntries(Object.entries(back).filter(([, value]) => value !== undefined))).toEqual(state);
});

test("what an address says wrongly is left out", () => {
  const read = parseDashboard({
    org_name: "*",
    range: "soon",
    from: "2026-11-02T00:00:00Z",
    to: "2026-11-01T00:00:00Z",
    timeslice: "0h",
    tier: "gold",
    panels: "a,a~x,~24h",
    every: "1s",
    CSETierBurndownRate: "-1",
    ContinuousTierBurndownRate: "many",
  });
  expect(
    Object.values(read).filter((value) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  ).toEqual([]);
});

describe("relative ranges", () => {
  test("end with the five minutes that run, so that two questions within them are the same", () => {
    expect(resolve("24h", NOW)).toEqual({ from: "2026-11-21T10:05:00.000Z", to: "2026-11-22T10:05:00.000Z" });
    expect(resolve("24h", NOW + 60_000)).toEqual(resolve("24h", NOW));
  });
  test("of two days and more end with the hour", () => {
    expect(resolve("2d", NOW)).toEqual({ from: "2026-11-20T11:00:00.000Z", to: "2026-11-22T11:00:00.000Z" });
    expect(resolve("7d", NOW + 50 * 60_000)).toEqual(resolve("7d", NOW));
  });
  test("two fixed times stay as they are", () => {
    const fixed = { from: "2026-11-01T00:00:01.000Z", to: "2026-11-02T00:00:00.000Z" };
    expect(resolve(fixed, NOW)).toEqual(fixed);
  });
});

test("the question holds the filters the dashboard has, and no others", () => {
  const query = queryOf(
    {
      org_name: ["acme*"],
      tier: ["cse"],
      open_now: "yes",
      timeslice: "1h",
      panels: ["a~24h", "gone~1h"],
      CSETierBurndownRate: 30,
    },
    dashboard,
    NOW,
  );
  expect(query).toEqual({
    org_name: ["acme*"],
    from: "2026-11-15T11:00:00.000Z",
    to: "2026-11-22T11:00:00.000Z",
    timeslice: "1h",
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    rates: { continuous: 20, frequent: 9, infrequent: 0.4, cse: 30 },
    panels: { a: { from: "2026-11-21T10:05:00.000Z", to: "2026-11-22T10:05:00.000Z" } },
    series: 8,
    progress: true,
  });
});

test("rates: none set are those of the cards, one set brings the defaults of the others", () => {
  expect(ratesOf({})).toBeUndefined();
  expect(ratesOf({ InfrequentBurndownRate: 0 })).toEqual({ continuous: 20, frequent: 9, infrequent: 0, cse: 25 });
  expect([parseRate("0.4"), parseRate(""), parseRate("x"), parseRate("-1"), parseRate("1000001")]).toEqual([
    0.4,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("a panel's range is put in the place of the one before, and taken away", () => {
  const one = withPanelRange({ panels: ["a~24h", "b~1h"] }, "a", "7d");
  expect(one.panels).toEqual(["b~1h", "a~7d"]);
  expect(withPanelRange(one, "a", null).panels).toEqual(["b~1h"]);
  expect(withPanelRange({ panels: ["a~24h"] }, "a", null).panels).toBeUndefined();
});

test("one kind of range takes the place of the other", () => {
  const fixed = { from: "2026-11-01T00:00:00.000Z", to: "2026-11-02T00:00:00.000Z" };
  expect(withRange({ range: "7d" }, fixed)).toEqual({ range: undefined, ...fixed });
  expect(withRange(fixed, "24h")).toEqual({ range: "24h", from: undefined, to: undefined });
});

test("names answer to patterns in any case, and to nothing that only looks like one", () => {
  expect(answersTo("Acme Media", "acme*")).toBe(true);
  expect(answersTo("An Acme", "acme*")).toBe(false);
  expect(answersTo("a.c", "abc")).toBe(false);
  expect(answersTo("A(1)", "a(?)")).toBe(true);
  expect(answersTo("Acme, Inc", asGlob("Acme, Inc"))).toBe(true);
});

test("words", () => {
  expect([spanWords("24h"), spanWords("1d"), spanWords("15m")]).toEqual(["24 hours", "1 day", "15 minutes"]);
  expect(shortTitle("MSSP - Credits")).toBe("Credits");
});
