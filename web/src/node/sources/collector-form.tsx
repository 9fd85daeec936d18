import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "../../api/node";
import type { Collector } from "../../api/types";
import { faultOf, faultOfForm } from "../../lib/problems";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FormError, TextField } from "../../ui/field";

interface Props {
  editing: { collector: Collector | null } | null;
  onClose: () => void;
  onDone: () => void;
}

export function CollectorDialog({ editing, onClose, onDone }: Props) {
  return (
    <Dialog
      open={editing !== null}
      onClose={onClose}
      title={editing?.collector ? `Edit ${editing.collector.name}` : "Add a collector"}
      description="Who sends the logs of one or more sources: an agent, a relay, a cloud service."
    >
      {editing ? <Form collector={editing.collector} onClose={onClose} onDone={onDone} /> : null}
    </Dialog>
  );
}

function Form({ collector, onClose, onDone }: { collector: Collector | null } & Omit<Props, "editing">) {
  const [name, setName] = useState(collector?.name ?? "");
  const [type, setType] = useState(collector?.type ?? "");
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), type: type.trim() };
      return collector ? api.patchCollector(collector.id, body) : api.addCollector(body);
    },
    onSuccess: onDone,
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <TextField
        label="Name"
        required
        value={name}
        onChange={setName}
        error={faultOf(save.error, "name")}
        hint="Unique in this workspace"
      />
      <TextField
        label="Type"
        required
        placeholder="vector"
        list="collector-types"
        value={type}
        onChange={setType}
        error={faultOf(save.error, "type")}
        hint="One word: its version is known when it tells it in its User-Agent"
      />
      <datalist id="collector-types">
        {["vector", "rsyslog", "syslog-ng", "fluent-bit", "winlogbeat", "filebeat", "otel", "cloud"].map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <FormError>{faultOfForm(save.error, ["name", "type"])}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={save.isPending}>
          {collector ? "Save" : "Add collector"}
        </Button>
      </DialogActions>
    </form>
  );
}
