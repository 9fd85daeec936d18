/** The last act on many, while it can be taken back. Kept in memory alone, and forgotten with the person. */
import { useSyncExternalStore } from "react";
import type { BulkResult, BulkSet } from "../../../api/queue-types";
import { saidSet } from "./plan";

export interface LastBulk {
  id: string;
  /** What was set, in words. */
  said: string;
  changed: number;
  /** When it was done, and until when it can be taken back. */
  at: string;
  until: string;
}

let last: LastBulk | null = null;
const listeners = new Set<() => void>();

function put(next: LastBulk | null): void {
  last = next;
  for (const listener of listeners) listener();
}

export function rememberBulk(result: BulkResult, set: BulkSet): void {
  const { id, changed, undo_until: until } = result;
  if (changed === 0 || !until || id === null) return;
  put({ id, changed, until, said: saidSet(set), at: new Date().toISOString() });
}

export function forgetBulk(): void {
  put(null);
}

export function useLastBulk(): LastBulk | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => last,
  );
}
