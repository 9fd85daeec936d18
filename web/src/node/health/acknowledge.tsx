import { useState } from "react";
import * as api from "../../api/node";
import type { HealthIssue } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { Dialog } from "../../ui/dialog";
import { AreaField } from "../../ui/field";

/** Trackers that end when somebody says that they know, until data came and stopped again. */
const ENDS = new Set(["source.silent", "collector.offline"]);

/** Says that somebody knows of an issue, with a note for the others. */
export function AcknowledgeDialog({ issue, onClose }: { issue: HealthIssue | null; onClose: () => void }) {
  return (
    <Dialog
      open={issue !== null}
      onClose={onClose}
      title="Acknowledge this issue?"
      description={issue ? `${issue.resource.name}: ${issue.details.description || issue.details.error}` : undefined}
    >
      {issue ? <Form key={issue.id} issue={issue} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ issue, onClose }: { issue: HealthIssue; onClose: () => void }) {
  const [note, setNote] = useState("");
  const acknowledge = useAction({
    run: () => api.acknowledgeIssue(issue.id, note.trim()),
    done: () => "Others see that you know",
    refresh: ["health"],
  });
  return (
    <DialogForm
      label="Acknowledge"
      busy={acknowledge.busy}
      error={acknowledge.error}
      onSubmit={() => acknowledge.start(undefined, onClose)}
      onCancel={onClose}
    >
      <AreaField
        label="Note for others (optional)"
        maxLength={500}
        value={note}
        onChange={setNote}
        hint={
          ENDS.has(issue.tracker)
            ? "The issue ends by this. It comes back when data arrived and stopped again."
            : "The issue stays open until it works again."
        }
      />
    </DialogForm>
  );
}
