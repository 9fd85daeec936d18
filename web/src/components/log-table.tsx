import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronRight } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import type { EventRow } from "../api/types";
import { cn } from "../lib/cn";
import { zoneName } from "../lib/format";
import { rowHeight, useLook } from "../lib/theme";
import { Badge, Moment } from "../ui/marks";
import { ScrollBox } from "../ui/scroll-box";
import { wideClass } from "../ui/table";
import { EventDetail } from "./event-detail";

/** What is ticked, by id. */
export type Chosen = ReadonlyMap<string, EventRow>;

interface Props {
  rows: EventRow[];
  footer: ReactNode;
  /** With it rows can be ticked. */
  chosen?: Chosen;
  onChosen?: (chosen: Chosen) => void;
  /** What can be done with the row that is open. */
  actions?: (row: EventRow) => ReactNode;
  /** There is little room. */
  narrow?: boolean;
  /** What tells rows apart; their id unless told. */
  keyOf?: (row: EventRow) => string;
  /** Whose a row is, where rows are of many customers. */
  customerOf?: (row: EventRow) => string;
}

const idOf = (row: EventRow) => row.id;

const wide =
  "grid-cols-[16px_148px_minmax(90px,0.7fr)_minmax(110px,0.9fr)_minmax(110px,0.9fr)_minmax(160px,2.4fr)] max-xl:grid-cols-[16px_148px_minmax(84px,0.7fr)_minmax(100px,0.9fr)_minmax(160px,2.4fr)]";
const slim = "grid-cols-[16px_148px_minmax(84px,0.7fr)_minmax(100px,0.9fr)_minmax(160px,2.4fr)]";
const across = "grid-cols-[16px_148px_minmax(120px,0.9fr)_minmax(84px,0.6fr)_minmax(100px,0.8fr)_minmax(160px,2.4fr)]";

/** A line of a failed record can be megabytes long: the row shows its beginning. */
const EXCERPT = 400;

/** Events newest first; a click opens one in place. Rows are virtual: thousands stay light. */
export function LogTable(props: Props) {
  const { rows, footer, chosen, onChosen, actions, narrow = false, keyOf = idOf, customerOf } = props;
  const columns = customerOf ? across : narrow ? slim : wide;
  const ticks = chosen !== undefined && onChosen !== undefined;
  const box = useRef<HTMLElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const { density } = useLook();
  const height = rowHeight(density);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => {
      const row = rows[index];
      return row ? keyOf(row) : index;
    },
    overscan: 12,
  });
  const toggle = (id: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <ScrollBox ref={box} label="Events" className="min-w-0 flex-1">
      <div
        className={cn(
          "row-grid sticky top-0 z-1 h-(--row) border-b border-line bg-surface text-sm font-medium text-muted",
          columns,
          ticks ? "pl-10" : "",
        )}
      >
        <span />
        <span>Time ({zoneName()})</span>
        {customerOf ? <span>Customer</span> : null}
        <span>Source</span>
        <span>Record type</span>
        {narrow || customerOf ? null : <span className={wideClass}>Product</span>}
        <span>Message</span>
      </div>
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row ? (
            <div
              key={item.key}
              data-index={item.index}
              ref={virtual.measureElement}
              className="absolute inset-x-0 top-0 border-b border-line"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <EventLine
                row={row}
                open={open.has(keyOf(row))}
                columns={columns}
                product={!narrow && !customerOf}
                customer={customerOf?.(row)}
                chosen={ticks ? chosen.has(row.id) : null}
                onChoose={() => onChosen?.(toggled(chosen, row))}
                onToggle={() => toggle(keyOf(row))}
                actions={actions}
              />
            </div>
          ) : null;
        })}
      </div>
      <div className="flex justify-center px-3 py-3">{footer}</div>
    </ScrollBox>
  );
}

function toggled(chosen: Chosen | undefined, row: EventRow): Chosen {
  const next = new Map(chosen);
  if (!next.delete(row.id)) next.set(row.id, row);
  return next;
}

interface LineProps {
  row: EventRow;
  open: boolean;
  columns: string;
  /** Whether there is room for the product. */
  product: boolean;
  customer: string | undefined;
  /** Null where rows are not ticked. */
  chosen: boolean | null;
  onChoose: () => void;
  onToggle: () => void;
  actions: ((row: EventRow) => ReactNode) | undefined;
}

function EventLine(props: LineProps) {
  const { row, open, columns, customer, chosen, onChoose, onToggle, actions } = props;
  const product = [row.vendor, row.product, row.event_code].filter(Boolean).join(" ");
  return (
    <>
      <div className={cn("flex", open ? "bg-selected" : "")}>
        {chosen === null ? null : (
          <label className="flex h-(--row) w-8 shrink-0 items-center justify-center">
            <input
              type="checkbox"
              aria-label={`Choose ${row.message.slice(0, 80)}`}
              className="size-4 accent-accent"
              checked={chosen}
              onChange={onChoose}
            />
          </label>
        )}
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className={cn(
            "row-grid h-(--row) w-full min-w-0 text-left hover:bg-hover",
            columns,
            open ? "bg-selected hover:bg-selected" : "",
          )}
        >
          <ChevronRight
            size={14}
            className={cn("text-muted transition-transform", open ? "rotate-90" : "")}
            aria-hidden="true"
          />
          <span className="text-muted">
            <Moment time={row.event_time} long />
          </span>
          {customer === undefined ? null : (
            <span data-customer className="truncate font-medium" title={customer}>
              {customer}
            </span>
          )}
          <span className="truncate" title={row.source_category}>
            {row.source_category}
          </span>
          <span className="truncate">
            {row.reason_code ? (
              <Badge tone="warn" title={row.reason ?? row.reason_code}>
                Failed record
              </Badge>
            ) : (
              row.record_type
            )}
          </span>
          {!props.product ? null : (
            <span className={cn("truncate text-muted", wideClass)} title={product}>
              {product || "–"}
            </span>
          )}
          <span className="mono truncate">{row.reason_code ? row.raw.slice(0, EXCERPT) : row.message}</span>
        </button>
      </div>
      {open ? (
        <div className="border-t border-line bg-bg px-3 py-2 pl-10">
          {actions ? <div className="flex flex-wrap gap-2 pb-2">{actions(row)}</div> : null}
          <EventDetail event={row} />
        </div>
      ) : null}
    </>
  );
}
