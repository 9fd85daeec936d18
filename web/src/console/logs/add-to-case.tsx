import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { atConsole, caseAt } from "../../api/case";
import type { CaseRow } from "../../api/case-types";
import { CASE_LISTS } from "../../components/case/case-context";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { plural } from "../../lib/format";
import { Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { CasePicker } from "../detail/case-picker";

interface Props {
  customer: { id: string; name: string };
  /** Ids of the rows; null while none are to be added. */
  events: readonly string[] | null;
  onClose: () => void;
  onAdded: () => void;
}

/** Makes rows of a search evidence of an investigation of the same customer. */
export function AddToCaseDialog({ customer, events, onClose, onAdded }: Props) {
  return (
    <Dialog
      open={events !== null}
      onClose={onClose}
      title="Add to an investigation"
      description={events ? `${plural(events.length, "row")} of ${customer.name}` : ""}
    >
      {events ? <Form customer={customer} events={events} onClose={onClose} onAdded={onAdded} /> : null}
    </Dialog>
  );
}

function Form({ customer, events, onClose, onAdded }: Props & { events: readonly string[] }) {
  const [into, setInto] = useState<CaseRow | null>(null);
  const [note, setNote] = useState("");
  const navigate = useNavigate();
  const add = useAction({
    run: (row: CaseRow) => caseAt(atConsole(row.rrn)).addEvidence([...events], note.trim()),
    done: () => `${plural(events.length, "row")} added`,
    refresh: CASE_LISTS,
    after: onAdded,
  });
  return (
    <DialogForm
      label="Add"
      busy={add.busy}
      error={add.error}
      blocked={into ? null : "Choose the investigation"}
      onSubmit={() =>
        into &&
        add.start(into, () => {
          onClose();
          void navigate({ to: "/investigations/$rrn", params: { rrn: into.rrn }, search: { tab: "evidence" } });
        })
      }
      onCancel={onClose}
    >
      <CasePicker customer={customer.id} chosen={into} onChoose={setInto} label="The investigation" />
      <TextField label="Why they are added" maxLength={2000} value={note} onChange={setNote} />
    </DialogForm>
  );
}
