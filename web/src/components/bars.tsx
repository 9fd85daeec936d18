import { useEffect, useRef, useState } from "react";
import { type Series, tickLabel, timeTicks, valueTicks } from "../lib/chart";
import { cn } from "../lib/cn";
import { BarsTip } from "./bars-tip";
import { useBrush } from "./use-brush";

interface Props {
  /** What the picture shows, for those who cannot see it. */
  label: string;
  /** Starts of the buckets, in milliseconds, and the end of the last. */
  starts: readonly number[];
  end: number;
  series: readonly Series[];
  /** A class that fills, for each series. */
  fills: readonly string[];
  format: (value: number) => string;
  /** Values are bytes: steps of 1024. */
  binary?: boolean;
  height: number;
  /** Given, a span of time can be chosen with the pointer. */
  onBrush?: (from: number, to: number) => void;
}

const LEFT = 56;
const BOTTOM = 18;
const TOP = 6;

/** Stacked bars over time. A picture: whoever shows it offers its numbers as text, too. */
export function Bars({ label, starts, end, series, fills, format, binary = false, height, onBrush }: Props) {
  const [box, width] = useWidth();
  const from = starts[0] ?? 0;
  const plot = { left: LEFT, width: Math.max(0, width - LEFT - 4), height: height - BOTTOM - TOP };
  const span = Math.max(1, end - from);
  const x = (time: number) => plot.left + ((time - from) / span) * plot.width;
  const time = (px: number) => from + Math.min(1, Math.max(0, (px - plot.left) / (plot.width || 1))) * span;
  const brush = useBrush(time, starts, end, onBrush);
  const sums = starts.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const values = valueTicks(Math.max(0, ...sums), 3, binary);
  const top = values.at(-1) ?? 1;
  const y = (value: number) => TOP + plot.height * (1 - value / top);
  return (
    <div ref={box} className="relative" style={{ height }}>
      {width > 0 ? (
        <svg
          role="img"
          aria-label={label}
          width={width}
          height={height}
          className={cn("block text-muted select-none", onBrush ? "cursor-crosshair touch-none" : "")}
          {...brush.listeners}
        >
          <Axes {...{ values, format, plot, y, x, from, end, span }} />
          {starts.map((start, at) => {
            const left = x(start);
            const wide = Math.max(1, x(starts[at + 1] ?? end) - left - (plot.width / starts.length > 4 ? 1 : 0));
            let below = 0;
            return series.map(({ name, values: of }, index) => {
              const value = of[at] ?? 0;
              if (value === 0) return null;
              below += value;
              return (
                <rect
                  key={`${start} ${name}`}
                  x={left}
                  y={y(below)}
                  width={wide}
                  height={Math.max(0.75, y(below - value) - y(below))}
                  className={cn(fills[index], brush.over !== null && brush.over !== at ? "opacity-60" : "")}
                />
              );
            });
          })}
          {brush.chosen ? (
            <rect
              x={x(brush.chosen[0])}
              y={TOP}
              width={Math.max(1, x(brush.chosen[1]) - x(brush.chosen[0]))}
              height={plot.height}
              className="fill-accent opacity-25"
            />
          ) : null}
        </svg>
      ) : null}
      {brush.over !== null && starts[brush.over] !== undefined ? (
        <BarsTip
          at={x(starts[brush.over] ?? from)}
          width={width}
          from={starts[brush.over] ?? from}
          to={starts[brush.over + 1] ?? end}
          lines={series.map(({ name, values: of }, index) => ({
            name,
            value: of[brush.over ?? 0] ?? 0,
            fill: fills[index] ?? "",
          }))}
          format={format}
        />
      ) : null}
    </div>
  );
}

interface AxesProps {
  values: number[];
  format: (value: number) => string;
  plot: { left: number; width: number; height: number };
  y: (value: number) => number;
  x: (time: number) => number;
  from: number;
  end: number;
  span: number;
}

function Axes({ values, format, plot, y, x, from, end, span }: AxesProps) {
  const base = TOP + plot.height;
  return (
    <g className="text-xs">
      {values.map((value) => (
        <g key={value}>
          <line x1={plot.left} x2={plot.left + plot.width} y1={y(value)} y2={y(value)} className="stroke-line" />
          <text x={plot.left - 6} y={y(value) + 4} textAnchor="end" className="fill-current">
            {format(value)}
          </text>
        </g>
      ))}
      {timeTicks(from, end, Math.max(2, plot.width / 110)).map((at) => {
        const place = x(at);
        // A label that would stand out at an edge is left out.
        return place - plot.left < 14 || plot.left + plot.width - place < 18 ? null : (
          <text key={at} x={place} y={base + 14} textAnchor="middle" className="fill-current">
            {tickLabel(at, span)}
          </text>
        );
      })}
    </g>
  );
}

function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    watch.observe(element);
    setWidth(element.clientWidth);
    return () => watch.disconnect();
  }, []);
  return [box, width] as const;
}
