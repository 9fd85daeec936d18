import { useVirtualizer } from "@tanstack/react-virtual";
import { Download, Table2 } from "lucide-react";
import { useRef } from "react";
import type { SqlAnswer } from "../api/pending";
import { cn } from "../lib/cn";
import { cellText, columnWidths } from "../lib/columns";
import { csv, download } from "../lib/csv";
import { plural } from "../lib/format";
import { rowHeight, useLook } from "../lib/theme";
import { Button } from "../ui/button";
import { ScrollBox } from "../ui/scroll-box";
import { Empty, SkeletonRows } from "../ui/states";

interface Props {
  answer: SqlAnswer | undefined;
  busy: boolean;
  files: boolean;
}

/** What a statement gave. Rows are virtual: ten thousand stay light. */
export function SqlResult({ answer, busy, files }: Props) {
  if (!answer || busy) {
    return (
      <ScrollBox label="Result" className="min-h-40 flex-1">
        {busy ? (
          <SkeletonRows label="The statement runs" />
        ) : (
          <Empty icon={<Table2 size={18} />} title="No result yet">
            What a statement gives appears here.
          </Empty>
        )}
      </ScrollBox>
    );
  }
  const names = answer.columns.map((column) => column.name);
  return (
    <>
      <div className="flex min-h-7 shrink-0 items-center gap-3 text-muted">
        <span role="status">
          {plural(answer.rows.length, "row")} in {(answer.elapsed_ms / 1000).toFixed(2)} s
        </span>
        {answer.truncated ? (
          <span className="text-warn-text">
            {answer.truncated_by === "bytes"
              ? "There is more than an answer may hold: ask for fewer columns or rows."
              : "There are more rows than these."}
          </span>
        ) : null}
        {files && answer.rows.length > 0 ? (
          <Button
            className="ml-auto"
            icon={<Download size={14} aria-hidden="true" />}
            onClick={() => download("bailiwick.csv", "text/csv;charset=utf-8", csv(names, answer.rows))}
          >
            CSV
          </Button>
        ) : null}
      </div>
      <Grid key={answer.id} answer={answer} names={names} />
    </>
  );
}

const NUMBERS = new Set(["integer", "float", "decimal"]);

function Grid({ answer, names }: { answer: SqlAnswer; names: string[] }) {
  const box = useRef<HTMLElement>(null);
  const { density } = useLook();
  const height = rowHeight(density);
  const widths = columnWidths(names, answer.rows);
  const template = [...widths.map((px) => `${px}px`), "minmax(0, 1fr)"].join(" ");
  const total = widths.reduce((sum, px) => sum + px, 0);
  const virtual = useVirtualizer({
    count: answer.rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 16,
  });
  const line = "grid h-(--row) items-center border-b border-line";
  return (
    <ScrollBox ref={box} label="Result" className="min-h-40 flex-1">
      <div
        role="table"
        aria-label="Result"
        aria-rowcount={answer.rows.length + 1}
        style={{ minWidth: total }}
        className="relative"
      >
        <div role="rowgroup" className="sticky top-0 z-1 bg-surface">
          <div role="row" className={line} style={{ gridTemplateColumns: template }}>
            {answer.columns.map(({ name, type }, at) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: two columns of a statement may have one name
                key={at}
                role="columnheader"
                title={`${name}: ${type}`}
                className={cn("truncate px-3 text-sm font-medium text-muted", NUMBERS.has(type) ? "text-right" : "")}
              >
                {name}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className={cn(line, "absolute inset-x-0 top-0 hover:bg-hover")}
              style={{ gridTemplateColumns: template, transform: `translateY(${item.start}px)` }}
            >
              {answer.columns.map(({ type }, at) => {
                const value = answer.rows[item.index]?.[at];
                const text = cellText(value);
                return (
                  <span
                    // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place in the row
                    key={at}
                    role="cell"
                    title={text}
                    className={cn(
                      "mono truncate px-3",
                      NUMBERS.has(type) ? "text-right" : "",
                      value === null ? "text-muted italic" : "",
                    )}
                  >
                    {text}
                  </span>
                );
              })}
            </div>
          ))}
        </div>
      </div>
    </ScrollBox>
  );
}
