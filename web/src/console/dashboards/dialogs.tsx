import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import type { PanelDef } from "../../api/dashboard-types";
import { ScopeLine } from "../../components/scope-line";
import { csv, download } from "../../lib/csv";
import { frameRows, rowCount } from "../../lib/dashboards/frame";
import { type Range, resolve, spanWords } from "../../lib/dashboards/state";
import { CHART, DIMENSION, MEASURE, TIER, UNIT } from "../../lib/dashboards/words";
import { fullTime, plural, utcTime } from "../../lib/format";
import { missing } from "../../lib/scope";
import { fromLocalInput, toLocalInput } from "../../lib/time-range";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FactRow, Facts } from "../../ui/facts";
import { TextField } from "../../ui/field";
import { Failure, SkeletonRows } from "../../ui/states";
import { useDashboardPage } from "./context";
import { PanelTable } from "./panel-body";
import { wholePanel } from "./use-all";

interface Props {
  panel: PanelDef | null;
  onClose: () => void;
}

/** A panel's numbers as a table: every series and group, also those the chart adds up. */
export function TableDialog({ panel, onClose }: Props) {
  return (
    <Dialog
      open={panel !== null}
      onClose={onClose}
      title={panel?.title ?? ""}
      description="Every series and group, none added up."
      className="top-[5vh] h-[90vh] max-h-[90vh] w-[1240px]"
    >
      {panel ? <WholeTable panel={panel} /> : null}
    </Dialog>
  );
}

function WholeTable({ panel }: { panel: PanelDef }) {
  const { dashboard, query, wordsOf } = useDashboardPage();
  const whole = useQuery({
    queryKey: ["dashboard-panel", dashboard.name, panel.id, query],
    queryFn: ({ signal }) => wholePanel(dashboard.name, query, panel.id, signal),
    gcTime: 0,
  });
  if (whole.error) {
    return <Failure error={whole.error} title="The table could not be read" onRetry={() => void whole.refetch()} />;
  }
  if (!whole.data) return <SkeletonRows rows={16} label="Reading the table" />;
  const { frame, scope } = whole.data;
  return (
    <div className="flex h-full flex-col gap-2">
      <div className="flex items-center gap-3">
        <span className="text-muted">{plural(rowCount(frame), "row")}</span>
        <ScopeLine scope={scope} />
        <Button
          className="ml-auto"
          icon={<Download size={14} aria-hidden="true" />}
          onClick={() => saveCsv(dashboard.name, panel, frame)}
        >
          CSV
        </Button>
      </div>
      {rowCount(frame) === 0 ? (
        <p className="py-10 text-center text-muted">
          {MEASURE[panel.measure].none} {wordsOf(panel)}
        </p>
      ) : (
        <PanelTable panel={panel} frame={frame} />
      )}
    </div>
  );
}

export function saveCsv(name: string, panel: PanelDef, frame: Parameters<typeof frameRows>[0]): void {
  download(`${name}-${panel.id}.csv`, "text/csv", csv(...frameRows(frame)));
}

/** What a panel counts, of whom, when, and who is missing. */
export function ExplainDialog({ panel, onClose }: Props) {
  return (
    <Dialog
      open={panel !== null}
      onClose={onClose}
      title={panel ? `What “${panel.title}” counts` : ""}
      className="w-[640px]"
    >
      {panel ? <Explained panel={panel} /> : null}
    </Dialog>
  );
}

