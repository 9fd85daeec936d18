import { useQuery } from "@tanstack/react-query";
import { ChartColumnStacked } from "lucide-react";
import * as api from "../../api/node";
import type { Volume } from "../../api/types";
import { OTHER, stack } from "../../lib/chart";
import { bytes, count } from "../../lib/format";
import { readAll } from "../../lib/pages";
import { drawn, NONE, type VolumeTotal, type VolumeWindow, volumeTotals } from "../../lib/volume";
import { Empty } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";
import { DIMENSION_WORDS, type VolumeSearch } from "./search";
import { asked, useWindow } from "./use-window";
import { WindowChart, WindowView } from "./window-view";

const FILLS = [
  "fill-series-1",
  "fill-series-2",
  "fill-series-3",
  "fill-series-4",
  "fill-series-5",
  "fill-series-6",
  "fill-series-7",
  "fill-series-8",
];

/** Bytes received over time, divided by one dimension; the same as a table below. */
export function VolumeChart({ search }: { search: VolumeSearch }) {
  const { by, tier, range } = search;
  const query = useWindow(["volume", by], range, (window) => api.volume({ ...asked(window), by }));
  const named = useNames(by === "collector");
  const rows = query.data?.page.data.map((row): Volume => ({ ...row, value: named(row.value) }));
  const totals = rows ? volumeTotals(rows).filter((total) => inTier(total, tier) > 0) : undefined;
  return (
    <WindowView
      label="Volume"
      query={query}
      rows={totals}
      chart={({ window }) => <Chart rows={drawn(rows ?? [], tier)} window={window} what={DIMENSION_WORDS[by]} />}
      empty={
        <Empty icon={<ChartColumnStacked size={18} />} title="Nothing came in">
          Nothing was received in this window and tier. Volume is counted at receipt, every five minutes.
        </Empty>
      }
    >
      {(each) => <TotalsTable rows={each} what={DIMENSION_WORDS[by]} />}
    </WindowView>
  );
}

function inTier(total: VolumeTotal, tier: VolumeSearch["tier"]): number {
  return tier === "all" ? total.bytes + total.events : total[tier];
}

/** Collectors are counted by id and read by name. */
function useNames(wanted: boolean): (value: string) => string {
  const query = useQuery({ queryKey: ["collectors"], queryFn: () => readAll(api.collectors), enabled: wanted });
  return (value) => (wanted ? (query.data?.find((c) => c.id === value)?.name ?? value) : value);
}

function Chart({ rows, window, what }: { rows: readonly Volume[]; window: VolumeWindow; what: string }) {
  const { starts, series } = stack(
    rows.map((row) => ({ time: Date.parse(row.bucket), name: row.value || NONE, value: row.bytes })),
    window,
  );
  const fills = series.map(({ name }, at) => (name === OTHER ? "fill-series-other" : (FILLS[at] ?? "")));
  return (
    <WindowChart
      title="Bytes received"
      label={`Bytes received over time by ${what}.`}
      window={window}
      starts={starts}
      series={series}
      fills={fills}
      format={bytes}
      binary
    />
  );
}

function TotalsTable({ rows, what }: { rows: readonly VolumeTotal[]; what: string }) {
  const all = rows.reduce((sum, row) => sum + row.bytes, 0);
  return (
    <Table label="Volume" nowrap>
      <thead>
        <tr>
          <Th className="first-letter:uppercase">{what}</Th>
          <Th className="text-right">Continuous</Th>
          <Th className="text-right">Frequent</Th>
          <Th className="text-right">Infrequent</Th>
          <Th className="text-right">All tiers</Th>
          <Th className="text-right">Share</Th>
          <Th className="text-right">Events</Th>
          <Th className="text-right">Fed to detection</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.value} className={trClass} data-volume={row.value}>
            <Td className="max-w-96 truncate font-medium" title={row.value}>
              {row.value}
            </Td>
            {(["continuous", "frequent", "infrequent"] as const).map((tier) => (
              <Td key={tier} className="text-right text-muted">
                {row[tier] > 0 ? bytes(row[tier]) : "–"}
              </Td>
            ))}
            <Td className="text-right">{bytes(row.bytes)}</Td>
            <Td className="text-right text-muted">{all > 0 ? `${((row.bytes / all) * 100).toFixed(1)} %` : "–"}</Td>
            <Td className="text-right">{count(row.events)}</Td>
            <Td className="text-right text-muted">{row.cse > 0 ? bytes(row.cse) : "–"}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
