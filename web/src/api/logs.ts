import { call } from "./http";
import type * as P from "./pending";
import type { EventPage, List, LogSearch, Scope } from "./types";

/** Everything asked about the logs of one workspace: at its node, or at the console for one customer. */
export interface LogSource {
  search: (body: LogSearch) => Promise<EventPage>;
  histogram: (body: P.LogHistogram) => Promise<P.Histogram & { scope?: Scope }>;
  facets: (body: P.LogFacets) => Promise<P.Facets & { scope?: Scope }>;
  sql: (body: P.SqlQuery, signal: AbortSignal) => Promise<P.SqlAnswer>;
  running: () => Promise<List<P.RunningSql>>;
  stop: (id: string) => Promise<void>;
}

/** The calls below one address; `search` is typed by each server's own document. */
export function logSource(base: string, search: LogSource["search"]): LogSource {
  return {
    search,
    histogram: (body) => call("POST", `${base}/logs/histogram`, body),
    facets: (body) => call("POST", `${base}/logs/facets`, body),
    sql: (body, signal) => call("POST", `${base}/sql`, body, signal),
    running: () => call("GET", `${base}/sql`),
    stop: (id) => call("DELETE", `${base}/sql/${encodeURIComponent(id)}`),
  };
}
