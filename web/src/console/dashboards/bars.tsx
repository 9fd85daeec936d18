import { useMemo } from "react";
import type { Frame, PanelDef, Unit } from "../../api/dashboard-types";
import { Canvas } from "../../charts/canvas";
import { pieOption } from "../../charts/options";
import { backgroundOf, usePalette } from "../../charts/palette";
import { useSize } from "../../charts/use-size";
import { DrillLink } from "../../components/drill-link";
import { cn } from "../../lib/cn";
import type { Drill } from "../../lib/dashboards/drill";
import { amount } from "../../lib/dashboards/format";
import { type Bar, bars, capped } from "../../lib/dashboards/frame";
import { SERIES } from "../../lib/dashboards/state";
import { MEASURE } from "../../lib/dashboards/words";
import { count } from "../../lib/format";

interface Props {
  panel: PanelDef;
  frame: Frame;
  drill: (bar: Bar) => Drill;
  onAll: () => void;
}

const ROW_PX = 24;

/** Bars by category, the largest first; as many as there is room for, and the way to all. */
export function BarList({ panel, frame, drill, onAll }: Props) {
  const [box, { height }] = useSize<HTMLDivElement>();
  const all = useMemo(() => bars(panel, frame), [panel, frame]);
  const room = Math.max(1, Math.floor(height / ROW_PX));
  const shown = all.length <= room ? all : all.slice(0, Math.max(1, room - 1));
  const most = Math.max(...shown.flatMap(({ value, before }) => [value ?? 0, before ?? 0]), 0);
  const letters = Math.max(1, ...shown.map((bar) => said(bar, panel.unit).length));
  return (
    <div ref={box} className="min-h-0 flex-1 overflow-hidden">
      {height > 0 ? (
        <ul aria-label={panel.title}>
          {shown.map((bar) => (
            <li key={bar.key} style={{ height: ROW_PX }} className="flex items-center">
              <OneBar bar={bar} most={most} letters={letters} text={said(bar, panel.unit)} drill={drill(bar)} />
            </li>
          ))}
        </ul>
      ) : null}
      {shown.length < all.length ? (
        <button type="button" onClick={onAll} className="h-6 rounded-sm px-1 text-sm text-accent hover:underline">
          {count(all.length - shown.length)} more
        </button>
      ) : null}
    </div>
  );
}

function said(bar: Bar, unit: Unit): string {
  if (bar.value === null) return "n/a";
  return bar.before === null ? amount(bar.value, unit) : `${amount(bar.value, unit)} (${amount(bar.before, unit)})`;
}

interface OneBarProps {
  bar: Bar;
  most: number;
  /** Characters of the longest value: bars are only comparable when all have the same room. */
  letters: number;
  text: string;
  drill: Drill;
}

function OneBar({ bar, most, letters, text, drill }: OneBarProps) {
  const part = (value: number | null) => (most > 0 ? Math.max(0.4, ((value ?? 0) / most) * 100) : 0);
  return (
    <DrillLink
      to={drill}
      className="group grid h-6 w-full grid-cols-[minmax(0,min(38%,260px))_minmax(0,1fr)] items-center gap-2 rounded-sm text-sm hover:bg-hover"
    >
      <span className="truncate text-right" title={bar.name}>
        {bar.name}
      </span>
      <span className="flex min-w-0 items-center gap-2 pr-1">
        {/* The value stands behind its bar, and keeps its room. */}
        <span className="flex min-w-0 flex-1 items-center gap-2">
          <span
            className={cn("h-3 shrink-0 rounded-[2px]", bar.other ? "bg-series-other" : "bg-series-1")}
            style={{ width: `calc((100% - ${letters + 1}ch - 8px) * ${part(bar.value) / 100})` }}
          />
          <span className="whitespace-nowrap text-muted group-hover:text-text" data-value={bar.value ?? ""}>
            {text}
          </span>
        </span>
      </span>
    </DrillLink>
  );
}

/** Parts of a whole, and what each is. */
export function PieChart({ panel, frame, drill, onAll }: Props) {
  const [box, { width, height }] = useSize<HTMLDivElement>();
  const palette = usePalette();
  const shown = useMemo(() => {
    const all = bars(panel, frame);
    return MEASURE[panel.measure].mean ? all.slice(0, SERIES) : capped(all, SERIES);
  }, [panel, frame]);
  const option = useMemo(() => pieOption(shown, palette), [shown, palette]);
  const total = shown.reduce((sum, { value }) => sum + (value ?? 0), 0);
  return (
    <div className="flex min-h-0 flex-1 items-center gap-4">
      <div ref={box} className="relative h-full w-2/5 max-w-44 shrink-0">
        <div role="img" aria-label={`${panel.title}: ${words(shown, panel.unit)}`} className="absolute inset-0">
          {width > 0 ? <Canvas option={option} width={width} height={height} /> : null}
        </div>
      </div>
      <ul aria-label={panel.title} className="max-h-full min-w-0 flex-1 overflow-hidden text-sm">
        {shown.map((bar, index) => (
          <li key={bar.key}>
            {bar.other ? (
              <button type="button" onClick={onAll} className="flex w-full rounded-sm text-left hover:bg-hover">
                <Part bar={bar} index={index} total={total} unit={panel.unit} />
              </button>
            ) : (
              <DrillLink to={drill(bar)} className="flex rounded-sm hover:bg-hover">
                <Part bar={bar} index={index} total={total} unit={panel.unit} />
              </DrillLink>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Part({ bar, index, total, unit }: { bar: Bar; index: number; total: number; unit: Unit }) {
  return (
    <span className="flex min-w-0 flex-1 items-center gap-2 px-1 py-1">
      <span aria-hidden="true" className={cn("size-2 shrink-0 rounded-[1px]", backgroundOf(index, bar.other))} />
      <span className="min-w-0 truncate">{bar.name}</span>
      <span className="ml-auto font-medium" data-value={bar.value ?? ""}>
        {amount(bar.value ?? 0, unit)}
      </span>
      <span className="w-9 text-right text-muted">
        {total > 0 ? `${Math.round(((bar.value ?? 0) / total) * 100)} %` : ""}
      </span>
    </span>
  );
}

function words(all: readonly Bar[], unit: Unit): string {
  return all.map(({ name, value }) => `${name} ${amount(value ?? 0, unit)}`).join(", ");
}
