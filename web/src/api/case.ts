/** Every call about one case, at the console by its resource name, at a node by its id. */
import { readAll } from "../lib/pages";
import type * as C from "./case-types";
import { call, send, upload } from "./http";
import type * as T from "./types";

/** Where a case is: the address its calls begin with. */
export const atConsole = (rrn: string) => `/api/v1/investigations/${encodeURIComponent(rrn)}`;
/** A workspace's own people, at its node. */
export const atOwn = (id: string) => `/api/v1/investigations/${encodeURIComponent(id)}`;

const PAGE = 200;

const part = (text: string) => encodeURIComponent(text);

/** What a case is made of and what people add to it. */
export function caseAt(base: string) {
  /** A list that the node bounds. */
  const all = async <T>(list: string): Promise<C.Listed<T>> => ({
    data: await readAll((cursor) => call<C.Listed<T>>("GET", `${base}/${list}`, { query: { limit: PAGE, cursor } })),
  });
  return {
    base,
    comments: () => all<C.Comment>("comments"),
    addComment: (body: C.NewComment) => call<C.Comment>("POST", `${base}/comments`, { body }),
    removeComment: (id: string) => call<void>("DELETE", `${base}/comments/${part(id)}`),
    showComment: (id: string, visibility: C.Visibility) =>
      call<C.Comment>("PUT", `${base}/comments/${part(id)}/visibility`, { body: { visibility } }),
    attachments: () => call<C.Listed<C.Attachment>>("GET", `${base}/attachments`),
    attach: (file: File, signal: AbortSignal, told: (part: number) => void) =>
      upload<C.Attachment>(
        `${base}/attachments`,
        { name: file.name, type: file.type || "application/octet-stream" },
        file,
        signal,
        told,
      ),
    attachment: (id: string) => send("GET", `${base}/attachments/${part(id)}`, { accept: "*/*" }),
    evidence: () => all<C.Evidence>("evidence"),
    addEvidence: (events: string[], note: string) =>
      call<unknown>("POST", `${base}/evidence`, { body: note === "" ? { events } : { events, note } }),
    removeEvidence: (event: string) => call<void>("DELETE", `${base}/evidence/${part(event)}`),
    alerts: (cursor?: string) =>
      call<C.Listed<T.Signal>>("GET", `${base}/alerts`, { query: { limit: 100, cursor: cursor ?? undefined } }),
    link: (alerts: string[]) => call<unknown>("POST", `${base}/alerts`, { body: { alerts } }),
    unlink: (alert: string) => call<void>("DELETE", `${base}/alerts/${part(alert)}`),
    merge: (into: string, version: number) => call<C.CaseRow>("POST", `${base}/merge`, { body: { into, version } }),
    related: () => call<C.Listed<C.Related>>("GET", `${base}/related`),
    audit: (cursor?: string) => call<C.CaseAudit>("GET", `${base}/audit`, { query: { limit: PAGE, cursor } }),
    claim: (take: boolean) => call<C.CaseRow>("PUT", `${base}/claim`, { body: take ? { take } : {} }),
    release: () => call<unknown>("DELETE", `${base}/claim`),
    look: () => call<{ looking: T.Assignee[] }>("PUT", `${base}/presence`),
    lookAway: () => call<unknown>("DELETE", `${base}/presence`, { keepalive: true }),
    exported: (format: "pdf" | "json") => send("GET", `${base}/export`, { query: { format }, accept: "*/*" }),
  };
}
export type CaseSource = ReturnType<typeof caseAt>;

export const createCase = (body: C.NewCase) => call<C.CaseRow>("POST", "/api/v1/investigations", { body });

/** Not closed investigations of one customer, with words in title or entity: what is typed travels in a body. */
export const casesOf = (customer: string, q: string) =>
  call<T.Page<C.CaseRow>>("POST", "/api/v1/investigations/search", {
    body: {
      customers: [customer],
      statuses: ["OPEN", "INVESTIGATING", "WAITING"],
      sort: "-updated_time",
      limit: 50,
      ...(q === "" ? {} : { q }),
    },
  });
