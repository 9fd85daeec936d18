import { X } from "lucide-react";
import { plural } from "../../../lib/format";
import { Button, IconButton } from "../../../ui/button";
import { Kbd } from "../../../ui/marks";
import type { Selection } from "../selection";
import type { Queue } from "../use-queue";
import { ACT_KINDS, ACTS, type ActKind } from "./plan";

interface Props {
  selection: Selection;
  queue: Queue;
  singleKeys: boolean;
  onAct: (kind: ActKind) => void;
}

/** What can be done with what is picked. At the end of the page, so that the rows stay where they are. */
export function BulkBar({ selection, queue, singleKeys, onAct }: Props) {
  const { picked, all, gone } = selection;
  if (!all && picked.size === 0) return null;
  const more = !all && (queue.more || picked.size - gone < (queue.rows?.length ?? 0));
  return (
    <div
      role="toolbar"
      aria-label="What is selected"
      data-testid="bulk-bar"
      className="flex flex-wrap items-center gap-2 rounded-md border border-accent bg-selected px-2.5 py-1.5"
    >
      <span className="font-medium" role="status" data-testid="picked">
        {all ? `Everything that matches${counted(queue)}` : `${picked.size} selected`}
      </span>
      {gone > 0 ? (
        <span className="text-sm text-muted">{plural(gone, "row")} of these left the list meanwhile</span>
      ) : null}
      {more ? (
        <Button look="quiet" onClick={selection.pickAll}>
          Select all that match{counted(queue)}
        </Button>
      ) : null}
      <span className="ml-auto flex flex-wrap gap-1.5">
        {ACT_KINDS.map((kind) => (
          <Button key={kind} onClick={() => onAct(kind)}>
            {ACTS[kind].button}
            {singleKeys && ACTS[kind].key ? (
              <span aria-hidden="true" className="max-2xl:hidden">
                <Kbd>{ACTS[kind].key}</Kbd>
              </span>
            ) : null}
          </Button>
        ))}
        <IconButton label="Select nothing (Esc)" onClick={selection.clear}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </span>
    </div>
  );
}

function counted({ count }: Queue): string {
  return count ? ` (${count.at_least ? "at least " : ""}${count.value})` : "";
}
