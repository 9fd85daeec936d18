import { type FormEvent, useState } from "react";
import * as api from "../api/node";
import type { CreatedSource, Format, Tier } from "../api/types";
import { FORMAT, FORMATS, TIERS } from "../lib/words";
import { Button } from "../ui/button";
import { Dialog, DialogActions } from "../ui/dialog";
import { ChoiceField, FormError, TextField } from "../ui/field";
import { words } from "../ui/states";

interface Props {
  open: boolean;
  onClose: () => void;
  onCreated: (created: CreatedSource) => void;
}

export function AddSource({ open, onClose, onCreated }: Props) {
  return (
    <Dialog open={open} onClose={onClose} title="Add a source" description="One stream of logs, with a key of its own.">
      {open ? <Form onCancel={onClose} onCreated={onCreated} /> : null}
    </Dialog>
  );
}

const TIER_HINT: Record<Tier, string> = {
  continuous: "Searched all the time.",
  frequent: "Searched often.",
  infrequent: "Searched rarely.",
};

function Form({ onCancel, onCreated }: { onCancel: () => void; onCreated: Props["onCreated"] }) {
  const [name, setName] = useState("");
  const [category, setCategory] = useState("");
  const [format, setFormat] = useState<Format>("auto");
  const [tier, setTier] = useState<Tier>("continuous");
  const [syslog, setSyslog] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { name: name.trim(), source_category: category.trim(), format, tier };
      onCreated(await api.addSource(syslog.trim() ? { ...body, syslog_tcp: syslog.trim() } : body));
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-4">
        <TextField label="Name" required value={name} onChange={setName} hint="Unique in this workspace" />
        <TextField
          label="Source category"
          required
          placeholder="windows/dc"
          value={category}
          onChange={setCategory}
          hint="A path-like word of your choice"
        />
      </div>
      <ChoiceField
        label="Format"
        value={format}
        onChange={setFormat}
        options={FORMATS.map((f) => ({ value: f, label: FORMAT[f] }))}
      />
      <ChoiceField
        label="Tier"
        value={tier}
        onChange={setTier}
        hint={TIER_HINT[tier]}
        options={TIERS.map((t) => ({ value: t, label: t }))}
      />
      <TextField
        label="Syslog TCP port (optional)"
        placeholder="127.0.0.1:0"
        value={syslog}
        onChange={setSyslog}
        hint="Opens a port of its own for this source. Port 0 takes any free one."
      />
      <FormError>{error ? words(error) : null}</FormError>
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy}>
          Add source
        </Button>
      </DialogActions>
    </form>
  );
}
