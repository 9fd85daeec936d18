import { Link } from "@tanstack/react-router";
import { ChevronDown, Eye, GitMerge, Pencil } from "lucide-react";
import { type ReactNode, type Ref, useState } from "react";
import type { CaseRow, Responsibility } from "../../api/case-types";
import type { Assignee } from "../../api/types";
import { PivotButton } from "../../components/pivot";
import { RESPONSIBILITY } from "../../lib/case-entries";
import { cn } from "../../lib/cn";
import { who } from "../../lib/edits";
import { plural } from "../../lib/format";
import { entityQuery } from "../../lib/pivot";
import { DISPOSITION, ORIGIN } from "../../lib/words";
import { Button, IconButton } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { controlClass } from "../../ui/field";
import { Age, Badge, Moment, PriorityMark, StatusMark } from "../../ui/marks";
import { Menu, MenuRadio } from "../../ui/menu";
import type { EditField, Editor } from "../edit/editor";
import { usePatch } from "../edit/use-patch";
import { Tags } from "./tags";

interface Props {
  row: CaseRow;
  mayEdit: boolean;
  editor: Editor;
  /** Others who have it open. */
  looking: readonly Assignee[];
  ref: Ref<HTMLElement>;
}

const fieldClass =
  "flex h-7 min-w-32 max-xl:min-w-24 items-center gap-2 rounded-sm border border-control bg-surface px-2 hover:bg-hover aria-disabled:border-line aria-disabled:bg-transparent aria-disabled:text-muted";

