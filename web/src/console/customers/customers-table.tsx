import { Link } from "@tanstack/react-router";
import type { Virtualizer } from "@tanstack/react-virtual";
import { BadgeCheck, Inbox, KeyRound, Pencil, Pin, TextSearch, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Customer, Scope } from "../../api/types";
import { cn } from "../../lib/cn";
import { healthWords } from "../../lib/health";
import { OPEN_KEYS as KEYS } from "../../lib/open-counts";
import { parseQueue } from "../../lib/queue-search";
import { whyMissing } from "../../lib/scope";
import { PRIORITIES, PRIORITY, PRIORITY_SEVERITY, ROLE } from "../../lib/words";
import { buttonClass, IconButton } from "../../ui/button";
import { Age, Badge, SeverityMark } from "../../ui/marks";
import { Table, Td, Th, trClass, wideClass } from "../../ui/table";
import { HealthMark } from "../health/health-tip";
import { SyncCell } from "./sync-cell";

/** What an administrator does to a customer. */
export interface RowActions {
  access: (customer: Customer) => void;
  edit: (customer: Customer) => void;
  remove: (customer: Customer) => void;
  sync: (customer: Customer) => void;
}

/** What has its place on the customer's own page, too, and is left out before anything is cut off. */
const roomyClass = "max-[1535px]:hidden";

interface Props {
  rows: Customer[];
  /** Says why a customer's numbers are not there. */
  scope: Scope | undefined;
  /** Null where none of it is this person's to do. */
  actions: RowActions | null;
  virtual: CustomerRows;
}

/** Which of the rows are on the page: those in sight and a few around them, for there may be thousands. */
export type CustomerRows = Virtualizer<HTMLElement, HTMLTableRowElement>;

/** Room for the rows above or below those that are on the page. */
function Spacer({ height }: { height: number }) {
  return height > 0 ? (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row cannot be focused; this one says nothing
    <tr aria-hidden="true">
      <td colSpan={COLUMN_COUNT} style={{ height }} className="p-0" />
    </tr>
  ) : null;
}

const COLUMN_COUNT = 8;

export function CustomersTable({ rows, scope, actions, virtual }: Props) {
  const items = virtual.getVirtualItems();
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <Table label="Customers" fixed rowCount={rows.length + 1}>
      <thead>
        <tr>
          <Th>Customer</Th>
          <Th className={cn("w-20", wideClass)}>Since</Th>
          <Th className="w-16">Region</Th>
          <Th className="w-[23%] max-xl:w-[224px]">Status</Th>
          <Th className="w-[17%] max-xl:w-[132px]">Open investigations</Th>
          <Th className={cn("w-28", wideClass)}>Your role</Th>
          <Th className={cn("w-[12%]", roomyClass)}>Node</Th>
          <Th className={actions ? "w-[352px] max-[1599px]:w-[214px]" : "w-[236px] max-xl:w-24"}>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        <Spacer height={items[0]?.start ?? 0} />
        {items.map((item) => {
          const customer = rows[item.index];
          return customer ? (
            <Row
              key={item.key}
              index={item.index}
              measure={virtual.measureElement}
              customer={customer}
              missing={whyMissing(scope, customer.id)}
              actions={actions}
            />
          ) : null;
        })}
        <Spacer height={below} />
      </tbody>
    </Table>
  );
}

interface RowProps {
  index: number;
  measure: (row: HTMLTableRowElement | null) => void;
  customer: Customer;
  missing: string | null;
  actions: Props["actions"];
}

