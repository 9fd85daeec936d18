import { useMemo } from "react";
import type { Frame, PanelDef, TimeRange } from "../../api/dashboard-types";
import { TimeChart } from "../../charts/time-chart";
import { DrillLink } from "../../components/drill-link";
import { drill, drillRow } from "../../lib/dashboards/drill";
import { bars, columnOf, type Group, rowOf, type Series, type Timed, timed } from "../../lib/dashboards/frame";
import { UNIT } from "../../lib/dashboards/words";
import { count, plural } from "../../lib/format";
import { BarList, PieChart } from "./bars";
import { useDashboardPage } from "./context";
import { FrameTable } from "./frame-table";
import { AcknowledgeButton, useAcknowledge } from "./silence";
import { SingleValue } from "./single-value";

/** A panel's numbers, drawn as its definition says. */
export function PanelBody({ panel, frame }: { panel: PanelDef; frame: Frame }) {
  const page = useDashboardPage();
  const range = page.rangeOf(panel);
  const to = (group: Group) => drill({ panel, range, org: orgOf(group), keys: group.keys }, page.whom);
  const all = () => page.open("table", panel);
  switch (panel.chart) {
    case "single":
      return (
        <SingleValue
          panel={panel}
          frame={frame}
          drill={drill({ panel, range }, page.whom)}
          trend={page.trendOf(panel)}
        />
      );
    case "bar":
      return <BarList panel={panel} frame={frame} drill={to} onAll={all} />;
    case "pie":
      return <PieChart panel={panel} frame={frame} drill={to} onAll={all} />;
    case "table":
      return <PanelTable panel={panel} frame={frame} fitted />;
    default:
      return <OverTime panel={panel} frame={frame} />;
  }
}

/** The time a row of a table over time stands for. */
function bucketRange(frame: Frame, row: number, range: TimeRange): TimeRange {
  const time = columnOf(frame, "time")?.values[row];
  const at = frame.buckets?.findIndex((start) => Date.parse(start) === Date.parse(String(time))) ?? -1;
  const start = frame.buckets?.[at];
  if (start === undefined) return range;
  const end = frame.buckets?.[at + 1] ?? range.to;
  return { from: Date.parse(start) > Date.parse(range.from) ? start : range.from, to: end };
}

const orgOf = ({ org, orgName }: Group) => (org ? { id: org, name: orgName ?? org } : null);

/** A table of groups or of single things, with what can be done with a row. */
export function PanelTable({ panel, frame, fitted = false }: { panel: PanelDef; frame: Frame; fitted?: boolean }) {
  const page = useDashboardPage();
  const range = page.rangeOf(panel);
  const groups = useMemo(() => (panel.unit === "rows" ? null : bars(panel, frame)), [panel, frame]);
  const silent = panel.measure === "silent_category_rows";
  const acknowledge = useAcknowledge();
  const to = (row: number) => {
    if (!groups) return drillRow(panel, rowOf(frame, row));
    const group = groups[row];
    const time = bucketRange(frame, row, range);
    return group ? drill({ panel, range: time, org: orgOf(group), keys: group.keys }, page.whom) : null;
  };
  return (
    <>
      <FrameTable
        panel={panel}
        frame={frame}
        label={panel.title}
        drill={to}
        fitted={fitted}
        act={silent ? (row) => <AcknowledgeButton row={rowOf(frame, row)} of={acknowledge} /> : undefined}
        actWidth={silent ? 98 : 0}
      />
      {frame.more ? (
        <p className="shrink-0 pt-0.5 text-xs text-muted">
          The first {count(frame.columns[0]?.values.length ?? 0)}; there are more. Narrow org_name or the time.
        </p>
      ) : null}
    </>
  );
}

function OverTime({ panel, frame }: { panel: PanelDef; frame: Frame }) {
  const data = useMemo(() => timed(panel, frame), [panel, frame]);
  if (panel.chart === "outlier" && data.series.length > 1) return <Multiples panel={panel} frame={frame} data={data} />;
  return <OneChart panel={panel} data={data} label={labelOf(panel, data)} />;
}

function labelOf(panel: PanelDef, { series, starts }: Timed): string {
  const out = series.reduce((sum, one) => sum + (one.outlier?.violation.filter(Boolean).length ?? 0), 0);
  const what = `${panel.title}: ${UNIT[panel.unit]} over time, ${plural(starts.length, "point")}`;
  if (panel.chart === "outlier") return `${what}, ${plural(out, "outlier")}`;
  return series.length > 1 ? `${what} of ${plural(series.length, "series", "series")}` : what;
}

interface OneChartProps {
  panel: PanelDef;
  data: Timed;
  label: string;
  legend?: boolean;
}

function OneChart({ panel, data, label, legend }: OneChartProps) {
  const page = useDashboardPage();
  const kind = panel.chart === "columns" || panel.chart === "outlier" ? panel.chart : "lines";
  const range = page.rangeOf(panel);
  const within = (from: number, to: number) => ({
    from: new Date(Math.max(from, Date.parse(range.from))).toISOString(),
    to: new Date(Math.min(to, Date.parse(range.to))).toISOString(),
  });
  return (
    <TimeChart
      kind={kind}
      data={data}
      unit={panel.unit}
      label={label}
      legend={legend}
      onZoom={(from, to) => page.zoom(panel, from, to)}
      drill={(series: Series | null, from, to) =>
        drill({ panel, range: within(from, to), org: series ? orgOf(series) : null, keys: series?.keys }, page.whom)
      }
    />
  );
}

/** A small chart for each series: those that are out most stand first. */
function Multiples({ panel, frame, data }: { panel: PanelDef; frame: Frame; data: Timed }) {
  const page = useDashboardPage();
  const shown = useMemo(
    () => data.series.filter(({ other }) => !other).map((one) => ({ one, data: { ...data, series: [one] } })),
    [data],
  );
  const groups = frame.groups ?? shown.length;
  const range = page.rangeOf(panel);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="grid min-h-0 flex-1 auto-rows-fr grid-cols-4 gap-x-3 gap-y-1">
        {shown.slice(0, 8).map(({ one, data: mine }) => {
          const out = one.outlier?.violation.filter(Boolean).length ?? 0;
          return (
            <div key={one.key} className="flex min-h-0 min-w-0 flex-col" data-multiple={one.name}>
              <div className="flex h-4.5 items-center gap-2 text-sm">
                <DrillLink
                  to={drill({ panel, range, org: orgOf(one), keys: one.keys }, page.whom)}
                  className="min-w-0 truncate rounded-sm hover:text-accent"
                >
                  {one.name}
                </DrillLink>
                {out > 0 ? (
                  <span className="ml-auto flex shrink-0 items-center gap-1 text-xs text-muted">
                    <svg viewBox="0 0 12 12" className="size-2" aria-hidden="true">
                      <path d="M6 .5 11.5 6 6 11.5.5 6z" className="fill-critical" />
                    </svg>
                    {plural(out, "outlier")}
                  </span>
                ) : null}
              </div>
              <OneChart panel={panel} data={mine} label={`${one.name}, ${labelOf(panel, mine)}`} legend={false} />
            </div>
          );
        })}
      </div>
      {groups > shown.length ? (
        <button
          type="button"
          onClick={() => page.open("table", panel)}
          className="h-5 shrink-0 self-start rounded-sm text-sm text-accent hover:underline"
        >
          {count(groups - shown.length)} more; those with outliers stand first
        </button>
      ) : null}
    </div>
  );
}
