import { Link } from "@tanstack/react-router";
import { ChevronDown, Swords } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Investigation, Role } from "../../api/types";
import { cn } from "../../lib/cn";
import { who } from "../../lib/edits";
import { Age, PriorityMark, StatusMark } from "../../ui/marks";
import { wideClass } from "../../ui/table";
import type { EditField } from "../edit/editor";

export const COLUMNS =
  "grid-cols-[92px_minmax(200px,4.5fr)_minmax(110px,1.3fr)_48px_minmax(116px,1.8fr)_48px_116px_minmax(92px,1.4fr)_56px_58px] max-xl:grid-cols-[84px_minmax(146px,4.5fr)_minmax(100px,1.3fr)_minmax(100px,1.8fr)_48px_118px_minmax(104px,1.2fr)_58px]";

interface Props {
  row: Investigation;
  index: number;
  top: number;
  isCursor: boolean;
  /** This browser's change of the row lost a race. */
  lost: boolean;
  role: Role | null;
  onPoint: (rrn: string) => void;
  onOpen: (rrn: string) => void;
  onEdit: (row: Investigation, field: EditField, anchor: HTMLElement) => void;
}

export const QueueRow = memo(function QueueRow({
  row,
  index,
  top,
  isCursor,
  lost,
  role,
  onPoint,
  onOpen,
  onEdit,
}: Props) {
  const locked = role === "viewer" ? `You are a viewer at ${row.customer.name}: you may look, not change` : null;
  const tab = isCursor ? 0 : -1;
  const cell = (field: EditField, label: string, content: ReactNode) => (
    <span role="gridcell" className="min-w-0">
      <EditCell
        field={field}
        label={label}
        locked={locked}
        tabIndex={tab}
        onEdit={(anchor) => onEdit(row, field, anchor)}
      >
        {content}
      </EditCell>
    </span>
  );
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid moves its cursor by keys of its own
    <div
      id={`row-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isCursor}
      data-row={index}
      data-rrn={row.rrn}
      onClick={() => onPoint(row.rrn)}
      style={{ transform: `translateY(${top}px)` }}
      className={cn(
        "row-grid absolute inset-x-0 top-0 h-(--row) border-b border-line",
        COLUMNS,
        isCursor ? "bg-selected shadow-[inset_2px_0_0_var(--color-accent)]" : "hover:bg-hover",
        lost ? "shadow-[inset_2px_0_0_var(--color-warn)]" : "",
        row.status === "CLOSED" ? "text-muted" : "",
      )}
    >
      {cell("priority", "Priority", <PriorityMark priority={row.priority} />)}
      <span role="gridcell" className="flex min-w-0 items-center gap-1.5">
        {lost ? (
          <span title="Somebody else changed this first" className="shrink-0 text-warn-text">
            <Swords size={13} aria-hidden="true" />
            <span className="sr-only">Your change lost a race: this is the current state.</span>
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
            onOpen(row.rrn);
          }}
          className="truncate font-medium hover:text-accent hover:underline"
        >
          {row.title}
        </Link>
      </span>
      <Text title={row.customer.name}>{row.customer.name}</Text>
      <Text className={cn("text-muted", wideClass)}>{row.customer.region}</Text>
      <Text className="mono text-muted" title={row.entity ? `${row.entity.type}: ${row.entity.value}` : undefined}>
        {row.entity?.value ?? "–"}
      </Text>
      <Text className="text-right">{row.signal_count}</Text>
      {cell("status", "Status", <StatusMark status={row.status} />)}
      {cell(
        "assignee",
        "Assignee",
        <span className={cn("truncate", row.assignee ? "" : "text-muted")}>{who(row.assignee)}</span>,
      )}
      <Text className={cn("text-right text-muted", wideClass)}>
        <Age time={row.created_time} />
      </Text>
      <Text className="text-right text-muted">
        <Age time={row.updated_time} />
      </Text>
    </div>
  );
});

function Text({ className, title, children }: { className?: string; title?: string; children: ReactNode }) {
  return (
    <span role="gridcell" title={title} className={cn("truncate", className)}>
      {children}
    </span>
  );
}

interface CellProps {
  field: EditField;
  label: string;
  locked: string | null;
  tabIndex: number;
  onEdit: (anchor: HTMLElement) => void;
  children: ReactNode;
}

function EditCell({ field, label, locked, tabIndex, onEdit, children }: CellProps) {
  return (
    <button
      type="button"
      data-field={field}
      tabIndex={tabIndex}
      aria-disabled={locked !== null}
      aria-haspopup="menu"
      title={locked ?? `Change ${label.toLowerCase()}`}
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
