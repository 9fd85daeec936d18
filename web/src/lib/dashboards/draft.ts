/** Own dashboards while they are written: what fits together, and what is still missing. */
import type {
  Bucket,
  Chart,
  Dashboard,
  DashboardFilter,
  Dimension,
  Frame,
  Measure,
  PanelDef,
  Unit,
} from "../../api/dashboard-types";
import { columnOfUnit } from "./sample-columns";
import { MEASURE } from "./words";

export const MOST_PANELS = 30;

/** Lower case, digits and dashes, as addresses want it. */
export function slug(title: string): string {
  const plain = title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "");
}

/** The same, with a number behind it where it is taken. */
export function freeName(title: string, taken: readonly string[]): string {
  const base = slug(title) || "panel";
  if (!taken.includes(base)) return base;
  for (let n = 2; ; n += 1) if (!taken.includes(`${base}-${n}`)) return `${base}-${n}`;
}

/** How a measure can be drawn. */
export function chartsOf(measure: Measure): readonly Chart[] {
  const words = MEASURE[measure];
  if (words.rows) return ["table"];
  if (words.by.length === 0) return ["single", "columns", "lines"];
  const all: Chart[] = ["single", "bar", "pie", "table", "columns", "lines", "outlier"];
  return words.mean ? all.filter((chart) => chart !== "pie" && chart !== "columns") : all;
}

const OVER_TIME: ReadonlySet<Chart> = new Set(["columns", "lines", "outlier"]);

export const isOverTime = (chart: Chart): boolean => OVER_TIME.has(chart);

/** Whether a chart of this kind tells groups apart. */
export const groups = (chart: Chart): boolean => chart !== "single";
/** Whether it has to. */
export const needsGroup = (chart: Chart): boolean => chart === "bar" || chart === "pie";

/** The panel with one thing changed, and everything that no longer fits put right. */
export function fitted(panel: PanelDef): PanelDef {
  const measure = MEASURE[panel.measure];
  const charts = chartsOf(panel.measure);
  const chart = charts.includes(panel.chart) ? panel.chart : (charts[0] ?? "table");
  const over = isOverTime(chart);
  const by = (panel.group_by ?? []).filter((dim) => measure.by.includes(dim));
  const grouped: Dimension[] = !groups(chart) || measure.rows ? [] : over ? by.slice(0, 1) : by;
  const units: readonly Unit[] = over ? measure.units.filter((unit) => unit !== "gb_per_day") : measure.units;
  const unit = units.includes(panel.unit) ? panel.unit : (units[0] ?? measure.units[0]);
  const bucket: Bucket = over ? (panel.bucket && panel.bucket !== "none" ? panel.bucket : "timeslice") : "none";
  return {
    id: panel.id,
    title: panel.title,
    description: panel.description ?? "",
    measure: panel.measure,
    group_by: needsGroup(chart) && grouped.length === 0 ? measure.by.slice(0, 1) : grouped,
    bucket: chart === "outlier" ? "timeslice" : bucket,
    ...(measure.dataset === "Volume" && !measure.rows && panel.tiers?.length ? { tiers: panel.tiers } : {}),
    ...(chart === "outlier" ? { after: panel.after && "outlier" in panel.after ? panel.after : { outlier: {} } } : {}),
    per_day: unit === "gb_per_day",
    chart,
    unit,
    sort: over ? "time_asc" : measure.rows ? "time_desc" : "value_desc",
    ...(panel.limit && (measure.rows || !over) ? { limit: panel.limit } : {}),
    ...(panel.range ? { range: panel.range } : {}),
  };
}

export function newPanel(taken: readonly string[]): PanelDef {
  const title = "Signals by customer";
  return fitted({
    id: freeName(title, taken),
    title,
    measure: "signals",
    group_by: ["org"],
    chart: "bar",
    unit: "signals",
  });
}

/** Why a dashboard cannot be saved yet; null when it can. */
export function faultOfDraft(dashboard: Dashboard): string | null {
  const panels = dashboard.sections.flatMap((section) => section.panels);
  if (slug(dashboard.title) === "") return "It needs a title.";
  if (panels.length === 0) return "It needs a panel.";
  if (panels.length > MOST_PANELS) return `At most ${MOST_PANELS} panels.`;
  return panels.some(({ title }) => title.trim() === "") ? "Every panel needs a title." : null;
}

/** What can be asked of panels like these. */
export function filtersOf(panels: readonly PanelDef[]): DashboardFilter[] {
  const some = (test: (panel: PanelDef) => boolean) => panels.some(test);
  const dataset = (panel: PanelDef) => MEASURE[panel.measure].dataset;
  return [
    "org_name",
    ...(some(({ bucket }) => bucket === "timeslice") ? (["timeslice"] as const) : []),
    ...(some((panel) => dataset(panel) === "Volume" && !panel.tiers?.length) ? (["tier"] as const) : []),
    ...(some(({ measure }) => measure === "credits") ? (["rates"] as const) : []),
    ...(some((panel) => dataset(panel) === "Health") ? (["open_now"] as const) : []),
  ];
}

/** A copy to change: own, under a name that is free. */
export function copyOf(dashboard: Dashboard, title: string, taken: readonly string[]): Dashboard {
  const { saved: _, ...rest } = dashboard;
  return { ...rest, title, name: freeName(title, taken) };
}

const SAMPLE_POINTS = 24;
const NAMES = ["First", "Second", "Third", "Fourth", "Fifth"];

/** Invented numbers of a panel's form, always the same: how it will look, not what it will say. */
export function sampleFrame(panel: PanelDef): Frame {
  const value = columnOfUnit(panel.unit);
  const unit = panel.unit;
  const wave = (at: number, of: number) =>
    Math.round(40 + 24 * Math.sin(at / 3 + of) + 9 * of + (at === 17 && of === 0 ? 90 : 0));
  const dims = panel.group_by ?? [];
  const names = dims.length > 0 ? NAMES : [""];
  const group = (pick: readonly number[]) =>
    dims.map((dim) => ({
      name: dim === "org" ? "org_name" : dim,
      type: "text" as const,
      values: pick.map((at) => names[at] ?? null),
    }));
  if (isOverTime(panel.chart)) {
    const times = Array.from({ length: SAMPLE_POINTS }, (_, at) => new Date(Date.UTC(2026, 0, 5, at)).toISOString());
    const series = panel.chart === "outlier" && dims.length > 0 ? [0, 1, 2, 3] : names.map((_, at) => at);
    const rows = series.flatMap((of) => times.map((time, at) => ({ time, of, at, value: wave(at, of) })));
    const numbers = (name: string, values: number[]) => ({ name, type: "number" as const, unit, values });
    return {
      columns: [
        { name: "time", type: "time", values: rows.map(({ time }) => time) },
        ...group(rows.map(({ of }) => of)),
        numbers(
          value,
          rows.map((row) => row.value),
        ),
        ...(panel.chart === "outlier"
          ? [
              numbers(
                `${value}_lower`,
                rows.map(({ at, of }) => wave(at, of) * 0 + 14 + 9 * of),
              ),
              numbers(
                `${value}_upper`,
                rows.map(({ of }) => 80 + 9 * of),
              ),
              {
                name: `${value}_violation`,
                type: "boolean" as const,
                values: rows.map(({ at, of }) => at === 17 && of === 0),
              },
            ]
          : []),
      ],
      buckets: times,
    };
  }
  const all = names.map((_, at) => at);
  return {
    columns: [...group(all), { name: value, type: "number", unit, values: all.map((at) => 130 - 24 * at) }],
    groups: all.length,
  };
}
