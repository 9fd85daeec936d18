/**
 * Changes this browser made, laid over what the server last said: at once while a change travels, and afterwards until
 * the server's rows have caught up with it.
 */
import { useSyncExternalStore } from "react";
import type { Assignee, Disposition, Investigation, InvestigationPatch, InvestigationRow } from "../api/types";
import { DISPOSITION, PRIORITY, STATUS } from "./words";

export type Change = Omit<InvestigationPatch, "version">;

interface Edit {
  row: Investigation;
  travelling: boolean;
}

export class Edits {
  #edits = new Map<string, Edit>();
  #lost = new Set<string>();
  #listeners = new Set<() => void>();
  #revision = 0;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  revision = (): number => this.#revision;

  /** Shows a change before the server knows it. */
  begin(row: Investigation, change: Change): void {
    this.#lost.delete(row.rrn);
    this.#set(row.rrn, { row: applied(row, change), travelling: true });
  }

  /** The server's row after the change, or the current row when the change lost. */
  settle(row: Investigation, lost = false): void {
    if (lost) this.#lost.add(row.rrn);
    this.#set(row.rrn, { row, travelling: false });
  }

  /** Takes a change back that the server refused. */
  drop(rrn: string): void {
    this.#edits.delete(rrn);
    this.#changed();
  }

  /** Forgets every change, when somebody else signs in. */
  clear(): void {
    this.#edits.clear();
    this.#lost.clear();
    this.#changed();
  }

  /** Whether this browser's last change of that row lost a race that nobody has looked at yet. */
  hasLost(rrn: string): boolean {
    return this.#lost.has(rrn);
  }

  seen(rrn: string): void {
    if (this.#lost.delete(rrn)) this.#changed();
  }

  /** The row to show for what the server said. */
  over(row: Investigation): Investigation {
    const edit = this.#edits.get(row.rrn);
    return edit && (edit.travelling || edit.row.version > row.version) ? edit.row : row;
  }

  #set(rrn: string, edit: Edit): void {
    this.#edits.set(rrn, edit);
    this.#changed();
  }

  #changed(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }
}

export const edits = new Edits();

/** Renders again whenever an edit begins, settles or is dropped. */
export function useEdits(): number {
  return useSyncExternalStore(edits.subscribe, edits.revision);
}

function applied(row: Investigation, change: Change): Investigation {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...row, ...given };
}

/** Closing needs a verdict, in the change or already on the row. */
export function needsDisposition(row: InvestigationRow, change: Change): boolean {
  const verdict: Disposition = change.disposition ?? row.disposition;
  return change.status === "CLOSED" && verdict === "UNDECIDED";
}

export function who(assignee: Assignee | null | undefined): string {
  return assignee ? assignee.name || assignee.email : "Unassigned";
}

const FIELDS = {
  status: { label: "status", show: (row: InvestigationRow) => STATUS[row.status] },
  priority: { label: "priority", show: (row: InvestigationRow) => PRIORITY[row.priority] },
  disposition: { label: "disposition", show: (row: InvestigationRow) => DISPOSITION[row.disposition] },
  assignee: { label: "assignee", show: (row: InvestigationRow) => who(row.assignee) },
  title: { label: "title", show: (row: InvestigationRow) => row.title },
  tags: { label: "tags", show: (row: InvestigationRow) => row.tags.join(", ") || "none" },
} as const;

type Field = keyof typeof FIELDS;
const FIELD_NAMES = Object.keys(FIELDS) as Field[];

/** What the other person changed and what this person wanted, in words, for the one who lost the race. */
export function conflictText(before: Investigation, wanted: Change, current: Investigation): string {
  const theirs = FIELD_NAMES.filter((f) => FIELDS[f].show(before) !== FIELDS[f].show(current)).map(
    (f) => `${FIELDS[f].label} is now ${FIELDS[f].show(current)} (was ${FIELDS[f].show(before)})`,
  );
  const target = applied(before, wanted);
  const mine = FIELD_NAMES.filter((f) => wanted[f] !== undefined).map(
    (f) => `${FIELDS[f].label} to ${FIELDS[f].show(target)}`,
  );
  const change = theirs.length > 0 ? `Somebody else came first: ${theirs.join(", ")}.` : "Somebody else came first.";
  return `${change} Your change of ${mine.join(" and ")} was not made.`;
}
