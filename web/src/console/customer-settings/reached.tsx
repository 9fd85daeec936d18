import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, Clock } from "lucide-react";
import * as api from "../../api/console";
import type { AuditEntry, Customer } from "../../api/types";
import { count } from "../../lib/format";
import { settingsReached } from "../../lib/sync";
import { FactRow, Facts } from "../../ui/facts";
import { Moment } from "../../ui/marks";
import { Panel } from "../../ui/panel";
import { Failure, SkeletonRows } from "../../ui/states";
import { SyncLine } from "../customers/sync-cell";
import { useSyncs } from "../customers/use-syncs";

const REFRESH_MS = 5000;

/** Who set them last, which customers have them, and who is still to come. `decides`: whether anything is set now. */
export function Reached({ decides }: { decides: boolean }) {
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, refetchInterval: REFRESH_MS });
  const audit = useQuery({
    queryKey: ["audit", "settings"],
    queryFn: () => api.audit({ module: "settings", outcome: "ok" }),
  });
  useSyncs(customers.data?.data);
  const error = customers.error ?? audit.error;
  return (
    <Panel title="How far they have come">
      {error ? (
        <Failure
          error={error}
          title="This may be out of date"
          onRetry={() => void Promise.all([customers.refetch(), audit.refetch()])}
        />
      ) : null}
      {customers.data && audit.data ? (
        <Standing customers={customers.data.data} set={lastSet(audit.data.data)} decides={decides} />
      ) : error ? null : (
        <SkeletonRows rows={4} label="Reading the customers" />
      )}
    </Panel>
  );
}

/** The line of the audit about who set them last, among the newest about settings. */
function lastSet(lines: readonly AuditEntry[]): AuditEntry | null {
  return lines.find(({ verb, outcome }) => verb === "settings.customers" && outcome === "ok") ?? null;
}

interface StandingProps {
  customers: readonly Customer[];
  set: AuditEntry | null;
  decides: boolean;
}

function Standing({ customers, set, decides }: StandingProps) {
  if (!set && !decides) {
    return <p className="text-muted">Nothing was set here yet: every node works by the product’s standard.</p>;
  }
  const waiting = customers.filter(({ sync }) => !settingsReached(sync, set?.time ?? null));
  return (
    <div className="flex flex-col gap-3">
      <Facts>
        <FactRow label="Set last">
          {set ? (
            <>
              <Moment time={set.time} long /> by {set.actor}
            </>
          ) : (
            <span className="text-muted">longer ago than the audit’s newest 200 lines tell</span>
          )}
        </FactRow>
        <FactRow label="Told to">
          <span className="inline-flex items-center gap-1.5">
            {waiting.length === 0 ? <Check size={15} className="text-ok-text" aria-hidden="true" /> : null}
            {count(customers.length - waiting.length)} of {count(customers.length)} customers
          </span>
        </FactRow>
      </Facts>
      {waiting.length > 0 ? (
        <section aria-label="Customers still to come">
          <h3 className="flex items-center gap-1.5 text-sm font-medium">
            <Clock size={14} className="text-warn-text" aria-hidden="true" />
            Still to come
          </h3>
          <ul className="mt-1 max-h-[50vh] overflow-auto rounded-sm border border-line">
            {waiting.map(({ id, name, sync }) => (
              <li key={id} className="flex gap-3 border-b border-line px-2.5 py-1 last:border-b-0" data-waiting={id}>
                <Link
                  to="/customers/$id"
                  params={{ id }}
                  search={{ tab: "sync" }}
                  className="w-36 shrink-0 truncate font-medium hover:text-accent hover:underline"
                >
                  {name}
                </Link>
                <span className="min-w-0 flex-1">{sync ? <SyncLine sync={sync} /> : "–"}</span>
              </li>
            ))}
          </ul>
          <p className="mt-1.5 text-sm text-muted">They get them by themselves as soon as their nodes answer.</p>
        </section>
      ) : null}
    </div>
  );
}
