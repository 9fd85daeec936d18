import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { CaseSource } from "../../api/case";
import type { CaseRow } from "../../api/case-types";
import { CASE_LISTS } from "../../components/case/case-context";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { Dialog } from "../../ui/dialog";
import { CasePicker } from "./case-picker";

interface Props {
  open: boolean;
  row: CaseRow;
  source: CaseSource;
  onClose: () => void;
}

/** Gives everything of this investigation to another of the same customer, and closes this one. */
export function MergeDialog({ open, row, source, onClose }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Merge into another investigation"
      description={`${row.title} · ${row.customer.name}`}
    >
      {open ? <Form row={row} source={source} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ row, source, onClose }: Omit<Props, "open">) {
  const [into, setInto] = useState<CaseRow | null>(null);
  const navigate = useNavigate();
  const merge = useAction({
    run: (target: CaseRow) => source.merge(target.rrn, row.version),
    done: () => "Merged",
    refresh: CASE_LISTS,
  });
  return (
    <DialogForm
      label="Merge"
      busy={merge.busy}
      error={merge.error}
      blocked={into ? null : "Choose the one that stays"}
      onSubmit={() =>
        into &&
        merge.start(into, () => {
          onClose();
          void navigate({ to: "/investigations/$rrn", params: { rrn: into.rrn }, search: {} });
        })
      }
      onCancel={onClose}
    >
      <p>
        The signals, comments, files and evidence of this one go to the one you choose, and later signals about its
        entity, too. This one is closed and names the other; a merge is not taken back.
      </p>
      <CasePicker
        customer={row.customer.id}
        except={row.rrn}
        chosen={into}
        onChoose={setInto}
        label="The one that stays"
      />
    </DialogForm>
  );
}
