/** Where on the form a refusal belongs, and what it says there. */
import { ApiError } from "../api/http";

export interface FormErrors {
  form?: string;
  name?: string;
  mail?: string;
  server?: string;
  port?: string;
  scheme?: string;
  user?: string;
  password?: string;
}

const FIELDS: Record<string, keyof FormErrors> = {
  name: "name",
  mail: "mail",
  server: "server",
  port: "port",
  scheme: "scheme",
  admin: "user",
  "admin.user": "user",
  "admin.password": "password",
};

const CODES: Record<string, { field: keyof FormErrors; text: string; alone?: boolean }> = {
  NAME_TAKEN: { field: "name", text: "Another customer has this name.", alone: true },
  MAIL_INVALID: { field: "mail", text: "This is no mail address.", alone: true },
  HOST_UNREACHABLE: { field: "server", text: "The node cannot be reached there. Check host, port and connection." },
  TLS_FAILED: { field: "scheme", text: "The secure connection failed." },
  AUTH_FAILED: { field: "password", text: "The node refused this name and password." },
  NOT_ADMIN: { field: "user", text: "This is not an administrator of a workspace." },
  VERSION_MISMATCH: { field: "form", text: "The node runs a version this console cannot work with." },
  ALREADY_INTEGRATED_ELSEWHERE: { field: "form", text: "The workspace already belongs to a console." },
};

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
