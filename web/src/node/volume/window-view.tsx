import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Bars } from "../../components/bars";
import { Legend } from "../../components/legend";
import { Rows } from "../../components/rows";
import type { VolumeWindow } from "../../lib/volume";
import { Panel } from "../../ui/panel";
import type { Counted } from "./use-window";

interface Props<Page extends { truncated?: boolean }, Row> {
  label: string;
  query: UseQueryResult<Counted<Page>>;
  /** The sums of the window. */
  rows: readonly Row[] | undefined;
  chart: (counted: Counted<Page>) => ReactNode;
  empty: ReactNode;
  children: (rows: readonly Row[]) => ReactNode;
}

/** What was counted in a window: drawn over time, and summed up in a table below. */
export function WindowView<Page extends { truncated?: boolean }, Row>(props: Props<Page, Row>) {
  const { label, query, rows, chart, empty, children } = props;
  return (
    <>
      {query.data && rows && rows.length > 0 ? chart(query.data) : null}
      {query.data?.page.truncated ? (
        <p role="status" className="text-warn-text">
          The node gave only a part of this: choose a shorter window.
        </p>
      ) : null}
      <Rows label={label} rows={rows} error={query.error} onRetry={() => void query.refetch()} empty={empty}>
        {children}
      </Rows>
    </>
  );
}

interface ChartProps {
  title: string;
  /** What is drawn, for those who cannot see it. */
  label: string;
  window: VolumeWindow;
  starts: number[];
  series: { name: string; values: number[] }[];
  fills: string[];
  format: (value: number) => string;
  binary?: boolean;
}

/** Stacked bars over the window, with what their colours mean. */
export function WindowChart({ title, label, window, starts, series, fills, format, binary }: ChartProps) {
  return (
    <Panel title={title}>
      <Bars
        label={`${label} The table below holds the sums.`}
        starts={starts}
        end={window.to}
        series={series}
        fills={fills}
        format={format}
        binary={binary}
        height={210}
      />
      <Legend names={series.map((each) => each.name)} fills={fills} />
    </Panel>
  );
}