function Row({ index, measure, customer, missing, actions }: RowProps) {
  // Where a node stands is told to those who may reach it; the others get an empty name.
  const dials = customer.link === "outbound" ? "Dials in" : "–";
  const address = customer.server ? `${customer.server}:${customer.port}` : dials;
  return (
    <tr
      ref={measure}
      aria-rowindex={index + 2}
      data-index={index}
      className={cn(trClass, "group -outline-offset-2")}
      data-customer={customer.id}
      tabIndex={-1}
    >
      <Td>
        <span className="flex min-w-0 items-center gap-2">
          <HealthMark customer={customer} />
          <Link
            to="/customers/$id"
            params={{ id: customer.id }}
            title={`${customer.name} (${customer.mail})`}
            className="truncate rounded-sm font-medium hover:text-accent hover:underline"
          >
            {customer.name}
          </Link>
          {customer.primary ? (
            <Badge tone="accent" title="Our own workspace, pinned first">
              <Pin size={11} aria-hidden="true" />
              Primary
            </Badge>
          ) : null}
          {actions && customer.delete_failed ? (
            <Badge tone="warn" title={`Deleting it failed (${customer.delete_failed}); it can be forced`}>
              Not deleted
            </Badge>
          ) : null}
        </span>
      </Td>
      <Td className={cn("whitespace-nowrap text-muted", wideClass)} title={healthWords(customer)}>
        {customer.health_since ? <Age time={customer.health_since} /> : "–"}
      </Td>
      <Td className="truncate text-muted">{customer.region}</Td>
      <SyncCell customer={customer} onSync={actions?.sync ?? null} />
      <Td>
        <Counts customer={customer} missing={missing} />
      </Td>
      <Td className={wideClass}>{customer.role ? ROLE[customer.role] : <span className="text-muted">None</span>}</Td>
      <Td
        className={cn("mono truncate text-muted", roomyClass)}
        title={customer.server ? `${customer.scheme}://${address}` : undefined}
      >
        {address}
      </Td>
      <Td className="text-right">
        <Actions customer={customer} actions={actions} />
      </Td>
    </tr>
  );
}

export function Counts({ customer, missing }: Pick<RowProps, "customer" | "missing">): ReactNode {
  const open = customer.open;
  if (!open) {
    const cause = customer.health === "down" ? customer.health_detail : null;
    const why = cause ?? missing ?? "Not known";
    return (
      <span className="block truncate text-muted first-letter:uppercase" title={why}>
        {why}
      </span>
    );
  }
  const some = PRIORITIES.filter((p) => open[KEYS[p]] > 0);
  if (some.length === 0) return <span className="text-muted">None</span>;
  return (
    <span className="flex items-center gap-3">
      {some.map((p) => (
        <span key={p} className="inline-flex items-center gap-1" title={`${PRIORITY[p]}: ${open[KEYS[p]]}`}>
          <SeverityMark severity={PRIORITY_SEVERITY[p]} />
          {open[KEYS[p]]}
          <span className="sr-only">{PRIORITY[p]}</span>
        </span>
      ))}
    </span>
  );
}

function Actions({ customer, actions }: { customer: Customer; actions: Props["actions"] }) {
  return (
    <span className="inline-flex items-center justify-end gap-0.5">
      {customer.role ? (
        <>
          <Link
            to="/customers/$id/investigations"
            params={{ id: customer.id }}
            search={parseQueue({})}
            title="Manage its investigations"
            className={buttonClass("quiet", "h-6 px-2 text-text")}
          >
            <Inbox size={14} aria-hidden="true" />
            <span className={actions ? "max-[1599px]:sr-only" : "max-xl:sr-only"}>Manage Investigations</span>
          </Link>
          <Link
            to="/customers/$id/logs"
            params={{ id: customer.id }}
            search={{ range: "all" }}
            aria-label={`Search the logs of ${customer.name}`}
            title="Search its logs"
            className={buttonClass("quiet", "h-6 w-7 px-0")}
          >
            <TextSearch size={14} aria-hidden="true" />
          </Link>
        </>
      ) : null}
      {actions ? (
        <>
          <Link
            to="/licences"
            search={{ customer: customer.id }}
            aria-label={`The licence of ${customer.name}`}
            title={`The licence of ${customer.name}`}
            className={buttonClass("quiet", "h-6 w-7 px-0")}
          >
            <BadgeCheck size={14} aria-hidden="true" />
          </Link>
          <IconButton
            label={`Who has access to ${customer.name}`}
            className="h-6"
            onClick={() => actions.access(customer)}
          >
            <KeyRound size={14} aria-hidden="true" />
          </IconButton>
          <IconButton label={`Edit ${customer.name}`} className="h-6" onClick={() => actions.edit(customer)}>
            <Pencil size={14} aria-hidden="true" />
          </IconButton>
          <IconButton label={`Delete ${customer.name}`} className="h-6" onClick={() => actions.remove(customer)}>
            <Trash2 size={14} aria-hidden="true" />
          </IconButton>
        </>
      ) : null}
    </span>
  );
}
