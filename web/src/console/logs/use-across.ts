import { useCallback, useEffect, useRef, useState } from "react";
import { type AcrossSearch, searchAcross } from "../../api/across";
import type { AcrossProgress, AcrossRow } from "../../api/case-types";
import type { Scope } from "../../api/types";
import { joinAcross } from "../../lib/across";

export interface Across {
  rows: readonly AcrossRow[];
  progress: AcrossProgress | null;
  scope: Scope | null;
  running: boolean;
  /** The person stopped it. */
  stopped: boolean;
  error: unknown;
}

const NOTHING: Across = { rows: [], progress: null, scope: null, running: false, stopped: false, error: null };

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
    let waiting: AcrossRow[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const set = (change: Partial<Across>) => {
      if (abort.current === mine) setState((now) => ({ ...now, ...change }));
    };
    const show = () => {
      clearTimeout(timer);
      timer = undefined;
      const fresh = waiting;
      waiting = [];
      if (fresh.length > 0 && abort.current === mine) {
        setState((now) => ({ ...now, rows: joinAcross(now.rows, fresh) }));
      }
    };
    try {
      const scope = await searchAcross(search, mine.signal, {
        rows: (rows) => {
          waiting.push(...rows);
          timer ??= setTimeout(show, SHOW_MS);
        },
        progress: (progress) => set({ progress }),
      });
      show();
      set({ scope, running: false });
    } catch (error) {
      show();
      if (!mine.signal.aborted) set({ error, running: false });
    }
  }, []);
  return { ...state, start, stop };
}