/** Title and the fields a person decides, each changed in place, then what the node knows of it. */
export function DetailHeader({ row, mayEdit, editor, looking, ref }: Props) {
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
        className={fieldClass}
      >
        <span className="flex min-w-0 flex-1 truncate">{content}</span>
        {locked === null ? <ChevronDown size={14} className="text-muted" aria-hidden="true" /> : null}
      </button>
    </Fact>
  );
  return (
    <section
      ref={ref}
      tabIndex={-1}
      aria-label="Investigation"
      className="shrink-0 rounded-md border border-line bg-surface px-4 py-3"
    >
      <div className="flex items-start gap-3">
        <Title row={row} locked={locked} />
        <Looking people={looking} />
      </div>
      <div className="mt-0.5 flex flex-wrap items-center gap-x-2 text-muted">
        <span className="font-medium text-text">{row.customer.name}</span>
        <span>in {row.customer.region}</span>
        <span aria-hidden="true">·</span>
        <span>
          opened <Moment time={row.created_time} long /> (<Age time={row.created_time} /> ago)
        </span>
        <span className="max-xl:hidden" aria-hidden="true">
          ·
        </span>
        <span className="mono max-xl:hidden">{row.rrn}</span>
        <CopyButton compact text={row.rrn} label="Copy the resource name" />
        {locked ? <Badge title={locked}>Read only: {locked.toLowerCase()}</Badge> : null}
      </div>
      {row.merged_into ? <Merged into={row.merged_into} /> : null}
      <div className="mt-2.5 flex flex-wrap items-start gap-x-5 gap-y-2 max-xl:gap-x-3">
        {field("status", "Status", <StatusMark status={row.status} />)}
        {field(
          "priority",
          row.priority_inherited ? "Priority (of its signals)" : "Priority",
          <PriorityMark priority={row.priority} />,
        )}
        {field("disposition", "Disposition", DISPOSITION[row.disposition])}
        {field(
          "assignee",
          "Assignee",
          <span className={row.assignee ? "truncate" : "text-muted"}>{who(row.assignee)}</span>,
        )}
        <Fact label="Responsibility">
          <ResponsibilityMenu row={row} locked={locked} />
        </Fact>
        <Fact label="Tags">
          <Tags row={row} locked={locked !== null} />
        </Fact>
      </div>
      <div className="mt-1.5 flex flex-wrap items-start gap-x-6 gap-y-1 max-xl:gap-x-4">
        <Fact label="Entity">
          <Plain>
            {row.entity ? (
              <span className="group flex items-center gap-1.5">
                <span className="mono">{row.entity.value}</span> <span className="text-muted">{row.entity.type}</span>
                <PivotButton
                  query={entityQuery(row.entity.type, row.entity.value)}
                  value={row.entity.value}
                  time={row.latest_alert_time ?? row.created_time}
                />
              </span>
            ) : (
              "–"
            )}
          </Plain>
        </Fact>
        <Fact label="Opened by">
          <Plain>{ORIGIN[row.source]}</Plain>
        </Fact>
        <Time label="First signal" time={row.first_alert_time} />
        <Time label="Newest signal" time={row.latest_alert_time} />
        <Time label="Last accessed" time={row.last_accessed_time} />
        <Fact label="Updated">
          <Plain>
            <Age time={row.updated_time} /> ago
          </Plain>
        </Fact>
        {row.closed_time ? <Time label="Closed" time={row.closed_time} /> : null}
        {row.throttled_count ? (
          <Fact label="Held back">
            <Plain>
              <Badge
                tone="warn"
                title="They would have joined this investigation; a throttle held them back. They are signals all the same."
              >
                {plural(row.throttled_count, "signal")}
              </Badge>
            </Plain>
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
  return <div className="flex h-6 items-center gap-1.5 whitespace-nowrap">{children}</div>;
}

function Time({ label, time }: { label: string; time: string | null | undefined }) {
  return (
    <Fact label={label}>
      <Plain>{time ? <Moment time={time} /> : "–"}</Plain>
    </Fact>
  );
}

function Merged({ into }: { into: string }) {
  return (
    <p className="mt-2 flex items-center gap-2 rounded-sm border border-line bg-hover px-3 py-1.5">
      <GitMerge size={15} className="text-muted" aria-hidden="true" />
      <span>
        Merged into{" "}
        <Link to="/investigations/$rrn" params={{ rrn: into }} search={{}} className="text-accent hover:underline">
          another investigation
        </Link>
        : its signals, comments and evidence go on there.
      </span>
    </p>
  );
}

/** Others who have this page open. */
function Looking({ people }: { people: readonly Assignee[] }) {
  if (people.length === 0) return null;
  const names = people.map(({ name, email }) => name || email);
  return (
    <span className="ml-auto flex shrink-0 items-center gap-1" data-testid="looking">
      <Eye size={14} className="text-muted" aria-hidden="true" />
      <span className="sr-only">Also looking: {names.join(", ")}</span>
      {people.map(({ email, name }) => (
        <span
          key={email}
          aria-hidden="true"
          title={`${name || email} has it open`}
          className="inline-flex size-6 items-center justify-center rounded-full border border-accent bg-selected text-xs font-medium"
        >
          {initials(name || email)}
        </span>
      ))}
    </span>
  );
}

function initials(name: string): string {
  const parts = name.split(/[\s.@_-]+/).filter(Boolean);
  return `${parts[0]?.[0] ?? ""}${parts[1]?.[0] ?? ""}`.toUpperCase();
}

const NOBODY = "";

function ResponsibilityMenu({ row, locked }: { row: CaseRow; locked: string | null }) {
  const patch = usePatch();
  const said = row.responsibility ? RESPONSIBILITY[row.responsibility] : "Not said";
  if (locked !== null) return <Plain>{said}</Plain>;
  const options = [
    { value: NOBODY, label: "Not said" },
    { value: "MSSP", label: RESPONSIBILITY.MSSP },
    { value: "CUSTOMER", label: RESPONSIBILITY.CUSTOMER },
  ];
  const choose = (value: string) => {
    const responsibility = (value || null) as Responsibility | null;
    if (responsibility !== (row.responsibility ?? null)) void patch(row, { responsibility });
  };
  return (
    <Menu
      trigger={
        <button
          type="button"
          data-field="responsibility"
          title="Who must work it"
          className={cn(fieldClass, "min-w-28")}
        >
          <span className={cn("flex-1 text-left", row.responsibility ? "" : "text-muted")}>{said}</span>
          <ChevronDown size={14} className="text-muted" aria-hidden="true" />
        </button>
      }
    >
      <MenuRadio label="Responsibility" value={row.responsibility ?? NOBODY} options={options} onChoose={choose} />
    </Menu>
  );
}

function Title({ row, locked }: { row: CaseRow; locked: string | null }) {
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
