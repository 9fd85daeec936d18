import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Building2, Plus } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { Rows } from "../../components/rows";
import { ScopeLine } from "../../components/scope-line";
import { cn } from "../../lib/cn";
import { useHotkeys } from "../../lib/hotkeys";
import { Button } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Empty, PageHead } from "../../ui/states";
import { useMe } from "../me";
import { AddCustomer } from "./add-customer";
import { CustomersTable } from "./customers-table";
import { GrantsPanel } from "./grants-panel";

const REFRESH_MS = 5000;

/** Every customer: where it is, whether its node answers, what is open there, what one may do. */
export function CustomersPage() {
  const me = useMe();
  const search = useSearch({ from: "/frame/customers" });
  const navigate = useNavigate({ from: "/customers" });
  const [adding, setAdding] = useState(false);
  const [find, setFind] = useState("");
  const finder = useRef<HTMLInputElement>(null);
  useHotkeys({ "/": () => finder.current?.focus() });
  const query = useQuery({ queryKey: ["customers"], queryFn: api.customers, refetchInterval: REFRESH_MS });
  const all = query.data?.data;
  const rows = useMemo(() => ordered(all ?? [], find), [all, find]);
  const isAdmin = me.role === "administrator";
  const open = (customer: string | undefined) => void navigate({ search: (now) => ({ ...now, customer }) });
  const add = (
    <Button look="primary" icon={<Plus size={15} aria-hidden="true" />} onClick={() => setAdding(true)}>
      Add customer
    </Button>
  );
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Customers" note={all ? `${all.length}` : null}>
        <ScopeLine scope={query.data?.scope} />
        <input
          ref={finder}
          type="search"
          aria-label="Find customers"
          placeholder="Find customers…"
          className={cn(controlClass, "w-52")}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
        {isAdmin ? add : null}
      </PageHead>
      <Rows
        label="Customers"
        className="max-h-full"
        rows={all && rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        skeleton={12}
        empty={
          find ? (
            <Empty icon={<Building2 size={18} />} title="No customer has that name" />
          ) : (
            <Empty icon={<Building2 size={18} />} title="No customers yet" action={isAdmin ? add : null}>
              {isAdmin
                ? "Add the first one: you need the address of its node and the workspace administrator's consent."
                : "You hold no grant on any customer. An administrator gives them."}
            </Empty>
          )
        }
      >
        {() => <CustomersTable rows={rows} scope={query.data?.scope} onAccess={isAdmin ? open : null} />}
      </Rows>
      {isAdmin ? (
        <>
          <AddCustomer open={adding} onClose={() => setAdding(false)} onAdded={(customer) => open(customer.id)} />
          <GrantsPanel customer={all?.find((c) => c.id === search.customer) ?? null} onClose={() => open(undefined)} />
        </>
      ) : null}
    </div>
  );
}

/** The primary first, the rest as the server ordered them. */
function ordered(customers: Customer[], find: string): Customer[] {
  const word = find.trim().toLowerCase();
  const found = customers.filter((c) => `${c.name} ${c.region} ${c.mail}`.toLowerCase().includes(word));
  return [...found.filter((c) => c.primary), ...found.filter((c) => !c.primary)];
}