function Explained({ panel }: { panel: PanelDef }) {
  const { dashboard, query, rangeOf, scope } = useDashboardPage();
  const { from, to } = rangeOf(panel);
  const measure = MEASURE[panel.measure];
  const tiers = panel.tiers?.length ? panel.tiers : undefined;
  const outlier = panel.after && "outlier" in panel.after ? panel.after.outlier : null;
  const compare = panel.after && "compare" in panel.after ? panel.after.compare : null;
  const absent = scope ? missing(scope) : [];
  const slice = query.timeslice ?? dashboard.timeslice;
  return (
    <div className="flex flex-col gap-4">
      {panel.description ? <p>{panel.description}</p> : null}
      <Facts>
        <FactRow label="Counts">
          {measure.label}: {measure.says}
        </FactRow>
        <FactRow label="Dataset">{measure.dataset}, at the customers’ own nodes</FactRow>
        <FactRow label="In">
          {UNIT[panel.unit]}
          {panel.unit.startsWith("gb") ? ", 1 GB = 2^30 bytes" : ""}
        </FactRow>
        <FactRow label="Told apart by">
          {panel.group_by?.length
            ? panel.group_by.map((dim) => DIMENSION[dim]).join(", ")
            : "nothing: one number for all"}
        </FactRow>
        <FactRow label="Range">
          {fullTime(from)} to {fullTime(to)}, the end excluded
          <span className="block text-sm text-muted">
            {utcTime(from)} to {utcTime(to)}
          </span>
        </FactRow>
        {panel.bucket && panel.bucket !== "none" ? (
          <FactRow label="Buckets">
            {panel.bucket === "sixths"
              ? "six equal parts of the range"
              : `${spanWords(slice)}, by the calendar of ${query.zone ?? "UTC"}`}
          </FactRow>
        ) : null}
        {tiers ? <FactRow label="Tiers">{tiers.map((tier) => TIER[tier]).join(", ")}</FactRow> : null}
        {panel.measure === "credits" ? (
          <FactRow label="Rates">
            {query.rates
              ? Object.entries(query.rates)
                  .map(([tier, rate]) => `${TIER[tier as keyof typeof TIER]} ${rate}`)
                  .join(", ")
              : "those of each customer’s rate card at the time of receipt; without one 20 continuous, 9 frequent, 0.4 infrequent, 25 CSE"}
          </FactRow>
        ) : null}
        {outlier ? (
          <FactRow label="Outlier">
            outside of mean ± {outlier.threshold ?? 3} sample deviations of the {outlier.window ?? 10} points before,
            the point itself not among them; {plural(outlier.consecutive ?? 1, "point")} in a row; the newest,
            unfinished bucket is left out
          </FactRow>
        ) : null}
        {compare ? <FactRow label="Compared">with the same {spanWords(compare.timeshift)} before</FactRow> : null}
        <FactRow label="Drawn as">{CHART[panel.chart]}</FactRow>
        <FactRow label="Customers">
          {query.org_name ? `those that answer to ${query.org_name.join(", ")}` : "all that you may see"}
        </FactRow>
        <FactRow label="Missing">
          {absent.length === 0
            ? "nobody"
            : absent.map((one) => `${one.customer?.name ?? plural(one.count, "customer")}: ${one.reason}`).join("; ")}
          {absent.length > 0 ? (
            <span className="block text-sm text-muted">What is missing is not counted as zero.</span>
          ) : null}
        </FactRow>
      </Facts>
    </div>
  );
}

interface RangeProps extends Props {
  onRange: (range: Range | null) => void;
}

/** Two times for one panel. */
export function RangeDialog({ panel, onClose, onRange }: RangeProps) {
  return (
    <Dialog
      open={panel !== null}
      onClose={onClose}
      title={panel ? `Time range of “${panel.title}”` : ""}
      className="w-[440px]"
    >
      {panel ? <RangeForm key={panel.id} panel={panel} onClose={onClose} onRange={onRange} /> : null}
    </Dialog>
  );
}

function RangeForm({ panel, onClose, onRange }: RangeProps & { panel: PanelDef }) {
  const page = useDashboardPage();
  const now = resolve(page.rangeOf(panel), Date.now());
  const [from, setFrom] = useState(toLocalInput(now.from));
  const [to, setTo] = useState(toLocalInput(now.to));
  const [start, end] = [fromLocalInput(from), fromLocalInput(to)];
  const fault = !start || !end ? "Both are needed." : start >= end ? "It ends before it begins." : null;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (start && end && !fault) onRange({ from: start, to: end });
      }}
    >
      <TextField label="From" type="datetime-local" step={1} value={from} onChange={setFrom} />
      <TextField label="To (excluded)" type="datetime-local" step={1} value={to} onChange={setTo} error={fault} />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          Set
        </Button>
      </DialogActions>
    </form>
  );
}
