import { CircleAlert, RefreshCw } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { ApiError } from "../api/http";
import { cn } from "../lib/cn";
import { Button, Spinner } from "./button";

/** Nothing to show, and why, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <div className="flex size-10 items-center justify-center rounded-full bg-hover text-muted">{icon}</div>
      <div className="text-base font-semibold">{title}</div>
      {children ? <div className="max-w-md text-base text-muted">{children}</div> : null}
      {action ? <div className="mt-2">{action}</div> : null}
    </div>
  );
}

/** Something failed: what, in words, and a way to try again. */
export function Failure({
  error,
  title,
  onRetry,
  busy = false,
  className,
}: {
  error: unknown;
  title: string;
  onRetry?: () => void;
  /** Whether it is being tried again. */
  busy?: boolean;
  className?: string;
}) {
  return (
    <div
      role="alert"
      className={cn("flex items-start gap-3 rounded-md border border-danger bg-danger-soft px-3 py-2.5", className)}
    >
      <CircleAlert size={16} className="mt-0.5 shrink-0 text-danger" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <div className="font-medium">{title}</div>
        <div className="break-words text-muted">{words(error)}</div>
      </div>
      {onRetry ? (
        <Button busy={busy} onClick={onRetry} icon={<RefreshCw size={14} aria-hidden="true" />}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

/** An error in words for people. */
export function words(error: unknown): string {
  if (error instanceof ApiError) return error.problem.detail ?? error.problem.title;
  return error instanceof Error ? error.message : "Something went wrong";
}

/** Before it is known who is here: nothing else can be shown. */
export function Loading() {
  return (
    <div role="status" aria-label="Loading" className="grid h-full place-items-center text-muted">
      <Spinner />
    </div>
  );
}

/** Grey bars where rows are about to be. */
export function SkeletonRows({ rows = 12, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars have no identity and never move
        <div key={row} className="flex h-(--row) items-center gap-4 border-b border-line px-3">
          <div className="skeleton h-2.5 w-16" />
          <div className="skeleton h-2.5 flex-1" style={{ maxWidth: `${34 + ((row * 37) % 28)}%` }} />
          <div className="skeleton ml-auto h-2.5 w-24" />
          <div className="skeleton h-2.5 w-14" />
        </div>
      ))}
    </div>
  );
}

/** Names the page in the browser's tab and history. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Bailiwick`;
  }, [title]);
}

/** Page title, what it counts, and the page's own actions at the right. */
export function PageHead({ title, note, children }: { title: string; note?: ReactNode; children?: ReactNode }) {
  useTitle(title);
  return (
    <div className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-2">
      <h1 className="text-lg font-semibold">{title}</h1>
      {note ? <span className="text-base text-muted">{note}</span> : null}
      <div className="ml-auto flex flex-wrap items-center justify-end gap-2">{children}</div>
    </div>
  );
}
