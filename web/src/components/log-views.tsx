import type { ReactNode } from "react";
import { cn } from "../lib/cn";

export const LOG_VIEWS = ["search", "sql"] as const;
export type LogView = (typeof LOG_VIEWS)[number];

const WORDS: Record<LogView, string> = { search: "Query", sql: "SQL" };

/** The two ways to ask: words, or SQL. */
export function LogViews({
  view,
  onView,
  children,
}: {
  view: LogView;
  onView: (view: LogView) => void;
  children?: ReactNode;
}) {
  return (
    <div className="flex items-center gap-2">
      <fieldset className="flex">
        <legend className="sr-only">Ask by</legend>
        {LOG_VIEWS.map((each, at) => (
          <button
            key={each}
            type="button"
            aria-pressed={view === each}
            onClick={() => onView(each)}
            className={cn(
              "h-7 border border-control px-3 text-base hover:bg-hover",
              at === 0 ? "rounded-l-sm" : "-ml-px rounded-r-sm",
              view === each ? "relative border-accent bg-selected font-medium hover:bg-selected" : "",
            )}
          >
            {WORDS[each]}
          </button>
        ))}
      </fieldset>
      {children}
    </div>
  );
}
