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

const columns =
  "grid-cols-[16px_148px_minmax(90px,0.7fr)_minmax(110px,0.9fr)_minmax(110px,0.9fr)_minmax(160px,2.4fr)] max-xl:grid-cols-[16px_148px_minmax(84px,0.7fr)_minmax(100px,0.9fr)_minmax(160px,2.4fr)]";

/** A line of a failed record can be megabytes long: the row shows its beginning. */
const EXCERPT = 400;

/** Events newest first; a click opens one in place. Rows are virtual: thousands stay light. */
export function LogTable({ rows, footer }: { rows: EventRow[]; footer: ReactNode }) {
  const box = useRef<HTMLElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const { density } = useLook();
  const height = rowHeight(density);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
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
        )}
      >
        <span />
        <span>Time ({zoneName()})</span>
        <span>Source</span>
        <span>Record type</span>
        <span className={wideClass}>Product</span>
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
              <EventLine row={row} open={open.has(row.id)} onToggle={() => toggle(row.id)} />
            </div>
          ) : null;
        })}
      </div>
      <div className="flex justify-center px-3 py-3">{footer}</div>
    </ScrollBox>
  );
}

function EventLine({ row, open, onToggle }: { row: EventRow; open: boolean; onToggle: () => void }) {
  const product = [row.vendor, row.product, row.event_code].filter(Boolean).join(" ");
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className={cn(
          "row-grid h-(--row) w-full text-left hover:bg-hover",
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
        <span className={cn("truncate text-muted", wideClass)} title={product}>
          {product || "–"}
        </span>
        <span className="mono truncate">{row.reason_code ? row.raw.slice(0, EXCERPT) : row.message}</span>
      </button>
      {open ? (
        <div className="border-t border-line bg-bg px-3 py-2 pl-10">
          <EventDetail event={row} />
        </div>
      ) : null}
    </>
  );
}
