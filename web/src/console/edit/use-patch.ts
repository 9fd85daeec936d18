import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { ApiError } from "../../api/http";
import * as queue from "../../api/queue";
import type { QueueRow } from "../../api/queue-types";
import type { CustomerInvestigation } from "../../api/types";
import { type Change, type Conflict, conflictText, edits } from "../../lib/edits";
import { words } from "../../ui/states";
import { complain, tellLoser } from "../../ui/toast";
import { askAbout } from "./asked";
import { whoWasFirst } from "./first";

/** Changes an investigation: shown at once, checked by version at its node, and told plainly when somebody else was first. */
export function usePatch(): (row: QueueRow, change: Change) => Promise<boolean> {
  const queries = useQueryClient();
  return useCallback(
    async (row, change) => {
      let made = false;
      edits.begin(row, change);
      try {
        edits.settle(await queue.patch(row.rrn, { ...change, version: row.version }));
        made = true;
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
      }
      await queries.invalidateQueries({ queryKey: ["investigation", row.rrn] });
      return made;
    },
    [queries],
  );
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
