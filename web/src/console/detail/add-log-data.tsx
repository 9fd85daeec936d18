import { useMemo, useState } from "react";
import type { CaseRow } from "../../api/case-types";
import * as api from "../../api/console";
import type { EventRow } from "../../api/types";
import { CASE_LISTS, useCase } from "../../components/case/case-context";
import type { LogState } from "../../components/log-bar";
import { LogSearchView } from "../../components/log-search";
import { useAction } from "../../components/use-action";
import { cn } from "../../lib/cn";
import { plural } from "../../lib/format";
import { entityQuery, windowAround } from "../../lib/pivot";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { controlClass, FormError } from "../../ui/field";
import { words } from "../../ui/states";
import { LOG_FIELDS } from "../log-fields";

/** The most rows one call takes. */
const MOST = 200;

/** A log search beside the investigation: what is ticked becomes its evidence. */
export function AddLogData({ row, open, onClose }: { row: CaseRow; open: boolean; onClose: () => void }) {
  return (
    <Dialog
      place="side"
      open={open}
      onClose={onClose}
      title="Add log data"
      description={`Search the logs of ${row.customer.name} and tick what belongs to “${row.title}”`}
      className="w-[1040px]"
    >
      {open ? <Search row={row} onClose={onClose} /> : null}
    </Dialog>
  );
}

function startOf(row: CaseRow): LogState {
  const window = windowAround(row.first_alert_time, row.latest_alert_time, row.created_time);
  const q = row.entity ? entityQuery(row.entity.type, row.entity.value) : "";
  return window ? { q, range: "custom", ...window } : { q, range: "all" };
}

function Search({ row, onClose }: { row: CaseRow; onClose: () => void }) {
  const { source } = useCase();
  const logs = useMemo(() => api.logsOf(row.customer.id), [row.customer.id]);
  const [state, setState] = useState<LogState>(() => startOf(row));
  const [chosen, setChosen] = useState<ReadonlyMap<string, EventRow>>(new Map());
  const [note, setNote] = useState("");
  const add = useAction({
    run: () => source.addEvidence([...chosen.keys()], note.trim()),
    done: () => `${plural(chosen.size, "row")} added`,
    refresh: CASE_LISTS,
  });
  return (
    <div className="flex h-full flex-col gap-2.5">
      <LogSearchView
        of={row.customer.id}
        source={logs}
        asking={`Asking the node in ${row.customer.region}…`}
        facetFields={LOG_FIELDS}
        state={state}
        onState={setState}
        chosen={chosen}
        onChosen={setChosen}
        narrow
      />
      {add.error ? <FormError>{words(add.error)}</FormError> : null}
      <DialogActions>
        <input
          aria-label="Why they are added"
          placeholder="Why they are added (optional)"
          className={cn(controlClass, "mr-auto max-w-md")}
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {chosen.size > MOST ? <span className="text-sm text-warn-text">At most {MOST} at a time</span> : null}
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          busy={add.busy}
          disabled={chosen.size === 0 || chosen.size > MOST}
          onClick={() => add.start(undefined, onClose)}
        >
          {chosen.size === 0 ? "Add rows" : `Add ${plural(chosen.size, "row")}`}
        </Button>
      </DialogActions>
    </div>
  );
}
