/** Which lost race is looked at: one dialog of a page shows it, whatever told about it. */
import { useSyncExternalStore } from "react";

let asked: string | null = null;
const listeners = new Set<() => void>();

/** Opens the difference of a lost race, wherever the person is. */
export function askAbout(rrn: string | null): void {
  asked = rrn;
  for (const listener of listeners) listener();
}

export function useAsked(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
}
