import { useLocation, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { QueueRow, QueueSort } from "../../api/queue-types";
import type { Role } from "../../api/types";
import { cn } from "../../lib/cn";
import { edits } from "../../lib/edits";
import { useHotkeys } from "../../lib/hotkeys";
import { rowHeight, useLook } from "../../lib/theme";
import { useStable } from "../../lib/use-stable";
import { Button } from "../../ui/button";
import { Failure } from "../../ui/states";
import { askAbout } from "../edit/asked";
import type { EditField, Editor } from "../edit/editor";
import type { ActKind } from "./bulk/plan";
import type { Layout } from "./columns";
import { Head } from "./head";
import { lastPlace, rememberPlace } from "./place";
import { QueueRowLine, type RowActs } from "./row";
import type { Selection } from "./selection";
import type { Queue } from "./use-queue";

interface Props {
  rows: QueueRow[];
  /** What was asked: another question begins at the top. */
  query: string;
  roles: Map<string, Role | null>;
  me: string;
  layout: Layout;
  sort: QueueSort;
  onSort: (sort: QueueSort) => void;
  editor: Editor;
  queue: Queue & { held: boolean };
  selection: Selection;
  /** Does something with what is picked, else with the row under the cursor. */
  onAct: (kind: ActKind, row: QueueRow | undefined) => void;
  onMenu: (row: QueueRow, anchor: HTMLElement) => void;
  onClaim: (row: QueueRow) => void;
  onAssignMe: (row: QueueRow) => void;
}

/** Older rows are asked for before the end is reached. */
const AHEAD = 60;

/** The dense table: virtual rows of plain buttons, a cursor moved by keys, one shared popover. */
export function QueueGrid(props: Props) {
  const { rows, roles, me, layout, sort, queue, selection } = props;
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
  useSteady(box, rows, height);
  useTop(box, props.query);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.rrn === cursor),
  );
  const current = rows[at];
  const items = virtual.getVirtualItems();
  const shown = items.some((item) => item.index === at);
  const end = items.at(-1)?.index ?? 0;
  const wanted = queue.more && !queue.loadingMore && !queue.moreError && end >= rows.length - AHEAD && end > 0;
  useEffect(() => {
    if (wanted && (box.current?.scrollTop ?? 0) > 0) queue.loadMore();
  }, [wanted, queue.loadMore]);

  const navigate = useNavigate();
  const leave = () =>
    rememberPlace({
      href,
      order: rows.map((r) => r.rrn),
      cursor: current?.rrn ?? null,
      scrollTop: box.current?.scrollTop ?? 0,
    });
  const open = useStable((rrn: string) => {
    leave();
    edits.seen(rrn);
    void navigate({ to: "/investigations/$rrn", params: { rrn }, search: {} });
  });
  const cellOf = (field: string) =>
    box.current?.querySelector<HTMLElement>(`[data-row="${at}"] [data-field="${field}"]`);
  const point = (next: number) => {
    setCursor(rows[next]?.rrn ?? null);
    virtual.scrollToIndex(next);
  };
  const stepTo = (step: number) => Math.min(rows.length - 1, Math.max(0, cursor === null ? 0 : at + step));
  useGridKeys(props, {
    current,
    cellOf,
    move: (step) => point(stepTo(step)),
    stretch: (step) => {
      const next = rows[stepTo(step)];
      if (current && selection.picked.size === 0) selection.toggle(current.rrn, false);
      if (next) selection.extend(next.rrn);
      point(stepTo(step));
    },
    open,
    pageful: Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 2),
  });
  const acts = useRowActs(props, setCursor, open);
  const tracks = {
    "--wide": layout.wide,
    "--narrow": layout.narrow,
    minWidth: layout.least || undefined,
  } as CSSProperties;
  const ticked = selection.all || (rows.length > 0 && selection.picked.size - selection.gone === rows.length);
  return (
    <div
      ref={box}
      role="grid"
      aria-label="Investigations"
      aria-multiselectable="true"
      aria-busy={queue.held}
      aria-rowcount={queue.more ? -1 : rows.length + 1}
      aria-activedescendant={cursor !== null && shown ? `row-${at}` : undefined}
      tabIndex={0}
      className={cn(
        "min-h-0 flex-1 overflow-auto rounded-md border border-line bg-surface",
        queue.held ? "opacity-60" : "",
      )}
    >
      <div role="presentation" style={tracks}>
        <Head
          layout={layout}
          sort={sort}
          onSort={props.onSort}
          ticked={ticked ? "all" : selection.picked.size > 0 ? "some" : "none"}
          onTick={ticked ? selection.clear : selection.pickLoaded}
        />
        <div className="relative" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row ? (
              <QueueRowLine
                key={item.key}
                row={row}
                index={item.index}
                top={item.start}
                layout={layout}
                isCursor={cursor !== null && item.index === at}
                selected={selection.has(row.rrn)}
                lost={edits.hasLost(row.rrn)}
                mark={queue.marks.get(row.rrn)}
                role={roles.get(row.customer.id) ?? null}
                me={me}
                acts={acts}
              />
            ) : null;
          })}
        </div>
      </div>
      <Foot queue={queue} />
    </div>
  );
}

