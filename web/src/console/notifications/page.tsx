import { useQuery } from "@tanstack/react-query";
import { BellRing, Send } from "lucide-react";
import * as api from "../../api/console";
import type { Notifications, NotificationTrial } from "../../api/types";
import { useAction } from "../../components/use-action";
import { CHANNEL } from "../../lib/notification-form";
import { Button } from "../../ui/button";
import { Badge, Moment } from "../../ui/marks";
import { Panel } from "../../ui/panel";
import { Empty, Failure, PageHead, SkeletonRows } from "../../ui/states";
import { AdministratorsOnly } from "../frame";
import { useMe } from "../me";
import { NotificationForm } from "./form";
import { Recent } from "./recent";

const REFRESH_MS = 5000;

/** Whom the console tells when a customer goes down or comes back, or the licence ends soon. */
export function NotificationsPage() {
  return useMe().role === "administrator" ? <Settings /> : <AdministratorsOnly />;
}

function Settings() {
  const query = useQuery({
    queryKey: ["notifications"],
    queryFn: api.notifications,
    refetchInterval: REFRESH_MS,
  });
  const set = query.data;
  return (
    <div className="flex min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Notifications" />
      <p className="max-w-3xl text-muted">
        When a customer goes down or comes back, and when the licence ends soon, the console says so by mail and by a
        call to a URL. A state that lasts shorter than told below is not worth a message, and nothing is told twice.
      </p>
      {query.error ? (
        <Failure
          error={query.error}
          title={set ? "This may be out of date" : "The notifications could not be read"}
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {set ? (
        <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)] items-start gap-2.5">
          <Panel title="How they are sent" note={<SetBy set={set} />}>
            <NotificationForm set={set} />
          </Panel>
          <div className="flex min-w-0 flex-col gap-2.5">
            <Trial set={set} />
            <Panel title="The last 50" note={set.waiting > 0 ? `${set.waiting} waiting` : null}>
              {set.recent.length > 0 ? (
                <Recent rows={set.recent} />
              ) : (
                <Empty icon={<BellRing size={18} />} title="Nothing was told yet" />
              )}
            </Panel>
          </div>
        </div>
      ) : query.error ? null : (
        <div className="rounded-md border border-line bg-surface">
          <SkeletonRows label="Reading the notifications" />
        </div>
      )}
    </div>
  );
}

function SetBy({ set: { set_by, set_time } }: { set: Notifications }) {
  return set_by && set_time ? (
    <>
      by {set_by}, <Moment time={set_time} long />
    </>
  ) : (
    <>nobody set it yet</>
  );
}

/** A message that says nothing, by every channel that is set. */
function Trial({ set }: { set: Notifications }) {
  const test = useAction({
    run: () => api.testNotifications(),
    refused: "No test was sent",
    refresh: ["notifications"],
  });
  const none = !set.mail && !set.webhook;
  return (
    <Panel title="Test">
      <div className="flex items-center gap-3">
        <Button
          icon={<Send size={14} aria-hidden="true" />}
          busy={test.busy}
          disabled={none}
          title={none ? "No channel is set: save a mail server or a URL first" : undefined}
          onClick={() => test.start()}
        >
          Send a test
        </Button>
        <span className="text-muted">
          {none ? "No channel is set: save a mail server or a URL first." : "By every channel as it is saved, at once."}
        </span>
      </div>
      <div role="status">{test.answer ? <Trials trials={test.answer.data} /> : null}</div>
    </Panel>
  );
}

function Trials({ trials }: { trials: readonly NotificationTrial[] }) {
  return (
    <ul className="flex flex-col gap-1.5">
      {trials.map(({ channel, ok, error }) => (
        <li key={channel} data-trial={channel} className="flex items-baseline gap-2">
          <Badge tone={ok ? "ok" : "bad"}>{ok ? "Sent" : "Not sent"}</Badge>
          <span className="font-medium">{CHANNEL[channel]}</span>
          {error ? <span className="min-w-0 break-words text-muted">{error}</span> : null}
        </li>
      ))}
    </ul>
  );
}
