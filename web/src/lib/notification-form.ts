/** The form of the notifications: what it holds, and what of it goes on the wire. */
import type {
  MailSecurity,
  NotificationChannel,
  NotificationState,
  Notifications,
  PutNotifications,
} from "../api/types";

export const CHANNEL: Record<NotificationChannel, string> = { mail: "Mail", webhook: "Webhook" };

export const SECURITY: Record<MailSecurity, string> = {
  starttls: "STARTTLS",
  tls: "TLS from the first byte",
  none: "None",
};
export const SECURITIES: readonly MailSecurity[] = ["starttls", "tls", "none"];

/** What a mail server listens on as a rule. */
export const PORT_OF: Record<MailSecurity, string> = { starttls: "587", tls: "465", none: "25" };

export const NOTIFICATION_STATE: Record<NotificationState, string> = {
  WAITING: "Waiting",
  SENT: "Sent",
  GIVEN_UP: "Given up",
};

/** The form's fields by the names a refusal gives them. */
export const NOTIFICATION_FIELDS = [
  "mail.server",
  "mail.port",
  "mail.security",
  "mail.user",
  "mail.password",
  "mail.from",
  "mail.to",
  "webhook.url",
  "webhook.secret",
  "settle_seconds",
  "degraded",
] as const;

export type NotificationDraft = {
  mail: boolean;
  server: string;
  port: string;
  security: string;
  user: string;
  password: string;
  from: string;
  to: string;
  webhook: boolean;
  url: string;
  secret: string;
  degraded: boolean;
  settle: string;
};

export function draftOfNotifications({ mail, webhook, degraded, settle_seconds }: Notifications): NotificationDraft {
  return {
    mail: Boolean(mail),
    server: mail?.server ?? "",
    port: String(mail?.port ?? PORT_OF.starttls),
    security: mail?.security ?? "starttls",
    user: mail?.user ?? "",
    password: "",
    from: mail?.from ?? "",
    to: mail?.to.join("\n") ?? "",
    webhook: Boolean(webhook),
    url: webhook?.url ?? "",
    secret: "",
    degraded,
    settle: String(settle_seconds),
  };
}

/** Whether the password that is set goes to the server of the form: it goes to the one it was typed for, and to no other. */
export function sameServer({ mail }: Notifications, draft: NotificationDraft): boolean {
  if (!mail) return false;
  const now = [draft.server.trim(), Number(draft.port), draft.security, draft.user.trim()];
  return [mail.server, mail.port, mail.security, mail.user ?? ""].every((was, at) => was === now[at]);
}

/** Addresses by lines or commas; one may have a name before it. */
export function addresses(text: string): string[] {
  return text
    .split(/[\n,;]+/)
    .map((address) => address.trim())
    .filter((address) => address !== "");
}

/** A secret that is not typed is left out, and stays as it is. */
export function notificationsOf(draft: NotificationDraft): PutNotifications {
  const mail = {
    server: draft.server.trim(),
    port: Number(draft.port),
    security: SECURITIES.find((one) => one === draft.security) ?? "starttls",
    user: draft.user.trim() || null,
    from: draft.from.trim(),
    to: addresses(draft.to),
    ...(draft.password ? { password: draft.password } : {}),
  };
  const webhook = { url: draft.url.trim(), ...(draft.secret ? { secret: draft.secret } : {}) };
  return {
    mail: draft.mail ? mail : null,
    webhook: draft.webhook ? webhook : null,
    degraded: draft.degraded,
    settle_seconds: Number(draft.settle),
  };
}
