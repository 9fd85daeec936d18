import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "../../api/node";
import type { HealthIssue } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { AreaField, FormError } from "../../ui/field";
import { words } from "../../ui/states";
import { notify } from "../../ui/toast";

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
  const queries = useQueryClient();
  const acknowledge = useMutation({
    mutationFn: () => api.acknowledgeIssue(issue.id, note.trim()),
    onSuccess: () => {
      notify("Others see that you know");
      onClose();
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["health"] }),
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        acknowledge.mutate();
      }}
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
      <FormError>{acknowledge.error ? words(acknowledge.error) : null}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={acknowledge.isPending}>
          Acknowledge
        </Button>
      </DialogActions>
    </form>
  );
}
