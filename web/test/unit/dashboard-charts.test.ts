import { expect, test } from "vitest";
import type { PanelDef } from "../../src/api/dashboard-types";
import { barOption, labelled, pieOption, timeOption } from "../../src/charts/options";
import type { Palette } from "../../src/charts/palette";
import {
  chartsOf,
  copyOf,
  faultOfDraft,
  fitted,
  freeName,
  newPanel,
  sampleFrame,
  slug,
} from "../../src/lib/dashboards/draft";
import { type Series, type Timed, timed } from "../../src/lib/dashboards/frame";
import { layout } from "../../src/lib/dashboards/layout";

const palette: Palette = {
  series: ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"],
  other: "other",
  text: "text",
  muted: "muted",
  line: "line",
  surface: "surface",
  accent: "accent",
  critical: "critical",
};
const HOUR = 3_600_000;
const series = (name: string, values: (number | null)[], more: Partial<Series> = {}): Series => ({
  key: name,
  name,
  org: null,
  orgName: null,
  keys: {},
  other: false,
  values,
  ...more,
});
const data = (all: Series[], points = 3): Timed => ({
  starts: Array.from({ length: points }, (_, at) => at * HOUR),
  end: points * HOUR,
  series: all,
});
const draw = (kind: "columns" | "lines" | "outlier", of: Timed) =>
  (
    timeOption({ kind, data: of, unit: "signals", width: 600, height: 160 }, palette) as {
      series: Record<string, never>[];
    }
  ).series;

test("columns are stacked, each in its colour, the sum of the others in its own", () => {
  const drawn = draw("columns", data([series("a", [1, null, 3]), series("Other", [1, 1, 1], { other: true })]));
  expect(drawn.map((one) => [one.type, one.stack, one.itemStyle, one.data])).toEqual([
    ["bar", "all", { color: "s1" }, [1, 0, 3]],
    ["bar", "all", { color: "other" }, [1, 1, 1]],
  ]);
});

test("very many columns are one outline each", () => {
  const drawn = draw("columns", data([series("a", new Array(300).fill(1))], 300));
  expect(drawn.map((one) => [one.type, one.step])).toEqual([["line", "middle"]]);
});

test("a line that is not known stays open; lines differ by their dashes, too", () => {
  const drawn = draw("lines", data(Array.from({ length: 8 }, (_, at) => series(`${at}`, [1, null, 2]))));
  expect(drawn[0]?.data).toEqual([1, null, 2]);
  expect(new Set(drawn.map((one) => JSON.stringify((one.lineStyle as unknown as { type: unknown }).type))).size).toBe(
    3,
  );
});

test("an outlier is a line, its band from the lower bound up, and diamonds at violations only", () => {
  const outlier = {
    lower: [null, -2, 3],
    upper: [null, 4, 9],
    mean: [null, 1, 6],
    severity: [null, 0, 5],
    violation: [false, false, true],
  };
  const [floor, band, line, marks] = draw("outlier", data([series("a", [1, 2, 20], { outlier })]));
  expect(floor?.data).toEqual([null, 0, 3]);
  expect(band?.data).toEqual([null, 4, 6]);
  expect(line?.data).toEqual([1, 2, 20]);
  expect(marks).toMatchObject({ symbol: "diamond", itemStyle: { color: "critical" }, data: [[2, 20]] });
});

test("nothing moves, and nothing is drawn for the pointer", () => {
  const option = timeOption(
    { kind: "lines", data: data([series("a", [1])]), unit: "gb", width: 600, height: 160 },
    palette,
  );
  expect(option).toMatchObject({ animation: false });
  expect(option).not.toHaveProperty("tooltip");
});

test("pies and bars", () => {
  const bar = { key: "a", name: "a", org: null, orgName: null, keys: {}, other: false, value: 2, before: null };
  expect(pieOption([bar], palette)).toMatchObject({ series: [{ data: [{ name: "a", value: 2 }] }] });
  expect(barOption([bar, { ...bar, name: "b" }], "gb", palette)).toMatchObject({ yAxis: { data: ["b", "a"] } });
});

