import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export type Density = "compact" | "comfortable";

/** What this browser remembers of the look; nothing of any customer. */
export interface Look {
  theme: Theme;
  density: Density;
  singleKeys: boolean;
}

const KEY = "bailiwick.look";
const listeners = new Set<() => void>();
let look: Look = load();

function load(): Look {
  const defaults: Look = { theme: "system", density: "compact", singleKeys: true };
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Look>) };
  } catch {
    return defaults;
  }
}

/** Writes the look onto the document. */
export function applyLook(): void {
  const root = document.documentElement.dataset;
  if (look.theme === "system") delete root.theme;
  else root.theme = look.theme;
  root.density = look.density;
}

/** What a person chose. */
export function setLook(change: Partial<Look>): void {
  takeLook(change);
  follower?.(change);
}

/** What is told of every choice, so that it can follow the person elsewhere. */
let follower: ((change: Partial<Look>) => void) | null = null;

export function followLook(listener: typeof follower): void {
  follower = listener;
}

/** What is known of the person from elsewhere. */
export function takeLook(change: Partial<Look>): void {
  look = { ...look, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(look));
  } catch {
    // A browser that keeps nothing still shows the change until it is closed.
  }
  applyLook();
  for (const listener of listeners) listener();
}

export function useLook(): Look {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => look,
  );
}

/** Height of a table row in pixels. */
export function rowHeight(density: Density): number {
  return density === "comfortable" ? 36 : 28;
}
