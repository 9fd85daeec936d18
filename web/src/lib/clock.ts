import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** A text made from the time of day. One timer for the page; a component renders again only when its text changes. */
export function useTicking(text: (now: number) => string): string {
  const read = () => text(Date.now());
  return useSyncExternalStore(subscribe, read, read);
}
