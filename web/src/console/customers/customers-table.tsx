import { Link } from "@tanstack/react-router";
import { Inbox, KeyRound, Pin, TextSearch } from "lucide-react";
import type { ReactNode } from "react";
import type { Customer, OpenCounts, Priority } from "../../api/types";
import { parseQueue } from "../../lib/queue-search";
import { PRIORITIES, PRIORITY, PRIORITY_SEVERITY, ROLE } from "../../lib/words";
import { buttonClass, IconButton } from "../../ui/button";
import { Age, Badge, HealthMark, SeverityMark } from "../../ui/marks";
import { Table, Td, Th, trClass } from "../../ui/table";

interface Props {
  rows: Customer[];
  /** Opens the grants of a customer; null where that is not this person's to see. */
  onAccess: ((id: string) => void) | null;
}

export function CustomersTable({ rows, onAccess }: Props) {
  return (
    <Table label="Customers">
      <thead>
        <tr>
          <Th className="w-24">Health</Th>
          <Th>Customer</Th>
          <Th className="w-20">Region</Th>
          <Th className="w-64">Open investigations</Th>
          <Th className="w-32">Your role</Th>
          <Th>Node</Th>
          <Th>Since</Th>
          <Th className="text-right">Actions</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((customer) => (
          <Row key={customer.id} customer={customer} onAccess={onAccess} />
        ))}
      </tbody>
    </Table>
  );
}

function Row({ customer, onAccess }: { customer: Customer; onAccess: Props["onAccess"] }) {
  return (
    <tr className={trClass} data-customer={customer.id}>
      <Td>
        <HealthMark state={customer.health} />
      </Td>
      <Td>
        <span className="inline-flex max-w-72 items-center gap-2">
          <span className="truncate font-medium" title={customer.mail}>
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
      <Td className="text-muted">{customer.region}</Td>
      <Td>
        <Counts customer={customer} />
      </Td>
      <Td>
        {customer.role ? ROLE[customer.role] : <span className="text-muted">None</span>}
      </Td>
      <Td className="mono text-muted">
        {customer.scheme}://{customer.server}:{customer.port}
      </Td>
      <Td className="max-w-64 text-muted">
        <Since customer={customer} />
      </Td>
      <Td className="text-right">
        <Actions customer={customer} onAccess={onAccess} />
      </Td>
    </tr>
  );
}

function Since({ customer }: { customer: Customer }): ReactNode {
  if (!customer.health_since) return "–";
  return (
    <span className="block truncate" title={customer.health_detail ?? undefined}>
      <Age time={customer.health_since} />
      {customer.health_detail ? `: ${customer.health_detail}` : null}
    </span>
  );
}

const KEYS: Record<Priority, keyof OpenCounts> = {
  CRITICAL: "critical",
  HIGH: "high",
  MEDIUM: "medium",
  LOW: "low",
  UNSPECIFIED: "unspecified",
};

function Counts({ customer }: { customer: Customer }): ReactNode {
  const open = customer.open;
  if (!open) {
    const why = customer.role ? "Its node did not answer" : "Not yours to see";
    return <span className="text-muted">{why}</span>;
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
            className={buttonClass("quiet", "h-6 px-2 text-text")}
          >
            <TextSearch size={14} aria-hidden="true" />
            Logs
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
