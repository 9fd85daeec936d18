/**
 * Changes this browser made, laid over what the server last said: at once while a change travels, and afterwards until
 * the server's rows have caught up with it.
 */
import { useSyncExternalStore } from "react";
import type { QueuePatch, QueueRow } from "../api/queue-types";
import type { Assignee, Disposition } from "../api/types";
import { RESPONSIBILITY } from "./where";
import { DISPOSITION, PRIORITY, STATUS } from "./words";

export type Change = Omit<QueuePatch, "version">;

interface Edit {
  row: QueueRow;
  travelling: boolean;
}

/** A change of this browser that lost a race: what it was made against, what was wanted, and what is there now. */
export interface Conflict {
  before: QueueRow;
  wanted: Change;
  current: QueueRow;
}

export class Edits {
  #edits = new Map<string, Edit>();
  #lost = new Set<string>();
  #conflicts = new Map<string, Conflict>();
  #listeners = new Set<() => void>();
  #revision = 0;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  revision = (): number => this.#revision;

  /** Shows a change before the server knows it. */
  begin(row: QueueRow, change: Change): void {
    this.#lost.delete(row.rrn);
    this.#conflicts.delete(row.rrn);
    this.#set(row.rrn, { row: applied(row, change), travelling: true });
  }

  /** The server's row after the change, or the current row when the change lost. */
  settle(row: QueueRow, lost?: Omit<Conflict, "current">): void {
    if (lost) {
      this.#lost.add(row.rrn);
      this.#conflicts.set(row.rrn, { ...lost, current: row });
    }
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
    this.#conflicts.clear();
    this.#changed();
  }

  /** Whether this browser's last change of that row lost a race that nobody has looked at yet. */
  hasLost(rrn: string): boolean {
    return this.#lost.has(rrn);
  }

  /** The last race lost over that row, looked at or not, until it is changed again. */
  lostOf(rrn: string): Conflict | null {
    return this.#conflicts.get(rrn) ?? null;
  }

  seen(rrn: string): void {
    if (this.#lost.delete(rrn)) this.#changed();
  }

  /** The row to show for what the server said. */
  over<R extends QueueRow>(row: R): R | QueueRow {
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

function applied(row: QueueRow, change: Change): QueueRow {
  const { inherit_priority: _how, ...fields } = change;
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...row, ...given };
}

/** Closing needs a verdict, in the change or already on the row. */
export function needsDisposition(row: QueueRow, change: Change): boolean {
  const verdict: Disposition = change.disposition ?? row.disposition;
  return change.status === "CLOSED" && verdict === "UNDECIDED";
}

export function who(assignee: Assignee | null | undefined): string {
  return assignee ? assignee.name || assignee.email : "Unassigned";
}

const FIELDS = {
  status: { label: "status", show: (row: QueueRow) => STATUS[row.status] },
  priority: { label: "priority", show: (row: QueueRow) => PRIORITY[row.priority] },
  disposition: { label: "disposition", show: (row: QueueRow) => DISPOSITION[row.disposition] },
  assignee: { label: "assignee", show: (row: QueueRow) => who(row.assignee) },
  title: { label: "title", show: (row: QueueRow) => row.title },
  responsibility: {
    label: "responsibility",
    show: (row: QueueRow) => (row.responsibility ? (RESPONSIBILITY[row.responsibility] ?? row.responsibility) : "none"),
  },
  tags: { label: "tags", show: (row: QueueRow) => row.tags.join(", ") || "none" },
} as const;

export type Field = keyof typeof FIELDS;
const FIELD_NAMES = Object.keys(FIELDS) as Field[];

/** One field of a lost race: what it was, what this person wanted (absent when they did not touch it), what it is now. */
export interface Difference {
  field: Field;
  label: string;
  before: string;
  mine: string | null;
  theirs: string;
  /** Somebody else changed it. */
  moved: boolean;
}

/** Every field that either of two people changed. */
export function differences({ before, wanted, current }: Conflict): Difference[] {
  const target = applied(before, wanted);
  return FIELD_NAMES.map((field) => {
    const { label, show } = FIELDS[field];
    const [was, now] = [show(before), show(current)];
    return {
      field,
      label,
      before: was,
      mine: wanted[field] === undefined ? null : show(target),
      theirs: now,
      moved: was !== now,
    };
  }).filter(({ mine, moved }) => mine !== null || moved);
}

/** The fields of a change that were chosen to be made after all. */
export function pickChange(wanted: Change, fields: readonly Field[]): Change {
  const kept = Object.entries(wanted).filter(([field]) => fields.includes(field as Field));
  return Object.fromEntries(kept) as Change;
}

/** What the other person changed and what this person wanted, in words, for the one who lost the race. */
export function conflictText(conflict: Conflict, by: string | null = null): string {
  const all = differences(conflict);
  const theirs = all
    .filter(({ moved }) => moved)
    .map(({ label, theirs: now, before }) => `${label} is now ${now} (was ${before})`);
  const mine = all.filter((one) => one.mine !== null).map((one) => `${one.label} to ${one.mine}`);
  const first = `${by ?? "Somebody else"} came first`;
  const change = theirs.length > 0 ? `${first}: ${theirs.join(", ")}.` : `${first}.`;
  return `${change} Your change of ${mine.join(" and ")} was not made.`;
}
