import { Link } from "@tanstack/react-router";
import type { Grant, GrantState } from "../../api/types";
import { grantWords, viaWords } from "../../lib/access";
import { GRANT_STATE, ROLE } from "../../lib/words";
import { buttonClass } from "../../ui/button";
import { Age, Badge, Moment } from "../../ui/marks";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";

const tones: Record<GrantState, "ok" | "warn" | "bad"> = { APPLIED: "ok", PENDING: "warn", REFUSED: "bad" };

interface Props {
  rows: readonly Grant[];
  /** What the first column is: of whom, or on whom. */
  about: "customer" | "person";
}

/** The role that follows from the delegations, and how far it has come at the customer's node. */
export function GrantTable({ rows, about }: Props) {
  return (
    <Table label="Grants">
      <thead>
        <tr>
          <Th>{about === "customer" ? "Customer" : "Technician"}</Th>
          <Th>Role</Th>
          <Th>State</Th>
          <Th className="w-[30%]">Follows from</Th>
          <Th>Ends</Th>
          <Th>Changed</Th>
          <ThActions />
        </tr>
      </thead>
      <tbody>
        {rows.map((grant) => (
          <tr key={grant.id} className={trClass} data-grant={about === "customer" ? grant.customer : grant.email}>
            <Td className="font-medium whitespace-nowrap">
              {about === "customer" ? (
                <Link
                  to="/customers/$id"
                  params={{ id: grant.customer }}
                  search={{ tab: "access" }}
                  className="rounded-sm hover:text-accent hover:underline"
                >
                  {grant.customer_name}
                </Link>
              ) : (
                <Link
                  to="/technicians/$id"
                  params={{ id: grant.user }}
                  className="rounded-sm hover:text-accent hover:underline"
                >
                  {grant.email}
                </Link>
              )}
            </Td>
            <Td className="whitespace-nowrap">
              {grant.desired ? ROLE[grant.desired] : <span className="text-muted">being removed</span>}
            </Td>
            <Td className="py-1">
              <Badge tone={tones[grant.state]}>{GRANT_STATE[grant.state]}</Badge>
              {grant.state === "APPLIED" ? null : <div className="text-sm text-muted">{grantWords(grant)}</div>}
            </Td>
            <Td className="py-1">
              <Via grant={grant} />
            </Td>
            <Td className="text-muted">{grant.expires_time ? <Moment time={grant.expires_time} long /> : "Never"}</Td>
            <Td className="whitespace-nowrap text-muted">
              <Age time={grant.updated_time} /> ago
            </Td>
            <Td className="text-right">
              <Link
                to="/access"
                search={{ user: grant.user, customer: grant.customer }}
                aria-label={`Why? ${grant.email} on ${grant.customer_name}`}
                className={buttonClass("quiet", "h-6")}
              >
                Why?
              </Link>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Via({ grant: { via, reason } }: { grant: Grant }) {
  if (via.length === 0) return <span className="text-muted">Nothing any more</span>;
  return (
    <>
      <span className="block first-letter:uppercase">{via.map(viaWords).join("; ")}</span>
      {reason ? <span className="block text-sm text-muted">{reason}</span> : null}
    </>
  );
}
