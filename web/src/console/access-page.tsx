import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, KeyRound, Minus } from "lucide-react";
import * as api from "../api/console";
import type { Access, SkipReason } from "../api/types";
import { Rows } from "../components/rows";
import { plural } from "../lib/format";
import { parseQueue } from "../lib/queue-search";
import { Empty, PageHead } from "../ui/states";
import { Table, Td, Th, trClass } from "../ui/table";

const WHY: Record<SkipReason, { reason: string; remedy: string }> = {
  NO_GRANT: { reason: "The console holds no grant for you.", remedy: "An administrator of the console gives one." },
  NO_ROLE: {
    reason: "You hold a grant, but the customer's workspace knows no role for you.",
    remedy: "It was not applied yet, or the customer revoked it. An administrator sees which.",
  },
  NO_LICENCE: { reason: "No licence is allocated to this customer.", remedy: "An administrator allocates one." },
  TOGGLE_OFF: { reason: "You switched this customer off.", remedy: "Switch it on again in your preferences." },
  RELATIONSHIP_REVOKED: { reason: "The customer withdrew from the MSSP.", remedy: "Only the customer can undo this." },
};

/** Why do I see, or not see, each customer? */
export function AccessPage() {
  const query = useQuery({ queryKey: ["access"], queryFn: api.access });
  const rows = query.data?.data;
  return (
    <div className="flex h-full flex-col gap-2.5 p-3">
      <PageHead title="My access" note={rows ? summary(rows) : null} />
      <p className="max-w-3xl text-muted">
        Two gates stand before every customer: a grant here at the console, and a role at the customer's own workspace.
        Both must be open.
      </p>
      <Rows
        label="My access"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={<Empty icon={<KeyRound size={18} />} title="There are no customers yet" />}
      >
        {(rows) => (
          <Table label="My access">
            <thead>
              <tr>
                <Th className="w-72">Customer</Th>
                <Th className="w-24">Region</Th>
                <Th className="w-28">Reached</Th>
                <Th>Why</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <AccessRow key={row.customer?.id ?? `others-${index}`} row={row} />
              ))}
            </tbody>
          </Table>
        )}
      </Rows>
    </div>
  );
}

function summary(rows: Access[]): string {
  const all = rows.reduce((sum, row) => sum + row.count, 0);
  const open = rows.filter((row) => row.allowed).reduce((sum, row) => sum + row.count, 0);
  return `you reach ${open} of ${plural(all, "customer")}`;
}

function AccessRow({ row }: { row: Access }) {
  const why = row.reason ? WHY[row.reason] : null;
  return (
    <tr className={trClass}>
      <Td className="font-medium">
        {row.customer && row.allowed ? (
          <Link
            to="/investigations"
            search={{ ...parseQueue({}), customers: [row.customer.id] }}
            className="hover:text-accent hover:underline"
          >
            {row.customer.name}
          </Link>
        ) : (
          (row.customer?.name ?? `${plural(row.count, "customer")}, not named to you`)
        )}
      </Td>
      <Td className="text-muted">{row.customer?.region ?? "–"}</Td>
      <Td>
        <span className="inline-flex items-center gap-1.5 align-middle">
          {row.allowed ? (
            <Check size={15} className="text-up" aria-hidden="true" />
          ) : (
            <Minus size={15} className="text-down" aria-hidden="true" />
          )}
          {row.allowed ? "Yes" : "No"}
        </span>
      </Td>
      <Td className="py-1.5">
        {row.allowed ? (
          <span className="text-muted">Grant and role are both there.</span>
        ) : (
          <>
            {why?.reason ?? "It is not open to you."} <span className="text-muted">{why?.remedy}</span>
          </>
        )}
      </Td>
    </tr>
  );
}
