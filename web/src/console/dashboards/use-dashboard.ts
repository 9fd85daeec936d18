import { useCallback, useEffect, useRef, useState } from "react";
import type { DashboardProgress, DashboardQuery, PanelAnswer } from "../../api/dashboard-types";
import { queryDashboard } from "../../api/dashboards";
import type { Scope } from "../../api/types";

export interface Answers {
  /** What is known of each panel, also from the question before until it is answered anew. */
  panels: ReadonlyMap<string, PanelAnswer>;
  /** Panels that wait for an answer. */
  waiting: ReadonlySet<string>;
  progress: DashboardProgress | null;
  scope: Scope | undefined;
  running: boolean;
  error: unknown;
  /** When the last answer was whole, milliseconds. */
  updated: number | null;
}

const NOTHING: Answers = {
  panels: new Map(),
  waiting: new Set(),
  progress: null,
  scope: undefined,
  running: false,
  error: null,
  updated: null,
};

/** How long lines are gathered before the page shows them. */
const SHOW_MS = 60;

/** The answer to a dashboard's question, panel by panel as it comes. Another question and leaving the page end it at the nodes. */
export function useDashboardAnswers(name: string) {
  const [state, setState] = useState<Answers>(NOTHING);
  const abort = useRef<AbortController | null>(null);
  const single = useRef(new Set<AbortController>());
  useEffect(
    () => () => {
      abort.current?.abort();
      for (const each of single.current) each.abort();
    },
    [],
  );
  const ask = useCallback(
    async (query: DashboardQuery, ids: readonly string[]) => {
      abort.current?.abort();
      const mine = new AbortController();
      abort.current = mine;
      const set = (change: (now: Answers) => Partial<Answers>) => {
        if (abort.current === mine) setState((now) => ({ ...now, ...change(now) }));
      };
      setState((now) => ({ ...now, running: true, error: null, progress: null, waiting: new Set(ids) }));
      const gathered = gather((panels, progress) =>
        set((now) => ({ ...taken(now, panels), ...(progress ? { progress } : {}) })),
      );
      try {
        const scope = await queryDashboard(name, query, mine.signal, gathered);
        gathered.flush();
        set(() => ({ scope, running: false, waiting: new Set(), updated: Date.now() }));
      } catch (error) {
        gathered.flush();
        if (!mine.signal.aborted) set(() => ({ error, running: false, waiting: new Set() }));
      }
    },
    [name],
  );
  /** Asks for one panel again. */
  const again = useCallback(
    async (query: DashboardQuery, id: string) => {
      const mine = new AbortController();
      single.current.add(mine);
      setState((now) => ({ ...now, waiting: new Set([...now.waiting, id]) }));
      const put = (panel: PanelAnswer) => setState((now) => ({ ...now, ...taken(now, [panel]) }));
      try {
        await queryDashboard(name, { ...query, only: [id], progress: false }, mine.signal, {
          panel: put,
          progress: () => {},
        });
      } catch (error) {
        if (!mine.signal.aborted) put({ panel: id, error: error instanceof Error ? error.message : String(error) });
      } finally {
        single.current.delete(mine);
      }
    },
    [name],
  );
  return { ...state, ask, again };
}

function taken(now: Answers, fresh: readonly PanelAnswer[]): Partial<Answers> {
  if (fresh.length === 0) return {};
  const panels = new Map(now.panels);
  const waiting = new Set(now.waiting);
  for (const panel of fresh) {
    panels.set(panel.panel, panel);
    if (!panel.partial) waiting.delete(panel.panel);
  }
  return { panels, waiting };
}

/** Lines gathered for a moment, so that fifteen panels at once are drawn once. */
function gather(show: (panels: PanelAnswer[], progress: DashboardProgress | null) => void) {
  let panels: PanelAnswer[] = [];
  let progress: DashboardProgress | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const [some, last] = [panels, progress];
    [panels, progress] = [[], null];
    if (some.length > 0 || last) show(some, last);
  };
  const soon = () => {
    timer ??= setTimeout(flush, SHOW_MS);
  };
  return {
    flush,
    panel: (panel: PanelAnswer) => {
      panels.push(panel);
      soon();
    },
    progress: (told: DashboardProgress) => {
      progress = told;
      soon();
    },
  };
}
