/**
 * Wire types of calls that the OpenAPI documents do not list yet, written by hand.
 * REPLACE: once `npm run gen` knows them, alias the generated types in `types.ts` and delete this file.
 */
import type { Format } from "./types";

export type ParserState = "draft" | "enabled" | "disabled" | "set_aside";

export interface Parser {
  name: string;
  shipped: boolean;
  description: string;
  state: ParserState;
  why?: string | null;
  version?: number | null;
  next_version?: number | null;
  sources: number;
  records: number;
  failed: number;
  changed_time?: string | null;
  changed_by?: string | null;
}

export interface ParserSource {
  name: string;
  shipped: boolean;
  version?: number | null;
  source: string;
  next_version?: number | null;
  next_source?: string | null;
}

export interface NewParser {
  name: string;
  source: string;
  description?: string;
}

export interface ParserTest {
  source?: string;
  name?: string;
  format?: Format;
  lines: string[];
}

export interface TestedLine {
  record?: Record<string, unknown> | null;
  failed?: { reason_code?: string; reason?: string } | null;
  time_us: number;
}

export interface FailedCount {
  value?: string | null;
  count: number;
}

export interface FailedSummary {
  total: number;
  reason_code: FailedCount[];
  parser: FailedCount[];
  vendor: FailedCount[];
  product: FailedCount[];
  event_code: FailedCount[];
  source_category: FailedCount[];
}

export interface NewReplay {
  reason_code?: string;
  parser?: string;
  source?: string;
  from?: string;
  to?: string;
}

export interface Replay {
  id: string;
  state: "running" | "done" | "cancelled" | "failed";
  started: string;
  ended?: string | null;
  started_by: string;
  filter: NewReplay;
  files_total: number;
  files_done: number;
  rows_seen: number;
  became_records: number;
  still_failed: number;
  reason?: string | null;
}

export interface Histogram {
  from?: string | null;
  to?: string | null;
  width_ms: number;
  total: number;
  data: { start: string; records: number; failed_records: number }[];
}

export interface LogHistogram {
  query: string;
  from?: string;
  to?: string;
  buckets?: number;
}

export interface Facet {
  field: string;
  values: { value: string; rows: number }[];
  other_rows: number;
  missing_rows: number;
  exact?: boolean;
}

export interface Facets {
  total: number;
  data: Facet[];
}

export interface LogFacets {
  query: string;
  from?: string;
  to?: string;
  fields?: string[];
  limit?: number;
}

export interface SqlQuery {
  sql: string;
  limit?: number;
  deadline_ms?: number;
}

export type SqlValue = string | number | boolean | null | SqlValue[] | { [key: string]: SqlValue };

export interface SqlAnswer {
  id: string;
  columns: { name: string; type: string }[];
  rows: SqlValue[][];
  truncated: boolean;
  truncated_by?: "rows" | "bytes" | null;
  elapsed_ms: number;
}

export interface RunningSql {
  id: string;
  who: string;
  sql: string;
  since: string;
}
