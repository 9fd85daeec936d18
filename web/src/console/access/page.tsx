import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import * as api from "../../api/console";
import type { Access } from "../../api/types";
import { Rows } from "../../components/rows";
import { personName, reachWords } from "../../lib/access";
import { ChoiceField } from "../../ui/field";
import { Empty, PageHead } from "../../ui/states";
import { useMe } from "../me";
import { AccessTable } from "./table";
import { Verdict } from "./verdict";

const REFRESH_MS = 15_000;

/** Why do I, or does somebody, see each customer or not? Person and customer stand in the address, by id. */
export function AccessPage() {
  const me = useMe();
  const { user, customer } = useSearch({ from: "/frame/access" });
  const administers = me.role === "administrator";
  const other = administers && user !== undefined && user !== me.id ? user : null;
  const query = useQuery({
    queryKey: ["access", other ?? "me", customer ?? "all"],
    queryFn: () => (other ? api.accessOf(other, customer) : api.access(customer)),
    refetchInterval: REFRESH_MS,
  });
  const users = useQuery({ queryKey: ["users"], queryFn: api.users, enabled: administers, staleTime: 30_000 });
  const person = users.data?.data.find(({ id }) => id === other);
  const rows = query.data?.data;
  const who = other ? (person ? personName(person) : "The person") : null;
  return (
    <div className="flex h-full flex-col gap-2.5 p-3">
      <PageHead
        title={other ? "Access explained" : "My access"}
        note={rows && !customer ? reachWords(rows, other ? "reaches" : "you reach") : null}
      />
      <p className="max-w-4xl text-muted">
        {administers ? "Why can’t this analyst see that customer? Choose both. " : ""}
        {other
          ? "Everything that must hold for this person to see a customer, in the order in which it is asked. Nobody is impersonated for it: of a workspace, what it last confirmed counts."
          : "Everything that must hold for you to see a customer, in the order in which it is asked: here at the console first, then at the customer’s own workspace."}
      </p>
      <Pickers administers={administers} users={users.data?.data ?? []} />
      {customer && rows?.[0] ? <Verdict row={rows[0]} who={who} /> : null}
      {customer && rows?.[0] ? null : (
        <Rows<Access>
          label="Access"
          rows={rows}
          error={query.error}
          onRetry={() => void query.refetch()}
          empty={<Empty icon={<KeyRound size={18} />} title="There are no customers yet" />}
        >
          {(rows) => <AccessTable rows={rows} />}
        </Rows>
      )}
    </div>
  );
}

/** As whom, and about which customer. */
function Pickers({
  administers,
  users,
}: {
  administers: boolean;
  users: readonly { id: string; name: string; email: string }[];
}) {
  const me = useMe();
  const { user, customer } = useSearch({ from: "/frame/access" });
  const navigate = useNavigate({ from: "/access" });
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  const listed = customers.data?.data ?? [];
  const go = (change: { user?: string; customer?: string }) =>
    void navigate({ search: (now) => ({ ...now, ...change }) });
  const unlisted = (id: string | undefined, known: readonly { id: string }[]) =>
    id && !known.some((one) => one.id === id) ? [{ value: id, label: id }] : [];
  return (
    <div className="flex flex-wrap items-end gap-3">
      {administers ? (
        <ChoiceField
          label="As whom"
          className="w-80"
          value={user ?? me.id}
          onChange={(value) => go({ user: value === me.id ? undefined : value })}
          options={[
            { value: me.id, label: `${me.name || me.email} (you)` },
            ...unlisted(user, [me, ...users]),
            ...users.filter(({ id }) => id !== me.id).map((one) => ({ value: one.id, label: personName(one) })),
          ]}
        />
      ) : null}
      <ChoiceField
        label="Which customer"
        className="w-80"
        value={customer ?? ""}
        onChange={(value) => go({ customer: value || undefined })}
        options={[
          { value: "", label: "Every customer" },
          ...unlisted(customer, listed),
          ...listed.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
    </div>
  );
}
