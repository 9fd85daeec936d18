import { ChevronRight, FilePlus2, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Evidence } from "../../api/case-types";
import { CASE_LISTS, useCase, useEvidence } from "../../components/case/case-context";
import { EvidenceFacts } from "../../components/case/entry-panel";
import { Confirm, type Question } from "../../components/confirm";
import { EventDetail } from "../../components/event-detail";
import { Rows } from "../../components/rows";
import { cn } from "../../lib/cn";
import { Button, IconButton } from "../../ui/button";
import { Moment } from "../../ui/marks";
import { Empty } from "../../ui/states";

/** Log rows that people added, as they were then. */
export function EvidenceList({ onAdd }: { onAdd: () => void }) {
  const { source, mayEdit } = useCase();
  const query = useEvidence();
  const [question, setQuestion] = useState<Question | null>(null);
  const remove = (evidence: Evidence) =>
    setQuestion({
      title: "Take this row off?",
      meaning: <span className="mono break-all">{evidence.event.message || evidence.event.raw.slice(0, 300)}</span>,
      action: "Take off",
      danger: true,
      done: "Taken off",
      run: () => source.removeEvidence(evidence.event.id),
      refresh: CASE_LISTS,
    });
  const add = (
    <Button icon={<FilePlus2 size={14} aria-hidden="true" />} onClick={onAdd}>
      Add log data…
    </Button>
  );
  return (
    <div className="flex min-h-80 flex-1 flex-col gap-2">
      {mayEdit ? <div className="flex gap-2">{add}</div> : null}
      <Rows
        label="Evidence"
        className="flex-1"
        rows={query.data?.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty icon={<FilePlus2 size={18} />} title="No evidence was added">
            Rows of a log search can be added here. They stay as they were, even when the logs let them go.
          </Empty>
        }
      >
        {(rows) => (
          <ul>
            {rows.map((each) => (
              <EvidenceItem key={each.event.id} evidence={each} onRemove={mayEdit ? () => remove(each) : null} />
            ))}
          </ul>
        )}
      </Rows>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}

function EvidenceItem({ evidence, onRemove }: { evidence: Evidence; onRemove: (() => void) | null }) {
  const [open, setOpen] = useState(false);
  const { event, added_by, note } = evidence;
  return (
    <li className="border-b border-line" data-evidence={event.id}>
      <div className="flex items-center pr-2 hover:bg-hover">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="grid min-h-8 min-w-0 flex-1 grid-cols-[16px_150px_minmax(0,1fr)_minmax(80px,160px)] items-center gap-2 px-3 text-left"
        >
          <ChevronRight size={14} className={cn("text-muted", open ? "rotate-90" : "")} aria-hidden="true" />
          <span className="text-muted">
            <Moment time={event.event_time} long />
          </span>
          <span className="min-w-0">
            <span className="mono block truncate">{event.message || event.raw.slice(0, 300)}</span>
            {note ? <span className="block truncate text-sm text-muted">{note}</span> : null}
          </span>
          <span className="truncate text-sm text-muted">{added_by}</span>
        </button>
        {onRemove ? (
          <IconButton label="Take this row off" className="size-6" onClick={onRemove}>
            <Trash2 size={14} aria-hidden="true" />
          </IconButton>
        ) : null}
      </div>
      {open ? (
        <div className="flex flex-col gap-2 border-t border-line bg-bg px-4 py-2">
          <EvidenceFacts evidence={evidence} />
          <EventDetail event={event} />
        </div>
      ) : null}
    </li>
  );
}
