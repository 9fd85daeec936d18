/** Which rows are picked for an act: some by hand, or everything that matches. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { QueueRow } from "../../api/queue-types";
import { useStable } from "../../lib/use-stable";

export interface Selection {
  /** Picked rows as they were last seen: one that left the list meanwhile stays picked, and is said to have left. */
  picked: ReadonlyMap<string, QueueRow>;
  /** Everything that matches the filter, also what was never loaded. */
  all: boolean;
  /** How many of the picked ones the list does not show any more. */
  gone: number;
  has: (rrn: string) => boolean;
  toggle: (rrn: string, range: boolean) => void;
  /** Every row from where the last one was ticked to this one. */
  extend: (rrn: string) => void;
  pickLoaded: () => void;
  pickAll: () => void;
  clear: () => void;
}

interface State {
  query: string;
  rows: Map<string, QueueRow>;
  all: boolean;
}

const NONE = { rows: new Map<string, QueueRow>(), all: false };

/** Another question is another list: what was picked in the old one is let go. */
export function useSelection(query: string, rows: readonly QueueRow[]): Selection {
  const [state, setState] = useState<State>({ query, ...NONE });
  const anchor = useRef<string | null>(null);
  const now = state.query === query ? state : { query, ...NONE };
  const set = (next: Map<string, QueueRow>, all = false) => setState({ query, rows: next, all });
  useEffect(() => {
    // Picked rows follow what the servers say of them: an act is checked against what is in sight.
    setState((before) => refreshed(before, rows));
  }, [rows]);
  const extend = useStable((rrn: string) => set(new Map([...now.rows, ...between(rows, anchor.current ?? rrn, rrn)])));
  const toggle = useStable((rrn: string, range: boolean) => {
    if (range && anchor.current !== null) return extend(rrn);
    anchor.current = rrn;
    // Who unticks one of all means the others that are in sight.
    const next = new Map(now.all ? rows.map((row) => [row.rrn, row]) : now.rows);
    const row = rows.find((one) => one.rrn === rrn);
    if (next.has(rrn)) next.delete(rrn);
    else if (row) next.set(rrn, row);
    set(next);
  });
  const gone = useMemo(() => {
    const here = new Set(rows.map(({ rrn }) => rrn));
    return [...now.rows.keys()].filter((rrn) => !here.has(rrn)).length;
  }, [rows, now.rows]);
  return {
    picked: now.rows,
    all: now.all,
    gone,
    has: (rrn) => now.all || now.rows.has(rrn),
    toggle,
    extend,
    pickLoaded: useStable(() => set(new Map(rows.map((row) => [row.rrn, row])))),
    pickAll: useStable(() => set(new Map(), true)),
    clear: useStable(() => set(new Map())),
  };
}

/** The rows from one to another, whichever stands first. */
export function between(rows: readonly QueueRow[], from: string, to: string): [string, QueueRow][] {
  const [a, b] = [rows.findIndex(({ rrn }) => rrn === from), rows.findIndex(({ rrn }) => rrn === to)];
  if (b < 0) return [];
  const [first, last] = a < 0 ? [b, b] : [Math.min(a, b), Math.max(a, b)];
  return rows.slice(first, last + 1).map((row) => [row.rrn, row]);
}

function refreshed(state: State, rows: readonly QueueRow[]): State {
  if (state.rows.size === 0) return state;
  const fresh = rows.filter((row) => {
    const before = state.rows.get(row.rrn);
    return before !== undefined && before !== row;
  });
  return fresh.length === 0
    ? state
    : { ...state, rows: new Map([...state.rows, ...fresh.map((row) => [row.rrn, row] as const)]) };
}
