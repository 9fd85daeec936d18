import { useState } from "react";
import * as api from "../../api/node";
import type { Collector } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { faultOf } from "../../lib/problems";
import { Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/field";

interface Props {
  editing: { collector: Collector | null } | null;
  onClose: () => void;
}

export function CollectorDialog({ editing, onClose }: Props) {
  return (
    <Dialog
      open={editing !== null}
      onClose={onClose}
      title={editing?.collector ? `Edit ${editing.collector.name}` : "Add a collector"}
      description="Who sends the logs of one or more sources: an agent, a relay, a cloud service."
    >
      {editing ? <Form collector={editing.collector} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ collector, onClose }: { collector: Collector | null } & Omit<Props, "editing">) {
  const [name, setName] = useState(collector?.name ?? "");
  const [type, setType] = useState(collector?.type ?? "");
  const save = useAction({
    run: () => {
      const body = { name: name.trim(), type: type.trim() };
      return collector ? api.patchCollector(collector.id, body) : api.addCollector(body);
    },
    refresh: ["collectors"],
  });
  return (
    <DialogForm
      label={collector ? "Save" : "Add collector"}
      busy={save.busy}
      error={save.error}
      fields={["name", "type"]}
      onSubmit={() => save.start(undefined, onClose)}
      onCancel={onClose}
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
    </DialogForm>
  );
}
