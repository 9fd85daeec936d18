import * as api from "../../api/console";
import type { HistoryEntry } from "../../api/types";
import { type Conflict, differences } from "../../lib/edits";

const ASK_MS = 3000;

/** Who made the change that won, and when, from the investigation's history; null when that cannot be read soon enough. */
export async function whoWasFirst(conflict: Conflict): Promise<HistoryEntry | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), ASK_MS));
  const read = api.investigation(conflict.current.rrn).then(
    ({ history }) => winner(history, conflict),
    () => null,
  );
  return Promise.race([read, late]);
}

/** The newest line of a history about what differs. */
export function winner(history: readonly HistoryEntry[], conflict: Conflict): HistoryEntry | null {
  const moved: string[] = differences(conflict)
    .filter((one) => one.moved)
    .map((one) => one.field);
  return history.findLast((entry) => moved.includes(entry.field)) ?? null;
}
