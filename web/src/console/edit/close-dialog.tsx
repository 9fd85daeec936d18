import { useState } from "react";
import type { QueueRow } from "../../api/queue-types";
import type { Disposition } from "../../api/types";
import { useLook } from "../../lib/theme";
import { DISPOSITION, DISPOSITION_HINT, DISPOSITIONS } from "../../lib/words";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { Kbd } from "../../ui/marks";

interface Props {
  row: QueueRow | null;
  onCancel: () => void;
  onClose: (disposition: Disposition) => void;
  finalFocus: React.RefObject<HTMLElement | null>;
}

/** Closing is a verdict: the dialog asks for it and closes only with one. */
export function CloseDialog({ row, onCancel, onClose, finalFocus }: Props) {
  return (
    <Dialog
      open={row !== null}
      onClose={onCancel}
      title="Close the investigation"
      description={row ? `${row.title} · ${row.customer.name}` : ""}
      finalFocus={finalFocus}
    >
      {row ? <Verdicts key={row.rrn} onCancel={onCancel} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Verdicts({ onCancel, onClose }: Pick<Props, "onCancel" | "onClose">) {
  const [chosen, setChosen] = useState<Disposition | null>(null);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) onClose(chosen);
      }}
    >
      <VerdictField
        legend="What was it? The answer is kept with the investigation at the customer's node."
        chosen={chosen}
        onChoose={setChosen}
      />
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" disabled={chosen === null}>
          Close it
        </Button>
      </DialogActions>
    </form>
  );
}

const VERDICTS = DISPOSITIONS.filter((d) => d !== "UNDECIDED");

interface FieldProps {
  legend: string;
  chosen: Disposition | null;
  onChoose: (disposition: Disposition) => void;
}

/** The verdicts, each with its digit: typed anywhere among them it chooses one. */
export function VerdictField({ legend, chosen, onChoose }: FieldProps) {
  const { singleKeys } = useLook();
  return (
    <fieldset
      className="flex flex-col gap-1"
      onKeyDown={(event) => {
        const at = Number(event.key) - 1;
        const verdict = singleKeys && !event.ctrlKey && !event.metaKey && !event.altKey ? VERDICTS[at] : undefined;
        if (!verdict) return;
        event.preventDefault();
        onChoose(verdict);
        event.currentTarget.querySelectorAll("input")[at]?.focus();
      }}
    >
      <legend className="mb-2 text-muted">{legend}</legend>
      {VERDICTS.map((disposition, at) => (
        <label
          key={disposition}
          className="flex cursor-pointer items-center gap-2.5 rounded-sm border border-line px-3 py-1.5 hover:bg-hover has-checked:border-accent has-checked:bg-selected"
        >
          <input
            type="radio"
            name="disposition"
            className="size-4 accent-accent"
            checked={chosen === disposition}
            onChange={() => onChoose(disposition)}
          />
          <span className="w-28 font-medium">{DISPOSITION[disposition]}</span>
          <span className="text-muted">{DISPOSITION_HINT[disposition]}</span>
          {singleKeys ? (
            <span className="ml-auto" aria-hidden="true">
              <Kbd>{at + 1}</Kbd>
            </span>
          ) : null}
        </label>
      ))}
    </fieldset>
  );
}
