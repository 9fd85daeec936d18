import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, CircleX, Clock, History, RefreshCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Customer, SyncState, SyncSummary } from "../../api/types";
import { useTicking } from "../../lib/clock";
import { cn } from "../../lib/cn";
import { isSyncing, SYNC_STATE, syncNote, syncWords } from "../../lib/sync";
import { Spinner } from "../../ui/button";
import { Td } from "../../ui/table";

const marks: Record<SyncState, ReactNode> = {
  NEVER: <CircleDashed size={14} className="text-muted" aria-hidden="true" />,
  QUEUED: <Clock size={14} className="text-accent" aria-hidden="true" />,
  RUNNING: (
    <span className="flex text-accent">
      <Spinner />
    </span>
  ),
  OK: <CircleCheck size={14} className="text-ok-text" aria-hidden="true" />,
  PARTIAL: <TriangleAlert size={14} className="text-warn-text" aria-hidden="true" />,
  FAILED: <CircleX size={14} className="text-danger" aria-hidden="true" />,
  STALE: <History size={14} className="text-warn-text" aria-hidden="true" />,
};

/** How a sync stands: a shape, a word, and what matters most about it, ticking. */
export function SyncLine({ sync }: { sync: SyncSummary }) {
  const note = useTicking((now) => syncNote(sync, now));
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <span className="flex w-4 shrink-0 justify-center">{marks[sync.state]}</span>
      {/* When all is well the age goes before a part of the words does. */}
      <span
        className={cn("min-w-0", sync.state === "OK" ? "flex h-5 flex-wrap gap-x-1 overflow-hidden" : "truncate")}
        data-sync={sync.state}
      >
        <span className={cn(sync.state === "FAILED" ? "text-danger" : "", sync.state === "NEVER" ? "text-muted" : "")}>
          {SYNC_STATE[sync.state]}
        </span>
        {note ? (
          <span className="text-muted" suppressHydrationWarning>
            {" "}
            {note}
          </span>
        ) : null}
      </span>
    </span>
  );
}

interface Props {
  customer: Customer;
  /** Null where it is not this person's to begin one. */
  onSync: ((customer: Customer) => void) | null;
}

/** The Status column: how the last sync went, where all of it is told, and a button for the next while one is at the cell. */
export function SyncCell({ customer, onSync }: Props) {
  const { id, name, sync } = customer;
  if (!sync) return <Td className="text-muted">–</Td>;
  return (
    <Td className="group/sync relative">
      <Link
        to="/customers/$id"
        params={{ id }}
        search={{ tab: "sync" }}
        title={syncWords(sync)}
        className="block rounded-sm hover:underline"
      >
        <SyncLine sync={sync} />
        <span className="sr-only">: the sync of {name}</span>
      </Link>
      {onSync ? (
        <button
          type="button"
          aria-label={`Sync Now: ${name}`}
          title={isSyncing(sync) ? "One is under way: this joins it" : "Begins a sync at once"}
          onClick={() => onSync(customer)}
          className="absolute inset-y-0 right-1 my-auto inline-flex h-6 items-center gap-1.5 rounded-sm border border-control bg-raised px-2 text-sm text-text opacity-0 group-focus-within/sync:opacity-100 group-hover/sync:opacity-100 hover:bg-hover"
        >
          <RefreshCw size={12} aria-hidden="true" />
          Sync Now
        </button>
      ) : null}
    </Td>
  );
}
