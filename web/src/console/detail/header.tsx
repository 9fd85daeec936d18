import { ChevronDown, Pencil } from "lucide-react";
import { type ReactNode, type Ref, useState } from "react";
import type { Investigation } from "../../api/types";
import { cn } from "../../lib/cn";
import { who } from "../../lib/edits";
import { DISPOSITION, ORIGIN } from "../../lib/words";
import { Button, IconButton } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { controlClass } from "../../ui/field";
import { Age, Badge, Moment, PriorityMark, StatusMark } from "../../ui/marks";
import type { EditField, Editor } from "../edit/editor";
import { usePatch } from "../edit/use-patch";

interface Props {
  row: Investigation;
  mayEdit: boolean;
  editor: Editor;
  ref: Ref<HTMLElement>;
}

/** Title and the fields a person decides, each changed in place, then what the node knows of it. */
export function DetailHeader({ row, mayEdit, editor, ref }: Props) {
  const locked = mayEdit ? null : `Your role at ${row.customer.name} lets you look, not change`;
  const field = (name: EditField, label: string, content: ReactNode) => (
    <Fact label={label}>
      <button
        type="button"
        data-field={name}
        aria-haspopup="menu"
        aria-disabled={locked !== null}
        title={locked ?? `Change ${label.toLowerCase()}`}
        onClick={(event) => (locked === null ? editor.open(row, name, event.currentTarget) : undefined)}
        className="flex h-7 min-w-32 items-center gap-2 rounded-sm border border-control bg-surface px-2 hover:bg-hover aria-disabled:border-line aria-disabled:bg-transparent aria-disabled:text-muted"
      >
        <span className="flex min-w-0 flex-1 truncate">{content}</span>
        {locked === null ? <ChevronDown size={14} className="text-muted" aria-hidden="true" /> : null}
      </button>
    </Fact>
  );
  return (
    <section ref={ref} aria-label="Investigation" className="rounded-md border border-line bg-surface px-4 py-3">
      <Title row={row} locked={locked} />
      <div className="mt-0.5 flex flex-wrap items-center gap-x-2 text-muted">
        <span className="font-medium text-text">{row.customer.name}</span>
        <span>in {row.customer.region}</span>
        <span aria-hidden="true">·</span>
        <span>
          opened <Moment time={row.created_time} long /> (<Age time={row.created_time} /> ago)
        </span>
        <span aria-hidden="true">·</span>
        <span className="mono">{row.rrn}</span>
        <CopyButton compact text={row.rrn} label="Copy the resource name" />
        {locked ? <Badge title={locked}>Read only: {locked.toLowerCase()}</Badge> : null}
      </div>
      <div className="mt-3 flex flex-wrap items-start gap-x-6 gap-y-2">
        {field("status", "Status", <StatusMark status={row.status} />)}
        {field("priority", "Priority", <PriorityMark priority={row.priority} />)}
        {field("disposition", "Disposition", DISPOSITION[row.disposition])}
        {field(
          "assignee",
          "Assignee",
          <span className={row.assignee ? "truncate" : "text-muted"}>{who(row.assignee)}</span>,
        )}
        <Fact label="Entity">
          <Plain>
            {row.entity ? (
              <>
                <span className="mono">{row.entity.value}</span> <span className="text-muted">{row.entity.type}</span>
              </>
            ) : (
              "–"
            )}
          </Plain>
        </Fact>
        <Fact label="Opened by">
          <Plain>{ORIGIN[row.source]}</Plain>
        </Fact>
        <Fact label="Newest signal">
          <Plain>{row.latest_alert_time ? <Moment time={row.latest_alert_time} /> : "–"}</Plain>
        </Fact>
        <Fact label="Updated">
          <Plain>
            <Age time={row.updated_time} /> ago
          </Plain>
        </Fact>
        {row.tags.length > 0 ? (
          <Fact label="Tags">
            <span className="flex h-7 items-center gap-1">
              {row.tags.map((tag) => (
                <Badge key={tag}>{tag}</Badge>
              ))}
            </span>
          </Fact>
        ) : null}
      </div>
    </section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <div className="mb-0.5 text-xs text-muted">{label}</div>
      {children}
    </div>
  );
}

function Plain({ children }: { children: ReactNode }) {
  return <div className="flex h-7 items-center gap-1.5 whitespace-nowrap">{children}</div>;
}

function Title({ row, locked }: { row: Investigation; locked: string | null }) {
  const [draft, setDraft] = useState<string | null>(null);
  const patch = usePatch();
  if (draft === null) {
    return (
      <div className="flex items-center gap-1">
        <h1 className="min-w-0 text-lg font-semibold break-words">{row.title}</h1>
        {locked === null ? (
          <IconButton label="Rename" onClick={() => setDraft(row.title)}>
            <Pencil size={14} aria-hidden="true" />
          </IconButton>
        ) : null}
      </div>
    );
  }
  const save = () => {
    const title = draft.trim();
    if (title && title !== row.title) void patch(row, { title });
    setDraft(null);
  };
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <input
        aria-label="Title"
        className={cn(controlClass, "h-8 max-w-xl text-lg font-semibold")}
        maxLength={200}
        // biome-ignore lint/a11y/noAutofocus: the person just asked to type here
        autoFocus
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => (event.key === "Escape" ? setDraft(null) : undefined)}
      />
      <Button type="submit" look="primary">
        Save
      </Button>
      <Button onClick={() => setDraft(null)}>Cancel</Button>
    </form>
  );
}
