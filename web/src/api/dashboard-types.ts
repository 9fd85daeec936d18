/** Wire types of the dashboards: definitions, questions and the frames that come back. */
import type { CustomerRef, Scope } from "./types";

export const MEASURES = [
  "health_orgs",
  "health_resources",
  "health_events",
  "health_resource_rows",
  "health_event_rows",
  "bytes",
  "events",
  "credits",
  "silent_category_rows",
  "failed_records",
  "failed_record_rows",
  "signals",
  "signal_rows",
  "insights_created",
  "insights_updated",
  "insights_closed",
  "insights_status",
  "time_to_detect",
  "time_to_respond",
  "time_to_progress",
  "time_to_remediate",
] as const;
export type Measure = (typeof MEASURES)[number];

export const DIMENSIONS = [
  "org",
  "tier",
  "source_category",
  "collector",
  "source",
  "tracker",
  "error",
  "severity",
  "resource_type",
  "reason",
  "reason_code",
  "vendor",
  "product",
  "event_id",
  "parser",
  "state",
  "status",
  "user",
  "priority",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const VOLUME_TIERS = ["continuous", "frequent", "infrequent", "cse"] as const;
export type VolumeTier = (typeof VOLUME_TIERS)[number];
export const CHARTS = ["single", "table", "bar", "pie", "columns", "lines", "outlier"] as const;
export type Chart = (typeof CHARTS)[number];
export const UNITS = [
  "orgs",
  "resources",
  "events",
  "gb",
  "gb_per_day",
  "credits",
  "records",
  "signals",
  "insights",
  "seconds",
  "rows",
] as const;
export type Unit = (typeof UNITS)[number];
export type ColumnKind = "time" | "text" | "number" | "boolean" | "list";
export type DashboardFilter = "org_name" | "timeslice" | "tier" | "rates" | "open_now";
export type Bucket = "none" | "timeslice" | "sixths";
export type Sorting = "value_desc" | "time_asc" | "time_desc" | "group_then_value";
export type OutlierDirection = "+-" | "+" | "-";

export interface Outlier {
  window?: number;
  threshold?: number;
  consecutive?: number;
  direction?: OutlierDirection;
}
export type After = { outlier: Outlier } | { compare: { timeshift: string } };

/** One panel: a measure, told apart by dimensions and time, and how it is drawn. What is left out is the first of its words. */
export interface PanelDef {
  id: string;
  title: string;
  description?: string;
  measure: Measure;
  group_by?: Dimension[];
  bucket?: Bucket;
  tiers?: VolumeTier[];
  after?: After | null;
  per_day?: boolean;
  chart: Chart;
  unit: Unit;
  sort?: Sorting;
  limit?: number | null;
  /** Its own time range, such as `24h`. */
  range?: string | null;
}

export interface SectionDef {
  title?: string;
  panels: PanelDef[];
}

export interface SavedBy {
  email: string;
  updated_time: string;
  version: number;
}

export interface Dashboard {
  name: string;
  title: string;
  description?: string;
  range: string;
  timeslice: string;
  filters: DashboardFilter[];
  sections: SectionDef[];
  /** Absent for those that come with the program. */
  saved?: SavedBy | null;
}

export interface DashboardLine {
  name: string;
  title: string;
  description: string;
  panels: { id: string; title: string; kind: Chart }[];
  saved?: SavedBy | null;
}

export interface TimeRange {
  from: string;
  to: string;
}

/** Credits for a GB (2^30 bytes). */
export type Rates = Record<VolumeTier, number>;

export interface DashboardQuery {
  org_name?: string[];
  from?: string;
  to?: string;
  timeslice?: string;
  zone?: string;
  tier?: string[];
  rates?: Rates;
  panels?: Record<string, TimeRange>;
  only?: string[];
  series?: number;
  open_now?: boolean;
  progress?: boolean;
}

export type Value = string | number | boolean | string[] | null;

export interface Column {
  name: string;
  type: ColumnKind;
  unit?: Unit | null;
  values: Value[];
}

/** A table, column by column. */
export interface Frame {
  columns: Column[];
  range?: TimeRange | null;
  buckets?: string[];
  /** How many series or groups there are, `Other` not counted. */
  groups?: number | null;
  more?: boolean;
  /** Customers that did not answer: their numbers are missing, not zero. */
  missing?: number;
}

export interface PanelAnswer {
  panel: string;
  frame?: Frame | null;
  error?: string | null;
  /** The panel comes again. */
  partial?: boolean;
}

export interface DashboardProgress {
  asked: number;
  answered: number;
}

export type DashboardAnswer = PanelAnswer | { progress: DashboardProgress } | { scope: Scope };

/** What is paid for a GB from a day on. */
export interface RateCard {
  /** Null: everybody without one of their own. */
  customer?: string | null;
  effective_from: string;
  rates: Rates;
}

export interface AcknowledgeSilence {
  tier: string;
  source_category: string;
  last_seen: string;
  note?: string;
}

export type ScoreWord = "collection" | "ingest_drift" | "failed_records" | "overdue_investigations" | "licence_runway";

/** How a customer stands, 0 to 100, and what that is made of. */
export interface HealthScore {
  customer: CustomerRef;
  score: number;
  parts: ScorePart[];
  time: string;
}

export interface ScorePart {
  part: ScoreWord;
  /** 0 to `most`. */
  points: number;
  most: number;
  /** The number it goes by; null where there is none. */
  number?: number | null;
  /** Why it has these points, in a sentence. */
  reason: string;
}
