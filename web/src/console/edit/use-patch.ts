import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import type { CustomerInvestigation, Investigation } from "../../api/types";
import { type Change, conflictText, edits } from "../../lib/edits";
import { words } from "../../ui/states";
import { complain, tellLoser } from "../../ui/toast";

/** Changes an investigation: shown at once, checked by version at its node, and told plainly when somebody else was first. */
export function usePatch(): (row: Investigation, change: Change) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    async (row, change) => {
      edits.begin(row, change);
      try {
        edits.settle(await api.patchInvestigation(row.rrn, { ...change, version: row.version }));
      } catch (error) {
        const current = error instanceof ApiError && error.status === 409 ? error.problem.current : null;
        if (isInvestigation(current)) {
          edits.settle({ ...current, customer: current.customer ?? row.customer }, true);
          tellLoser(`Not changed: ${current.title}`, conflictText(row, change, current));
        } else {
          edits.drop(row.rrn);
          complain(`Not changed: ${row.title}`, words(error));
        }
      }
      await queries.invalidateQueries({ queryKey: ["investigation", row.rrn] });
    },
    [queries],
  );
}

function isInvestigation(value: unknown): value is Investigation {
  return typeof value === "object" && value !== null && "rrn" in value && "version" in value && "status" in value;
}

/** The row of a detail with this browser's own changes laid over it. */
export function withEdits(detail: CustomerInvestigation): CustomerInvestigation {
  return { ...detail, investigation: edits.over(detail.investigation) };
}
