import { useEffect, useRef } from "react";
import { useLook } from "./theme";

/** Keys and what they do: `j`, `/`, `?`, `Enter`, or a sequence such as `g i`. */
export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

const SEQUENCE_MS = 1200;

/** Whether keys typed here belong to a control and not to the page. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.matches("input, textarea, select, [contenteditable]") ||
    target.closest("[role=dialog], [role=menu], [role=listbox]") !== null
  );
}

/** Keys that only begin a sequence: the key after one never acts alone, whichever part of the page listens. */
const PREFIXES = new Set(["g"]);

/** Finds the action for a key, given the key pressed before it, if that was lately. */
export function match(keys: Hotkeys, key: string, before: string | null): string | null {
  const wanted = before !== null && PREFIXES.has(before) ? `${before} ${key}` : key;
  return wanted in keys ? wanted : null;
}

/** Listens for the page's keys while mounted. Single characters can be turned off; Enter, arrows and Escape always work. */
export function useHotkeys(keys: Hotkeys): void {
  const current = useRef(keys);
  current.current = keys;
  const { singleKeys } = useLook();
  useEffect(() => {
    let before: { key: string; at: number } | null = null;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (!singleKeys && event.key.length === 1) return;
      if (event.key === "Enter" && event.target instanceof Element && event.target.closest("button, a")) return;
      const recent = before && event.timeStamp - before.at < SEQUENCE_MS ? before.key : null;
      before = { key: event.key, at: event.timeStamp };
      const found = match(current.current, event.key, recent);
      if (found === null) return;
      event.preventDefault();
      current.current[found]?.(event);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [singleKeys]);
}
