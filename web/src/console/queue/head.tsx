import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useRef } from "react";
import type { QueueSort } from "../../api/queue-types";
import { cn } from "../../lib/cn";
import { sortColumn } from "../../lib/queue-search";
import { wideClass } from "../../ui/table";
import type { ColumnDef, Layout } from "./columns";
import { TRACKS } from "./row";

interface Props {
  layout: Layout;
  sort: QueueSort;
  onSort: (sort: QueueSort) => void;
  ticked: "all" | "some" | "none";
  onTick: () => void;
}

/** The heads of the columns: a press orders by one, another press the other way round. */
export function Head({ layout, sort, onSort, ticked, onTick }: Props) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = ticked === "some";
  }, [ticked]);
  return (
    <div
      role="row"
      aria-rowindex={1}
      className={cn(
        "row-grid sticky top-0 z-2 h-(--row) border-b border-line bg-surface text-sm font-medium text-muted",
        TRACKS,
      )}
    >
      <span role="columnheader" className="flex">
        <input
          ref={box}
          type="checkbox"
          aria-label="Select every row in sight"
          className="size-4 accent-accent"
          checked={ticked === "all"}
          onChange={onTick}
        />
      </span>
      {layout.columns.map((column) => (
        <ColumnHead key={column.id} column={column} sort={sort} onSort={onSort} />
      ))}
      <span role="columnheader">
        <span className="sr-only">Actions</span>
      </span>
    </div>
  );
}

/** The order after a press on a column's head. */
export function nextSort({ sort: by, descending }: ColumnDef, now: QueueSort): QueueSort | null {
  if (!by) return null;
  if (sortColumn(now) !== by) return descending ? `-${by}` : by;
  return now.startsWith("-") ? by : `-${by}`;
}

function ColumnHead({ column, sort, onSort }: { column: ColumnDef } & Pick<Props, "sort" | "onSort">) {
  const { label, right, age, narrow } = column;
  const next = nextSort(column, sort);
  const active = column.sort !== undefined && sortColumn(sort) === column.sort;
  const down = sort.startsWith("-") !== Boolean(age);
  const Arrow = down ? ArrowDown : ArrowUp;
  return (
    <span
      role="columnheader"
      aria-sort={active ? (down ? "descending" : "ascending") : undefined}
      className={cn("flex min-w-0 items-center", right ? "justify-end" : "", narrow === null ? wideClass : "")}
    >
      {next ? (
        <button
          type="button"
          onClick={() => onSort(next)}
          className={cn("flex h-6 min-w-0 items-center gap-0.5 rounded-sm hover:text-text", active ? "text-text" : "")}
        >
          <span className="truncate">{label}</span>
          {active ? <Arrow size={12} className="shrink-0" aria-hidden="true" /> : null}
        </button>
      ) : (
        <span className="truncate">{label}</span>
      )}
    </span>
  );
}
