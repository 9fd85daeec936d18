import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createCase } from "../../api/case";
import type { Priority } from "../../api/types";
import { CASE_LISTS } from "../../components/case/case-context";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { plural } from "../../lib/format";
import { faultOf } from "../../lib/problems";
import { PRIORITIES, PRIORITY } from "../../lib/words";
import { Dialog } from "../../ui/dialog";
import { AreaField, ChoiceField, TextField } from "../../ui/field";

/** What it is made of. */
export interface NewCaseOf {
  customer: { id: string; name: string };
  title: string;
  alerts?: string[];
  events?: string[];
}

const INHERIT = "INHERIT";
type PriorityChoice = Priority | typeof INHERIT;

/** Opens an investigation from alerts or from rows of a search. */
export function NewCaseDialog({ of, onClose }: { of: NewCaseOf | null; onClose: () => void }) {
  return (
    <Dialog
      open={of !== null}
      onClose={onClose}
      title="New investigation"
      description={of ? `${of.customer.name} · ${content(of)}` : ""}
    >
      {of ? <Form of={of} onClose={onClose} /> : null}
    </Dialog>
  );
}

function content({ alerts = [], events = [] }: NewCaseOf): string {
  if (alerts.length > 0) return `from ${plural(alerts.length, "alert")}`;
  return events.length > 0 ? `with ${plural(events.length, "event")} as evidence` : "without alerts";
}

function Form({ of, onClose }: { of: NewCaseOf; onClose: () => void }) {
  const { customer, alerts, events } = of;
  const [title, setTitle] = useState(of.title);
  const [priority, setPriority] = useState<PriorityChoice>(alerts ? INHERIT : "MEDIUM");
  const [comment, setComment] = useState("");
  const navigate = useNavigate();
  const create = useAction({
    run: () =>
      createCase({
        customer: customer.id,
        title: title.trim(),
        alerts,
        events,
        ...(priority === INHERIT ? { inherit_priority: true } : { priority }),
        ...(comment.trim() ? { comment: { body: comment.trim(), visibility: "INTERNAL" as const } } : {}),
      }),
    done: () => "The investigation is open",
    refresh: CASE_LISTS,
  });
  const words = PRIORITIES.map((value) => ({ value: value as PriorityChoice, label: PRIORITY[value] }));
  return (
    <DialogForm
      label="Open it"
      busy={create.busy}
      error={create.error}
      fields={["title", "priority", "comment"]}
      blocked={title.trim() === "" ? "It needs a title" : null}
      onSubmit={() =>
        create.start(undefined, (row) => {
          onClose();
          void navigate({ to: "/investigations/$rrn", params: { rrn: row.rrn }, search: {} });
        })
      }
      onCancel={onClose}
    >
      <TextField
        label="Title"
        maxLength={200}
        value={title}
        onChange={setTitle}
        error={faultOf(create.error, "title")}
      />
      <ChoiceField
        label="Priority"
        value={priority}
        onChange={setPriority}
        options={alerts ? [{ value: INHERIT, label: "That of its most severe alert" }, ...words] : words}
        error={faultOf(create.error, "priority")}
      />
      <AreaField
        label="Internal comment"
        value={comment}
        onChange={setComment}
        error={faultOf(create.error, "comment")}
        hint={`${customer.name} does not see it`}
      />
      {alerts ? <p className="text-muted">An alert that belongs to another investigation leaves that one.</p> : null}
    </DialogForm>
  );
}
