import { describe, expect, test } from "vitest";
import type { Column, Frame, PanelAnswer, PanelDef } from "../../src/api/dashboard-types";
import { csv } from "../../src/lib/csv";
import { columnWidths } from "../../src/lib/dashboards/columns";
import { creditsOf } from "../../src/lib/dashboards/credits";
import { amount, big, duration, rhythm, short, tick } from "../../src/lib/dashboards/format";
import {
  bars,
  capped,
  frameRows,
  isEmpty,
  rowOf,
  shownColumns,
  single,
  timed,
  totals,
} from "../../src/lib/dashboards/frame";
import { columnWords } from "../../src/lib/dashboards/words";

const text = (name: string, values: (string | null)[]): Column => ({ name, type: "text", values });
const number = (name: string, values: (number | null)[]): Column => ({ name, type: "number", unit: "signals", values });

const trend: PanelDef = {
  id: "t",
  title: "Trend",
  measure: "signals",
  group_by: ["org"],
  bucket: "timeslice",
  chart: "columns",
  unit: "signals",
};
const T = ["2026-11-22T00:00:00Z", "2026-11-22T01:00:00Z"];

describe("over time", () => {
  const frame: Frame = {
    columns: [
      { name: "time", type: "time", values: [...T, ...T, ...T] },
      text("org_name", ["Other", "Other", "Acme", "Acme", "Other", "Other"]),
      text("org_id", ["c9", "c9", "c1", "c1", null, null]),
      number("signals", [1, 2, 3, 4, 5, 6]),
    ],
    buckets: T,
    range: { from: "2026-11-22T00:00:00Z", to: "2026-11-22T01:30:00Z" },
    groups: 12,
  };
  test("rows become series in their order, buckets have ends", () => {
    const { starts, end, series } = timed(trend, frame);
    expect(starts).toEqual(T.map((time) => Date.parse(time)));
    expect(end).toBe(Date.parse("2026-11-22T01:30:00Z"));
    expect(series.map(({ name, org, other, values }) => ({ name, org, other, values }))).toEqual([
      { name: "Other", org: "c9", other: false, values: [1, 2] },
      { name: "Acme", org: "c1", other: false, values: [3, 4] },
      { name: "Other", org: null, other: true, values: [5, 6] },
    ]);
    expect(totals(timed(trend, frame))).toEqual([9, 12]);
  });
  test("a value that is called Other is no sum while there are few", () => {
    const panel: PanelDef = { ...trend, measure: "bytes", group_by: ["source_category"] };
    const columns = [
      { ...frame.columns[0], values: T } as Column,
      text("source_category", ["Other", "Other"]),
      number("gb", [1, 2]),
    ];
    expect(timed(panel, { columns, buckets: T, groups: 1 }).series[0]?.other).toBe(false);
    expect(timed(panel, { columns, buckets: T, groups: 20 }).series[0]?.other).toBe(true);
  });
  test("bands and marks of an outlier stand beside its points", () => {
    const columns: Column[] = [
      { name: "time", type: "time", values: T },
      number("signals", [1, 9]),
      number("signals_lower", [null, 0]),
      number("signals_upper", [null, 4]),
      { name: "signals_violation", type: "boolean", values: [false, true] },
    ];
    const [one] = timed({ ...trend, group_by: [], chart: "outlier" }, { columns, buckets: T }).series;
    expect(one?.outlier?.upper).toEqual([null, 4]);
    expect(one?.outlier?.violation).toEqual([false, true]);
  });
});

test("groups keep their order; a null is told; the servers' words are read out", () => {
  const panel: PanelDef = {
    ...trend,
    bucket: "none",
    chart: "bar",
    group_by: ["status", "user"],
    measure: "insights_closed",
  };
  const frame = {
    columns: [text("status", ["OPEN", "CLOSED"]), text("user", ["ana", null]), number("insights", [3, null])],
  };
  expect(bars(panel, frame).map(({ name, value, keys }) => [name, value, keys])).toEqual([
    ["Open · ana", 3, { status: "OPEN", user: "ana" }],
    ["Closed · (unknown)", null, { status: "CLOSED", user: null }],
  ]);
});

test("a comparison has what was before", () => {
  const panel: PanelDef = { ...trend, bucket: "none", chart: "bar", after: { compare: { timeshift: "1d" } } };
  const columns = [
    text("org_name", ["A"]),
    text("org_id", ["c"]),
    number("signals", [null]),
    number("signals_1d", [7]),
  ];
  expect(bars(panel, { columns }).map(({ value, before }) => [value, before])).toEqual([[null, 7]]);
});

