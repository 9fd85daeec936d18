import { Plus, X } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/detection";
import type { CustomInsight, Priority } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { BLANK_INSIGHT, draftOfInsight, type InsightDraft, newInsight } from "../../lib/custom-insight";
import { faultOf } from "../../lib/problems";
import { PRIORITIES, PRIORITY } from "../../lib/words";
import { Button, IconButton } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { AreaField, CheckField, ChoiceField, TextField } from "../../ui/field";

const OPTIONS = PRIORITIES.map((priority) => ({ value: priority, label: PRIORITY[priority] }));
const MOST_STEPS = 5;

interface Props {
  editing: { insight: CustomInsight | null } | null;
  onClose: () => void;
}

/** Makes a custom insight, or replaces one. */
export function CustomInsightDialog({ editing, onClose }: Props) {
  return (
    <Dialog
      open={editing !== null}
      onClose={onClose}
      title={editing?.insight ? `Edit ${editing.insight.name}` : "Add a custom insight"}
      description="Opens an investigation when one entity has a signal of each of these rules, whatever they weigh."
    >
      {editing ? <Form insight={editing.insight} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ insight, onClose }: { insight: CustomInsight | null; onClose: () => void }) {
  const [draft, setDraft] = useState<InsightDraft>(() => (insight ? draftOfInsight(insight) : BLANK_INSIGHT));
  const set = (change: Partial<InsightDraft>) => setDraft((before) => ({ ...before, ...change }));
  const save = useAction({
    run: () => {
      const body = newInsight(draft);
      return insight ? api.replaceCustomInsight(insight.id, body) : api.addCustomInsight(body);
    },
    done: (saved) => `${saved.name} is saved`,
    refresh: ["custom-insights"],
  });
  return (
    <DialogForm
      label={insight ? "Save" : "Add custom insight"}
      busy={save.busy}
      error={save.error}
      fields={["name", "rules", "thresholds"]}
      onSubmit={() => save.start(undefined, onClose)}
      onCancel={onClose}
    >
      <TextField
        label="Name"
        required
        value={draft.name}
        onChange={(name) => set({ name })}
        error={faultOf(save.error, "name")}
        hint="What its investigations are called"
      />
      <AreaField
        label="Rules"
        required
        rows={4}
        value={draft.rules}
        onChange={(rules) => set({ rules })}
        error={faultOf(save.error, "rules")}
        hint="Ids of rules or names of signals, one a line, 1 to 20; * and ? stand for other text"
      />
      <CheckField label="In exactly this order" checked={draft.exact} onChange={(exact) => set({ exact })} />
      <ChoiceField
        label={draft.steps.length === 0 ? "Priority" : "Priority, when no severity below is reached"}
        value={draft.priority}
        onChange={(priority) => set({ priority })}
        options={OPTIONS}
      />
      <Steps steps={draft.steps} onChange={(steps) => set({ steps })} error={faultOf(save.error, "thresholds")} />
      <CheckField label="In force" checked={draft.enabled} onChange={(enabled) => set({ enabled })} />
    </DialogForm>
  );
}

type Step = InsightDraft["steps"][number];

function Steps({ steps, onChange, error }: { steps: Step[]; onChange: (steps: Step[]) => void; error: string | null }) {
  const set = (at: number, change: Partial<Step>) =>
    onChange(steps.map((step, index) => (index === at ? { ...step, ...change } : step)));
  return (
    <div className="flex flex-col gap-2">
      {steps.map((step, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the list
        <div key={at} className="flex items-end gap-2">
          <TextField
            label="From severity"
            type="number"
            min={0}
            max={10}
            required
            className="flex-1"
            value={step.severity}
            onChange={(severity) => set(at, { severity })}
          />
          <ChoiceField
            label="Priority"
            className="flex-1"
            value={step.priority}
            onChange={(priority: Priority) => set(at, { priority })}
            options={OPTIONS}
          />
          <IconButton label="Take this step away" onClick={() => onChange(steps.filter((_, index) => index !== at))}>
            <X size={14} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      {error ? (
        <div role="alert" className="text-sm text-danger">
          {error}
        </div>
      ) : null}
      {steps.length < MOST_STEPS ? (
        <div>
          <Button
            icon={<Plus size={14} aria-hidden="true" />}
            onClick={() => onChange([...steps, { severity: "", priority: "CRITICAL" }])}
          >
            Another priority from a severity on
          </Button>
        </div>
      ) : null}
    </div>
  );
}
