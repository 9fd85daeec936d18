/** What the drawing library is told for each kind of chart. Without tooltips and legends: those are the pages' own. */
import type { EChartsCoreOption } from "echarts/core";
import type { Chart, Unit } from "../api/dashboard-types";
import { tickLabel, timeTicks } from "../lib/chart";
import { tick } from "../lib/dashboards/format";
import type { Bar, Series, Timed } from "../lib/dashboards/frame";
import { colourOf, type Palette } from "./palette";

/** The room around the drawing, pixels; what lies over it counts with the same. */
export const MARGIN = { left: 50, right: 8, top: 8, bottom: 20 };

export interface TimeChart {
  kind: Extract<Chart, "columns" | "lines" | "outlier">;
  data: Timed;
  unit: Unit;
  width: number;
  height: number;
}

const FONT = "'Inter Variable', system-ui, sans-serif";

/** A chart over time. */
export function timeOption({ kind, data, unit, width, height }: TimeChart, palette: Palette): EChartsCoreOption {
  return {
    ...still(palette),
    grid: { ...MARGIN, containLabel: false },
    xAxis: timeAxis(data, width - MARGIN.left - MARGIN.right, palette, kind === "columns"),
    yAxis: valueAxis(unit, height, palette),
    series: data.series.flatMap((one, index): object[] => {
      if (kind === "columns") return columnSeries(one, index, palette, data.starts.length);
      return kind === "lines" ? lineSeries(one, index, palette, data.series.length) : outlierSeries(one, palette);
    }),
  };
}

/** Nothing moves, nothing lights up: drawing again is cheap, and the pages show what the pointer is over. */
function still(palette: Palette) {
  return { animation: false, textStyle: { fontFamily: FONT, fontSize: 11, color: palette.muted } };
}

function timeAxis({ starts, end }: Timed, room: number, palette: Palette, banded: boolean) {
  const labels = labelled(starts, end, Math.max(2, room / 84));
  return {
    type: "category",
    data: starts,
    boundaryGap: banded,
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: {
      color: palette.muted,
      fontSize: 11,
      margin: 6,
      interval: (at: number) => labels.has(at),
      formatter: (_: string, at: number) => labels.get(at) ?? "",
      hideOverlap: true,
    },
  };
}

const DAY_MS = 86_400_000;

/** What stands below which bucket: round moments, from three days on whole days; none that would stand out at an edge. */
export function labelled(starts: readonly number[], end: number, most: number): Map<number, string> {
  const from = starts[0] ?? 0;
  const span = Math.max(1, end - from);
  const found = new Map<number, string>();
  for (const tick of timeTicks(from, end, most)) {
    if (span > 3 * DAY_MS && new Date(tick).getHours() !== 0) continue;
    const place = starts.findLastIndex((start) => start <= tick);
    const part = (tick - from) / span;
    if (place >= 0 && part > 0.02 && part < 0.97 && !found.has(place)) found.set(place, tickLabel(tick, span));
  }
  if (found.size > 0) return found;
  const step = Math.max(1, Math.ceil(starts.length / most));
  for (let at = 0; at < starts.length; at += step) found.set(at, tickLabel(starts[at] ?? from, span));
  return found;
}

function valueAxis(unit: Unit, height: number, palette: Palette) {
  return {
    type: "value",
    min: 0,
    splitNumber: height < 130 ? 2 : 3,
    minInterval: COUNTS.has(unit) ? 1 : 0,
    splitLine: { lineStyle: { color: palette.line } },
    axisLabel: {
      color: palette.muted,
      fontSize: 11,
      margin: 6,
      hideOverlap: true,
      formatter: (value: number) => tick(value, unit),
    },
  };
}

/** What comes whole. */
const COUNTS: ReadonlySet<Unit> = new Set(["orgs", "resources", "events", "records", "signals", "insights", "rows"]);

const quiet = { silent: true, emphasis: { disabled: true }, animation: false };

/** Beyond these buckets columns are a pixel or two wide: they are drawn as the outline of the stack. */
const MOST_COLUMNS = 96;

