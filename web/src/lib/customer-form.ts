/** The form of a customer: what it holds, what of it goes on the wire, and where a refusal belongs. */
import { ApiError } from "../api/http";
import type { Customer, CustomerPatch, NewCustomer, PreflightStep, Scheme } from "../api/types";

/** A customer as its form holds it. */
export interface CustomerDraft {
  name: string;
  mail: string;
  server: string;
  port: string;
  scheme: Scheme;
  /** SHA-256 of the node's certificate, where no authority vouches for it. */
  fingerprint: string;
  user: string;
  password: string;
  primary: boolean;
}

export const BLANK_CUSTOMER: CustomerDraft = {
  name: "",
  mail: "",
  server: "",
  port: "",
  scheme: "https",
  fingerprint: "",
  user: "",
  password: "",
  primary: false,
};

export function draftOfCustomer(customer: Customer): CustomerDraft {
  const { name, mail, server, port, scheme, primary } = customer;
  return { ...BLANK_CUSTOMER, name, mail, server, port: String(port), scheme, primary };
}

/** What is left of a form for the next customer: often it is a workspace of the same node. */
export function nextDraft({ server, port, scheme, fingerprint }: CustomerDraft): CustomerDraft {
  return { ...BLANK_CUSTOMER, server, port, scheme, fingerprint };
}

export function newCustomer(draft: CustomerDraft): NewCustomer {
  const fingerprint = draft.fingerprint.trim();
  return {
    name: draft.name.trim(),
    mail: draft.mail.trim(),
    server: draft.server.trim(),
    port: Number(draft.port),
    scheme: draft.scheme,
    admin: { user: draft.user.trim(), password: draft.password },
    primary: draft.primary,
    ...(fingerprint && draft.scheme === "https" ? { fingerprint } : {}),
  };
}

/** Whether the node is met and enrolled anew, which needs its administrator. */
export function isMoved(customer: Customer, draft: CustomerDraft): boolean {
  const { server, port, scheme, fingerprint } = newCustomer(draft);
  const same = server === customer.server && port === customer.port && scheme === customer.scheme;
  return !same || fingerprint !== undefined;
}

/** Only what differs from how the customer is. */
export function patchOfCustomer(customer: Customer, draft: CustomerDraft): CustomerPatch {
  const now = newCustomer(draft);
  const patch: CustomerPatch = {};
  if (now.name !== customer.name) patch.name = now.name;
  if (now.mail !== customer.mail) patch.mail = now.mail;
  if (now.primary !== customer.primary) patch.primary = draft.primary;
  if (!isMoved(customer, draft)) return patch;
  const { server, port, scheme, fingerprint, admin } = now;
  return { ...patch, server, port, scheme, admin, ...(fingerprint ? { fingerprint } : {}) };
}

export type FormErrors = { [field in keyof CustomerDraft | "form"]?: string };

const FIELDS: Record<string, keyof FormErrors> = {
  name: "name",
  mail: "mail",
  server: "server",
  port: "port",
  scheme: "scheme",
  fingerprint: "fingerprint",
  primary: "primary",
  admin: "user",
  "admin.user": "user",
  "admin.password": "password",
};

interface Known {
  field: keyof FormErrors;
  text: string;
  /** What the server adds is not repeated. */
  alone?: boolean;
}

const CODES: Record<string, Known> = {
  NAME_TAKEN: { field: "name", text: "Another customer has this name.", alone: true },
  MAIL_INVALID: { field: "mail", text: "This is no mail address.", alone: true },
  PORT_INVALID: { field: "port", text: "1 to 65535.", alone: true },
  PRIMARY_TAKEN: { field: "primary", text: "Another customer is the primary.", alone: true },
  HOST_UNREACHABLE: { field: "server", text: "The node cannot be reached there. Check host, port and connection." },
  TLS_FAILED: { field: "scheme", text: "The secure connection failed." },
  AUTH_FAILED: { field: "password", text: "The node refused this name and password." },
  NOT_ADMIN: { field: "user", text: "This is not an administrator of a workspace." },
  VERSION_MISMATCH: { field: "form", text: "The node runs a version this console cannot work with." },
  ALREADY_INTEGRATED_ELSEWHERE: { field: "form", text: "The workspace already belongs to a console." },
};

/** What the port says for itself, where there is room for few words. */
const AT_PORT = "Nobody answers here.";

/** The code decides the place and the words; the server's detail follows where it adds something. */
export function refusal(error: unknown): FormErrors {
  if (!(error instanceof ApiError)) return { form: error instanceof Error ? error.message : "Something went wrong." };
  const { code, field, detail, title } = error.problem;
  const known = CODES[code];
  if (known) {
    const place = known.field === "form" ? "form" : (FIELDS[field ?? ""] ?? known.field);
    return { [place]: detail && !known.alone ? `${known.text} (${detail})` : known.text };
  }
  return { [FIELDS[field ?? ""] ?? "form"]: detail ?? title };
}

/** What a preflight found wrong so far, at its fields: in few words, for the step says the rest. */
export function faultsOf(steps: readonly PreflightStep[]): FormErrors {
  const errors: FormErrors = {};
  for (const { result, code, field, detail } of steps) {
    const place = FIELDS[field ?? ""];
    if (result !== "FAILED" || !place) continue;
    const known = CODES[code ?? ""]?.text ?? withoutField(detail) ?? "This was refused.";
    errors[place] = code === "HOST_UNREACHABLE" && place === "port" ? AT_PORT : known;
  }
  return errors;
}

/** What can be said before anybody is asked. */
export function ownFaults(draft: CustomerDraft): FormErrors {
  const port = Number(draft.port);
  return port >= 1 && port <= 65_535 ? {} : { port: CODES.PORT_INVALID?.text };
}

/** A server's words without the name of the field they begin with. */
export function withoutField(detail: string | null | undefined): string | null {
  if (!detail) return null;
  const text = detail.replace(/^[a-z_]+(\.[a-z_]+)?: /, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
