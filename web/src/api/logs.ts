import type { LogContext } from "./case-types";
import type {
  EventPage,
  Facets,
  Histogram,
  List,
  LogFacets,
  LogHistogram,
  LogSearch,
  RunningSql,
  SqlAnswer,
  SqlQuery,
} from "./types";

/** Everything asked about the logs of one workspace: at its node, or at the console for one customer. */
export interface LogSource {
  search: (body: LogSearch) => Promise<EventPage>;
  histogram: (body: LogHistogram) => Promise<Histogram>;
  facets: (body: LogFacets) => Promise<Facets>;
  sql: (body: SqlQuery, signal: AbortSignal) => Promise<SqlAnswer>;
  running: () => Promise<List<RunningSql>>;
  stop: (id: string) => Promise<unknown>;
  /** Rows of the same source before and after an event; absent where nobody offers it. */
  context?: (event: string, before: number, after: number) => Promise<LogContext>;
  /** The rows of a search as CSV, made by the node. */
  csv?: (body: { query: string; from?: string; to?: string }) => Promise<Response>;
}
