import { useQuery } from "@tanstack/react-query";
import { Plus, Undo2, Unplug } from "lucide-react";
import * as api from "../../api/console";
import type { EnrolmentCodeInfo } from "../../api/types";
import { Rows } from "../../components/rows";
import { useAction } from "../../components/use-action";
import { useTicking } from "../../lib/clock";
import { countdown } from "../../lib/sync";
import { Button } from "../../ui/button";
import { Badge, Moment } from "../../ui/marks";
import { Empty } from "../../ui/states";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";

const REFRESH_MS = 5000;

/** Codes that nobody used yet. The codes themselves were shown when they were made, and never again. */
export function CodeList({ onAdd }: { onAdd: () => void }) {
  const query = useQuery({ queryKey: ["enrolment-codes"], queryFn: api.enrolmentCodes, refetchInterval: REFRESH_MS });
  const withdraw = useAction({
    run: (code: EnrolmentCodeInfo) => api.withdrawEnrolmentCode(code.id).then(() => code.name),
    done: (name) => `The enrolment code for ${name} was withdrawn`,
    refused: "The code was not withdrawn",
    refresh: ["enrolment-codes"],
  });
  return (
    <Rows
      label="Enrolment codes"
      rows={query.data?.data}
      error={query.error}
      onRetry={() => void query.refetch()}
      empty={
        <Empty
          icon={<Unplug size={18} />}
          title="No code is open"
          action={
            <Button icon={<Plus size={15} aria-hidden="true" />} onClick={onAdd}>
              Add customer
            </Button>
          }
        >
          For a customer behind NAT, choose “The node dials the console” when you add it. The code for its side waits
          here until it is used.
        </Empty>
      }
    >
      {(rows) => (
        <Table label="Enrolment codes">
          <thead>
            <tr>
              <Th>Customer</Th>
              <Th>Customer mail</Th>
              <Th>Made by</Th>
              <Th>Made</Th>
              <Th>Ends</Th>
              <ThActions />
            </tr>
          </thead>
          <tbody>
            {rows.map((code) => (
              <tr key={code.id} className={trClass} data-code={code.id}>
                <Td className="font-medium">
                  {code.name} {code.primary ? <Badge tone="accent">Primary</Badge> : null}
                </Td>
                <Td className="text-muted">{code.mail}</Td>
                <Td className="text-muted">{code.created_by}</Td>
                <Td className="text-muted">
                  <Moment time={code.created_time} />
                </Td>
                <Td>
                  in <Countdown time={code.expires_time} />
                </Td>
                <Td className="text-right">
                  <Button
                    className="h-6"
                    icon={<Undo2 size={13} aria-hidden="true" />}
                    aria-label={`Withdraw the code for ${code.name}`}
                    disabled={withdraw.busy}
                    title={withdraw.busy ? "Another one is being withdrawn" : undefined}
                    onClick={() => withdraw.start(code)}
                  >
                    Withdraw
                  </Button>
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Rows>
  );
}

/** How long a code still lives, ticking. */
export function Countdown({ time }: { time: string }) {
  const text = useTicking((now) => countdown(time, now));
  return (
    <time dateTime={time} suppressHydrationWarning>
      {text}
    </time>
  );
}
