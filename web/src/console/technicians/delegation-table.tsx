import { useState } from "react";
import * as api from "../../api/console";
import type { Delegation } from "../../api/types";
import { Confirm, type Question } from "../../components/confirm";
import { delegated, subjectOf } from "../../lib/access";
import { ROLE } from "../../lib/words";
import { Button } from "../../ui/button";
import { Badge, Moment } from "../../ui/marks";
import { Table, Td, Th, ThActions, trClass, wideClass } from "../../ui/table";

interface Props {
  rows: readonly Delegation[];
  /** What the other column is: whom it is for, or what it names. */
  about: "subject" | "person";
}

/** What administrators decided: role or denial, until when, why, by whom. */
export function DelegationTable({ rows, about }: Props) {
  const [question, setQuestion] = useState<Question | null>(null);
  return (
    <>
      <Table label="Delegations">
        <thead>
          <tr>
            {about === "person" ? <Th>Technician</Th> : null}
            <Th>Of</Th>
            <Th>Role</Th>
            <Th>Ends</Th>
            <Th>Reason</Th>
            <Th>By</Th>
            <Th className={wideClass}>Decided</Th>
            <ThActions />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className={trClass} data-delegation={row.id}>
              {about === "person" ? <Td className="font-medium">{row.email}</Td> : null}
              <Td className={about === "subject" ? "font-medium" : ""}>{subjectOf(row)}</Td>
              <Td>{row.deny ? <Badge tone="bad">Denied</Badge> : row.role ? ROLE[row.role] : "–"}</Td>
              <Td className={row.expired ? "" : "text-muted"}>
                <Ends row={row} />
              </Td>
              <Td className="break-words">{row.reason ?? <span className="text-muted">–</span>}</Td>
              <Td className="text-muted">{row.by}</Td>
              <Td className={`text-muted ${wideClass}`}>
                <Moment time={row.created_time} />
              </Td>
              <Td className="text-right">
                <Button
                  className="h-6"
                  aria-label={`Take back: ${row.email}, ${subjectOf(row)}`}
                  onClick={() => setQuestion(takingBack(row))}
                >
                  Take back…
                </Button>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function Ends({ row: { expires_time, expired } }: { row: Delegation }) {
  if (!expires_time) return <>Never</>;
  return (
    <span className="inline-flex items-center gap-1.5 align-middle">
      {expired ? <Badge tone="warn">Ended</Badge> : null}
      <Moment time={expires_time} long />
    </span>
  );
}

function takingBack(row: Delegation): Question {
  const what = subjectOf(row);
  return {
    title: `Take back ${delegated(row)} on ${what} from ${row.email}?`,
    meaning: row.deny
      ? "What else is delegated to the person counts again from this moment, here at once and at each node when it answers."
      : "It counts here at once, for what the person has open, too, and at each node when it answers. Another delegation may still reach the same customers.",
    action: "Take back",
    danger: !row.deny,
    done: `${what}: taken back from ${row.email}`,
    refresh: ["delegations", "grants", "users", "customers", "groups", "access", "audit"],
    run: () => api.removeDelegation(row.id),
  };
}
