import type { ReactNode } from "react";
import { cn } from "../lib/cn";

/** A titled box. */
export function Panel({
  title,
  note,
  className,
  children,
}: {
  title: string;
  note?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={title}
      className={cn("flex shrink-0 flex-col gap-2 rounded-md border border-line bg-surface p-3", className)}
    >
      <div className="flex items-baseline gap-3">
        <h2 className="text-base font-semibold">{title}</h2>
        {note ? <span className="text-sm text-muted">{note}</span> : null}
      </div>
      {children}
    </section>
  );
}
