import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { ApiError } from "../../api/http";
import * as queue from "../../api/queue";
import type { QueueRow } from "../../api/queue-types";
import type { CustomerInvestigation } from "../../api/types";
import { type Change, type Conflict, conflictText, edits } from "../../lib/edits";
import { Turns } from "../../lib/turns";
import { words } from "../../ui/states";
import { complain, tellLoser } from "../../ui/toast";
import { askAbout } from "./asked";
import { whoWasFirst } from "./first";

/** What this browser changes of a row goes one after the other: a change must not lose to the one before it by the same hand. */
const turns = new Turns<QueueRow>();

/** Changes an investigation: shown at once, checked by version at its node, and told plainly when somebody else was first. */
export function usePatch(): (row: QueueRow, change: Change) => Promise<boolean> {
  const queries = useQueryClient();
  return useCallback(
    async (shown, change) => {
      // A menu may have been open while this browser's own change before it was answered.
      const known = edits.over(shown);
      edits.begin(known, change);
      const made = await turns.take(shown.rrn, (own) => send(own ?? known, change));
      await queries.invalidateQueries({ queryKey: ["investigation", shown.rrn] });
      return made !== null;
    },
    [queries],
  );
}

/** The row after the change; none when it was not made, which the person was told. */
async function send(row: QueueRow, change: Change): Promise<QueueRow | null> {
  edits.begin(row, change);
  try {
    const changed = await queue.patch(row.rrn, { ...change, version: row.version });
    edits.settle(changed);
    return changed;
  } catch (error) {
    const current = error instanceof ApiError && error.status === 409 ? error.problem.current : null;
    if (isRow(current)) {
      const conflict = {
        before: row,
        wanted: change,
        current: { ...current, customer: current.customer ?? row.customer },
      };
      edits.settle(conflict.current, conflict);
      await tell(conflict);
    } else {
      edits.drop(row.rrn);
      complain(`Not changed: ${row.title}`, words(error));
    }
    return null;
  }
}

async function tell(conflict: Conflict): Promise<void> {
  const by = await whoWasFirst(conflict);
  tellLoser(`Not changed: ${conflict.current.title}`, conflictText(conflict, by?.actor ?? null), {
    label: "See the difference",
    onClick: () => askAbout(conflict.current.rrn),
  });
}

function isRow(value: unknown): value is QueueRow {
  return typeof value === "object" && value !== null && "rrn" in value && "version" in value && "status" in value;
}

/** The row of a detail with this browser's own changes laid over it. */
export function withEdits(detail: CustomerInvestigation): CustomerInvestigation {
  return { ...detail, investigation: edits.over(detail.investigation) };
}
