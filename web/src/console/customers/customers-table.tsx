import { Link } from "@tanstack/react-router";
import { Inbox, KeyRound, Pin, TextSearch } from "lucide-react";
import type { ReactNode } from "react";
import type { Customer, OpenCounts, Priority, Scope } from "../../api/types";
import { cn } from "../../lib/cn";
import { parseQueue } from "../../lib/queue-search";
import { whyMissing } from "../../lib/scope";
import { PRIORITIES, PRIORITY, PRIORITY_SEVERITY, ROLE } from "../../lib/words";
import { buttonClass, IconButton } from "../../ui/button";
import { Age, Badge, HealthMark, SeverityMark } from "../../ui/marks";
import { Table, Td, Th, ThActions, trClass, wideClass } from "../../ui/table";

interface Props {
  rows: Customer[];
  /** Says why a customer's numbers are not there. */
  scope: Scope | undefined;
  /** Opens the grants of a customer; null where that is not this person's to see. */
  onAccess: ((id: string) => void) | null;
}

export function CustomersTable({ rows, scope, onAccess }: Props) {
  return (
    <Table label="Customers" fixed>
      <thead>
        <tr>
          <Th className="w-28">Health</Th>
          <Th>Customer</Th>
          <Th className="w-16">Region</Th>
          <Th className="w-[19%]">Open investigations</Th>
          <Th className="w-30">Your role</Th>
          <Th className={cn("w-[13%]", wideClass)}>Node</Th>
          <ThActions className="w-[240px]" />
        </tr>
      </thead>
      <tbody>
        {rows.map((customer) => (
          <Row key={customer.id} customer={customer} missing={whyMissing(scope, customer.id)} onAccess={onAccess} />
        ))}
      </tbody>
    </Table>
  );
}

interface RowProps {
  customer: Customer;
  missing: string | null;
  onAccess: Props["onAccess"];
}

function Row({ customer, missing, onAccess }: RowProps) {
  // Where a node stands is told to those who may reach it; the others get an empty name.
  const address = customer.server ? `${customer.server}:${customer.port}` : "–";
  return (
    <tr className={trClass} data-customer={customer.id}>
      <Td className="whitespace-nowrap">
        <HealthMark state={customer.health} />{" "}
        {customer.health_since ? (
          <span className="ml-1 align-middle text-muted">
            <Age time={customer.health_since} />
          </span>
        ) : null}
      </Td>
      <Td>
        <span className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium" title={`${customer.name} (${customer.mail})`}>
            {customer.name}
          </span>
          {customer.primary ? (
            <Badge tone="accent" title="Our own workspace, pinned first">
              <Pin size={11} aria-hidden="true" />
              Primary
            </Badge>
          ) : null}
        </span>
      </Td>
      <Td className="truncate text-muted">{customer.region}</Td>
      <Td>
        <Counts customer={customer} missing={missing} />
      </Td>
      <Td>{customer.role ? ROLE[customer.role] : <span className="text-muted">None</span>}</Td>
      <Td
        className={cn("mono truncate text-muted", wideClass)}
        title={customer.server ? `${customer.scheme}://${address}` : undefined}
      >
        {address}
      </Td>
      <Td className="text-right">
        <Actions customer={customer} onAccess={onAccess} />
      </Td>
    </tr>
  );
}

const KEYS: Record<Priority, keyof OpenCounts> = {
  CRITICAL: "critical",
  HIGH: "high",
  MEDIUM: "medium",
  LOW: "low",
  UNSPECIFIED: "unspecified",
};

function Counts({ customer, missing }: Omit<RowProps, "onAccess">): ReactNode {
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

function Actions({ customer, onAccess }: { customer: Customer; onAccess: Props["onAccess"] }) {
  return (
    <span className="inline-flex items-center justify-end gap-0.5">
      {customer.role ? (
        <>
          <Link
            to="/investigations"
            search={{ ...parseQueue({}), customers: [customer.id] }}
            className={buttonClass("quiet", "h-6 px-2 text-text")}
          >
            <Inbox size={14} aria-hidden="true" />
            Manage investigations
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
      {onAccess ? (
        <IconButton label={`Who has access to ${customer.name}`} className="h-6" onClick={() => onAccess(customer.id)}>
          <KeyRound size={14} aria-hidden="true" />
        </IconButton>
      ) : null}
    </span>
  );
}
