import { useState } from "react";
import * as api from "../../api/detection";
import type { Exception } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { blankException, draftOfException, type ExceptionDraft, type Kind, newException } from "../../lib/exceptions";
import { zoneName } from "../../lib/format";
import { faultOf } from "../../lib/problems";
import { ENTITY_KINDS } from "../../lib/words";
import { Dialog } from "../../ui/dialog";
import { AreaField, ChoiceField, TextField } from "../../ui/field";
import { useMe } from "../me";

const KINDS: { value: Kind; label: string }[] = [
  { value: "entity", label: "Signals about an entity" },
  { value: "network", label: "Signals about addresses of a network" },
  { value: "indicators", label: "Records that hold one of some values" },
  { value: "filter", label: "Records a Sigma filter says no to" },
];

const FILTER = `title: Backups read every file
logsource:
  category: process_creation
  product: windows
filter:
  rules: any
  selection:
    Image|endswith: '\\backup.exe'
  condition: not selection
`;

interface Props {
  editing: { exception: Exception | null } | null;
  onClose: () => void;
}

/** Makes an exception, or replaces one. */
export function ExceptionDialog({ editing, onClose }: Props) {
  return (
    <Dialog
      open={editing !== null}
      onClose={onClose}
      title={editing?.exception ? `Edit ${editing.exception.name}` : "Add an exception"}
      description="Signals it fits are stored as suppressed, and counted."
      className="w-[680px]"
    >
      {editing ? <Form exception={editing.exception} onClose={onClose} /> : null}
    </Dialog>
  );
}

interface PartProps {
  draft: ExceptionDraft;
  set: (change: Partial<ExceptionDraft>) => void;
  fault: (field: string) => string | null;
}

const FIELDS = [
  "name",
  "owner",
  "reason",
  "expires",
  "rules",
  "yaml",
  "entity_type",
  "value",
  "network",
  "values",
  "fields",
];

function Form({ exception, onClose }: { exception: Exception | null; onClose: () => void }) {
  const me = useMe();
  const [draft, setDraft] = useState(() =>
    exception ? draftOfException(exception) : blankException(me.user, Date.now()),
  );
  const save = useAction({
    run: () => {
      const body = newException(draft);
      return exception ? api.replaceException(exception.id, body) : api.addException(body);
    },
    done: (saved) => `${saved.name} is in force`,
    refresh: ["exceptions"],
  });
  const part: PartProps = {
    draft,
    set: (change) => setDraft((before) => ({ ...before, ...change })),
    fault: (field) => faultOf(save.error, field),
  };
  return (
    <DialogForm
      label={exception ? "Save" : "Add exception"}
      busy={save.busy}
      error={save.error}
      fields={FIELDS}
      onSubmit={() => save.start(undefined, onClose)}
      onCancel={onClose}
    >
      <div className="grid grid-cols-2 gap-4">
        <TextField
          label="Name"
          required
          value={draft.name}
          onChange={(name) => part.set({ name })}
          error={part.fault("name")}
        />
        <ChoiceField
          label="What it excepts"
          value={draft.kind}
          onChange={(kind) => part.set({ kind, yaml: kind === "filter" && draft.yaml === "" ? FILTER : draft.yaml })}
          options={KINDS}
        />
      </div>
      <Body {...part} />
      <AreaField
        label="Rules (optional)"
        code
        rows={2}
        value={draft.rules}
        onChange={(rules) => part.set({ rules })}
        error={part.fault("rules")}
        hint="Ids, one a line; empty for every rule"
      />
      <Answer {...part} />
    </DialogForm>
  );
}

/** Who answers for it, why, and until when. */
function Answer({ draft, set, fault }: PartProps) {
  return (
    <div className="grid grid-cols-2 gap-4">
      <TextField
        label="Owner"
        required
        value={draft.owner}
        onChange={(owner) => set({ owner })}
        error={fault("owner")}
        hint="Who answers for it"
      />
      <TextField
        label="Ends"
        type="datetime-local"
        required
        value={draft.expires}
        onChange={(expires) => set({ expires })}
        error={fault("expires")}
        hint={`In ${zoneName()}, at most a year from now`}
      />
      <TextField
        label="Reason"
        required
        className="col-span-2"
        value={draft.reason}
        onChange={(reason) => set({ reason })}
        error={fault("reason")}
        hint="Why this is harmless here"
      />
    </div>
  );
}

function Body({ draft, set, fault }: PartProps) {
  switch (draft.kind) {
    case "entity":
      return (
        <div className="grid grid-cols-2 gap-4">
          <ChoiceField
            label="Kind"
            value={draft.entity_type}
            onChange={(entity_type) => set({ entity_type })}
            error={fault("entity_type")}
            options={ENTITY_KINDS.map((kind) => ({ value: kind as string, label: kind }))}
          />
          <TextField
            label="Value"
            required
            placeholder="backup-*"
            value={draft.value}
            onChange={(value) => set({ value })}
            error={fault("value")}
            hint="* and ? stand for other text"
          />
        </div>
      );
    case "network":
      return (
        <TextField
          label="Network"
          required
          placeholder="10.20.0.0/16"
          value={draft.network}
          onChange={(network) => set({ network })}
          error={fault("network")}
        />
      );
    case "indicators":
      return (
        <div className="grid grid-cols-2 gap-4">
          <AreaField
            label="Values"
            required
            code
            rows={5}
            value={draft.values}
            onChange={(values) => set({ values })}
            error={fault("values")}
            hint="Values, addresses or networks, one a line; at most 10,000"
          />
          <AreaField
            label="Fields (optional)"
            code
            rows={5}
            placeholder="source.ip"
            value={draft.fields}
            onChange={(fields) => set({ fields })}
            error={fault("fields")}
            hint="Where to look; empty for every address, domain and hash a record is about"
          />
        </div>
      );
    case "filter":
      return (
        <AreaField
          label="Sigma filter, in YAML"
          required
          code
          rows={11}
          value={draft.yaml}
          onChange={(yaml) => set({ yaml })}
          error={fault("yaml")}
        />
      );
  }
}
