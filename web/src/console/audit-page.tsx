import { useQuery } from "@tanstack/react-query";
import * as api from "../api/console";
import { AuditTable } from "../components/audit-table";
import { PageHead } from "../ui/states";
import { AdministratorsOnly } from "./frame";
import { useMe } from "./me";

export function AuditPage() {
  return useMe().role === "administrator" ? <Audit /> : <AdministratorsOnly />;
}

function Audit() {
  const query = useQuery({ queryKey: ["audit"], queryFn: api.audit, refetchInterval: 10_000 });
  return (
    <div className="flex h-full flex-col gap-2.5 p-3">
      <PageHead title="Audit" note="verb, customer and outcome; never content" />
      <AuditTable
        about={{ head: "Customer", of: (entry) => entry.customer }}
        entries={query.data?.data}
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    </div>
  );
}
