import type { Frame, PanelDef } from "../../api/dashboard-types";
import { Sparkline } from "../../charts/sparkline";
import { DrillLink } from "../../components/drill-link";
import type { Drill } from "../../lib/dashboards/drill";
import { amount, big } from "../../lib/dashboards/format";
import { single } from "../../lib/dashboards/frame";
import { plural } from "../../lib/format";

interface Props {
  panel: PanelDef;
  frame: Frame;
  drill: Drill;
  /** The same measure over time, where the dashboard shows it somewhere. */
  trend: readonly number[] | null;
}

/** One number, large; what belongs to it, small; its course. */
export function SingleValue({ panel, frame, drill, trend }: Props) {
  const { value, median, p90, count } = single(frame);
  const [number, after] = value === null ? ["n/a", ""] : big(value, panel.unit);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-0.5">
      <DrillLink to={drill} className="self-start rounded-sm text-xl font-semibold whitespace-nowrap hover:text-accent">
        <span data-value={value ?? ""}>{number}</span>
        {after ? <span className="ml-1 text-base font-normal text-muted">{after}</span> : null}
      </DrillLink>
      {median !== null && p90 !== null ? (
        <span className="min-w-0 truncate text-sm text-muted">
          median {amount(median, "seconds")} · 90 % within {amount(p90, "seconds")}
          {count !== null ? ` · ${plural(count, "insight")}` : ""}
        </span>
      ) : null}
      {trend ? (
        <div className="mt-auto max-h-20 min-h-5 flex-1">
          <Sparkline values={trend} />
        </div>
      ) : null}
    </div>
  );
}
