/** The wire types of a case: what an investigation holds besides its row. */
import type { Assignee, AuditEntry, CustomerRef, EventRow, HistoryEntry, Investigation, Signal } from "./types";

export type Responsibility = "MSSP" | "CUSTOMER";

/** Somebody is on it, until then. */
export interface Claim {
  email: string;
  name: string;
  until: string;
}

/** What a row knows of its case. */
export interface CaseFields {
  responsibility?: Responsibility | null;
  comment_count?: number;
  attachment_count?: number;
  evidence_count?: number;
  throttled_count?: number;
  priority_inherited?: boolean;
  merged_into?: string | null;
  claim?: Claim | null;
  looking?: Assignee[];
  last_accessed_time?: string | null;
}

export type CaseRow = Investigation & CaseFields;

/** What the page shows of one investigation, whoever reads it. */
export interface CaseDetail {
  investigation: CaseRow;
  signals: Signal[];
  history: HistoryEntry[];
  may_edit: boolean;
}

export type Visibility = "PUBLIC" | "INTERNAL";
export type AuthorKind = "USER" | "API_KEY" | "SYSTEM";

export interface Author {
  kind: AuthorKind;
  email: string;
  name: string;
}

export type ScanStatus = "PENDING" | "CLEAN" | "INFECTED" | "UNSCANNED" | "FAILED";

export interface Attachment {
  id: string;
  file_name: string;
  mime_type: string;
  size: number;
  sha256: string;
  created_time: string;
  author: Author;
  scan_status: ScanStatus;
  scan_detail?: string | null;
  /** The comment it belongs to. */
  comment?: string | null;
}

export interface Comment {
  id: string;
  author: Author;
  created_time: string;
  body: string;
  visibility: Visibility;
  attachments: Attachment[];
}

export interface NewComment {
  body: string;
  /** INTERNAL unless told; a customer's own comment is always public. */
  visibility?: Visibility;
  attachments?: string[];
}

/** A log row that somebody added, as it was then. */
export interface Evidence {
  event: EventRow;
  note?: string | null;
  added_time: string;
  added_by: string;
}

export interface NewCase {
  customer: string;
  title: string;
  priority?: string;
  alerts?: string[];
  events?: string[];
  inherit_priority?: boolean;
  responsibility?: Responsibility;
  tags?: string[];
  comment?: NewComment;
}

/** Another investigation, and what it has in common with the one at hand. */
export interface Related {
  investigation: Omit<CaseRow, "customer">;
  shared: EntityRef[];
}

export interface EntityRef {
  type: string;
  value: string;
}

/** A page of a list of one node. */
export interface Listed<T> {
  data: T[];
  next?: string | null;
}

export type CaseAudit = Listed<AuditEntry>;

/** Rows around an event of the same source, oldest first. */
export interface LogContext {
  before: EventRow[];
  after: EventRow[];
  more_before: boolean;
  more_after: boolean;
}

/** An event of a search over many customers. */
export interface AcrossRow extends EventRow {
  customer: CustomerRef;
}

export type LogSearchState = "WAITING" | "SEARCHING" | "DONE" | "FAILED" | "SKIPPED";

/** How far the search of one customer is, and all of them together. */
export interface AcrossProgress {
  asked: number;
  answered: number;
  rows: number;
  /** The customer that this is news of. */
  customer?: CustomerRef | null;
  state?: LogSearchState | null;
  customer_rows: number;
  /** It has more rows that match than were asked for. */
  more: boolean;
}

/** Answers of one kind that a person got; those alike within a minute are one record. */
export interface Answer {
  id: number;
  time: string;
  last_time: string;
  times: number;
  console: string;
  email: string;
  /** A name, or method and path of one call. */
  kind: string;
  /** Of this workspace, in each of them. */
  rows: number;
  status: number;
}
