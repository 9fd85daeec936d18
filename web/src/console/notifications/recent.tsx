import type { ReactNode } from "react";
import type { Notification, NotificationState } from "../../api/types";
import { useTicking } from "../../lib/clock";
import { plural } from "../../lib/format";
import { CHANNEL, NOTIFICATION_STATE } from "../../lib/notification-form";
import { until } from "../../lib/sync";
import { Badge, Moment } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Table, Td, Th, trClass } from "../../ui/table";

const tones: Record<NotificationState, "ok" | "warn" | "bad"> = { SENT: "ok", WAITING: "warn", GIVEN_UP: "bad" };

/** What was told lately, and what became of it. */
export function Recent({ rows }: { rows: readonly Notification[] }) {
  return (
    <ScrollBox label="The last 50" className="-mx-3 -mb-3 max-h-[560px] rounded-none border-x-0 border-b-0">
      <Table label="The last 50">
        <thead>
          <tr>
            <Th className="w-28">Made</Th>
            <Th>What it says</Th>
            <Th className="w-20">By</Th>
            <Th className="w-24">State</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.id}-${row.channel}`} className={trClass} data-notification={row.id}>
              <Td className="align-top text-muted">
                <Moment time={row.created_time} />
              </Td>
              <Td className="align-top break-words">
                {row.subject}
                <Fate row={row} />
              </Td>
              <Td className="align-top">{CHANNEL[row.channel]}</Td>
              <Td className="align-top">
                <Badge tone={tones[row.state]}>{NOTIFICATION_STATE[row.state]}</Badge>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </ScrollBox>
  );
}

function Fate({ row: { state, attempts, next_time, error } }: { row: Notification }): ReactNode {
  if (state === "SENT" && attempts <= 1) return null;
  return (
    <div className="text-sm text-muted">
      {attempts > 0 ? `Tried ${plural(attempts, "time")}` : "Not tried yet"}
      {state === "WAITING" && next_time ? <Next time={next_time} /> : null}
      {error ? `: ${error}` : ""}
    </div>
  );
}

function Next({ time }: { time: string }) {
  const text = useTicking((now) => until(time, now));
  return <span suppressHydrationWarning>, next {text}</span>;
}
