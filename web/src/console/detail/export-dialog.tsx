import type { CaseSource } from "../../api/case";
import type { CaseRow } from "../../api/case-types";
import { ApiError } from "../../api/http";
import { useAction } from "../../components/use-action";
import { save } from "../../lib/csv";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FormError } from "../../ui/field";
import { words } from "../../ui/states";

interface Props {
  open: boolean;
  row: CaseRow;
  source: CaseSource;
  onClose: () => void;
}

/** A file of everything known of the case, made at the node; or why there is none. */
export function ExportDialog({ open, row, source, onClose }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Export the investigation"
      description={`${row.title} · ${row.customer.name}`}
    >
      {open ? <Choice row={row} source={source} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Choice({ row, source, onClose }: Omit<Props, "open">) {
  const get = useAction({
    run: async (format: "pdf" | "json") => {
      const response = await source.exported(format);
      save(`investigation-${row.rrn.split(":").at(-1)}.${format}`, await response.blob());
    },
    done: () => "The file is yours now, and so is the care for it",
  });
  const off = get.error instanceof ApiError && get.error.code === "EXPORT_OFF";
  return (
    <div className="flex flex-col gap-3">
      <p>
        The node in {row.customer.region} writes the facts, the timeline, comments of both kinds, evidence and history
        into one file. Times in it are UTC. That you took it is in the customer’s audit.
      </p>
      {off ? (
        <div role="alert" className="rounded-sm border border-warn bg-warn-soft px-3 py-2">
          <strong>{row.customer.name} does not allow exports.</strong> Its data stays at its node. Only an administrator
          of the workspace can allow files to leave: on the workspace’s own page at the node, under Investigations,
          “Exports allowed”.
        </div>
      ) : get.error ? (
        <FormError>{words(get.error)}</FormError>
      ) : null}
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        <Button busy={get.busy} onClick={() => get.start("json")}>
          JSON, for programs
        </Button>
        <Button look="primary" busy={get.busy} onClick={() => get.start("pdf")}>
          PDF, for people
        </Button>
      </DialogActions>
    </div>
  );
}