/** What a row may do; never another object, so that rows are not drawn again for it. */
function useRowActs(
  { selection, editor, onMenu }: Props,
  onPoint: (rrn: string) => void,
  onOpen: (rrn: string) => void,
) {
  return useMemo<RowActs>(
    () => ({ onPoint, onOpen, onEdit: editor.open, onSelect: selection.toggle, onMenu, onDifference: askAbout }),
    [onPoint, onOpen, editor.open, selection.toggle, onMenu],
  );
}

interface Cursor {
  current: QueueRow | undefined;
  cellOf: (field: string) => HTMLElement | null | undefined;
  move: (step: number) => void;
  stretch: (step: number) => void;
  open: (rrn: string) => void;
  pageful: number;
}

/** The keys of the queue. With rows picked, what changes something is about those; otherwise about the one under the cursor. */
function useGridKeys(props: Props, { current, cellOf, move, stretch, open, pageful }: Cursor) {
  const { rows, roles, editor, selection, onAct, onClaim, onAssignMe } = props;
  const many = selection.all || selection.picked.size > 0;
  const mine = current && roles.get(current.customer.id) !== "viewer" ? current : undefined;
  const edit = (field: EditField, kind: ActKind) => () => {
    if (many) return onAct(kind, undefined);
    const cell = cellOf(field) ?? cellOf("menu");
    if (mine && cell) editor.open(mine, field, cell);
  };
  const act = (kind: ActKind) => () => {
    if (many || mine) onAct(kind, many ? undefined : mine);
  };
  const down = (step: number) => (event: KeyboardEvent) => (event.shiftKey ? stretch(step) : move(step));
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    J: () => stretch(1),
    K: () => stretch(-1),
    ArrowDown: down(1),
    ArrowUp: down(-1),
    PageDown: down(pageful),
    PageUp: down(-pageful),
    Home: () => move(-rows.length),
    End: () => move(rows.length),
    Enter: () => current && open(current.rrn),
    x: () => current && selection.toggle(current.rrn, false),
    "*": selection.pickAll,
    Escape: selection.clear,
    s: edit("status", "status"),
    a: edit("assignee", "assign"),
    p: edit("priority", "priority"),
    d: edit("disposition", "disposition"),
    i: () => (many ? onAct("assign", undefined) : mine && onAssignMe(mine)),
    e: () => (many ? onAct("close", undefined) : mine && editor.close(mine, cellOf("status") ?? null)),
    m: act("comment"),
    l: act("tag"),
    t: () => mine && onClaim(mine),
  });
}

function useTop(box: React.RefObject<HTMLDivElement | null>, query: string) {
  const before = useRef(query);
  useLayoutEffect(() => {
    if (before.current !== query) box.current?.scrollTo(0, 0);
    before.current = query;
  }, [box, query]);
}

const LOOKED_AT = 15;
/** A longer way is another order, not new rows above. */
const FOLLOWED = 200;

/** Rows that come in above do not move what somebody reads further down. */
function useSteady(box: React.RefObject<HTMLDivElement | null>, rows: readonly QueueRow[], height: number) {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const old = before.current;
    before.current = rows;
    const scrolled = box.current?.scrollTop ?? 0;
    if (old === rows || scrolled === 0 || !box.current) return;
    const first = Math.ceil(scrolled / height);
    const index = new Map(rows.map((row, at) => [row.rrn, at]));
    const shifts: number[] = [];
    for (let at = first; at < Math.min(old.length, first + LOOKED_AT); at++) {
      const now = index.get(old[at]?.rrn ?? "");
      if (now !== undefined) shifts.push(now - at);
    }
    // A row that went elsewhere by its own change is no reason to follow it: what most of them did counts.
    const shift = shifts.sort((a, b) => a - b)[Math.floor(shifts.length / 2)] ?? 0;
    if (shift !== 0 && Math.abs(shift) <= FOLLOWED) box.current.scrollTop = scrolled + shift * height;
  }, [box, rows, height]);
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
