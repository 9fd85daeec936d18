import { useSyncExternalStore } from "react";
import * as api from "../../api/console";
import type { ImportLine, ImportReport } from "../../api/types";

/** A file of customers on its way in, or what became of the last one. Kept beside the page: leaving it loses nothing. */
export interface ImportRun {
  file: string;
  /** Customers in the file. */
  total: number;
  /** Newest first. */
  lines: readonly ImportLine[];
  running: boolean;
  stopped: boolean;
  report: ImportReport | null;
  error: unknown;
}

let run: ImportRun | null = null;
let abort: AbortController | null = null;
const listeners = new Set<() => void>();

function set(change: Partial<ImportRun> | null): void {
  run = change && run ? { ...run, ...change } : null;
  for (const each of listeners) each();
}

export function useImportRun(): ImportRun | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => run,
  );
}

const guard = (event: BeforeUnloadEvent) => event.preventDefault();

/** Begins; nothing of the file is kept but its name and how many customers it holds. */
export async function startImport(file: string, text: string, total: number): Promise<void> {
  if (run?.running) return;
  const mine = new AbortController();
  abort = mine;
  run = { file, total, lines: [], running: true, stopped: false, report: null, error: null };
  set({});
  window.addEventListener("beforeunload", guard);
  const told = (line: ImportLine) => (abort === mine ? set({ lines: [line, ...(run?.lines ?? [])] }) : undefined);
  try {
    const report = await api.importCustomers(text, mine.signal, told);
    if (abort === mine) set({ report });
  } catch (error) {
    if (abort === mine) set(mine.signal.aborted ? { stopped: true } : { error });
  } finally {
    if (abort === mine) set({ running: false });
    window.removeEventListener("beforeunload", guard);
  }
}

/** No further customer is begun. */
export function stopImport(): void {
  abort?.abort();
}

/** Drops what became of the last file, and stops one that is on its way. */
export function forgetImport(): void {
  abort?.abort();
  abort = null;
  set(null);
}
