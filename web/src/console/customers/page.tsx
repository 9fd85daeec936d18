import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { FileUp, Plus } from "lucide-react";
import { useState } from "react";
import type { Customer } from "../../api/types";
import { cn } from "../../lib/cn";
import { useHotkeys } from "../../lib/hotkeys";
import { Button, Spinner } from "../../ui/button";
import { PageHead } from "../../ui/states";
import { LinkTabs, linkTabClass } from "../../ui/tabs";
import { Groups } from "../groups/groups";
import { useMe } from "../me";
import { AddCustomer } from "./add-customer";
import { CodeList } from "./codes";
import { CustomerList, useCustomers } from "./customer-list";
import { DeleteCustomer, leavingOf } from "./delete-customer";
import { EditCustomer } from "./edit-customer";
import { GrantsPanel } from "./grants-panel";
import { ImportCustomers } from "./import-customers";
import { useImportRun } from "./import-run";
import { Removals } from "./removals";
import { useSyncs } from "./use-syncs";

/** Every customer: where it is, whether its node answers, what is open there; for administrators all that is done to one. */
export function CustomersPage() {
  return useMe().role === "administrator" ? <Management /> : <Reading />;
}

const pageClass = "flex h-full min-w-[892px] flex-col gap-2.5 p-3";

function useOpen() {
  const navigate = useNavigate();
  return (customer: Customer) => void navigate({ to: "/customers/$id", params: { id: customer.id }, search: {} });
}

function Reading() {
  const customers = useCustomers();
  const open = useOpen();
  useSyncs(customers.all);
  return (
    <div className={pageClass}>
      <CustomerList
        {...customers}
        actions={null}
        onOpen={open}
        head={(more) => (
          <PageHead title="Customers" note={customers.count}>
            {more}
          </PageHead>
        )}
      />
    </div>
  );
}

type Open = { what: "add" | "many" } | { what: "edit" | "delete"; customer: Customer } | null;

function Management() {
  const { view, customer: shown } = useSearch({ from: "/frame/customers" });
  const navigate = useNavigate({ from: "/customers" });
  const [open, setOpen] = useState<Open>(null);
  const customers = useCustomers();
  const sync = useSyncs(customers.all);
  const openPage = useOpen();
  const running = useImportRun()?.running ?? false;
  useHotkeys({ n: () => setOpen({ what: "add" }) });
  const close = () => setOpen(null);
  const show = (customer: string | undefined) => void navigate({ search: (now) => ({ ...now, customer }) });
  const leaving = open?.what === "delete" ? open.customer : null;
  const buttons = (
    <>
      <Button
        icon={running ? <Spinner /> : <FileUp size={15} aria-hidden="true" />}
        onClick={() => setOpen({ what: "many" })}
      >
        {running ? "Adding many…" : "Add many…"}
      </Button>
      <Button look="primary" icon={<Plus size={15} aria-hidden="true" />} onClick={() => setOpen({ what: "add" })}>
        Add customer
      </Button>
    </>
  );
  return (
    <div className={pageClass}>
      {view ? (
        <>
          <PageHead title="Customers">{buttons}</PageHead>
          <Tabs />
          {view === "removed" ? <Removals /> : null}
          {view === "codes" ? <CodeList onAdd={() => setOpen({ what: "add" })} /> : null}
          {view === "groups" ? <Groups /> : null}
        </>
      ) : (
        <CustomerList
          {...customers}
          actions={{
            access: (customer) => show(customer.id),
            edit: (customer) => setOpen({ what: "edit", customer }),
            remove: (customer) => setOpen({ what: "delete", customer }),
            sync,
          }}
          onOpen={openPage}
          onAdd={() => setOpen({ what: "add" })}
          head={(more) => (
            <>
              <PageHead title="Customers" note={customers.count}>
                {more}
                {buttons}
              </PageHead>
              <Tabs />
            </>
          )}
        />
      )}
      <AddCustomer open={open?.what === "add"} onClose={close} onAdded={(customer) => show(customer.id)} />
      <ImportCustomers open={open?.what === "many"} onClose={close} />
      <EditCustomer customer={open?.what === "edit" ? open.customer : null} onClose={close} />
      <DeleteCustomer leaving={leaving ? leavingOf(leaving) : null} onClose={close} />
      <GrantsPanel customer={customers.all?.find((c) => c.id === shown) ?? null} onClose={() => show(undefined)} />
    </div>
  );
}

const whole = { exact: true, includeSearch: true };

/** However the list is narrowed and ordered, it is this part of the page. */
const OPEN_TAB = "border-accent font-medium text-text";

function Tabs() {
  const { view } = useSearch({ from: "/frame/customers" });
  return (
    <LinkTabs label="Parts of customers">
      <Link
        to="/customers"
        search={{}}
        activeOptions={whole}
        className={cn(linkTabClass, view ? "" : OPEN_TAB)}
        aria-current={view ? undefined : "page"}
      >
        Active
      </Link>
      <Link to="/customers" search={{ view: "groups" }} activeOptions={whole} className={linkTabClass}>
        Groups
      </Link>
      <Link to="/customers" search={{ view: "codes" }} activeOptions={whole} className={linkTabClass}>
        Enrolment codes
      </Link>
      <Link to="/customers" search={{ view: "removed" }} activeOptions={whole} className={linkTabClass}>
        Removed
      </Link>
    </LinkTabs>
  );
}
