import { useQueryClient } from "@tanstack/react-query";
import * as api from "../../api/console";
import type { Notifications } from "../../api/types";
import { useAction } from "../../components/use-action";
import {
  draftOfNotifications,
  NOTIFICATION_FIELDS,
  type NotificationDraft,
  notificationsOf,
  PORT_OF,
  SECURITIES,
  SECURITY,
  sameServer,
} from "../../lib/notification-form";
import { faultOf, faultOfForm } from "../../lib/problems";
import { useDraft } from "../../lib/use-draft";
import { Button } from "../../ui/button";
import { AreaField, CheckField, ChoiceField, FormError, TextField } from "../../ui/field";

interface PartProps {
  set: Notifications;
  draft: NotificationDraft;
  change: <K extends keyof NotificationDraft>(name: K, value: NotificationDraft[K]) => void;
  fault: (field: (typeof NOTIFICATION_FIELDS)[number]) => string | null;
}

/** Mail server, URL and what is told. Secrets go in and never come out again. */
export function NotificationForm({ set }: { set: Notifications }) {
  const { draft, changed, set: change } = useDraft<NotificationDraft>(draftOfNotifications(set));
  const queries = useQueryClient();
  const save = useAction({
    run: () => api.putNotifications(notificationsOf(draft)),
    after: (saved) => {
      queries.setQueryData(["notifications"], saved);
      change("password", "");
      change("secret", "");
    },
    done: () => "The notifications are changed",
    refresh: ["notifications", "audit"],
  });
  const part: PartProps = { set, draft, change, fault: (field) => faultOf(save.error, field) };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.start();
      }}
    >
      <CheckField label="By mail" checked={draft.mail} onChange={(on) => change("mail", on)} />
      {draft.mail ? <MailFields {...part} /> : null}
      <CheckField label="By a call to a URL" checked={draft.webhook} onChange={(on) => change("webhook", on)} />
      {draft.webhook ? <WebhookFields {...part} /> : null}
      <hr className="border-line" />
      <TextField
        label="Seconds a state lasts before it is told"
        type="number"
        required
        min={0}
        max={3600}
        className="w-64"
        value={draft.settle}
        onChange={(text) => change("settle", text)}
        hint="0 to 3600; standard 60"
        error={part.fault("settle_seconds")}
      />
      <CheckField
        label="Tell of customers that are degraded, too"
        hint="Of those that are down it is always told."
        checked={draft.degraded}
        onChange={(on) => change("degraded", on)}
      />
      <FormError>{faultOfForm(save.error, NOTIFICATION_FIELDS)}</FormError>
      <div>
        <Button
          type="submit"
          look="primary"
          busy={save.busy}
          disabled={!changed}
          title={changed ? undefined : "Nothing was changed yet"}
        >
          Save notifications
        </Button>
      </div>
    </form>
  );
}

/** A secret is kept for the server it was typed for, and for no other. */
function secretHint(has: boolean | undefined, same: boolean): string {
  if (!has) return "Not set";
  return same ? "Set. Leave empty to keep it" : "Set for what was there before: it is dropped unless it is typed again";
}

function MailFields({ set, draft, change, fault }: PartProps) {
  return (
    <div className="ml-6 grid grid-cols-6 gap-x-4 gap-y-3">
      <TextField
        label="Mail server"
        className="col-span-3"
        required
        spellCheck={false}
        value={draft.server}
        onChange={(text) => change("server", text)}
        error={fault("mail.server")}
      />
      <TextField
        label="Port"
        type="number"
        min={1}
        max={65535}
        required
        value={draft.port}
        onChange={(text) => change("port", text)}
        error={fault("mail.port")}
      />
      <ChoiceField
        label="Protection"
        className="col-span-2"
        value={draft.security}
        options={SECURITIES.map((value) => ({ value: value as string, label: SECURITY[value] }))}
        onChange={(value) => {
          const now = SECURITIES.find((one) => one === draft.security);
          const next = SECURITIES.find((one) => one === value);
          if (now && next && draft.port === PORT_OF[now]) change("port", PORT_OF[next]);
          change("security", value);
        }}
        error={fault("mail.security")}
      />
      <TextField
        label="User name"
        className="col-span-3"
        autoComplete="off"
        spellCheck={false}
        value={draft.user}
        onChange={(text) => change("user", text)}
        hint="Empty where the server asks for none"
        error={fault("mail.user")}
      />
      <TextField
        label="Password"
        type="password"
        className="col-span-3"
        autoComplete="new-password"
        value={draft.password}
        onChange={(text) => change("password", text)}
        hint={secretHint(set.mail?.has_password, sameServer(set, draft))}
        error={fault("mail.password")}
      />
      <TextField
        label="From"
        spellCheck={false}
        className="col-span-3"
        required
        value={draft.from}
        onChange={(text) => change("from", text)}
        error={fault("mail.from")}
      />
      <AreaField
        label="To"
        className="col-span-3"
        required
        rows={2}
        value={draft.to}
        onChange={(text) => change("to", text)}
        hint="1 to 20 addresses, one a line"
        error={fault("mail.to")}
      />
    </div>
  );
}

function WebhookFields({ set, draft, change, fault }: PartProps) {
  return (
    <div className="ml-6 flex flex-col gap-3">
      <TextField
        label="URL"
        type="url"
        required
        spellCheck={false}
        value={draft.url}
        onChange={(text) => change("url", text)}
        hint="https, or http to this machine"
        error={fault("webhook.url")}
      />
      <TextField
        label="Secret"
        type="password"
        autoComplete="new-password"
        value={draft.secret}
        onChange={(text) => change("secret", text)}
        hint={`Signs each call: X-Bailiwick-Signature, HMAC-SHA-256 of the body. ${secretHint(
          set.webhook?.has_secret,
          draft.url.trim() === set.webhook?.url,
        )}`}
        error={fault("webhook.secret")}
      />
    </div>
  );
}
