import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, Clock } from "lucide-react";
import * as api from "../../api/console";
import type { Customer, CustomerSettingsNow } from "../../api/types";
import { count } from "../../lib/format";
import { settingsReached } from "../../lib/sync";
import { FactRow, Facts } from "../../ui/facts";
import { Moment } from "../../ui/marks";
import { Panel } from "../../ui/panel";
import { Failure, SkeletonRows } from "../../ui/states";
import { SyncLine } from "../customers/sync-cell";
import { useSyncs } from "../customers/use-syncs";

const REFRESH_MS = 5000;

/** Who set them last, which customers have them, and who is still to come. */
export function Reached({ settings }: { settings: CustomerSettingsNow }) {
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, refetchInterval: REFRESH_MS });
  useSyncs(customers.data?.data);
  return (
    <Panel title="How far they have come">
      {customers.error ? (
        <Failure error={customers.error} title="This may be out of date" onRetry={() => void customers.refetch()} />
      ) : null}
      {customers.data ? (
        <Standing customers={customers.data.data} settings={settings} />
      ) : customers.error ? null : (
        <SkeletonRows rows={4} label="Reading the customers" />
      )}
    </Panel>
  );
}

interface StandingProps {
  customers: readonly Customer[];
  settings: CustomerSettingsNow;
}

function Standing({ customers, settings }: StandingProps) {
  const { set_by, set_time = null, retention, detection } = settings;
  if (!set_time && !retention && !detection) {
    return <p className="text-muted">Nothing was set here yet: every node works by the product’s standard.</p>;
  }
  const waiting = customers.filter(({ sync }) => !settingsReached(sync, set_time));
  return (
    <div className="flex flex-col gap-3">
      <Facts>
        <FactRow label="Set last">
          {set_time ? (
            <>
              <Moment time={set_time} long /> by {set_by}
            </>
          ) : (
            <span className="text-muted">before it was kept by whom and when</span>
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
