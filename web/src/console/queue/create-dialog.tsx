import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as console from "../../api/console";
import * as api from "../../api/queue";
import type { NewInvestigation, QueueRow, Responsibility } from "../../api/queue-types";
import type { Customer, Priority } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { faultOf } from "../../lib/problems";
import { RESPONSIBILITY } from "../../lib/where";
import { ENTITY_KINDS, PRIORITIES, PRIORITY } from "../../lib/words";
import { Dialog } from "../../ui/dialog";
import { AreaField, ChoiceField, TextField } from "../../ui/field";
import { tagList } from "./bulk/plan";

interface Props {
  open: boolean;
  /** Whose it can be. */
  customers: readonly Customer[];
  /** Whose it is to be, where the page is about one customer. */
  customer?: string;
  onClose: () => void;
  onCreated: (row: QueueRow) => void;
}

/** An investigation that no alert began. */
export function CreateDialog({ open, onClose, ...rest }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="New investigation"
      description="It is kept at the customer's node, like all others."
    >
      {open ? <Form onClose={onClose} {...rest} /> : null}
    </Dialog>
  );
}

const FIELDS = ["customer", "title", "priority", "assignee", "tags", "responsibility", "comment", "entity"] as const;
const NONE = "";

function Form({ customers, customer, onClose, onCreated }: Omit<Props, "open">) {
  const able = customers.filter(({ role }) => role && role !== "viewer");
  const [draft, setDraft] = useState({
    customer: customer ?? (able.length === 1 ? (able[0]?.id ?? NONE) : NONE),
    title: "",
    priority: "MEDIUM" as Priority,
    assignee: NONE,
    tags: "",
    responsibility: NONE,
    kind: "hostname",
    entity: "",
    comment: "",
  });
  const set = (change: Partial<typeof draft>) => setDraft((now) => ({ ...now, ...change }));
  const people = useQuery({
    queryKey: ["assignees", draft.customer],
    queryFn: () => console.assignees(draft.customer),
    enabled: draft.customer !== NONE,
    staleTime: 60_000,
  });
  const create = useAction<NewInvestigation, QueueRow>({
    run: api.create,
    done: ({ title, customer: { name } }) => `Created at ${name}: ${title}`,
    refresh: ["queue"],
  });
  const fault = (field: (typeof FIELDS)[number]) => faultOf(create.error, field);
  const blocked =
    draft.customer === NONE ? "Choose a customer." : draft.title.trim() === "" ? "Give it a title." : null;
  const assignee = people.data?.data.find(({ email }) => email === draft.assignee);
  const submit = () =>
    create.start(
      {
        customer: draft.customer,
        title: draft.title.trim(),
        priority: draft.priority,
        ...(assignee ? { assignee: { email: assignee.email, name: assignee.name } } : {}),
        ...(draft.tags.trim() ? { tags: tagList(draft.tags) } : {}),
        ...(draft.responsibility ? { responsibility: draft.responsibility as Responsibility } : {}),
        ...(draft.entity.trim() ? { entity: { type: draft.kind, value: draft.entity.trim() } } : {}),
        ...(draft.comment.trim() ? { comment: { body: draft.comment.trim(), visibility: "INTERNAL" as const } } : {}),
      },
      (row) => {
        onClose();
        onCreated(row);
      },
    );
  return (
    <DialogForm
      label="Create"
      busy={create.busy}
      error={create.error}
      fields={FIELDS}
      blocked={blocked}
      onSubmit={submit}
      onCancel={onClose}
    >
      <TextField
        label="Title"
        value={draft.title}
        error={fault("title")}
        maxLength={200}
        onChange={(title) => set({ title })}
      />
      <div className="grid grid-cols-2 gap-3">
        {customer ? null : (
          <ChoiceField
            label="Customer"
            value={draft.customer}
            error={fault("customer")}
            options={[{ value: NONE, label: "Choose…" }, ...able.map(({ id, name }) => ({ value: id, label: name }))]}
            onChange={(id) => set({ customer: id, assignee: NONE })}
          />
        )}
        <ChoiceField
          label="Priority"
          value={draft.priority}
          error={fault("priority")}
          options={PRIORITIES.map((value) => ({ value, label: PRIORITY[value] }))}
          onChange={(priority) => set({ priority })}
        />
        <ChoiceField
          label="Assignee"
          value={draft.assignee}
          error={fault("assignee")}
          disabled={draft.customer === NONE}
          options={[
            { value: NONE, label: people.isFetching ? "Asking who may…" : "Nobody yet" },
            ...(people.data?.data ?? []).map(({ email, name }) => ({ value: email, label: name || email })),
          ]}
          onChange={(email) => set({ assignee: email })}
        />
        <ChoiceField
          label="Responsibility"
          value={draft.responsibility}
          error={fault("responsibility")}
          options={[
            { value: NONE, label: "Not said" },
            ...Object.entries(RESPONSIBILITY).map(([value, label]) => ({ value, label })),
          ]}
          onChange={(responsibility) => set({ responsibility })}
        />
        <ChoiceField
          label="What it is about"
          value={draft.kind}
          options={ENTITY_KINDS.map((value) => ({ value, label: value }))}
          onChange={(kind) => set({ kind })}
        />
        <TextField
          label="Its name"
          placeholder="Nothing in particular"
          value={draft.entity}
          error={fault("entity")}
          onChange={(entity) => set({ entity })}
        />
      </div>
      <TextField
        label="Tags"
        placeholder="One, another, …"
        value={draft.tags}
        error={fault("tags")}
        onChange={(tags) => set({ tags })}
      />
      <AreaField
        label="First comment"
        hint="Internal: the customer does not read it."
        value={draft.comment}
        error={fault("comment")}
        onChange={(comment) => set({ comment })}
      />
    </DialogForm>
  );
}
