import { Scale } from "lucide-react";
import * as api from "../../api/node";
import type { Meter } from "../../api/types";
import { bucketStart, bucketsOf } from "../../lib/chart";
import { cn } from "../../lib/cn";
import { bytes, count, plural } from "../../lib/format";
import { DROP_CAUSE, type SourceTotal, sourceTotals, type VolumeRange } from "../../lib/volume";
import { Badge } from "../../ui/marks";
import { Empty } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";
import { asked, type Counted, useWindow } from "./use-window";
import { WindowChart, WindowView } from "./window-view";

/** What each source brought and what became of it: every event is a record, a failed record or a counted drop. */
export function Accounting({ range }: { range: VolumeRange }) {
  const query = useWindow(["meters"], range, (window) => api.meters(asked(window)));
  const totals = query.data ? sourceTotals(query.data.page) : undefined;
  return (
    <WindowView
      label="Accounting"
      query={query}
      rows={totals}
      chart={(counted) => <Chart {...counted} />}
      empty={
        <Empty icon={<Scale size={18} />} title="Nothing to account for">
          No source received anything in this window. What is still on its way to the files is not counted here yet.
        </Empty>
      }
    >
      {(rows) => <AccountingTable rows={rows} />}
    </WindowView>
  );
}

const PARTS = ["stored", "failed", "dropped"] as const;
const WORDS = ["Records", "Failed records", "Dropped"];
const FILLS = ["fill-series-1", "fill-warn", "fill-down"];

function Chart({ page, window }: Counted<{ data: Meter[] }>) {
  const starts = bucketsOf(window.from, window.to, window.widthMs);
  const place = new Map(starts.map((start, at) => [start, at]));
  const series = PARTS.map((part, index) => {
    const values = new Array<number>(starts.length).fill(0);
    for (const row of page.data) {
      const at = place.get(bucketStart(Date.parse(row.bucket), window.widthMs));
      if (at !== undefined) values[at] = (values[at] ?? 0) + row[part];
    }
    return { name: WORDS[index] ?? part, values };
  });
  return (
    <WindowChart
      title="Events received, and what became of them"
      label="Events over time: records, failed records and dropped ones."
      window={window}
      starts={starts}
      series={series}
      fills={FILLS}
      format={count}
    />
  );
}

function AccountingTable({ rows }: { rows: readonly SourceTotal[] }) {
  return (
    <Table label="Accounting" nowrap>
      <thead>
        <tr>
          <Th>Source</Th>
          <Th className="text-right">Received</Th>
          <Th className="text-right">= Records</Th>
          <Th className="text-right">+ Failed records</Th>
          <Th className="text-right">+ Dropped</Th>
          <Th>Why dropped</Th>
          <Th className="text-right">Bytes</Th>
          <Th>Balance</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.source} className={trClass} data-meter={row.name}>
            <Td className="max-w-80 truncate font-medium" title={row.name}>
              {row.name}
            </Td>
            <Td className="text-right">{count(row.received)}</Td>
            <Td className="text-right">{count(row.stored)}</Td>
            <Td className={cn("text-right", row.failed > 0 ? "text-warn-text" : "text-muted")}>{count(row.failed)}</Td>
            <Td className={cn("text-right", row.dropped > 0 ? "text-danger" : "text-muted")}>{count(row.dropped)}</Td>
            <Td className="text-muted">
              {row.causes.length === 0
                ? "–"
                : row.causes.map((c) => `${count(c.events)} as ${DROP_CAUSE[c.cause]}`).join(", ")}
            </Td>
            <Td className="text-right text-muted">{bytes(row.bytes)}</Td>
            <Td>
              {row.whole ? (
                <Badge tone="ok">Complete</Badge>
              ) : (
                <Badge tone="bad">
                  {plural(Math.abs(row.received - row.stored - row.failed - row.dropped), "event")} unaccounted
                </Badge>
              )}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
