import { useCallback, useRef } from "react";

/** A function that always runs its newest version but never changes itself: memoised rows can take it. */
export function useStable<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const newest = useRef(fn);
  newest.current = fn;
  return useCallback((...args: A) => newest.current(...args), []);
}
