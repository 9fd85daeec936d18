import { ChevronDown, CircleCheck, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Scope } from "../api/types";
import { cn } from "../lib/cn";
import { plural } from "../lib/format";
import { headline, missing } from "../lib/scope";
import { Popover } from "../ui/popover";

interface Props {
  scope: Scope | undefined;
  /** What stands below the list of the missing, such as the way to a longer explanation. */
  children?: ReactNode;
}

/** Who answered and who did not: always visible, never silent. Opens to name each missing customer and the reason. */
export function ScopeLine({ scope, children }: Props) {
  if (!scope)
    return <span className="skeleton inline-block h-4 w-48" role="status" aria-label="Asking the customers' nodes" />;
  const absent = missing(scope);
  if (absent.length === 0) {
    return (
      <span className="inline-flex h-7 items-center gap-1.5 text-muted" data-testid="scope">
        <CircleCheck size={14} className="text-up" aria-hidden="true" />
        {headline(scope)}
      </span>
    );
  }
  const failed = absent.some((m) => m.failed);
  return (
    <Popover
      label="Customers missing from this answer"
      className="w-[440px] max-w-[calc(100vw-32px)]"
      trigger={
        <button
          type="button"
          data-testid="scope"
          className={cn(
            "inline-flex h-7 items-center gap-1.5 rounded-sm border px-2 text-base whitespace-nowrap",
            failed
              ? "border-warn bg-warn-soft text-text"
              : "border-line bg-surface text-muted hover:bg-hover hover:text-text",
          )}
        >
          <TriangleAlert size={14} className={failed ? "text-warn-text" : "text-muted"} aria-hidden="true" />
          {headline(scope)}
          <ChevronDown size={14} aria-hidden="true" />
        </button>
      }
    >
      <div className="border-b border-line px-3 py-2">
        <div className="font-semibold">{headline(scope)}</div>
        <div className="text-sm text-muted">
          What is missing below is listed here. Rows and counts are complete for all others.
        </div>
      </div>
      <ul className="max-h-80 overflow-auto py-1">
        {absent.map((m) => (
          <li key={m.key} className="flex items-start gap-3 px-3 py-1.5">
            <span className="min-w-0 flex-1">
              <span className="font-medium">{m.customer?.name ?? plural(m.count, "customer")}</span>
              {m.customer ? <span className="ml-1.5 text-sm text-muted">{m.customer.region}</span> : null}
              <span className="block text-muted">
                {m.reason}
                {m.detail ? <span className="block text-sm break-words">{m.detail}</span> : null}
              </span>
            </span>
            <code className="mono mt-0.5 text-muted">{m.code}</code>
          </li>
        ))}
      </ul>
      {failed ? (
        <div className="border-t border-line px-3 py-2 text-sm text-muted">
          Customers whose node did not answer appear by themselves as soon as it does.
        </div>
      ) : null}
      {children ? <div className="border-t border-line px-3 py-2">{children}</div> : null}
    </Popover>
  );
}
