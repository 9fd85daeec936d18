import { useState } from "react";
import * as api from "../../api/detection";
import type { EntitySetting } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { type Operator, readCriticality, writeCriticality } from "../../lib/criticality";
import { faultOf } from "../../lib/problems";
import { ENTITY_KINDS } from "../../lib/words";
import { Dialog } from "../../ui/dialog";
import { AreaField, CheckField, ChoiceField, TextField } from "../../ui/field";

const OPERATORS: { value: Operator; label: string }[] = [
  { value: "", label: "As the rules say" },
  { value: "+", label: "Plus" },
  { value: "-", label: "Minus" },
  { value: "*", label: "Times" },
  { value: "/", label: "Divided by" },
];

/** How much an entity, or all that fit a pattern, matter. */
export function EntityDialog({ setting, onClose }: { setting: EntitySetting | null; onClose: () => void }) {
  const fresh = setting?.value === "";
  return (
    <Dialog
      open={setting !== null}
      onClose={onClose}
      title={fresh ? "Add a setting" : `How much ${setting?.value ?? ""} matters`}
      description="Changes what signals about it weigh from now on. What changes nothing is no setting, and goes."
    >
      {setting ? <Form setting={setting} fresh={fresh} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ setting, fresh, onClose }: { setting: EntitySetting; fresh: boolean; onClose: () => void }) {
  const [type, setType] = useState(setting.type);
  const [value, setValue] = useState(setting.value);
  const [criticality, setCriticality] = useState(() => readCriticality(setting.criticality));
  const [suppressed, setSuppressed] = useState(setting.suppressed ?? false);
  const [notes, setNotes] = useState(setting.notes ?? "");
  const save = useAction({
    run: () =>
      api.setEntity({ type, value: value.trim(), criticality: writeCriticality(criticality), suppressed, notes }),
    done: (saved) => `${saved.value} is changed`,
    refresh: ["entities", "entity-settings"],
  });
  return (
    <DialogForm
      label="Save"
      busy={save.busy}
      error={save.error}
      fields={["type", "value", "criticality", "notes"]}
      onSubmit={() => save.start(undefined, onClose)}
      onCancel={onClose}
    >
      {fresh ? (
        <div className="grid grid-cols-2 gap-4">
          <ChoiceField
            label="Kind"
            value={type}
            onChange={setType}
            error={faultOf(save.error, "type")}
            options={ENTITY_KINDS.map((kind) => ({ value: kind as string, label: kind }))}
          />
          <TextField
            label="Value"
            required
            placeholder="dc-*"
            value={value}
            onChange={setValue}
            error={faultOf(save.error, "value")}
            hint="* and ? stand for other text"
          />
        </div>
      ) : null}
      <div className="grid grid-cols-2 gap-4">
        <ChoiceField
          label="Weight of its signals"
          value={criticality.operator}
          onChange={(operator) => setCriticality({ ...criticality, operator })}
          error={faultOf(save.error, "criticality")}
          options={OPERATORS}
        />
        {criticality.operator === "" ? null : (
          <TextField
            label="Number"
            type="number"
            min={0}
            step="any"
            required
            value={criticality.number}
            onChange={(number) => setCriticality({ ...criticality, number })}
          />
        )}
      </div>
      <CheckField
        label="Suppress its signals"
        hint="They are kept and counted, and score nothing."
        checked={suppressed}
        onChange={setSuppressed}
      />
      <AreaField
        label="Notes (optional)"
        maxLength={500}
        value={notes}
        onChange={setNotes}
        error={faultOf(save.error, "notes")}
      />
    </DialogForm>
  );
}
