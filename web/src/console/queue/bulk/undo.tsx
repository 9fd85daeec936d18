import { useMutation } from "@tanstack/react-query";
import { Undo2, X } from "lucide-react";
import { useState } from "react";
import * as api from "../../../api/queue";
import type { BulkResult, QueueRow } from "../../../api/queue-types";
import { useTicking } from "../../../lib/clock";
import { plural } from "../../../lib/format";
import { Button, IconButton } from "../../../ui/button";
import { Dialog, DialogActions } from "../../../ui/dialog";
import { words } from "../../../ui/states";
import { complain, notify } from "../../../ui/toast";
import { forgetBulk, type LastBulk, useLastBulks } from "./last";
import { NotChanged, NotReached } from "./shown";

/** Takes an act on many back; what somebody changed since is left alone, and said so. */
export function useUndo(told?: (result: BulkResult) => void) {
  const undo = useMutation({
    mutationFn: api.undoBulk,
    onSuccess: (result, id) => {
      forgetBulk(id);
      if (result.failed === 0) notify(`${plural(result.changed, "investigation")} as before`);
      else if (told) told(result);
      else complain(`${result.changed} as before, ${result.failed} left alone`, firstWhy(result));
    },
    onError: (error) => complain("Not undone", words(error)),
  });
  return { start: (id: string) => (undo.isPending ? undefined : undo.mutate(id)), busy: undo.isPending };
}

function firstWhy(result: BulkResult): string {
  return result.items.find(({ outcome }) => outcome !== "CHANGED")?.message ?? "Somebody changed them since.";
}

/** The last acts on many, for as long as they can be taken back. */
export function UndoBar({ rows }: { rows: ReadonlyMap<string, QueueRow> }) {
  const [left, setLeft] = useState<BulkResult | null>(null);
  return (
    <>
      {useLastBulks().map((last) => (
        <UndoLine key={last.id} last={last} onLeft={setLeft} />
      ))}
      <Dialog open={left !== null} onClose={() => setLeft(null)} title="Not everything was taken back">
        {left ? (
          <div className="flex flex-col gap-3">
            <p data-testid="undone">
              {left.changed} as before, {left.failed} left alone.
            </p>
            <NotChanged result={left} rows={rows} />
            <NotReached result={left} />
            <DialogActions>
              <Button look="primary" onClick={() => setLeft(null)}>
                Done
              </Button>
            </DialogActions>
          </div>
        ) : null}
      </Dialog>
    </>
  );
}

function UndoLine({ last, onLeft }: { last: LastBulk; onLeft: (result: BulkResult) => void }) {
  const undo = useUndo(onLeft);
  const time = useTicking((now) => remaining(last.until, now));
  if (time === "") return null;
  return (
    <div
      role="status"
      data-testid="undo"
      className="flex items-center gap-2 rounded-md border border-line bg-surface px-2.5 py-1"
    >
      <span className="truncate">
        {plural(last.changed, "investigation")} {last.said ? `changed: ${last.said}` : "changed"}
      </span>
      <Button
        busy={undo.busy}
        icon={<Undo2 size={14} aria-hidden="true" />}
        aria-label={`Undo: ${last.said}`}
        onClick={() => undo.start(last.id)}
      >
        Undo
      </Button>
      <span className="shrink-0 text-sm text-muted" aria-hidden="true">
        {time} left
      </span>
      <IconButton label="Keep it, and hide this" className="ml-auto" onClick={() => forgetBulk(last.id)}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

/** `9:41`; empty when the time is over. */
export function remaining(until: string, now: number): string {
  const seconds = Math.floor((Date.parse(until) - now) / 1000);
  if (!(seconds > 0)) return "";
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
