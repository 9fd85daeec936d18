import { useEffect, useRef, useState } from "react";
import * as api from "../../api/console";
import type { Preflight, PreflightStep } from "../../api/types";
import { type CustomerDraft, newCustomer } from "../../lib/customer-form";

export interface Run {
  asked: CustomerDraft;
  /** Those that ended. */
  steps: readonly PreflightStep[];
  /** The whole, when all of it is looked at. */
  found?: Preflight;
  error?: unknown;
  busy: boolean;
}

export interface PreflightRun {
  run: Run | null;
  /** Looks, in place of whatever is looked at now; `then` follows when nothing is in the way. */
  look: (asked: CustomerDraft, then?: () => void) => void;
  /** Nothing follows any more, whatever is found. */
  alone: () => void;
  reset: () => void;
}

/** A preflight as it goes on. It ends with whoever asked for it. `own` is the customer that is edited. */
export function usePreflight(own?: string): PreflightRun {
  const [run, setRun] = useState<Run | null>(null);
  const abort = useRef<AbortController | null>(null);
  const next = useRef<(() => void) | undefined>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const reset = () => {
    abort.current?.abort();
    setRun(null);
  };
  const look = (asked: CustomerDraft, then?: () => void) => {
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    next.current = then;
    setRun({ asked, steps: [], busy: true });
    const put = (change: (now: Run) => Partial<Run>) => {
      if (!mine.signal.aborted) setRun((now) => now && { ...now, ...change(now) });
    };
    const told = (step: PreflightStep) => put(({ steps }) => ({ steps: [...steps, step] }));
    api.preflight(newCustomer(asked), own, mine.signal, told).then(
      (found) => {
        put(() => ({ found, steps: found.steps, busy: false }));
        if (found.ok && !mine.signal.aborted) next.current?.();
      },
      (error: unknown) => put(() => ({ error, busy: false })),
    );
  };
  const alone = () => {
    next.current = undefined;
  };
  return { run, look, alone, reset };
}
