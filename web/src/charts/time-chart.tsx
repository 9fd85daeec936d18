import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Chart, Unit } from "../api/dashboard-types";
import { useFollow } from "../components/drill-link";
import { useBrush } from "../components/use-brush";
import { cn } from "../lib/cn";
import type { Drill } from "../lib/dashboards/drill";
import { amount } from "../lib/dashboards/format";
import type { Series, Timed } from "../lib/dashboards/frame";
import { AnchoredMenu, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu";
import { Canvas } from "./canvas";
import { bucketWords, ChartTip } from "./chart-tip";
import { MARGIN, timeOption } from "./options";
import { backgroundOf, usePalette } from "./palette";
import { useSize } from "./use-size";

interface Props {
  kind: Extract<Chart, "columns" | "lines" | "outlier">;
  data: Timed;
  unit: Unit;
  /** What it shows, in words. */
  label: string;
  onZoom: (from: number, to: number) => void;
  /** Where the number of a bucket leads; without a series, that of all of them. */
  drill: (series: Series | null, from: number, to: number) => Drill;
  legend?: boolean;
}

/** A chart over time: legend, the point under the pointer or the keyboard, zoom by dragging, and each number's way to its rows. */
export function TimeChart({ kind, data, unit, label, onZoom, drill, legend = true }: Props) {
  const [box, size] = useSize<HTMLDivElement>();
  const palette = usePalette();
  const option = useMemo(
    () => (size.width > 0 ? timeOption({ kind, data, unit, ...size }, palette) : null),
    [kind, data, unit, size, palette],
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-1">
      {legend && data.series.length > 1 ? <ChartLegend data={data} /> : null}
      <div ref={box} className="relative min-h-0 flex-1">
        <div role="img" aria-label={label} className="absolute inset-0">
          {option ? <Canvas option={option} width={size.width} height={size.height} /> : null}
        </div>
        {size.width > 0 ? (
          <Points
            kind={kind}
            data={data}
            shown={data.series}
            unit={unit}
            label={label}
            size={size}
            onZoom={onZoom}
            drill={drill}
          />
        ) : null}
      </div>
    </div>
  );
}

function ChartLegend({ data }: { data: Timed }) {
  return (
    <ul aria-label="Series" className="flex max-h-13.5 flex-wrap gap-x-3 overflow-hidden text-sm text-muted">
      {data.series.map((one, index) => (
        <li key={one.key} title={one.name} className="flex h-4.5 min-w-0 items-center gap-1.5">
          <span
            aria-hidden="true"
            className={cn(
              "size-2 shrink-0",
              backgroundOf(index, one.other),
              one.other ? "rounded-full" : "rounded-[1px]",
            )}
          />
          <span className="max-w-40 truncate">{one.name}</span>
        </li>
      ))}
    </ul>
  );
}

interface PointsProps extends Omit<Props, "legend"> {
  shown: readonly Series[];
  size: { width: number; height: number };
}

/** What lies over the drawing: the point that is looked at, and what can be done with it. */
function Points({ kind, data, shown, unit, label, size, onZoom, drill }: PointsProps) {
  const { starts, end } = data;
  const [key, setKey] = useState<number | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const area = useRef<HTMLButtonElement>(null);
  const [mark, setMark] = useState<HTMLElement | null>(null);
  const room = Math.max(1, size.width - MARGIN.left - MARGIN.right);
  const banded = kind === "columns";
  const last = Math.max(1, starts.length - 1);
  const x = (at: number) => (banded ? ((at + 0.5) / starts.length) * room : (at / last) * room);
  const indexAt = (px: number) => {
    const part = Math.min(0.9999, Math.max(0, px / room));
    return banded ? Math.floor(part * starts.length) : Math.round(part * last);
  };
  const brush = useBrush((px) => starts[indexAt(px)] ?? 0, starts, end, onZoom, setOpen);
  const at = open ?? brush.over ?? key;
  const from = at === null ? 0 : (starts[at] ?? 0);
  const to = at === null ? 0 : (starts[at + 1] ?? end);
  const press = (event: KeyboardEvent) => {
    const moved = step(event.key, key, starts.length);
    if (moved === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    setKey(moved);
  };
  return (
    <>
      <button
        ref={area}
        type="button"
        data-points=""
        aria-label={`Points of ${label}: arrows move, Enter opens what is behind one`}
        className="absolute cursor-crosshair touch-none rounded-none"
        style={{ left: MARGIN.left, top: MARGIN.top, width: room, bottom: MARGIN.bottom }}
        onKeyDown={press}
        onBlur={() => setKey(null)}
        onClick={(event) => {
          // The pointer has its own way; this is Enter or the space bar.
          if (event.detail === 0) setOpen(key ?? starts.length - 1);
        }}
        {...brush.listeners}
      >
        {at !== null ? (
          <span
            ref={setMark}
            className="pointer-events-none absolute inset-y-0 w-px bg-muted"
            style={{ left: x(at) }}
          />
        ) : null}
        {brush.chosen ? <Chosen chosen={brush.chosen} starts={starts} x={x} room={room} banded={banded} /> : null}
      </button>
      <span className="sr-only" aria-live="polite">
        {key === null ? "" : `${bucketWords(from, to)}: ${said(shown, key, unit)}`}
      </span>
      {at !== null && open === null && !brush.chosen ? (
        <ChartTip
          at={MARGIN.left + x(at)}
          width={size.width}
          from={from}
          to={to}
          bucket={at}
          series={shown}
          unit={unit}
        />
      ) : null}
      {open !== null && mark ? (
        <PointMenu
          anchor={mark}
          at={open}
          data={data}
          shown={shown}
          unit={unit}
          drill={drill}
          onZoom={() => onZoom(from, to)}
          onClose={() => {
            setOpen(null);
            area.current?.focus();
          }}
        />
      ) : null}
    </>
  );
}

function step(pressed: string, at: number | null, length: number): number | null | undefined {
  const now = at ?? (pressed === "ArrowLeft" ? length : -1);
  const place: Record<string, number> = {
    ArrowLeft: Math.max(0, now - 1),
    ArrowRight: Math.min(length - 1, now + 1),
    Home: 0,
    End: length - 1,
  };
  if (pressed === "Escape") return at === null ? undefined : null;
  return place[pressed];
}

function said(series: readonly Series[], at: number, unit: Unit): string {
  const some = series.flatMap(({ name, values }) => {
    const value = values[at];
    return value === null || value === undefined ? [] : [`${name ? `${name} ` : ""}${amount(value, unit)}`];
  });
  return some.length > 0 ? some.join(", ") : "nothing known";
}

interface ChosenProps {
  chosen: [number, number];
  starts: readonly number[];
  x: (at: number) => number;
  room: number;
  banded: boolean;
}

function Chosen({ chosen, starts, x, room, banded }: ChosenProps) {
  const half = banded ? room / starts.length / 2 : 0;
  const first = starts.indexOf(chosen[0]);
  const after = starts.indexOf(chosen[1]);
  const left = Math.max(0, x(first) - half);
  const right = Math.min(room, after === -1 ? room : x(banded ? after - 1 : after) + half);
  return (
    <span
      className="pointer-events-none absolute inset-y-0 bg-accent opacity-25"
      style={{ left, width: Math.max(2, right - left) }}
    />
  );
}

interface PointMenuProps {
  anchor: HTMLElement;
  at: number;
  data: Timed;
  shown: readonly Series[];
  unit: Unit;
  drill: Props["drill"];
  onZoom: () => void;
  onClose: () => void;
}

/** What is behind one bucket: each series' number, and closer in time. */
function PointMenu({ anchor, at, data: { starts, end }, shown, unit, drill, onZoom, onClose }: PointMenuProps) {
  const go = useFollow();
  const [from, to] = [starts[at] ?? 0, starts[at + 1] ?? end];
  const some = shown.filter((one) => (one.values[at] ?? 0) !== 0 && !one.other);
  return (
    <AnchoredMenu anchor={anchor} label={bucketWords(from, to)} onClose={onClose}>
      <MenuLabel>{bucketWords(from, to)}: the rows behind</MenuLabel>
      {some.map((one) => (
        <MenuItem key={one.key} onClick={() => go(drill(one, from, to))}>
          <span className="flex w-64 items-center gap-3">
            <span className="min-w-0 flex-1 truncate">{one.name || "All"}</span>
            <span className="font-medium">{amount(one.values[at] ?? 0, unit)}</span>
          </span>
        </MenuItem>
      ))}
      {some.length !== 1 ? (
        <MenuItem onClick={() => go(drill(null, from, to))}>
          {some.length === 0 ? "Nothing; look anyway" : "All of them"}
        </MenuItem>
      ) : null}
      <MenuSeparator />
      <MenuItem onClick={onZoom}>Zoom to this time</MenuItem>
    </AnchoredMenu>
  );
}
