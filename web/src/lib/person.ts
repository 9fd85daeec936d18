/** What is kept for one person in this browser: the shape of tables, and nothing of any customer. */
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

const nameOf = (what: string, person: string) => `bailiwick.${what}.${person.toLowerCase()}`;

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** A text kept for one person, and how it is changed; null forgets it. */
export function useKept(what: string, person: string): [string | null, (value: string | null) => void] {
  const key = nameOf(what, person);
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => read(key),
  );
  const keep = (next: string | null) => {
    try {
      if (next === null) localStorage.removeItem(key);
      else localStorage.setItem(key, next);
    } catch {
      // A browser that keeps nothing shows what everybody begins with.
    }
    for (const listener of listeners) listener();
  };
  return [value, keep];
}
