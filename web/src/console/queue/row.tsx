import { Link } from "@tanstack/react-router";
import { ChevronDown, Ellipsis, GitMerge, Swords } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { QueueRow } from "../../api/queue-types";
import type { Role } from "../../api/types";
import { cn } from "../../lib/cn";
import { who } from "../../lib/edits";
import { RESPONSIBILITY } from "../../lib/where";
import { DISPOSITION, ORIGIN } from "../../lib/words";
import { Age, PriorityMark, StatusMark } from "../../ui/marks";
import { wideClass } from "../../ui/table";
import type { EditField } from "../edit/editor";
import type { ColumnId, Layout } from "./columns";
import type { Mark } from "./marks";
import { OnRow } from "./people";

/** The tracks stand on the table, so that every row has the same. */
export const TRACKS = "grid-cols-(--wide) max-xl:grid-cols-(--narrow) max-xl:gap-x-2 max-xl:px-2";

export interface RowActs {
  onPoint: (rrn: string) => void;
  onOpen: (rrn: string) => void;
  onEdit: (row: QueueRow, field: EditField, anchor: HTMLElement) => void;
  /** `range` from where the last one was ticked. */
  onSelect: (rrn: string, range: boolean) => void;
  onMenu: (row: QueueRow, anchor: HTMLElement) => void;
  onDifference: (rrn: string) => void;
}

interface Props {
  row: QueueRow;
  index: number;
  top: number;
  layout: Layout;
  isCursor: boolean;
  selected: boolean;
  /** This browser's change of the row lost a race. */
  lost: boolean;
  mark: Mark | undefined;
  role: Role | null;
  me: string;
  acts: RowActs;
}