test("labels stand at round moments and at no edge", () => {
  const starts = Array.from({ length: 24 }, (_, at) => Date.UTC(2026, 10, 22, at));
  const places = [...labelled(starts, Date.UTC(2026, 10, 23), 6).keys()];
  expect(places.length).toBeGreaterThan(2);
  expect(places.length).toBeLessThan(8);
  expect(places).not.toContain(0);
});

const panel = (id: string, chart: PanelDef["chart"], more: Partial<PanelDef> = {}): PanelDef => ({
  id,
  title: id,
  measure: "signals",
  chart,
  unit: "signals",
  ...more,
});

test("rows are twelve wide, in the order of the definition, and no panel is lost", () => {
  const panels = [
    ...["a", "b", "c"].map((id) => panel(id, "single")),
    panel("d", "bar"),
    panel("e", "pie"),
    panel("f", "single"),
    panel("g", "columns"),
    panel("h", "outlier", { group_by: ["org"] }),
    panel("i", "table", { unit: "rows" }),
    ...["j", "k", "l", "m"].map((id) => panel(id, "bar")),
  ];
  const rows = layout(panels);
  for (const row of rows) expect(row.blocks.reduce((sum, { span }) => sum + span, 0)).toBe(12);
  expect(rows.flatMap((row) => row.blocks.flatMap((block) => block.panels.map(({ id }) => id)))).toEqual(
    panels.map(({ id }) => id),
  );
  expect(rows[0]?.blocks.map(({ span }) => span)).toEqual([4, 4, 4]);
  expect(rows.at(-1)?.blocks.map(({ span }) => span)).toEqual([3, 3, 3, 3]);
});

test("what does not fit a measure any more is put right", () => {
  const rows = fitted(panel("a", "bar", { measure: "signal_rows", group_by: ["org"] }));
  expect(rows).toMatchObject({ chart: "table", unit: "rows", group_by: [], bucket: "none" });
  const out = fitted(panel("a", "outlier", { measure: "bytes", group_by: ["org", "tier"], unit: "gb_per_day" }));
  expect(out).toMatchObject({ unit: "gb", group_by: ["org"], bucket: "timeslice", after: { outlier: {} } });
  expect(fitted(panel("a", "pie", { measure: "time_to_respond" })).chart).not.toBe("pie");
  expect(fitted(panel("a", "bar"))).toMatchObject({ group_by: ["org"] });
  expect(chartsOf("health_orgs")).not.toContain("bar");
});

test("every measure and chart that can be chosen has a picture of how it will look", () => {
  for (const chart of chartsOf("signals")) {
    const one = fitted(panel("a", chart));
    const frame = sampleFrame(one);
    const length = frame.columns[0]?.values.length;
    expect(frame.columns.every(({ values }) => values.length === length)).toBe(true);
    if (one.bucket !== "none") expect(timed(one, frame).series.length).toBeGreaterThan(0);
  }
});

test("own dashboards have names of their own", () => {
  expect([slug("Übersicht: Nacht & Tag"), freeName("A b", ["a-b", "a-b-2"])]).toEqual(["ubersicht-nacht-tag", "a-b-3"]);
  const start = {
    name: "credits",
    title: "MSSP - Credits",
    range: "7d",
    timeslice: "1d",
    filters: [],
    sections: [{ panels: [newPanel([])] }],
    saved: { email: "a", updated_time: "", version: 4 },
  };
  expect(copyOf(start, "Credits", ["credits"])).toMatchObject({ name: "credits-2", title: "Credits" });
  expect(copyOf(start, "Credits", []).saved).toBeUndefined();
  expect(faultOfDraft(start)).toBeNull();
  expect(faultOfDraft({ ...start, sections: [] })).toBe("It needs a panel.");
});
