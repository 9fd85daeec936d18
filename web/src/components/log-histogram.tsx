import { ZoomOut } from "lucide-react";
import type { Histogram } from "../api/pending";
import { cn } from "../lib/cn";
import { count, plural } from "../lib/format";
import { IconButton } from "../ui/button";
import { Bars } from "./bars";
import { Legend } from "./legend";

const NAMES = ["Records", "Failed records"];
const FILLS = ["fill-accent", "fill-warn"];

interface Props {
  histogram: Histogram;
  /** What is shown belongs to the question before. */
  stale: boolean;
  onZoom: (from: string, to: string) => void;
}

/** Matching events over time; a span dragged over becomes the window. */
export function LogHistogram({ histogram, stale, onZoom }: Props) {
  const { data, width_ms, total } = histogram;
  const starts = data.map((bucket) => Date.parse(bucket.start));
  const last = starts.at(-1);
  if (last === undefined) return null;
  const end = last + width_ms;
  const iso = (time: number) => new Date(time).toISOString();
  const first = starts[0] ?? last;
  const wider = () => onZoom(iso(first - (end - first) / 2), iso(end + (end - first) / 2));
  return (
    <section
      aria-label="Histogram"
      className={cn("shrink-0 rounded-md border border-line bg-surface px-2 pt-1.5 pb-1", stale ? "opacity-60" : "")}
    >
      <div className="flex items-center gap-3 px-1">
        <span className="text-sm font-medium" data-testid="total">
          {plural(total, "event")}
        </span>
        {data.some((bucket) => bucket.failed_records > 0) ? <Legend names={NAMES} fills={FILLS} /> : null}
        <span className="ml-auto text-sm text-muted">{widthWords(width_ms)} a bar. Drag over bars to look closer.</span>
        <IconButton label="A wider window" className="size-6" onClick={wider}>
          <ZoomOut size={14} aria-hidden="true" />
        </IconButton>
      </div>
      <Bars
        label={`${plural(total, "event")} over time, ${widthWords(width_ms)} a bar`}
        starts={starts}
        end={end}
        series={[
          { name: "Records", values: data.map((bucket) => bucket.records) },
          { name: "Failed records", values: data.map((bucket) => bucket.failed_records) },
        ]}
        fills={FILLS}
        format={count}
        height={96}
        onBrush={(from, to) => onZoom(iso(from), iso(to))}
      />
    </section>
  );
}

/** `30 s`, `5 min`, `6 h`, `7 days`. */
function widthWords(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, "days"],
    [3_600_000, "h"],
    [60_000, "min"],
  ];
  const [size, word] = units.find(([unit]) => ms >= unit) ?? [1000, "s"];
  const n = Math.round(ms / size);
  return word === "days" && n === 1 ? "1 day" : `${n} ${word}`;
}
