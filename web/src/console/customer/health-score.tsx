import { useQuery } from "@tanstack/react-query";
import type { HealthScore, ScorePart, ScoreWord } from "../../api/dashboard-types";
import * as api from "../../api/dashboards";
import { ApiError } from "../../api/http";
import { short } from "../../lib/dashboards/format";
import { Age } from "../../ui/marks";
import { Panel } from "../../ui/panel";
import { Failure } from "../../ui/states";

const PART: Record<ScoreWord, string> = {
  collection: "Collection",
  ingest_drift: "Ingest against the week before",
  failed_records: "Failed records",
  overdue_investigations: "Overdue investigations",
  licence_runway: "Licence",
};

const REFRESH_MS = 60_000;

/** How the customer stands as one number, and why: every part with its points and its reason. */
export function Score({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["customers", id, "health-score"],
    queryFn: () => api.healthScore(id),
    refetchInterval: REFRESH_MS,
    retry: false,
  });
  // A customer whose investigations are not this person's to see has no score for them.
  if (query.error instanceof ApiError && query.error.status === 403) return null;
  return (
    <Panel title="Health score" note="0 to 100, asked of its node now">
      {query.data ? (
        <Parts score={query.data} />
      ) : query.error ? (
        <Failure error={query.error} title="There is no score now" onRetry={() => void query.refetch()} />
      ) : (
        <div role="status" aria-label="Asking for the score" className="flex flex-col gap-2">
          <div className="skeleton h-7 w-20" />
          <div className="skeleton h-3 w-3/4" />
          <div className="skeleton h-3 w-2/3" />
        </div>
      )}
    </Panel>
  );
}

function Parts({ score: { score, parts, time } }: { score: HealthScore }) {
  return (
    <>
      <p>
        <span className="text-xl font-semibold" data-testid="score">
          {score}
        </span>
        <span className="text-muted">
          {" "}
          of 100, as of <Age time={time} /> ago
        </span>
      </p>
      <ul aria-label="What the score is made of" className="flex flex-col gap-2">
        {parts.map((part) => (
          <Part key={part.part} part={part} />
        ))}
      </ul>
    </>
  );
}

function Part({ part: { part, points, most, reason } }: { part: ScorePart }) {
  const full = most > 0 ? Math.max(0, Math.min(1, points / most)) : 0;
  return (
    <li data-part={part} className="grid grid-cols-[200px_minmax(0,1fr)] items-baseline gap-x-4">
      <span className="font-medium">{PART[part] ?? part}</span>
      <span className="flex items-center gap-2">
        <span className="h-2 w-32 overflow-hidden rounded-full border border-control" aria-hidden="true">
          <span className="block h-full bg-accent" style={{ width: `${full * 100}%` }} />
        </span>
        {short(points)} of {short(most)}
      </span>
      <span className="col-span-2 text-sm text-muted first-letter:uppercase">{reason}</span>
    </li>
  );
}
