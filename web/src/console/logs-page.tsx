import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useMemo } from "react";
import * as api from "../api/console";
import { LogSearchView } from "../components/log-search";
import { LogViews } from "../components/log-views";
import { ScopeLine } from "../components/scope-line";
import { SqlView } from "../components/sql-view";
import { readFragment, writeFragment } from "../lib/search";
import { buttonClass } from "../ui/button";
import { Badge } from "../ui/marks";
import { PageHead } from "../ui/states";

/** Fields an analyst narrows a search by. Sources are known by ids here, their categories say more. */
const FIELDS = [
  "record_type",
  "source_category",
  "host.name",
  "user.name",
  "source.ip",
  "destination.ip",
  "event.code",
  "process.name",
  "product",
];

/** The logs of one customer, searched at its node. */
export function LogsPage() {
  const { id } = useParams({ from: "/frame/customers/$id/logs" });
  const { view, ...range } = useSearch({ from: "/frame/customers/$id/logs" });
  const hash = useLocation({ select: (l) => l.hash });
  const source = useMemo(() => api.logsOf(id), [id]);
  const navigate = useNavigate({ from: "/customers/$id/logs" });
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  const customer = customers.data?.data.find((c) => c.id === id);
  const where = customer ? `the node in ${customer.region}` : "the customer's node";
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <Link to="/customers" className={buttonClass("quiet", "-ml-2 self-start")}>
        <ArrowLeft size={15} aria-hidden="true" />
        Customers
      </Link>
      <PageHead title={`Logs of ${customer?.name ?? "…"}`}>
        {customer ? <Badge>searched in {customer.region}</Badge> : null}
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
        <LogSearchView
          of={id}
          source={source}
          asking={`Asking ${where}…`}
          facetFields={FIELDS}
          state={{ q: readFragment(hash), ...range }}
          onState={({ q: text, ...rest }) => void navigate({ search: rest, hash: writeFragment(text) })}
          scope={(scope) => (scope && !scope.complete ? <ScopeLine scope={scope} /> : null)}
        />
      )}
    </div>
  );
}
