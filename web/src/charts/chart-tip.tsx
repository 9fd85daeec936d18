import type { Unit } from "../api/dashboard-types";
import { cn } from "../lib/cn";
import { amount } from "../lib/dashboards/format";
import type { Series } from "../lib/dashboards/frame";
import { fullTime } from "../lib/format";
import { popupClass } from "../ui/popover";
import { fillOf } from "./palette";

const WIDE = 260;

interface Props {
  /** Where the bucket stands, in pixels, and how wide the chart is. */
  at: number;
  width: number;
  from: number;
  to: number;
  bucket: number;
  series: readonly Series[];
  unit: Unit;
}

/** What the bucket under the pointer says. */
export function ChartTip({ at, width, from, to, bucket, series, unit }: Props) {
  const left = at + 14 + WIDE > width ? Math.max(-40, at - WIDE - 10) : at + 14;
  const told = series.map((one, index) => ({ one, index, value: one.values[bucket] ?? null }));
  const some = told.filter(({ value }) => value !== null && value !== 0);
  const shown = some.length > 0 ? some : told.slice(0, 1);
  return (
    <div
      aria-hidden="true"
      className={cn(popupClass, "pointer-events-none absolute top-1 z-2 px-2.5 py-1.5 text-sm")}
      style={{ left, width: WIDE }}
    >
      <div className="mb-0.5 text-muted">{bucketWords(from, to)}</div>
      {shown.map(({ one, index, value }) => (
        <div key={one.key}>
          <div className="flex items-center gap-1.5">
            <svg viewBox="0 0 8 8" className="size-2 shrink-0" aria-hidden="true">
              <rect width="8" height="8" className={one.outlier ? "fill-accent" : fillOf(index, one.other)} />
            </svg>
            <span className="min-w-0 flex-1 truncate">{one.name || "All"}</span>
            <span className="font-medium">{value === null ? "not known" : amount(value, unit)}</span>
          </div>
          <Expected one={one} bucket={bucket} unit={unit} />
        </div>
      ))}
    </div>
  );
}

function Expected({ one, bucket, unit }: { one: Series; bucket: number; unit: Unit }) {
  const [lower, upper] = [one.outlier?.lower[bucket], one.outlier?.upper[bucket]];
  if (!one.outlier) return null;
  if (lower === null || lower === undefined || upper === null || upper === undefined) {
    return <div className="text-muted">Too few points before it to expect anything</div>;
  }
  const severity = one.outlier.severity[bucket];
  return (
    <div className="text-muted">
      expected {amount(lower, unit)} to {amount(upper, unit)}
      {one.outlier.violation[bucket] ? (
        <span className="font-medium text-text">
          {" "}
          · outlier{severity ? `, ${severity.toFixed(1)} deviations off` : ""}
        </span>
      ) : null}
    </div>
  );
}

/** `22 Nov 2026 01:00 – 02:00`. */
export function bucketWords(from: number, to: number): string {
  const [start, end] = [from, to].map((time) => fullTime(new Date(time).toISOString()).slice(0, -3));
  if (start === undefined || end === undefined) return "";
  return start.slice(0, 11) === end.slice(0, 11) ? `${start} – ${end.slice(12)}` : `${start} – ${end}`;
}
