import { useQuery } from "@tanstack/react-query";
import * as api from "../api/node";
import { AuditTable } from "../components/audit-table";
import { PageHead } from "../ui/states";
import { useSourceNames } from "./use-source-names";

export function AuditPage() {
  const nameOf = useSourceNames();
  const query = useQuery({ queryKey: ["audit"], queryFn: api.audit, refetchInterval: 10_000 });
  return (
    <div className="flex h-full flex-col gap-2.5 p-3">
      <PageHead title="Audit" note="who was in, and what they did" />
      <AuditTable
        about={{ head: "On", of: (entry) => (entry.subject ? nameOf(entry.subject) : null) }}
        entries={query.data?.data}
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    </div>
  );
}
