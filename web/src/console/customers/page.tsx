import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { FileUp, Plus } from "lucide-react";
import { useState } from "react";
import type { Customer } from "../../api/types";
import { useHotkeys } from "../../lib/hotkeys";
import { Button, Spinner } from "../../ui/button";
import { PageHead } from "../../ui/states";
import { LinkTabs, linkTabClass } from "../../ui/tabs";
import { useMe } from "../me";
import { AddCustomer } from "./add-customer";
import { CustomerList, useCustomers } from "./customer-list";
import { DeleteCustomer } from "./delete-customer";
import { EditCustomer } from "./edit-customer";
import { GrantsPanel } from "./grants-panel";
import { ImportCustomers } from "./import-customers";
import { useImportRun } from "./import-run";
import { Removals } from "./removals";

/** Every customer: where it is, whether its node answers, what is open there; for administrators all that is done to one. */
export function CustomersPage() {
  return useMe().role === "administrator" ? <Management /> : <Reading />;
}

const pageClass = "flex h-full min-w-[892px] flex-col gap-2.5 p-3";

function Reading() {
  const customers = useCustomers();
  return (
    <div className={pageClass}>
      <CustomerList
        {...customers}
        actions={null}
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
      {view === "removed" ? (
        <>
          <PageHead title="Customers">{buttons}</PageHead>
          <Tabs />
          <Removals />
        </>
      ) : (
        <CustomerList
          {...customers}
          actions={{
            access: (customer) => show(customer.id),
            edit: (customer) => setOpen({ what: "edit", customer }),
            remove: (customer) => setOpen({ what: "delete", customer }),
          }}
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
      <DeleteCustomer
        leaving={
          leaving
            ? {
                id: leaving.id,
                name: leaving.name,
                suspended: false,
                failed: leaving.delete_failed ? "its node did not answer" : null,
              }
            : null
        }
        onClose={close}
      />
      <GrantsPanel customer={customers.all?.find((c) => c.id === shown) ?? null} onClose={() => show(undefined)} />
    </div>
  );
}

const whole = { exact: true, includeSearch: true };

function Tabs() {
  return (
    <LinkTabs label="Parts of customers">
      <Link to="/customers" search={{}} activeOptions={whole} className={linkTabClass}>
        Active
      </Link>
      <Link to="/customers" search={{ view: "removed" }} activeOptions={whole} className={linkTabClass}>
        Removed
      </Link>
    </LinkTabs>
  );
}
