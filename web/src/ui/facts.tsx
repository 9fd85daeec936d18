import type { ReactNode } from "react";
import { cn } from "../lib/cn";

/** What is known of one thing, each with its name before it. */
export function Facts({ children, className }: { children: ReactNode; className?: string }) {
  return <dl className={cn("grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1.5", className)}>{children}</dl>;
}

export function FactRow({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
