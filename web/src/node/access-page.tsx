import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ScrollText, ShieldCheck } from "lucide-react";
import { useState } from "react";
import * as api from "../api/node";
import type { EnrolmentInfo, Technician } from "../api/types";
import { Confirm, type Question } from "../components/confirm";
import { Rows } from "../components/rows";
import { useTicking } from "../lib/clock";
import { cn } from "../lib/cn";
import { plural } from "../lib/format";
import { ROLE } from "../lib/words";
import { Button, buttonClass } from "../ui/button";
import { Age, Badge, Moment } from "../ui/marks";
import { Empty, PageHead } from "../ui/states";
import { Table, Td, Th, trClass, wideClass } from "../ui/table";

/** Who of the security provider has a role here, which consoles are enrolled, and the means to end it. */
export function AccessPage() {
  const technicians = useQuery({ queryKey: ["technicians"], queryFn: api.technicians, refetchInterval: 10_000 });
  const enrolments = useQuery({ queryKey: ["enrolments"], queryFn: api.enrolments });
  const [question, setQuestion] = useState<Question | null>(null);
  const rows = technicians.data?.data;
  return (
    <div className="flex flex-col gap-2.5 p-3">
      <PageHead title="Access" note={rows ? plural(rows.filter((t) => !t.revoked_time).length, "technician") : null}>
        <Link to="/audit" search={{ range: "all", module: "technicians" }} className={buttonClass()}>
          <ScrollText size={14} aria-hidden="true" />
          What was decided about them
        </Link>
      </PageHead>
      <p className="max-w-3xl text-muted">
        People of your security provider who hold a role at this workspace. Whoever is revoked here stays out, even if
        the provider grants the role again.
      </p>
      <Rows
        label="Technicians"
        rows={rows}
        error={technicians.error}
        onRetry={() => void technicians.refetch()}
        empty={<Empty icon={<ShieldCheck size={18} />} title="Nobody from outside has access" />}
      >
        {(rows) => <TechnicianTable rows={rows} onAsk={setQuestion} />}
      </Rows>
      <h2 className="mt-4 text-base font-semibold">Enrolled consoles</h2>
      <Agreed />
      <Rows
        label="Enrolled consoles"
        rows={enrolments.data?.data}
        error={enrolments.error}
        onRetry={() => void enrolments.refetch()}
        skeleton={1}
        empty={
          <Empty icon={<ShieldCheck size={18} />} title="No console is enrolled">
            Your security provider enrols with your administrator's name and password.
          </Empty>
        }
      >
        {(rows) => <Enrolments rows={rows} onAsk={setQuestion} />}
      </Rows>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}

/** What a console may do here, as it was said when the enrolment was agreed to. */
const AGREED = [
  "name technicians of the provider and their roles here; you see each above and can revoke any of them",
  "let these technicians read investigations, signals, rules and the records behind them",
  "let technicians with the role analyst or above work investigations and search logs",
  "read health, volumes and counters of this workspace, set its licence, and set what of retention and detection you left to the standard",
  "nothing else: no sources, keys, parsers or rules, and no workspace but this one",
];

function Agreed() {
  return (
    <div className="max-w-4xl">
      <p>You agreed that an enrolled console may</p>
      <ul className="ml-4 list-disc text-muted">
        {AGREED.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p className="mt-1 text-muted">You can end that at any time, by yourselves. What was found stays at this node.</p>
    </div>
  );
}

interface Asking<T> {
  rows: readonly T[];
  onAsk: (question: Question) => void;
}

const MINUTE_MS = 60_000;

function isOver({ expires_time }: Technician, now: number): boolean {
  return Boolean(expires_time && Date.parse(expires_time) <= now);
}

function TechnicianTable({ rows, onAsk }: Asking<Technician>) {
  const now = Number(useTicking((at) => String(Math.ceil(at / MINUTE_MS) * MINUTE_MS)));
  return (
    <Table label="Technicians">
      <thead>
        <tr>
          <Th>Person</Th>
          <Th>Role</Th>
          <Th>Granted by</Th>
          <Th className={wideClass}>Granted</Th>
          <Th>Last seen</Th>
          <Th>Ends</Th>
          <Th>State</Th>
          <Th className="text-right">Actions</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((t) => (
          <tr key={t.email} className={trClass} data-technician={t.email}>
            <Td>
              <span className="font-medium">{t.name || t.email}</span>{" "}
              {t.name ? <span className="whitespace-nowrap text-muted">{t.email}</span> : null}
            </Td>
            <Td>{ROLE[t.role]}</Td>
            <Td className="text-muted">{t.granted_by}</Td>
            <Td className={cn("text-muted", wideClass)}>
              <Moment time={t.granted_time} />
            </Td>
            <Td className="text-muted">
              {t.last_seen ? (
                <>
                  <Age time={t.last_seen} /> ago
                </>
              ) : (
                "Never"
              )}
            </Td>
            <Td className="text-muted">{t.expires_time ? <Moment time={t.expires_time} long /> : "Never"}</Td>
            <Td>
              {t.revoked_time ? (
                <>
                  <Badge tone="bad">Revoked</Badge>{" "}
                  <span className="text-muted">
                    <Moment time={t.revoked_time} />
                  </span>
                </>
              ) : isOver(t, now) ? (
                <Badge tone="warn">Ended</Badge>
              ) : (
                <Badge tone="ok">Active</Badge>
              )}
            </Td>
            <Td className="text-right">
              <Button className="h-6" onClick={() => onAsk(t.revoked_time ? restoring(t) : revoking(t))}>
                {t.revoked_time ? "Let in again…" : "Revoke…"}
              </Button>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function revoking(t: Technician): Question {
  return {
    title: `Revoke ${t.email}?`,
    meaning:
      "From this moment the person reads and changes nothing here. The provider's console cannot undo it: only you can let the person in again.",
    action: "Revoke access",
    danger: true,
    done: `${t.email} is out`,
    refresh: ["technicians", "enrolments"],
    run: () => api.revokeTechnician(t.email),
  };
}

function restoring(t: Technician): Question {
  return {
    title: `Let ${t.email} in again?`,
    meaning: `The person has the role ${ROLE[t.role]} here again, as far as the provider's console still grants it.`,
    action: "Let in again",
    danger: false,
    done: `${t.email} is in again`,
    refresh: ["technicians", "enrolments"],
    run: () => api.restoreTechnician(t.email),
  };
}

function ending(e: EnrolmentInfo): Question {
  return {
    title: `End the relationship with ${e.console_name}?`,
    meaning:
      "The console and all its technicians are out at once. Investigations stay here. To begin again, the provider enrols with your name and password.",
    action: "End the relationship",
    danger: true,
    done: `${e.console_name} is out`,
    refresh: ["technicians", "enrolments"],
    run: () => api.endEnrolment(e.console),
  };
}

function Enrolments({ rows, onAsk }: Asking<EnrolmentInfo>) {
  return (
    <Table label="Enrolled consoles">
      <thead>
        <tr>
          <Th>Console</Th>
          <Th>Id</Th>
          <Th>Enrolled</Th>
          <Th>Agreed to by</Th>
          <Th className="text-right">Actions</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((e) => (
          <tr key={e.console} className={trClass}>
            <Td className="font-medium">{e.console_name}</Td>
            <Td className="mono text-muted">{e.console}</Td>
            <Td className="text-muted">
              <Moment time={e.enrolled_time} long />
            </Td>
            <Td>{e.enrolled_by}</Td>
            <Td className="text-right">
              <Button className="h-6" onClick={() => onAsk(ending(e))}>
                End…
              </Button>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
