import { ArrowDown, ArrowUp, CircleHelp, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Health, Priority, Status } from "../api/types";
import { useTicking } from "../lib/clock";
import { cn } from "../lib/cn";
import { age, fullTime, shortTime, utcTime } from "../lib/format";
import { HEALTH, PRIORITY, PRIORITY_SEVERITY, type Severity, STATUS } from "../lib/words";

const shapes: Record<Severity, ReactNode> = {
  critical: <path d="M6 1 11.5 11H.5z" className="fill-critical" />,
  high: <path d="M6 .5 11.5 6 6 11.5.5 6z" className="fill-high" />,
  medium: <rect x="1.5" y="1.5" width="9" height="9" className="fill-medium stroke-medium-edge" />,
  low: <circle cx="6" cy="6" r="4.5" className="fill-low" />,
  info: <rect x="1" y="5" width="10" height="2" className="fill-info" />,
};

/** Severity as shape and colour; a word always stands beside it. */
export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <svg viewBox="0 0 12 12" className="size-2.5 shrink-0" aria-hidden="true">
      {shapes[severity]}
    </svg>
  );
}

export function PriorityMark({ priority }: { priority: Priority }) {
  return (
    <span className="inline-flex items-center gap-1.5 align-middle">
      <SeverityMark severity={PRIORITY_SEVERITY[priority]} />
      {PRIORITY[priority]}
    </span>
  );
}

const rings: Record<Status, ReactNode> = {
  OPEN: <circle cx="6" cy="6" r="4.5" fill="none" strokeWidth="1.5" className="stroke-accent" />,
  INVESTIGATING: (
    <>
      <circle cx="6" cy="6" r="4.5" fill="none" strokeWidth="1.5" className="stroke-accent" />
      <path d="M6 3.200a2.8 2.8 0 0 1 0 5.600z" className="fill-accent" />
    </>
  ),
  WAITING: (
    <>
      <circle cx="6" cy="6" r="4.5" fill="none" strokeWidth="1.5" className="stroke-warn-text" />
      <path d="M6 3.500V6l1.7 1.2" fill="none" strokeWidth="1.3" className="stroke-warn-text" />
    </>
  ),
  CLOSED: (
    <>
      <circle cx="6" cy="6" r="5.2" className="fill-unknown" />
      <path d="m3.8 6.1 1.5 1.5 2.9-3.1" fill="none" strokeWidth="1.4" className="stroke-surface" />
    </>
  ),
};

export function StatusMark({ status }: { status: Status }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5 align-middle">
      <svg viewBox="0 0 12 12" className="size-3 shrink-0" aria-hidden="true">
        {rings[status]}
      </svg>
      <span className="truncate">{STATUS[status]}</span>
    </span>
  );
}

const health: Record<Health, ReactNode> = {
  up: <ArrowUp size={15} className="text-up" aria-hidden="true" />,
  degraded: <TriangleAlert size={14} className="text-warn-text" aria-hidden="true" />,
  down: <ArrowDown size={15} className="text-down" aria-hidden="true" />,
  unknown: <CircleHelp size={14} className="text-unknown" aria-hidden="true" />,
};

/** Whether a server answers, before its name. */
export function HealthArrow({ state, title }: { state: Health; title?: string }) {
  return (
    <span className="inline-flex w-4 shrink-0 justify-center" title={title}>
      {health[state]}
      <span className="sr-only">{HEALTH[state]}</span>
    </span>
  );
}

/** How long ago, ticking; the full UTC time is in the tooltip. */
export function Age({ time }: { time: string }) {
  const text = useTicking((now) => age(time, now));
  return (
    <time dateTime={time} title={utcTime(time)} suppressHydrationWarning>
      {text}
    </time>
  );
}

/** A moment in the viewer's zone; the full UTC time is in the tooltip. */
export function Moment({ time, long = false }: { time: string; long?: boolean }) {
  return (
    <time dateTime={time} title={utcTime(time)} className="whitespace-nowrap">
      {long ? fullTime(time) : shortTime(time)}
    </time>
  );
}

type Tone = "neutral" | "ok" | "warn" | "bad" | "accent";
const tones: Record<Tone, string> = {
  neutral: "border-line bg-hover text-muted",
  ok: "border-up bg-ok-soft text-ok-text",
  warn: "border-warn bg-warn-soft text-warn-text",
  bad: "border-danger bg-danger-soft text-danger",
  accent: "border-accent bg-selected text-text",
};

export function Badge({ tone = "neutral", children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return (
    <span
      title={title}
      className={cn(
        "inline-flex h-5 items-center gap-1 rounded-sm border px-1.5 text-sm whitespace-nowrap",
        tones[tone],
      )}
    >
      {children}
    </span>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border border-line bg-hover px-1 font-mono text-xs text-muted">
      {children}
    </kbd>
  );
}