test("parts beyond the most shown are added up, a single one is not", () => {
  const group = { org: null, orgName: null, keys: {}, other: false, before: null };
  const all = Array.from({ length: 10 }, (_, at) => ({ ...group, key: `${at}`, name: `${at}`, value: 10 - at }));
  expect(capped(all, 8).at(-1)).toMatchObject({ name: "Other (2)", value: 3, other: true });
  expect(capped(all.slice(0, 9), 8)).toHaveLength(9);
});

test("a single value and what stands beside it; none is not zero", () => {
  const columns = [
    number("seconds", [90]),
    number("median_seconds", [60]),
    number("p90_seconds", [300]),
    number("count", [2]),
  ];
  expect(single({ columns })).toEqual({ value: 90, median: 60, p90: 300, count: 2 });
  expect(single({ columns: [number("seconds", [null])] }).value).toBeNull();
});

test("nothing to see is no rows, or zeros only where something is drawn", () => {
  const zeros = { columns: [text("org_name", ["A"]), text("org_id", ["a"]), number("signals", [0])] };
  expect(isEmpty({ ...trend, chart: "bar" }, zeros)).toBe(true);
  expect(isEmpty({ ...trend, chart: "table" }, zeros)).toBe(false);
  expect(isEmpty({ ...trend, chart: "single" }, zeros)).toBe(false);
  expect(isEmpty({ ...trend, chart: "table" }, { columns: [text("org_name", [])] })).toBe(true);
});

test("a table shows names and not ids, and what is open first", () => {
  const names = ["org_name", "org_id", "resource", "resource_id", "severity", "open", "since"];
  const frame = { columns: names.map((name) => text(name, ["x"])) };
  expect(shownColumns(frame).map(({ name }) => name)).toEqual(["org_name", "resource", "open", "since", "severity"]);
  expect(rowOf(frame, 0).org_id).toBe("x");
  const { tracks, least } = columnWidths(shownColumns(frame));
  expect(tracks.filter((track) => track.includes("fr"))).toHaveLength(1);
  expect(least).toBeGreaterThan(200);
});

test("a file holds every column, and no text a spreadsheet would run", () => {
  const frame = { columns: [text("reason", ["=cmd()", "a,b"]), number("records", [1.5, null])] };
  expect(csv(...frameRows(frame))).toBe('reason,records\r\n\'=cmd(),1.5\r\n"a,b",');
});

test("numbers read well", () => {
  expect([short(0), short(1284), short(4.56789), short(0.0423), short(62.04), short(128.4)]).toEqual([
    "0",
    "1,284",
    "4.57",
    "0.0423",
    "62",
    "128",
  ]);
  expect([duration(45), duration(720), duration(16_560), duration(360_000)]).toEqual([
    ["45", "s"],
    ["12", "min"],
    ["4.6", "h"],
    ["4.17", "d"],
  ]);
  expect([amount(12.3, "gb"), amount(16_560, "seconds"), amount(7, "signals")]).toEqual(["12.3 GB", "4.6 h", "7"]);
  expect([big(1_284_000, "events"), big(12.5, "credits")]).toEqual([
    ["1.28", "M"],
    ["12.5", "credits"],
  ]);
  expect([tick(0, "seconds"), tick(45_000, "events")]).toEqual(["0", "45K"]);
  expect([rhythm(300), rhythm(3600)]).toEqual(["about every 5 minutes", "about every hour"]);
});

test("columns have names for people", () => {
  expect([
    columnWords("org_name"),
    columnWords("gb_upper"),
    columnWords("signals_1d"),
    columnWords("median_seconds"),
  ]).toEqual(["Customer", "GB, expected to", "Signals, 1d before", "Median"]);
});

test("credits of the tiers are added up once each, a day and with who is missing", () => {
  const tier = (id: string, tiers: PanelDef["tiers"], bucket: PanelDef["bucket"] = "none"): PanelDef => ({
    ...trend,
    id,
    measure: "credits",
    unit: "credits",
    bucket,
    tiers,
  });
  const panels = [tier("a", ["frequent"]), tier("b", ["cse"]), tier("c", ["cse"], "timeslice"), tier("d", ["cse"])];
  const dashboard = { name: "credits", title: "", range: "7d", timeslice: "1d", filters: [], sections: [{ panels }] };
  const range = { from: "2026-11-20T00:00:00Z", to: "2026-11-22T12:00:00Z" };
  const answer = (panel: string, values: number[]): [string, PanelAnswer] => [
    panel,
    { panel, frame: { columns: [text("org_name", values.map(String)), number("credits", values)], missing: 2, range } },
  ];
  const answers = new Map([answer("a", [9, 1]), answer("b", [15])]);
  expect(creditsOf(dashboard, answers, range)).toEqual({
    total: 25,
    tiers: { frequent: 10, cse: 15 },
    daily: 10,
    missing: 2,
  });
  expect(creditsOf(dashboard, new Map(), range)).toBeNull();
});
