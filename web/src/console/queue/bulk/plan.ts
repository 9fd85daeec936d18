/** What a person wants done with many rows: as a form holds it, as the wire has it, and in words. */
import type {
  BulkItem,
  BulkOutcome,
  BulkResult,
  BulkSelect,
  BulkSet,
  QueueFilter,
  QueueRow,
  Visibility,
} from "../../../api/queue-types";
import type { Assignee, Disposition, Priority, Status } from "../../../api/types";
import { plural } from "../../../lib/format";
import { RESPONSIBILITY } from "../../../lib/where";
import { DISPOSITION, PRIORITY, STATUS } from "../../../lib/words";

export type ActKind = "assign" | "status" | "priority" | "disposition" | "tag" | "comment" | "close" | "responsibility";

export const ACTS: Record<ActKind, { title: string; button: string; key?: string }> = {
  assign: { title: "Assign", button: "Assign…", key: "a" },
  status: { title: "Change the status", button: "Status…", key: "s" },
  priority: { title: "Change the priority", button: "Priority…", key: "p" },
  disposition: { title: "Change the disposition", button: "Disposition…", key: "d" },
  responsibility: { title: "Change the responsibility", button: "Responsibility…" },
  tag: { title: "Change tags", button: "Tags…", key: "l" },
  comment: { title: "Comment", button: "Comment…", key: "m" },
  close: { title: "Close", button: "Close…", key: "e" },
};
export const ACT_KINDS = Object.keys(ACTS) as ActKind[];

export const MAX_CAP = 5000;

/** Which rows: some, as they were when they were picked, or whatever matches. */
export type Target = { rows: QueueRow[] } | { filter: QueueFilter };

export function selectOf(target: Target): BulkSelect {
  if ("rows" in target) return { items: target.rows.map(({ rrn, version }) => ({ rrn, version })) };
  const { sort: _order, limit: _size, cursor: _place, ...filter } = target.filter;
  return { filter };
}

export interface Draft {
  assignee?: Assignee | null;
  status?: Status;
  priority?: Priority;
  disposition?: Disposition;
  responsibility?: "MSSP" | "CUSTOMER";
  addTags: string;
  removeTags: string;
  comment: string;
  visibility: Visibility;
}

export const EMPTY: Draft = { addTags: "", removeTags: "", comment: "", visibility: "INTERNAL" };

export function tagList(text: string): string[] {
  const tags = text.split(",").map((tag) => tag.trim());
  return [...new Set(tags.filter((tag) => tag !== ""))];
}

/** What is set; null while the form does not say enough. */
export function setOf(kind: ActKind, draft: Draft): BulkSet | null {
  const text = draft.comment.trim();
  const comment = text ? { comment: { body: text, visibility: draft.visibility } } : {};
  switch (kind) {
    case "assign":
      return draft.assignee === undefined ? null : { assignee: draft.assignee };
    case "status":
      if (draft.status === undefined) return null;
      if (draft.status !== "CLOSED") return { status: draft.status };
      return draft.disposition ? { status: draft.status, disposition: draft.disposition } : null;
    case "priority":
      return draft.priority ? { priority: draft.priority } : null;
    case "disposition":
      return draft.disposition ? { disposition: draft.disposition } : null;
    case "responsibility":
      return draft.responsibility ? { responsibility: draft.responsibility } : null;
    case "close":
      return draft.disposition ? { status: "CLOSED", disposition: draft.disposition, ...comment } : null;
    case "comment":
      return text ? comment : null;
    case "tag": {
      const [add_tags, remove_tags] = [tagList(draft.addTags), tagList(draft.removeTags)];
      if (add_tags.length + remove_tags.length === 0) return null;
      return { ...(add_tags.length > 0 ? { add_tags } : {}), ...(remove_tags.length > 0 ? { remove_tags } : {}) };
    }
  }
}

/** What was set, in few words, for whoever may want to undo it. */
export function saidSet(set: BulkSet): string {
  const parts = [
    set.status && `status ${STATUS[set.status]}`,
    set.disposition && `disposition ${DISPOSITION[set.disposition]}`,
    set.priority && `priority ${PRIORITY[set.priority]}`,
    set.assignee !== undefined &&
      (set.assignee ? `assigned to ${set.assignee.name || set.assignee.email}` : "unassigned"),
    set.responsibility && `responsibility ${RESPONSIBILITY[set.responsibility]}`,
    set.add_tags && `tagged ${set.add_tags.join(", ")}`,
    set.remove_tags && `untagged ${set.remove_tags.join(", ")}`,
    set.comment && "commented",
  ];
  return parts.filter((part) => typeof part === "string").join(", ");
}

export const OUTCOME: Record<BulkOutcome, string> = {
  CHANGED: "Changed",
  UNCHANGED: "It was so already",
  CONFLICT: "Somebody changed it since you picked it",
  FORBIDDEN: "You may look at it, not change it",
  NOT_FOUND: "It is not there any more, or not yours to see",
  REFUSED: "Refused",
  FAILED: "Its node could not do it",
};

/** How the same outcome reads before anything is done. */
export const FORECAST: Record<BulkOutcome, string> = { ...OUTCOME, CHANGED: "Will change", UNCHANGED: "Is so already" };

export interface Group {
  outcome: BulkOutcome;
  why: string;
  items: BulkItem[];
}

/** The items that do not change, by what happened and why. */
export function unchangedGroups(items: readonly BulkItem[], words: Record<BulkOutcome, string>): Group[] {
  const groups = new Map<string, Group>();
  for (const item of items) {
    if (item.outcome === "CHANGED") continue;
    const why = item.message || words[item.outcome];
    const key = `${item.outcome} ${why}`;
    const group = groups.get(key) ?? { outcome: item.outcome, why, items: [] };
    group.items.push(item);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.items.length - a.items.length);
}

const AGAIN: readonly BulkOutcome[] = ["CONFLICT", "FAILED"];

/** The items that another try may change: with the version that stands there now, where it is known. */
export function retryable(result: BulkResult, rows: ReadonlyMap<string, QueueRow>): { rrn: string; version: number }[] {
  return result.items
    .filter(({ outcome }) => AGAIN.includes(outcome))
    .flatMap(({ rrn, version }) => {
      const known = version ?? rows.get(rrn)?.version;
      return known === undefined ? [] : [{ rrn, version: known }];
    });
}

/** `11 changed, 1 was so already, 2 not`. */
export function tally({ changed, unchanged, failed }: BulkResult): string {
  const parts = [`${changed} changed`];
  if (unchanged > 0) parts.push(`${unchanged} ${unchanged === 1 ? "was" : "were"} so already`);
  if (failed > 0) parts.push(`${failed} not changed`);
  return parts.join(", ");
}

export function countOf(target: Target, matched: number | null): string {
  if ("rows" in target) return plural(target.rows.length, "investigation");
  return matched === null ? "everything that matches" : plural(matched, "investigation");
}

/** A key nobody else has: the same one for every try of the same act. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
