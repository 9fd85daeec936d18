import type { Dashboard, TimeRange, VolumeTier } from "../../api/dashboard-types";
import { creditsOf } from "../../lib/dashboards/credits";
import { short } from "../../lib/dashboards/format";
import { TIER } from "../../lib/dashboards/words";
import type { Answers } from "./use-dashboard";

interface Props {
  dashboard: Dashboard;
  panels: Answers["panels"];
  range: TimeRange;
}

/** What the tiers come to together, a day, and in a month if it goes on so. */
export function CreditsTotal({ dashboard, panels, range }: Props) {
  const known = creditsOf(dashboard, panels, range);
  if (!known) return <div className="h-9 rounded-md border border-line bg-surface" />;
  return (
    <section
      aria-label="Credits in all"
      className="flex min-h-9 flex-wrap items-center gap-x-6 gap-y-1 rounded-md border border-line bg-surface px-3 py-1"
    >
      <dl className="flex flex-wrap items-center gap-x-6 gap-y-1">
        <One label="Total" value={known.total} strong />
        {Object.entries(known.tiers).map(([tier, value]) => (
          <One key={tier} label={TIER[tier as VolumeTier]} value={value} />
        ))}
        <One label="A day" value={known.daily} />
        <One label="In 30 days at this rate" value={known.daily * 30} />
      </dl>
      {known.missing > 0 ? <span className="text-sm text-warn-text">without {known.missing} missing</span> : null}
    </section>
  );
}

function One({ label, value, strong = false }: { label: string; value: number; strong?: boolean }) {
  return (
    <div className="flex items-baseline gap-2">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className={strong ? "text-lg font-semibold" : "font-medium"} data-value={value}>
        {short(value)}
        {strong ? <span className="ml-1 text-sm font-normal text-muted">credits</span> : null}
      </dd>
    </div>
  );
}
