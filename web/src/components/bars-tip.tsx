import { cn } from "../lib/cn";
import { fullTime } from "../lib/format";
import { popupClass } from "../ui/popover";

interface Props {
  /** Where the bar begins, in pixels, and how wide the chart is. */
  at: number;
  width: number;
  from: number;
  to: number;
  lines: { name: string; value: number; fill: string }[];
  format: (value: number) => string;
}

const WIDE = 240;

/** What the bar under the pointer says. */
export function BarsTip({ at, width, from, to, lines, format }: Props) {
  const said = lines.filter((line) => line.value > 0).reverse();
  const left = at + 16 + WIDE > width ? Math.max(0, at - WIDE - 8) : at + 16;
  return (
    <div
      aria-hidden="true"
      className={cn(popupClass, "pointer-events-none absolute top-1 z-2 px-2.5 py-1.5 text-sm")}
      style={{ left, width: WIDE }}
    >
      <div className="mb-0.5 text-muted">
        {moment(from)} – {clock(to)}
      </div>
      {said.length === 0 ? <div>Nothing</div> : null}
      {said.map((line) => (
        <div key={line.name} className="flex items-center gap-1.5">
          <svg viewBox="0 0 8 8" className="size-2 shrink-0" aria-hidden="true">
            <rect width="8" height="8" className={line.fill} />
          </svg>
          <span className="min-w-0 flex-1 truncate">{line.name}</span>
          <span className="font-medium">{format(line.value)}</span>
        </div>
      ))}
    </div>
  );
}

function moment(time: number): string {
  return fullTime(new Date(time).toISOString());
}

function clock(time: number): string {
  return moment(time).slice(-8);
}
