import { cn } from "../lib/cn";

interface Props {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  /** Why it cannot be turned; null when it can. It keeps the focus all the same. */
  locked?: string | null;
  busy?: boolean;
  describedBy?: string;
}

/** A setting that is on or off, and takes effect at once. */
export function Switch({ label, on, onChange, locked = null, busy = false, describedBy }: Props) {
  const off = locked !== null || busy;
  return (
    <button
      type="button"
      role="switch"
      aria-label={label}
      aria-checked={on}
      aria-disabled={off}
      aria-busy={busy}
      aria-describedby={describedBy}
      title={locked ?? undefined}
      onClick={() => (off ? undefined : onChange(!on))}
      className="group inline-flex h-7 shrink-0 items-center gap-2 rounded-sm px-1 aria-disabled:opacity-60"
    >
      <span
        aria-hidden="true"
        className={cn(
          "inline-flex h-4.5 w-8 items-center rounded-full border px-0.5",
          on ? "justify-end border-accent bg-accent" : "justify-start border-control bg-surface",
        )}
      >
        <span className={cn("size-3 rounded-full", on ? "bg-on-accent" : "bg-control")} />
      </span>
      <span aria-hidden="true" className="w-6 text-left text-sm font-medium">
        {on ? "ON" : "OFF"}
      </span>
    </button>
  );
}
