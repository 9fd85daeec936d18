import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Globe } from "lucide-react";
import { useMemo } from "react";
import * as api from "../api/console";
import { LogViews } from "../components/log-views";
import { SqlView } from "../components/sql-view";
import { logBody } from "../lib/across";
import { readFragment, writeFragment } from "../lib/search";
import { buttonClass } from "../ui/button";
import { Badge } from "../ui/marks";
import { PageHead } from "../ui/states";
import { CustomerLogs } from "./logs/customer-logs";
import { SavedSearches } from "./saved/saved-searches";

/** The logs of one customer, searched at its node. */
export function LogsPage() {
  const { id } = useParams({ from: "/frame/customers/$id/logs" });
  const { view, ...range } = useSearch({ from: "/frame/customers/$id/logs" });
  const hash = useLocation({ select: (l) => l.hash });
  const source = useMemo(() => api.logsOf(id), [id]);
  const navigate = useNavigate({ from: "/customers/$id/logs" });
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  const customer = customers.data?.data.find((c) => c.id === id);
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title={`Logs of ${customer?.name ?? "…"}`}>
        {customer ? <Badge>searched in {customer.region}</Badge> : null}
        {view === "sql" ? null : (
          <>
            <Link to="/logs" search={range} hash={hash} className={buttonClass()}>
              <Globe size={14} aria-hidden="true" />
              Ask all customers
            </Link>
            <SavedSearches
              kind="LOGS"
              customer={id}
              body={{ q: readFragment(hash), ...range }}
              onApply={(body) => {
                const { q, ...rest } = logBody(body);
                void navigate({ search: rest, hash: writeFragment(q) });
              }}
            />
          </>
        )}
        <LogViews
          view={view ?? "search"}
          onView={(next) => void navigate({ search: next === "sql" ? { ...range, view: "sql" } : range, hash: "" })}
        />
      </PageHead>
      {view === "sql" ? (
        <SqlView
          of={id}
          source={source}
          sql={readFragment(hash, "sql")}
          onSql={(sql) => void navigate({ search: { ...range, view }, hash: writeFragment(sql, "sql") })}
          files={false}
        />
      ) : (
        <CustomerLogs
          id={id}
          customer={customer}
          source={source}
          state={{ q: readFragment(hash), ...range }}
          onState={({ q: text, ...rest }) => void navigate({ search: rest, hash: writeFragment(text) })}
        />
      )}
    </div>
  );
}
