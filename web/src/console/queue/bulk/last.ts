/** The last acts on many, while they can be taken back. Kept in memory alone, and forgotten with the person. */
import { useSyncExternalStore } from "react";
import type { BulkResult, BulkSet } from "../../../api/queue-types";
import { saidSet } from "./plan";

export interface LastBulk {
  id: string;
  /** What was set, in words. */
  said: string;
  changed: number;
  /** Until when it can be taken back. */
  until: string;
}

/** So many are kept in sight. */
const KEPT = 3;

let last: readonly LastBulk[] = [];
const listeners = new Set<() => void>();

function put(next: readonly LastBulk[]): void {
  last = next;
  for (const listener of listeners) listener();
}

export function rememberBulk(result: BulkResult, set: BulkSet): void {
  const { id, changed, undo_until: until } = result;
  if (changed === 0 || !until || id === null) return;
  const others = last.filter((one) => one.id !== id && Date.parse(one.until) > Date.now());
  put([{ id, changed, until, said: saidSet(set) }, ...others].slice(0, KEPT));
}

/** One of them, or all. */
export function forgetBulk(id?: string): void {
  put(id === undefined ? [] : last.filter((one) => one.id !== id));
}

/** Newest first. */
export function useLastBulks(): readonly LastBulk[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => last,
  );
}
