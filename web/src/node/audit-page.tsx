import { useNavigate, useSearch } from "@tanstack/react-router";
import * as api from "../api/node";
import { AuditView } from "../components/audit/audit-view";
import { useSourceNames } from "./use-source-names";

/** The workspace's audit: what its own people and the provider's technicians did here. */
export function AuditPage() {
  const nameOf = useSourceNames();
  const search = useSearch({ from: "/frame/audit" });
  const navigate = useNavigate({ from: "/audit" });
  return (
    <AuditView
      note="who was in, and what they did; never content"
      search={search}
      read={api.audit}
      verify={api.verifyAudit}
      about={{ head: "On", of: ({ subject }) => (subject ? nameOf(subject) : null) }}
      filters={{
        onChange: (change) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true }),
        customers: null,
        provider: false,
      }}
    >
      Your own people and your security provider’s, at this workspace. Each line holds the hash of the line before, so
      that a line that was changed or taken away is found.
    </AuditView>
  );
}
