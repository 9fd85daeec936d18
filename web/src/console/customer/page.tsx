import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Inbox, Pencil, Pin, RefreshCw, TextSearch, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import type { Customer } from "../../api/types";
import { parseQueue } from "../../lib/queue-search";
import { isSyncing, syncWords } from "../../lib/sync";
import { Button, buttonClass } from "../../ui/button";
import { Badge } from "../../ui/marks";
import { Failure, SkeletonRows, useTitle } from "../../ui/states";
import { LinkTabs, linkTabClass } from "../../ui/tabs";
import { DeleteCustomer, leavingOf } from "../customers/delete-customer";
import { EditCustomer } from "../customers/edit-customer";
import { SyncLine } from "../customers/sync-cell";
import { useSyncs } from "../customers/use-syncs";
import { HealthMark, HealthTips } from "../health/health-tip";
import { useMe } from "../me";
import { AccessTab } from "./access";
import { HealthTab } from "./health";
import { LicenceTab } from "./licence";
import { Overview } from "./overview";
import { SyncTab } from "./sync";

const REFRESH_MS = 5000;

/** One customer: how its node is, what was synced, what it may use, and who has access. */
export function CustomerPage() {
  const { id } = useParams({ from: "/frame/customers/$id" });
  const query = useQuery({ queryKey: ["customers", id], queryFn: () => api.customer(id), refetchInterval: REFRESH_MS });
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <div>
        <Link to="/customers" className={buttonClass("quiet", "-ml-2")}>
          <ArrowLeft size={15} aria-hidden="true" />
          Customers
        </Link>
      </div>
      {query.error ? (
        <Failure
          error={query.error}
          title={query.data ? "This may be out of date" : problemTitle(query.error)}
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {query.data ? (
        <Loaded key={id} customer={query.data} />
      ) : query.error ? null : (
        <div className="rounded-md border border-line bg-surface">
          <SkeletonRows label="Reading the customer" />
        </div>
      )}
    </div>
  );
}

function problemTitle(error: unknown): string {
  return error instanceof ApiError && error.status === 404
    ? "There is no such customer, or it is not yours to see"
    : "The customer could not be read";
}

function Loaded({ customer }: { customer: Customer }) {
  const { tab } = useSearch({ from: "/frame/customers/$id" });
  const administers = useMe().role === "administrator";
  const begin = useSyncs([customer]);
  useTitle(customer.name);
  return (
    <>
      <Head customer={customer} onSync={administers ? () => begin(customer) : null} administers={administers} />
      <Tabs customer={customer} administers={administers} />
      <div className="flex flex-col gap-2.5">
        {tab === "health" ? <HealthTab id={customer.id} /> : null}
        {tab === "sync" ? <SyncTab customer={customer} /> : null}
        {tab === "licence" ? <LicenceTab customer={customer} administers={administers} /> : null}
        {tab === "access" && administers ? <AccessTab customer={customer} /> : null}
        {tab === undefined ? <Overview customer={customer} /> : null}
      </div>
    </>
  );
}

function Tabs({ customer: { id, sync }, administers }: { customer: Customer; administers: boolean }) {
  const whole = { exact: true, includeSearch: true };
  const tab = (name: string, search: { tab?: "health" | "sync" | "licence" | "access" }) => (
    <Link to="/customers/$id" params={{ id }} search={search} activeOptions={whole} className={linkTabClass}>
      {name}
    </Link>
  );
  return (
    <LinkTabs label="Parts of the customer">
      {tab("Overview", {})}
      {tab("Health", { tab: "health" })}
      {sync ? tab("Sync", { tab: "sync" }) : null}
      {tab("Licence", { tab: "licence" })}
      {administers ? tab("Access", { tab: "access" }) : null}
    </LinkTabs>
  );
}

interface HeadProps {
  customer: Customer;
  onSync: (() => void) | null;
  administers: boolean;
}

function Head({ customer, onSync, administers }: HeadProps) {
  const { id, name, region, mail, sync, role } = customer;
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const navigate = useNavigate();
  const close = () => setOpen(null);
  return (
    <HealthTips rows={[customer]}>
      <section
        aria-label="Customer"
        className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md border border-line bg-surface px-4 py-3"
      >
        <div className="min-w-0">
          <div className="flex items-center gap-2">
            <HealthMark customer={customer} />
            <h1 className="truncate text-lg font-semibold">{name}</h1>
            <Badges customer={customer} />
          </div>
          <div className="flex flex-wrap gap-x-2 text-muted">
            <span>in {region}</span>
            <span aria-hidden="true">·</span>
            <span>{mail}</span>
            {sync ? (
              <>
                <span aria-hidden="true">·</span>
                <span role="status" title={syncWords(sync)} className="min-w-0 text-text">
                  <SyncLine sync={sync} />
                </span>
              </>
            ) : null}
          </div>
        </div>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          {role ? <Work id={id} /> : null}
          {onSync && sync ? (
            <Button
              icon={<RefreshCw size={14} aria-hidden="true" />}
              title={isSyncing(sync) ? "One is under way: this joins it" : undefined}
              onClick={onSync}
            >
              Sync Now
            </Button>
          ) : null}
          {administers ? (
            <>
              <Button icon={<Pencil size={14} aria-hidden="true" />} onClick={() => setOpen("edit")}>
                Edit
              </Button>
              <Button icon={<Trash2 size={14} aria-hidden="true" />} onClick={() => setOpen("delete")}>
                Delete
              </Button>
              <EditCustomer customer={open === "edit" ? customer : null} onClose={close} />
              <DeleteCustomer
                leaving={open === "delete" ? leavingOf(customer) : null}
                onClose={close}
                onGone={() => void navigate({ to: "/customers" })}
              />
            </>
          ) : null}
        </div>
      </section>
    </HealthTips>
  );
}

function Badges({ customer }: { customer: Customer }): ReactNode {
  return (
    <>
      {customer.primary ? (
        <Badge tone="accent" title="Our own workspace, pinned first">
          <Pin size={11} aria-hidden="true" />
          Primary
        </Badge>
      ) : null}
      {customer.delete_failed ? (
        <Badge tone="warn" title={`Deleting it failed (${customer.delete_failed}); it can be forced`}>
          Not deleted
        </Badge>
      ) : null}
    </>
  );
}

/** The ways from here to its investigations and its logs. */
function Work({ id }: { id: string }) {
  return (
    <>
      <Link to="/customers/$id/investigations" params={{ id }} search={parseQueue({})} className={buttonClass()}>
        <Inbox size={14} aria-hidden="true" />
        Manage Investigations
      </Link>
      <Link to="/customers/$id/logs" params={{ id }} search={{ range: "all" }} className={buttonClass()}>
        <TextSearch size={14} aria-hidden="true" />
        Search logs
      </Link>
    </>
  );
}
