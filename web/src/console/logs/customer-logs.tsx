import { Download, FolderInput, FolderPlus, ListTree } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../api/http";
import type { LogSource } from "../../api/logs";
import type { Customer, EventRow } from "../../api/types";
import type { LogState } from "../../components/log-bar";
import { AroundDialog } from "../../components/log-context";
import { LogSearchView } from "../../components/log-search";
import type { Chosen } from "../../components/log-table";
import { ScopeLine } from "../../components/scope-line";
import { useAction } from "../../components/use-action";
import { save } from "../../lib/csv";
import { plural } from "../../lib/format";
import { windowOf } from "../../lib/time-range";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { words } from "../../ui/states";
import { complain } from "../../ui/toast";
import { NewCaseDialog, type NewCaseOf } from "../detail/new-case";
import { LOG_FIELDS } from "../log-fields";
import { AddToCaseDialog } from "./add-to-case";

interface Props {
  id: string;
  /** Unknown until the customers are read. */
  customer: Customer | undefined;
  source: LogSource;
  state: LogState;
  onState: (state: LogState) => void;
}

/** The search, and what an analyst does with its rows: look around one, take them into a case, save them as a file. */
export function CustomerLogs({ id, customer, source, state, onState }: Props) {
  const [picked, setPicked] = useState<{ of: string; rows: Chosen }>({ of: id, rows: new Map() });
  const chosen: Chosen = picked.of === id ? picked.rows : new Map();
  const choose = (rows: Chosen) => setPicked({ of: id, rows });
  const [around, setAround] = useState<EventRow | null>(null);
  const [adding, setAdding] = useState<readonly string[] | null>(null);
  const [creating, setCreating] = useState<NewCaseOf | null>(null);
  const where = customer ? `the node in ${customer.region}` : "the customer's node";
  const name = { id, name: customer?.name ?? "this customer" };
  const works = customer?.role !== "viewer";
  const create = (rows: readonly EventRow[]) =>
    setCreating({ customer: name, title: rows[0]?.message.slice(0, 120) ?? "", events: rows.map((row) => row.id) });
  return (
    <>
      <LogSearchView
        of={id}
        source={source}
        asking={`Asking ${where}…`}
        facetFields={LOG_FIELDS}
        state={state}
        onState={onState}
        chosen={chosen}
        onChosen={choose}
        scope={(scope) => (scope && !scope.complete ? <ScopeLine scope={scope} /> : null)}
        tools={
          <>
            {chosen.size > 0 ? (
              <Picked
                count={chosen.size}
                works={works}
                onAdd={() => setAdding([...chosen.keys()])}
                onCreate={() => create([...chosen.values()])}
                onClear={() => choose(new Map())}
              />
            ) : null}
            <CsvButton source={source} state={state} name={name.name} />
          </>
        }
        actions={(row) => (
          <>
            <Button icon={<ListTree size={14} aria-hidden="true" />} onClick={() => setAround(row)}>
              Around this event
            </Button>
            {works ? (
              <>
                <Button icon={<FolderInput size={14} aria-hidden="true" />} onClick={() => setAdding([row.id])}>
                  Add to an investigation…
                </Button>
                <Button icon={<FolderPlus size={14} aria-hidden="true" />} onClick={() => create([row])}>
                  New investigation…
                </Button>
              </>
            ) : null}
          </>
        )}
      />
      <AroundDialog event={around} of={id} source={source} onClose={() => setAround(null)} />
      <AddToCaseDialog
        customer={name}
        events={adding}
        onClose={() => setAdding(null)}
        onAdded={() => choose(new Map())}
      />
      <NewCaseDialog of={creating} onClose={() => setCreating(null)} />
    </>
  );
}

interface PickedProps {
  count: number;
  works: boolean;
  onAdd: () => void;
  onCreate: () => void;
  onClear: () => void;
}

function Picked({ count, works, onAdd, onCreate, onClear }: PickedProps) {
  return (
    <>
      <span role="status">{plural(count, "row")} chosen</span>
      {works ? (
        <>
          <Button icon={<FolderInput size={14} aria-hidden="true" />} onClick={onAdd}>
            Add to an investigation…
          </Button>
          <Button icon={<FolderPlus size={14} aria-hidden="true" />} onClick={onCreate}>
            New investigation…
          </Button>
        </>
      ) : null}
      <Button look="quiet" onClick={onClear}>
        Choose none
      </Button>
    </>
  );
}

/** The rows of this search as a file, made by the node where its customer allows that. */
function CsvButton({ source, state, name }: { source: LogSource; state: LogState; name: string }) {
  const [off, setOff] = useState(false);
  const { csv } = source;
  const get = useAction({
    run: async () => {
      if (!csv) return;
      try {
        const response = await csv({ query: state.q, ...windowOf(state, Date.now()) });
        save("logs.csv", await response.blob());
      } catch (error) {
        if (error instanceof ApiError && error.code === "EXPORT_OFF") setOff(true);
        else complain("No file was made", words(error));
      }
    },
  });
  if (!csv) return null;
  return (
    <>
      <Button
        busy={get.busy}
        icon={<Download size={14} aria-hidden="true" />}
        title="The rows of this search as a file"
        onClick={() => get.start()}
      >
        CSV
      </Button>
      <Dialog open={off} onClose={() => setOff(false)} title={`${name} does not allow exports`}>
        <div className="flex flex-col gap-3">
          <p>
            Its data stays at its node. Only an administrator of the workspace can allow files to leave: on the
            workspace’s own page at the node, under Investigations, “Exports allowed”.
          </p>
          <DialogActions>
            <Button look="primary" onClick={() => setOff(false)}>
              Understood
            </Button>
          </DialogActions>
        </div>
      </Dialog>
    </>
  );
}
