/** The wire of the queue beyond what the generated documents name: the new fields of a row, filters as trees, acts on many. */
import type * as T from "./types";

export type Responsibility = "MSSP" | "CUSTOMER";
export type Visibility = "PUBLIC" | "INTERNAL";

/** Somebody is on it, until then. */
export interface Claim {
  email: string;
  name: string;
  until: string;
}

interface RowMore {
  last_accessed_time?: string | null;
  responsibility?: Responsibility | null;
  comment_count?: number;
  attachment_count?: number;
  evidence_count?: number;
  priority_inherited?: boolean;
  throttled_count?: number;
  /** The investigation it was merged into. */
  merged_into?: string | null;
  claim?: Claim | null;
  /** Who looks at it now, at most 10. */
  looking?: T.Assignee[];
}

/** An investigation in the queue. */
export type QueueRow = Omit<T.Investigation, keyof RowMore> & RowMore;

export const SORT_COLUMNS = [
  "priority",
  "created_time",
  "updated_time",
  "latest_alert_time",
  "first_alert_time",
  "closed_time",
  "last_accessed_time",
  "title",
  "status",
  "disposition",
  "source",
  "responsibility",
  "assignee",
  "entity",
  "signal_count",
  "comment_count",
  "customer",
  "region",
  "rrn",
] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];
/** A column, `-` before it for descending. */
export type QueueSort = SortColumn | `-${SortColumn}`;

/** A boolean tree over every field; depth at most 8, at most 100 leaves. */
export type Where = { and: Where[] } | { or: Where[] } | { not: Where } | WhereLeaf;
export interface WhereLeaf {
  field: string;
  /** `equals` unless told. */
  op?: WhereOp;
  /** Absent for `exists` alone. */
  value?: WhereValue;
}
export type WhereOp = "equals" | "contains" | "starts_with" | "in" | "exists" | "gt" | "gte" | "lt" | "lte";
export type WhereValue = string | number | boolean | (string | number)[];

export type QueueFilter = Omit<T.InvestigationFilter, "sort"> & {
  sort?: QueueSort;
  where?: Where;
  updated_since?: string;
};

/** How many rows match, whatever the page. */
export interface Count {
  value: number;
  /** The scope is partial: there may be more. */
  at_least: boolean;
}

export interface QueuePage extends T.Page<QueueRow> {
  count?: Count | null;
}

/** What changed since a time, oldest change first; `next` is always there. */
export interface Changes {
  data: QueueRow[];
  next: string;
  /** More has changed already: ask again at once. */
  more: boolean;
  scope: T.Scope;
}

/** A change by a person. Fields left out stay as they are. */
export type QueuePatch = T.InvestigationPatch & {
  responsibility?: Responsibility | null;
  inherit_priority?: boolean;
};

export interface NewInvestigation {
  customer: string;
  title: string;
  status?: T.Status;
  priority?: T.Priority;
  disposition?: T.Disposition;
  assignee?: T.Assignee | null;
  responsibility?: Responsibility;
  tags?: string[];
  entity?: { type: string; value: string };
  /** Ids of signals. */
  alerts?: string[];
  /** Ids of events. */
  events?: string[];
  inherit_priority?: boolean;
  /** Its first comment. */
  comment?: { body: string; visibility: Visibility };
}

export type BulkSelect =
  | { rrns: string[] }
  | { items: { rrn: string; version: number }[] }
  | { filter: QueueFilter }
  | { all: true };

/** What a bulk sets; at least one of them. */
export interface BulkSet {
  status?: T.Status;
  priority?: T.Priority;
  disposition?: T.Disposition;
  /** Null takes it away. */
  assignee?: T.Assignee | null;
  responsibility?: Responsibility;
  tags?: string[];
  add_tags?: string[];
  remove_tags?: string[];
  comment?: { body: string; visibility: Visibility };
}

export interface Bulk {
  select: BulkSelect;
  set: BulkSet;
  /** More rows than this: nothing is changed. At most 5,000. */
  cap: number;
  preview: boolean;
}

export type BulkOutcome = "CHANGED" | "UNCHANGED" | "CONFLICT" | "FORBIDDEN" | "NOT_FOUND" | "REFUSED" | "FAILED";

export interface BulkItem {
  rrn: string;
  /** Whose; null when it is nobody's this person may know. */
  customer?: T.CustomerRef | null;
  outcome: BulkOutcome;
  code?: string | null;
  message?: string | null;
  version?: number | null;
}

export interface BulkResult {
  /** Names it for undo; null for a preview. */
  id: string | null;
  preview: boolean;
  /** A lower bound while the scope names somebody failed. */
  matched: number;
  customers: { customer: T.CustomerRef; count: number; changed: number }[];
  changed: number;
  unchanged: number;
  failed: number;
  items: BulkItem[];
  undo_until?: string | null;
  scope: T.Scope;
}