export const QueueRowLine = memo(function QueueRowLine(props: Props) {
  const { row, index, top, layout, isCursor, selected, lost, mark, acts } = props;
  const tab = isCursor ? 0 : -1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid moves its cursor by keys of its own
    <div
      id={`row-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-row={index}
      data-rrn={row.rrn}
      data-mark={mark}
      data-cursor={isCursor || undefined}
      onClick={() => acts.onPoint(row.rrn)}
      style={{ transform: `translateY(${top}px)` }}
      className={cn(
        "row-grid absolute inset-x-0 top-0 h-(--row) border-b border-line",
        TRACKS,
        selected || isCursor ? "bg-selected" : "hover:bg-hover",
        mark === "new" ? "row-new" : mark === "changed" ? "row-changed" : "",
        isCursor ? "shadow-[inset_2px_0_0_var(--color-accent)]" : "",
        lost ? "shadow-[inset_2px_0_0_var(--color-warn)]" : "",
        row.status === "CLOSED" ? "text-muted" : "",
      )}
    >
      <span role="gridcell" className="flex">
        <input
          type="checkbox"
          aria-label={`Select ${row.title}`}
          tabIndex={tab}
          className="size-4 accent-accent"
          checked={selected}
          onClick={(event) => acts.onSelect(row.rrn, event.shiftKey)}
          onChange={() => undefined}
        />
      </span>
      {layout.columns.map((column) => (
        <Cell
          key={column.id}
          {...props}
          id={column.id}
          className={cn(column.right ? "text-right" : "", column.narrow === null ? wideClass : "")}
        />
      ))}
      <span role="gridcell" className="flex">
        <button
          type="button"
          aria-label={`Actions for ${row.title}`}
          aria-haspopup="menu"
          data-field="menu"
          tabIndex={tab}
          onClick={(event) => acts.onMenu(row, event.currentTarget)}
          className="flex size-6 items-center justify-center rounded-sm text-muted hover:bg-raised hover:text-text"
        >
          <Ellipsis size={14} aria-hidden="true" />
        </button>
      </span>
    </div>
  );
});

/** The cells that are buttons: one shared menu opens at them. */
const EDITS: Partial<Record<ColumnId, [EditField, (row: QueueRow) => ReactNode]>> = {
  priority: ["priority", (row) => <PriorityMark priority={row.priority} />],
  status: ["status", (row) => <StatusMark status={row.status} />],
  assignee: [
    "assignee",
    (row) => <span className={cn("truncate", row.assignee ? "" : "text-muted")}>{who(row.assignee)}</span>,
  ],
  disposition: [
    "disposition",
    (row) => (
      <span className={cn("truncate", row.disposition === "UNDECIDED" ? "text-muted" : "")}>
        {DISPOSITION[row.disposition]}
      </span>
    ),
  ],
  responsibility: ["responsibility", (row) => <span className="truncate">{responsible(row)}</span>],
};

const responsible = ({ responsibility }: QueueRow) =>
  responsibility ? (RESPONSIBILITY[responsibility] ?? responsibility) : "–";

const since = (time: string | null | undefined) => (time ? <Age time={time} /> : "–");

/** The cells that are text: what stands there, how it looks, and what is said under the pointer. */
const TEXTS: Partial<Record<ColumnId, (row: QueueRow) => [ReactNode, string?, string?]>> = {
  customer: (row) => [row.customer.name, "", row.customer.name],
  region: (row) => [row.customer.region, "text-muted"],
  entity: (row) => [
    row.entity?.value ?? "–",
    "mono text-muted",
    row.entity ? `${row.entity.type}: ${row.entity.value}` : undefined,
  ],
  signals: (row) => [
    <>
      {row.signal_count}
      {row.throttled_count ? <span className="text-warn-text">+</span> : null}
    </>,
    "",
    row.throttled_count ? `${row.throttled_count} more were held back by a throttle` : undefined,
  ],
  source: (row) => [ORIGIN[row.source], "text-muted"],
  tags: (row) => [row.tags.join(", ") || "–", "text-muted", row.tags.join(", ")],
  comments: (row) => [row.comment_count ?? 0, "text-muted"],
  first: (row) => [since(row.first_alert_time), "text-muted"],
  latest: (row) => [since(row.latest_alert_time), "text-muted"],
  age: (row) => [since(row.created_time), "text-muted"],
  updated: (row) => [since(row.updated_time), "text-muted"],
  closed: (row) => [since(row.closed_time), "text-muted"],
  accessed: (row) => [since(row.last_accessed_time), "text-muted"],
  rrn: (row) => [row.rrn, "mono text-muted", row.rrn],
};

function Cell({ id, className, ...props }: Props & { id: ColumnId; className: string }) {
  const { row, role, isCursor, acts } = props;
  if (id === "title") return <Title {...props} />;
  const edit = EDITS[id];
  if (edit) {
    const [field, content] = edit;
    const locked = role === "viewer" ? `You are a viewer at ${row.customer.name}: you may look, not change` : null;
    return (
      <span role="gridcell" className={cn("min-w-0", className)}>
        <EditCell
          field={field}
          locked={locked}
          tabIndex={isCursor ? 0 : -1}
          onEdit={(anchor) => acts.onEdit(row, field, anchor)}
        >
          {content(row)}
        </EditCell>
      </span>
    );
  }
  const [content, look, title] = TEXTS[id]?.(row) ?? [null];
  return (
    <span role="gridcell" data-column={id} title={title} className={cn("truncate", look, className)}>
      {content}
    </span>
  );
}

function Title({ row, isCursor, lost, mark, me, acts }: Props) {
  const tab = isCursor ? 0 : -1;
  return (
    <span role="gridcell" className="flex min-w-0 items-center gap-1.5">
      {lost ? (
        <button
          type="button"
          title="Somebody else changed this first: see the difference"
          aria-label="Your change lost a race: see the difference"
          tabIndex={tab}
          onClick={() => acts.onDifference(row.rrn)}
          className="flex size-6 shrink-0 items-center justify-center rounded-sm text-warn-text hover:bg-raised"
        >
          <Swords size={13} aria-hidden="true" />
        </button>
      ) : null}
      {row.merged_into ? (
        <span title="Merged into another investigation" className="shrink-0 text-muted">
          <GitMerge size={13} aria-hidden="true" />
          <span className="sr-only">Merged into another investigation.</span>
        </span>
      ) : null}
      <Link
        to="/investigations/$rrn"
        params={{ rrn: row.rrn }}
        search={{}}
        tabIndex={tab}
        title={row.title}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          acts.onOpen(row.rrn);
        }}
        className="truncate font-medium hover:text-accent hover:underline"
      >
        {row.title}
      </Link>
      {mark === "new" ? <span className="sr-only">New.</span> : null}
      <OnRow row={row} me={me} />
    </span>
  );
}

interface CellProps {
  field: EditField;
  locked: string | null;
  tabIndex: number;
  onEdit: (anchor: HTMLElement) => void;
  children: ReactNode;
}

function EditCell({ field, locked, tabIndex, onEdit, children }: CellProps) {
  return (
    <button
      type="button"
      data-field={field}
      tabIndex={tabIndex}
      aria-disabled={locked !== null}
      aria-haspopup="menu"
      title={locked ?? `Change ${field}`}
      onClick={(event) => (locked === null ? onEdit(event.currentTarget) : undefined)}
      className="group -mx-1.5 flex h-6 w-[calc(100%+12px)] min-w-0 items-center gap-1.5 rounded-sm px-1.5 text-left hover:bg-raised hover:outline hover:outline-control aria-disabled:hover:bg-transparent aria-disabled:hover:outline-none"
    >
      <span className="flex min-w-0 flex-1 items-center">{children}</span>
      <ChevronDown
        size={12}
        className="shrink-0 text-muted opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100 group-aria-disabled:hidden"
        aria-hidden="true"
      />
    </button>
  );
}
