import { useQuery } from "@tanstack/react-query";
import { ArchiveX, Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import type { Removal } from "../../api/types";
import { Rows } from "../../components/rows";
import { useAction } from "../../components/use-action";
import { useTicking } from "../../lib/clock";
import { REMOVAL_KIND } from "../../lib/words";
import { Button } from "../../ui/button";
import { Age, Badge, Moment } from "../../ui/marks";
import { Empty } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";
import { DeleteCustomer, type Leaving } from "./delete-customer";

const REFRESH_MS = 5000;

/** Customers on their way out, and what became of those who are gone. */
export function Removals() {
  const [leaving, setLeaving] = useState<Leaving | null>(null);
  const query = useQuery({ queryKey: ["removals"], queryFn: api.removals, refetchInterval: REFRESH_MS });
  const undo = useAction({
    run: (removal: Removal) => api.restoreCustomer(removal.customer),
    done: (customer) => `${customer.name} is back, with its grants`,
    refused: "The deletion was not undone",
    refresh: ["removals", "customers", "grants"],
  });
  return (
    <>
      <Rows
        label="Removed customers"
        rows={query.data?.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty icon={<ArchiveX size={18} />} title="No customer was removed">
            A customer that is deleted stands here: until when it can be undone, and what its removal waits for.
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Removed customers">
            <thead>
              <tr>
                <Th>Customer</Th>
                <Th>State</Th>
                <Th>How and why</Th>
                <Th>By</Th>
                <Th className="text-right">When</Th>
                <Th>
                  <span className="sr-only">Actions</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((removal) => (
                <Line
                  key={removal.id}
                  removal={removal}
                  busy={undo.busy}
                  onUndo={() => undo.start(removal)}
                  onRemove={() =>
                    setLeaving({
                      id: removal.customer,
                      name: removal.name,
                      suspended: true,
                      failed: removal.detail ?? null,
                    })
                  }
                />
              ))}
            </tbody>
          </Table>
        )}
      </Rows>
      <DeleteCustomer leaving={leaving} onClose={() => setLeaving(null)} />
    </>
  );
}

interface LineProps {
  removal: Removal;
  busy: boolean;
  onUndo: () => void;
  onRemove: () => void;
}

function Line({ removal, busy, onUndo, onRemove }: LineProps) {
  const { name, region, state, how, reason, requested_by, requested_time } = removal;
  return (
    <tr className={trClass} data-removal={removal.customer} data-state={state}>
      <Td>
        <span className="font-medium">{name}</span> <span className="text-muted">{region}</span>
      </Td>
      <Td className="max-w-96">
        <State removal={removal} />
      </Td>
      <Td className="max-w-72">
        {REMOVAL_KIND[how]}
        {reason ? (
          <span className="block truncate text-muted" title={reason}>
            {reason}
          </span>
        ) : null}
      </Td>
      <Td className="max-w-56 truncate text-muted" title={requested_by}>
        {requested_by}
      </Td>
      <Td className="text-right whitespace-nowrap text-muted">
        <Age time={requested_time} /> ago
      </Td>
      <Td className="w-px text-right whitespace-nowrap">
        {state === "SUSPENDED" ? (
          <>
            <UndoButton removal={removal} busy={busy} onUndo={onUndo} />
            <Button
              look="quiet"
              className="h-6 px-2"
              aria-label={`Remove now: ${name}`}
              icon={<Trash2 size={14} aria-hidden="true" />}
              onClick={onRemove}
            >
              Remove now
            </Button>
          </>
        ) : null}
      </Td>
    </tr>
  );
}

/** Whether the time to undo it is over, as it passes. */
function useOver(removal: Removal): boolean {
  const until = removal.undo_until ? Date.parse(removal.undo_until) : Number.POSITIVE_INFINITY;
  return useTicking((now) => (now >= until ? "over" : "")) === "over";
}

function UndoButton({ removal, busy, onUndo }: Omit<LineProps, "onRemove">) {
  if (useOver(removal)) return null;
  return (
    <Button
      look="quiet"
      className="h-6 px-2 text-text"
      aria-label={`Undo the deletion of ${removal.name}`}
      disabled={busy}
      icon={<Undo2 size={14} aria-hidden="true" />}
      onClick={onUndo}
    >
      Undo
    </Button>
  );
}

const badges = {
  SUSPENDED: <Badge tone="warn">Suspended</Badge>,
  PENDING: <Badge tone="warn">Waits for its node</Badge>,
  DONE: <Badge>Removed</Badge>,
  UNDONE: <Badge tone="ok">Taken back</Badge>,
};

function State({ removal }: { removal: Removal }) {
  const over = useOver(removal);
  const { state, undo_until, closed_time, detail } = removal;
  return (
    <span className="flex flex-col gap-0.5 py-1">
      <span className="flex flex-wrap items-center gap-x-2">
        {badges[state]}
        {state === "SUSPENDED" && undo_until ? (
          over ? (
            <span className="text-muted">its removal is due</span>
          ) : (
            <span className="text-muted">
              can be undone until <Moment time={undo_until} />
            </span>
          )
        ) : null}
        {closed_time ? (
          <span className="text-muted">
            <Moment time={closed_time} />
          </span>
        ) : null}
      </span>
      {state === "SUSPENDED" || state === "PENDING" ? (
        detail ? (
          <span className="break-words first-letter:uppercase">{detail}</span>
        ) : state === "PENDING" ? (
          <span className="text-muted">It is told to clean up when it answers.</span>
        ) : null
      ) : null}
    </span>
  );
}
