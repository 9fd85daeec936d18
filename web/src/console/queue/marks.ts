/** Which rows came or changed while somebody looked, for a moment each. */
import { useEffect, useRef, useState } from "react";
import type { QueueRow } from "../../api/queue-types";

export type Mark = "new" | "changed";

/** How long a mark stays. */
export const MARK_MS = 6000;

/** What is new between two states of a list: rows nobody saw, and rows with another change time or version. */
export function arrivals(seen: ReadonlyMap<string, string>, rows: readonly QueueRow[]): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const row of rows) {
    const before = seen.get(row.rrn);
    if (before === undefined) marks.set(row.rrn, "new");
    else if (before !== stamp(row)) marks.set(row.rrn, "changed");
  }
  return marks;
}

export const stamp = (row: QueueRow) => `${row.version} ${row.updated_time}`;

interface Looked {
  query: string;
  seen: Map<string, string>;
}

/** The marks of the rows at this moment. What a person loads by asking for more, or by another question, is not marked. */
export function useMarks(query: string, rows: readonly QueueRow[] | undefined, asked: number): Map<string, Mark> {
  const looked = useRef<Looked | null>(null);
  const count = useRef(asked);
  const [marks, setMarks] = useState<Map<string, Mark>>(() => new Map());
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => {
    if (!rows) return;
    const before = looked.current;
    const same = before !== null && before.query === query && count.current === asked;
    const fresh = same ? arrivals(before.seen, rows) : new Map<string, Mark>();
    const seen = before?.query === query ? before.seen : new Map<string, string>();
    for (const row of rows) seen.set(row.rrn, stamp(row));
    looked.current = { query, seen };
    count.current = asked;
    if (fresh.size === 0) return;
    setMarks((now) => new Map([...now, ...fresh]));
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setMarks((now) => new Map([...now].filter(([rrn]) => !fresh.has(rrn))));
    }, MARK_MS);
    timers.current.add(timer);
  }, [query, rows, asked]);
  useEffect(() => {
    const running = timers.current;
    return () => {
      for (const timer of running) clearTimeout(timer);
    };
  }, []);
  return marks;
}
