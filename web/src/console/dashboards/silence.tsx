import type { Value } from "../../api/dashboard-types";
import { acknowledgeSilence } from "../../api/dashboards";
import { type Action, useAction } from "../../components/use-action";
import { Age } from "../../ui/marks";
import { useDashboardPage } from "./context";

type Row = Record<string, Value>;

/** Somebody has seen that a category is silent: it is no longer listed, until it falls silent anew. */
export function useAcknowledge(): Action<Row> {
  const page = useDashboardPage();
  return useAction({
    run: (row: Row) =>
      acknowledgeSilence(String(row.org_id), {
        tier: String(row.tier),
        source_category: String(row.source_category),
        last_seen: String(row.last_seen),
      }),
    done: () => "Acknowledged: it is listed again only if it falls silent anew",
    refused: "It was not acknowledged",
    after: page.refresh,
  });
}

export function AcknowledgeButton({ row, of }: { row: Row; of: Action<Row> }) {
  if (typeof row.acknowledged === "string") {
    return (
      <span className="truncate text-muted" title={`by ${String(row.acknowledged_by ?? "")}`}>
        seen <Age time={row.acknowledged} /> ago
        <span className="sr-only"> by {String(row.acknowledged_by ?? "somebody")}</span>
      </span>
    );
  }
  return (
    <button
      type="button"
      aria-label={`Acknowledge ${String(row.source_category ?? "")} of ${String(row.org_name ?? "")}`}
      aria-disabled={of.busy}
      onClick={() => (of.busy ? undefined : of.start(row))}
      className="h-6 rounded-sm px-1.5 text-sm text-accent hover:bg-selected"
    >
      Acknowledge
    </button>
  );
}
