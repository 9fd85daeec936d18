import { useCallback, useEffect, useRef, useState } from "react";
import { type AcrossSearch, searchAcross } from "../../api/across";
import type { AcrossProgress, AcrossRow } from "../../api/case-types";
import type { Scope } from "../../api/types";
import { type CustomerProgress, joinAcross, withNews } from "../../lib/across";

export interface Across {
  /** The newest of those that came in. */
  rows: readonly AcrossRow[];
  /** How many older ones were let go. */
  dropped: number;
  progress: AcrossProgress | null;
  /** How far each customer is that there is news of. */
  customers: readonly CustomerProgress[];
  scope: Scope | null;
  running: boolean;
  /** The person stopped it. */
  stopped: boolean;
  error: unknown;
}

const NOTHING: Across = {
  rows: [],
  dropped: 0,
  progress: null,
  customers: [],
  scope: null,
  running: false,
  stopped: false,
  error: null,
};

/** More rows than these no browser holds with ease; the newest stay. */
export const MOST_ROWS = 10_000;

/** How often what came in is shown: rows of sixty customers at once would redraw the page sixty times. */
const SHOW_MS = 150;

/** A search over many customers. Another one, stopping it and leaving the page end it at the nodes, too. */
export function useAcross() {
  const [state, setState] = useState<Across>(NOTHING);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const stop = useCallback(() => {
    abort.current?.abort();
    abort.current = null;
    setState((now) => (now.running ? { ...now, running: false, stopped: true } : now));
  }, []);
  const start = useCallback(async (search: AcrossSearch) => {
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    setState({ ...NOTHING, running: true });
    let rows: AcrossRow[] = [];
    let news: AcrossProgress[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const set = (change: (now: Across) => Partial<Across>) => {
      if (abort.current === mine) setState((now) => ({ ...now, ...change(now) }));
    };
    const show = () => {
      clearTimeout(timer);
      timer = undefined;
      const [freshRows, freshNews] = [rows, news];
      [rows, news] = [[], []];
      set((now) => ({ ...told(now, freshRows), ...heard(now, freshNews) }));
    };
    const soon = () => {
      timer ??= setTimeout(show, SHOW_MS);
    };
    try {
      const scope = await searchAcross(search, mine.signal, {
        rows: (more) => {
          rows.push(...more);
          soon();
        },
        progress: (progress) => {
          news.push(progress);
          soon();
        },
      });
      show();
      set(() => ({ scope, running: false }));
    } catch (error) {
      show();
      if (!mine.signal.aborted) set(() => ({ error, running: false }));
    }
  }, []);
  return { ...state, start, stop };
}

function told({ rows, dropped }: Across, fresh: readonly AcrossRow[]): Partial<Across> {
  if (fresh.length === 0) return {};
  const all = joinAcross(rows, fresh);
  return { rows: all.slice(0, MOST_ROWS), dropped: dropped + Math.max(0, all.length - MOST_ROWS) };
}

function heard({ customers }: Across, fresh: readonly AcrossProgress[]): Partial<Across> {
  const last = fresh.at(-1);
  return last ? { progress: last, customers: withNews(customers, fresh) } : {};
}
