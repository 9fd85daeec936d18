import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import * as api from "../api/console";
import { AuditView } from "../components/audit/audit-view";
import { useMe } from "./me";

/** The console's audit: all of it for administrators, that of their customers for everybody else. */
export function AuditPage() {
  const administers = useMe().role === "administrator";
  const search = useSearch({ from: "/frame/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  const users = useQuery({ queryKey: ["users"], queryFn: api.users, staleTime: 30_000, enabled: administers });
  const people = users.data?.data.map(({ email, name }) => ({
    value: email,
    label: name ? `${name} (${email})` : email,
  }));
  return (
    <AuditView
      note="verb, customer and outcome; never content"
      search={search}
      read={api.audit}
      verify={administers ? api.verifyAudit : null}
      about={{ head: "Customer", of: ({ customer, subject }) => named(customer?.name, subject) }}
      filters={{
        onChange: (change) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true }),
        people: administers ? (people ?? []) : undefined,
        customers: (customers.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
        provider: administers,
      }}
    >
      {administers
        ? "Every act at this console, always on. What the provider does for itself has no customer. Each line holds the hash of the line before, so that a line that was changed or taken away is found."
        : "You see the acts on the customers you hold a grant on, and none of the provider’s own."}
    </AuditView>
  );
}

function named(customer: string | undefined, subject: string): string | null {
  return [customer, subject].filter(Boolean).join(": ") || null;
}
