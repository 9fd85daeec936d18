import { cn } from "../../lib/cn";

/** A part of what is allowed; amber from four fifths, red when it is used up. */
export function Gauge({
  label,
  value,
  most,
  said,
}: {
  label: string;
  value: number;
  most: number | null;
  said: string;
}) {
  const part = most ? value / most : 0;
  return (
    <div className="flex flex-col gap-1">
      <div className="flex justify-between gap-4 text-sm">
        <span className="text-muted">{label}</span>
        <span className="font-medium">
          {said}
          {most ? ` (${Math.round(part * 100)} %)` : ""}
        </span>
      </div>
      {most ? (
        <div
          role="meter"
          aria-label={label}
          aria-valuenow={value}
          aria-valuemin={0}
          aria-valuemax={most}
          aria-valuetext={said}
          className="h-2 overflow-hidden rounded-full bg-line"
        >
          <div
            className={cn("h-full rounded-full", part >= 1 ? "bg-down" : part >= 0.8 ? "bg-warn" : "bg-accent")}
            style={{ width: `${Math.min(100, part * 100)}%` }}
          />
        </div>
      ) : null}
    </div>
  );
}