function columnSeries(one: Series, index: number, palette: Palette, buckets: number): object[] {
  const color = colourOf(palette, index, one.other);
  const values = one.values.map((value) => value ?? 0);
  if (buckets > MOST_COLUMNS) {
    const line = { width: 0 };
    return [
      {
        type: "line",
        step: "middle",
        stack: "all",
        showSymbol: false,
        lineStyle: line,
        areaStyle: { color, opacity: 1 },
        data: values,
        ...quiet,
      },
    ];
  }
  const gap = buckets > 60 ? "8%" : "14%";
  return [{ type: "bar", stack: "all", barCategoryGap: gap, itemStyle: { color }, data: values, ...quiet }];
}

/** Lines are told apart by their dashes, too. */
const DASHES = ["solid", "solid", "solid", "solid", [6, 3], [6, 3], [2, 2], [2, 2]] as const;

function lineSeries(one: Series, index: number, palette: Palette, shown: number): object[] {
  const color = colourOf(palette, index, one.other);
  const type = one.other ? [1, 3] : (DASHES[index % DASHES.length] ?? "solid");
  return [
    {
      type: "line",
      showSymbol: one.values.length === 1,
      lineStyle: { color, width: 1.5, type },
      itemStyle: { color },
      ...(shown === 1 ? { areaStyle: { color, opacity: 0.12 } } : {}),
      data: one.values,
      ...quiet,
    },
  ];
}

/** The line, the band of what was to be expected, and diamonds where it left that for long enough. */
function outlierSeries(one: Series, palette: Palette): object[] {
  const color = palette.accent;
  const points = one.outlier;
  const line = {
    type: "line",
    showSymbol: one.values.length === 1,
    lineStyle: { color, width: 1.5 },
    itemStyle: { color },
    data: one.values,
    z: 3,
    ...quiet,
  };
  if (!points) return [line];
  const floor = points.lower.map((value) => (value === null ? null : Math.max(0, value)));
  const height = points.upper.map((value, at) => (value === null ? null : Math.max(0, value - (floor[at] ?? 0))));
  const band = { type: "line", stack: `band ${one.key}`, showSymbol: false, lineStyle: { width: 0 }, ...quiet };
  const marks = one.values.flatMap((value, at) => (points.violation[at] && value !== null ? [[at, value]] : []));
  return [
    { ...band, data: floor },
    { ...band, data: height, areaStyle: { color, opacity: 0.16 } },
    line,
    {
      type: "scatter",
      symbol: "diamond",
      symbolSize: 9,
      itemStyle: { color: palette.critical, borderColor: palette.surface, borderWidth: 1 },
      data: marks,
      z: 4,
      ...quiet,
    },
  ];
}

/** Parts of a whole. */
export function pieOption(bars: readonly Bar[], palette: Palette): EChartsCoreOption {
  return {
    ...still(palette),
    series: [
      {
        type: "pie",
        radius: ["56%", "92%"],
        label: { show: false },
        labelLine: { show: false },
        itemStyle: { borderColor: palette.surface, borderWidth: 2 },
        data: bars.map(({ name, value, other }, index) => ({
          name,
          value: value ?? 0,
          itemStyle: { color: colourOf(palette, index, other) },
        })),
        ...quiet,
      },
    ],
  };
}

/** Bars by category, the largest above: for pictures that are saved; the pages draw their own. */
export function barOption(bars: readonly Bar[], unit: Unit, palette: Palette): EChartsCoreOption {
  const shown = [...bars].reverse();
  return {
    ...still(palette),
    grid: { left: 8, right: 64, top: 8, bottom: 8, containLabel: true },
    yAxis: {
      type: "category",
      data: shown.map(({ name }) => name),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { color: palette.text, width: 220, overflow: "truncate", interval: 0 },
    },
    xAxis: { type: "value", min: 0, splitLine: { show: false }, axisLabel: { show: false } },
    series: [
      {
        type: "bar",
        barMaxWidth: 18,
        itemStyle: { color: palette.series[0] },
        label: {
          show: true,
          position: "right",
          color: palette.muted,
          formatter: ({ value }: { value: number }) => tick(value, unit),
        },
        data: shown.map(({ value }) => value ?? 0),
        ...quiet,
      },
    ],
  };
}
