import { useLocation, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Investigation, Role, Sort } from "../../api/types";
import { cn } from "../../lib/cn";
import { edits } from "../../lib/edits";
import { useHotkeys } from "../../lib/hotkeys";
import { rowHeight, useLook } from "../../lib/theme";
import { useStable } from "../../lib/use-stable";
import { Button } from "../../ui/button";
import { Failure } from "../../ui/states";
import { wideClass } from "../../ui/table";
import type { EditField, Editor } from "../edit/editor";
import { lastPlace, rememberPlace } from "./place";
import { COLUMNS, QueueRow } from "./row";
import type { Queue } from "./use-queue";

interface Props {
  rows: Investigation[];
  roles: Map<string, Role | null>;
  sort: Sort;
  onSort: (sort: Sort | undefined) => void;
  editor: Editor;
  queue: Queue;
}

/** The dense table: virtual rows of plain buttons, a cursor moved by keys, one shared popover. */
export function QueueGrid({ rows, roles, sort, onSort, editor, queue }: Props) {
  const href = useLocation({ select: (l) => l.href });
  const back = useRef(lastPlace()?.href === href ? lastPlace() : null).current;
  const box = useRef<HTMLDivElement>(null);
  const height = rowHeight(useLook().density);
  const [cursor, setCursor] = useState<string | null>(back?.cursor ?? null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.rrn ?? index,
    initialOffset: back?.scrollTop ?? 0,
    scrollPaddingStart: height,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes change with the density alone
  useEffect(() => virtual.measure(), [height]);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.rrn === cursor),
  );
  const current = rows[at];
  const items = virtual.getVirtualItems();
  const shown = items.some((item) => item.index === at);

  const navigate = useNavigate();
  const leave = () =>
    rememberPlace({
      href,
      order: rows.map((r) => r.rrn),
      cursor: current?.rrn ?? null,
      scrollTop: box.current?.scrollTop ?? 0,
    });
  const move = (step: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, cursor === null ? 0 : at + step));
    setCursor(rows[next]?.rrn ?? null);
    virtual.scrollToIndex(next);
  };
  const edit = (field: EditField) => {
    if (!current || roles.get(current.customer.id) === "viewer") return;
    const cell = box.current?.querySelector<HTMLElement>(`[data-row="${at}"] [data-field="${field}"]`);
    if (cell) editor.open(current, field, cell);
  };
  const open = useStable((rrn: string) => {
    leave();
    edits.seen(rrn);
    void navigate({ to: "/investigations/$rrn", params: { rrn }, search: {} });
  });
  const pageful = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 2);
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(pageful),
    PageUp: () => move(-pageful),
    Home: () => move(-rows.length),
    End: () => move(rows.length),
    Enter: () => current && open(current.rrn),
    s: () => edit("status"),
    a: () => edit("assignee"),
    p: () => edit("priority"),
  });

  return (
    <div
      ref={box}
      role="grid"
      aria-label="Investigations"
      aria-rowcount={queue.more ? -1 : rows.length + 1}
      aria-activedescendant={cursor !== null && shown ? `row-${at}` : undefined}
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto rounded-md border border-line bg-surface"
    >
      <Head sort={sort} onSort={onSort} />
      <div className="relative" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return row ? (
            <QueueRow
              key={item.key}
              row={row}
              index={item.index}
              top={item.start}
              isCursor={cursor !== null && item.index === at}
              lost={edits.hasLost(row.rrn)}
              role={roles.get(row.customer.id) ?? null}
              onPoint={setCursor}
              onOpen={open}
              onEdit={editor.open}
            />
          ) : null;
        })}
      </div>
      <Foot queue={queue} />
    </div>
  );
}

function Foot({ queue }: { queue: Queue }) {
  if (queue.moreError) {
    return (
      <Failure
        error={queue.moreError}
        title="Older investigations could not be read"
        onRetry={queue.loadMore}
        className="m-3"
      />
    );
  }
  return queue.more ? (
    <div role="presentation" className="flex justify-center p-3">
      <Button busy={queue.loadingMore} onClick={queue.loadMore}>
        Load more
      </Button>
    </div>
  ) : null;
}

function Head({ sort, onSort }: Pick<Props, "sort" | "onSort">) {
  const by = (wanted: Sort) => () => onSort(wanted === "-priority" ? undefined : wanted);
  return (
    <div
      role="row"
      aria-rowindex={1}
      className={cn(
        "row-grid sticky top-0 z-2 h-(--row) border-b border-line bg-surface text-sm font-medium text-muted",
        COLUMNS,
      )}
    >
      <Column label="Priority" order={sort === "-priority" ? "descending" : undefined} onClick={by("-priority")} />
      <Column label="Title" />
      <Column label="Customer" />
      <Column label="Region" wide />
      <Column label="Entity" />
      <Column label="Signals" right />
      <Column label="Status" />
      <Column label="Assignee" />
      <Column
        label="Age"
        right
        wide
        order={sort === "-created_time" ? "ascending" : sort === "created_time" ? "descending" : undefined}
        onClick={by(sort === "-created_time" ? "created_time" : "-created_time")}
      />
      <Column
        label="Updated"
        right
        order={sort === "-updated_time" ? "ascending" : undefined}
        onClick={by("-updated_time")}
      />
    </div>
  );
}

interface ColumnProps {
  label: string;
  right?: boolean;
  /** Left out where there is no room. */
  wide?: boolean;
  order?: "ascending" | "descending";
  onClick?: () => void;
}

function Column({ label, right, wide, order, onClick }: ColumnProps): ReactNode {
  const arrow =
    order === "descending" ? (
      <ArrowDown size={12} aria-hidden="true" />
    ) : order ? (
      <ArrowUp size={12} aria-hidden="true" />
    ) : null;
  return (
    <span
      role="columnheader"
      aria-sort={order}
      className={cn("flex min-w-0 items-center", right ? "justify-end" : "", wide ? wideClass : "")}
    >
      {onClick ? (
        <button
          type="button"
          onClick={onClick}
          className={cn("flex h-6 items-center gap-0.5 rounded-sm hover:text-text", order ? "text-text" : "")}
        >
          {label}
          {arrow}
        </button>
      ) : (
        label
      )}
    </span>
  );
}
