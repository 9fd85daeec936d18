/** Everything that happened in a case, in one order: what was found, what was added, said and changed. */
import type { Attachment, Comment, Evidence } from "../api/case-types";
import type { HistoryEntry, Signal } from "../api/types";
import { bytes } from "./format";
import { oneOf, text, words } from "./search";
import { DISPOSITION, PRIORITY, STATUS } from "./words";

export const ENTRY_KINDS = ["signal", "evidence", "comment", "file", "change"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
export const ENTRY_WORD: Record<EntryKind, string> = {
  signal: "Signals",
  evidence: "Evidence",
  comment: "Comments",
  file: "Files",
  change: "Changes",
};

export type Entry = { key: string; time: string } & (
  | { kind: "signal"; signal: Signal }
  | { kind: "evidence"; evidence: Evidence }
  | { kind: "comment"; comment: Comment }
  | { kind: "file"; file: Attachment }
  | { kind: "change"; change: HistoryEntry }
);

interface Parts {
  signals: readonly Signal[];
  history: readonly HistoryEntry[];
  comments?: readonly Comment[];
  attachments?: readonly Attachment[];
  evidence?: readonly Evidence[];
}

/** Changes that an entry of its own tells already. */
const TOLD = new Set(["comment", "evidence", "attachment"]);

/** Oldest first. A record stands where it happened, not where it was added. */
export function entriesOf({ signals, history, comments = [], attachments = [], evidence = [] }: Parts): Entry[] {
  const entries: Entry[] = [
    ...signals.map((signal) => ({
      kind: "signal" as const,
      key: `signal-${signal.id}`,
      time: signal.event_time,
      signal,
    })),
    ...evidence.map((each) => ({
      kind: "evidence" as const,
      key: `evidence-${each.event.id}`,
      time: each.event.event_time,
      evidence: each,
    })),
    ...comments.map((comment) => ({
      kind: "comment" as const,
      key: `comment-${comment.id}`,
      time: comment.created_time,
      comment,
    })),
    ...attachments.map((file) => ({ kind: "file" as const, key: `file-${file.id}`, time: file.created_time, file })),
    ...history
      .map((change, at) => ({ kind: "change" as const, key: `change-${at}`, time: change.time, change }))
      .filter(({ change }) => !repeats(change)),
  ];
  const rank = (entry: Entry) => ENTRY_KINDS.indexOf(entry.kind);
  return entries.sort((a, b) => Date.parse(a.time) - Date.parse(b.time) || rank(a) - rank(b));
}

/** What was added is an entry itself, as is a signal that correlation put there; what was taken away or moved is news. */
function repeats({ field, actor, from }: HistoryEntry): boolean {
  return (TOLD.has(field) && !from) || (field === "signal" && actor === "correlation");
}

export function countKinds(entries: readonly Entry[]): Record<EntryKind, number> {
  const counts: Record<EntryKind, number> = { signal: 0, evidence: 0, comment: 0, file: 0, change: 0 };
  for (const { kind } of entries) counts[kind] += 1;
  return counts;
}

/** A value of a change as people read it. */
export function changeValue(field: string, value: string | null | undefined): string {
  if (value === null || value === undefined || value === "") return field === "assignee" ? "Unassigned" : "–";
  const own: Record<string, Record<string, string>> = {
    status: STATUS,
    priority: PRIORITY,
    disposition: DISPOSITION,
    responsibility: RESPONSIBILITY,
  };
  return own[field]?.[value] ?? value;
}

export const RESPONSIBILITY: Record<string, string> = { MSSP: "Provider", CUSTOMER: "Customer" };

/** What was put there, what was taken away, and what became of the thing, for fields that are no values. */
const DEEDS: Record<string, (from: string | null, to: string | null) => string> = {
  opened: () => "opened it",
  signal: (from, to) => (to ? `linked the alert ${to}` : `took off the alert ${from ?? ""}`),
  evidence: (_from, to) => (to ? "added a row as evidence" : "took a row of the evidence off"),
  comment: (from, to) => {
    if (!from) return `wrote ${to === "PUBLIC" ? "a public" : "an internal"} comment`;
    if (!to) return `deleted ${from === "PUBLIC" ? "a public" : "an internal"} comment`;
    return to === "PUBLIC" ? "made a comment public" : "made a comment internal";
  },
  merged: () => "merged another investigation into it",
  merged_into: () => "merged it into another investigation",
  attachment_infected: (_from, to) => `found malware in ${to ?? "a file"}`,
};

/** One change in a sentence without its subject. */
export function changeText({ field, from, to }: HistoryEntry): string {
  const deed = DEEDS[field];
  if (deed) return deed(from ?? null, to ?? null);
  const [was, now] = [changeValue(field, from), changeValue(field, to)];
  if (was === "–") return `${field}: ${now}`;
  return `${field}: ${was} → ${now}`;
}

/** What an entry says in one line. */
export function entryText(entry: Entry): string {
  switch (entry.kind) {
    case "signal":
      return entry.signal.name;
    case "evidence":
      return entry.evidence.event.message || entry.evidence.event.raw.slice(0, 200);
    case "comment":
      return entry.comment.body;
    case "file":
      return `${entry.file.file_name} (${bytes(entry.file.size)})`;
    case "change":
      return changeText(entry.change);
  }
}

/** Whose doing an entry is; correlation's when nobody's. */
export function entryWho(entry: Entry): string {
  switch (entry.kind) {
    case "signal":
      return "correlation";
    case "evidence":
      return entry.evidence.added_by;
    case "comment":
      return entry.comment.author.name || entry.comment.author.email;
    case "file":
      return entry.file.author.name || entry.file.author.email;
    case "change":
      return entry.change.actor;
  }
}

/** Users, hosts and addresses an entry is about. */
export function entryAbout(entry: Entry): { type: string; value: string }[] {
  if (entry.kind === "signal") return [entry.signal.entity];
  if (entry.kind !== "evidence") return [];
  const { ecs } = entry.evidence.event;
  const named = [
    { type: "hostname", value: at(ecs, "host.name") },
    { type: "username", value: at(ecs, "user.name") },
    { type: "ip", value: at(ecs, "source.ip") },
  ];
  return named.flatMap(({ type, value }) => (value ? [{ type, value }] : []));
}

/** A text of a nested or a flat object by its path. */
function at(object: unknown, path: string): string | null {
  if (typeof object !== "object" || object === null) return null;
  const flat = (object as Record<string, unknown>)[path];
  if (typeof flat === "string") return flat;
  let node: unknown = object;
  for (const name of path.split(".")) {
    if (typeof node !== "object" || node === null) return null;
    node = (node as Record<string, unknown>)[name];
  }
  return typeof node === "string" ? node : null;
}

export const DETAIL_TABS = [
  "timeline",
  "alerts",
  "comments",
  "evidence",
  "files",
  "related",
  "history",
  "audit",
] as const;
export type DetailTab = (typeof DETAIL_TABS)[number];

/** What stands in the address of an investigation's page. */
export interface DetailSearch {
  tab?: DetailTab;
  view?: "table";
  /** Kinds of entries shown; all of them unless told. */
  kinds?: EntryKind[];
  /** The entry that is open. */
  entry?: string;
}

export function parseDetail(raw: Record<string, unknown>): DetailSearch {
  const signal = text(raw.signal);
  return {
    tab: oneOf(raw.tab, DETAIL_TABS),
    view: raw.view === "table" ? "table" : undefined,
    kinds: words(raw.kinds, ENTRY_KINDS),
    entry: text(raw.entry) ?? (signal ? `signal-${signal}` : undefined),
  };
}
