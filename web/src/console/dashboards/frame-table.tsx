import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUpRight } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import type { Column, Frame, PanelDef, Value } from "../../api/dashboard-types";
import { useSize } from "../../charts/use-size";
import { DrillLink } from "../../components/drill-link";
import { cn } from "../../lib/cn";
import { columnWidths } from "../../lib/dashboards/columns";
import type { Drill } from "../../lib/dashboards/drill";
import { amount, rhythm } from "../../lib/dashboards/format";
import { rowCount, shownColumns, valueColumn, wordOf } from "../../lib/dashboards/frame";
import { columnWords } from "../../lib/dashboards/words";
import { Moment } from "../../ui/marks";

export interface FrameTableProps {
  panel: PanelDef;
  frame: Frame;
  label: string;
  /** Where the number of a row leads, or the row. */
  drill: (row: number) => Drill | null;
  /** What else can be done with a row, and how wide that is. */
  act?: (row: number) => ReactNode;
  actWidth?: number;
  /** It lies in a panel: its height is cut to whole rows. */
  fitted?: boolean;
}

const ROW_PX = 24;
/** Beyond so many rows only those in sight are on the page. */
const VIRTUAL_FROM = 60;

/** A frame as a table; what is long is drawn where it is looked at. */
export function FrameTable({ panel, frame, label, drill, act, actWidth = 0, fitted = false }: FrameTableProps) {
  const [outer, size] = useSize<HTMLDivElement>();
  const columns = useMemo(() => shownColumns(frame), [frame]);
  const { tracks, least } = useMemo(() => columnWidths(columns), [columns]);
  const count = rowCount(frame);
  const numbers = panel.unit === "rows" ? undefined : valueColumn(frame);
  const height = fitted ? Math.max(ROW_PX * 2, Math.floor(size.height / ROW_PX) * ROW_PX) : size.height;
  const tail = (numbers ? 0 : 28) + actWidth;
  // Without one of text the last column takes what is left.
  const flexible = tracks.some((track) => track.includes("fr"));
  const grid = `${tracks.join(" ")} ${flexible ? `${tail}px` : `minmax(${tail}px, 1fr)`}`;
  const minWidth = least + tail + tracks.length * 12 + 16;
  const rows = useVirtualizer({
    count,
    getScrollElement: () => outer.current?.firstElementChild ?? null,
    estimateSize: () => ROW_PX,
    overscan: 12,
    enabled: count > VIRTUAL_FROM,
  });
  const items =
    count > VIRTUAL_FROM ? rows.getVirtualItems() : Array.from({ length: count }, (_, index) => ({ index }));
  return (
    <div ref={outer} className="min-h-0 min-w-0 flex-1">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        className="overflow-auto"
        style={{ height: size.height > 0 ? height : undefined }}
      >
        <div role="table" aria-label={label} aria-rowcount={count + 1} className="text-sm" style={{ minWidth }}>
          <div
            role="row"
            aria-rowindex={1}
            className={cn(rowClass, "sticky top-0 z-1 bg-surface text-muted")}
            style={{ gridTemplateColumns: grid }}
          >
            {columns.map((column) => (
              <span key={column.name} role="columnheader" className={headClass(column)}>
                {columnWords(column.name)}
              </span>
            ))}
            <span role="columnheader" className="sr-only">
              Ways
            </span>
          </div>
          <div role="rowgroup" className="relative" style={{ height: count * ROW_PX }}>
            {items.map(({ index }) => {
              const to = drill(index);
              return (
                <div
                  key={index}
                  role="row"
                  aria-rowindex={index + 2}
                  data-row={index}
                  className={cn(rowClass, "absolute inset-x-0 hover:bg-hover")}
                  style={{ gridTemplateColumns: grid, top: index * ROW_PX }}
                >
                  {columns.map((column) => (
                    <span
                      key={column.name}
                      role="cell"
                      className={cellClass(column)}
                      title={plain(column, column.values[index] ?? null)}
                    >
                      <Cell column={column} value={column.values[index] ?? null} to={column === numbers ? to : null} />
                    </span>
                  ))}
                  <span role="cell" className="flex items-center justify-end gap-1">
                    {act?.(index)}
                    {to && !numbers ? (
                      <DrillLink
                        to={to}
                        aria-label={`${to.says}, row ${index + 1}`}
                        className="inline-flex size-6 items-center justify-center rounded-sm text-muted hover:bg-selected hover:text-text"
                      >
                        <ArrowUpRight size={14} aria-hidden="true" />
                      </DrillLink>
                    ) : null}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </section>
    </div>
  );
}

const rowClass = "grid h-6 items-center gap-3 border-b border-line px-2";

const headClass = ({ type }: Column): string => cn("min-w-0 truncate", type === "number" ? "text-right" : "");

function cellClass({ type, name }: Column): string {
  const mono = name === "raw" || name === "id" || name === "event_id";
  return cn("min-w-0 truncate", type === "number" ? "text-right" : "", mono ? "mono" : "");
}

function Cell({ column, value, to }: { column: Column; value: Value; to: Drill | null }) {
  if (column.type === "number" && to && typeof value === "number") {
    return (
      <DrillLink to={to} className="rounded-sm font-medium hover:text-accent hover:underline">
        <span data-value={value}>{amount(value, column.unit)}</span>
      </DrillLink>
    );
  }
  if (column.type === "time" && typeof value === "string") return <Moment time={value} />;
  return <span data-value={typeof value === "number" ? value : undefined}>{plain(column, value)}</span>;
}

/** A value as text. */
function plain(column: Column, value: Value): string {
  if (value === null) return column.name === "back" ? "silent now" : "–";
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return column.name === "cadence_seconds" ? rhythm(value) : amount(value, column.unit);
  return wordOf(column.name, value);
}
