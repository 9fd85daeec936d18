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
}
