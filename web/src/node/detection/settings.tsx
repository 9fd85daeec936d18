import { useQuery, useQueryClient } from "@tanstack/react-query";
import * as api from "../../api/detection";
import type { DetectionSettings } from "../../api/types";
import { useAction } from "../../components/use-action";
import { faultOf, faultOfForm } from "../../lib/problems";
import { useDraft } from "../../lib/use-draft";
import { Button } from "../../ui/button";
import { CheckField, FormError, TextField } from "../../ui/field";
import { Panel } from "../../ui/panel";
import { Failure, SkeletonRows } from "../../ui/states";
import { DetectionFrame } from "./frame";

type Numbers = Exclude<keyof DetectionSettings, "critical_opens">;

const FIELDS: { name: Numbers; label: string; hint: string; min: number; max: number }[] = [
  {
    name: "threshold",
    label: "Score above which an investigation opens",
    hint: "One above it is low, two or three medium, more is high.",
    min: 1,
    max: 1000,
  },
  { name: "window_days", label: "Days a signal counts", hint: "1 to 90", min: 1, max: 90 },
  {
    name: "quiet_hours",
    label: "Hours a signal silences its repetition",
    hint: "Of the same name on the same entity: 1 to 72",
    min: 1,
    max: 72,
  },
  {
    name: "quiet_cap_hours",
    label: "Hours after the first when it counts again",
    hint: "However often it repeats: 24 to 72",
    min: 24,
    max: 72,
  },
];

/** How signals add up to investigations. */
export function SettingsPage() {
  const query = useQuery({ queryKey: ["detection-settings"], queryFn: api.settings });
  return (
    <DetectionFrame title="How signals add up">
      <Panel title="Settings" className="max-w-[760px]">
        {query.error ? (
          <Failure error={query.error} title="The settings could not be read" onRetry={() => void query.refetch()} />
        ) : null}
        {query.data ? (
          <Form settings={query.data} />
        ) : query.error ? null : (
          <SkeletonRows rows={4} label="Reading the settings" />
        )}
      </Panel>
    </DetectionFrame>
  );
}

function Form({ settings }: { settings: DetectionSettings }) {
  const numbers = Object.fromEntries(FIELDS.map(({ name }) => [name, String(settings[name] ?? "")]));
  const { draft, changed, set } = useDraft({
    ...(numbers as Record<Numbers, string>),
    critical_opens: settings.critical_opens ?? true,
  });
  const next: DetectionSettings = {
    ...Object.fromEntries(FIELDS.map(({ name }) => [name, Number(draft[name])])),
    critical_opens: draft.critical_opens,
  };
  const queries = useQueryClient();
  const save = useAction({
    run: () => api.saveSettings(next),
    after: (saved) => queries.setQueryData(["detection-settings"], saved),
    done: () => "The settings are changed, from the next signal on",
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.start();
      }}
    >
      <div className="grid grid-cols-2 gap-4">
        {FIELDS.map(({ name, label, hint, min, max }) => (
          <TextField
            key={name}
            label={label}
            type="number"
            required
            min={min}
            max={max}
            value={draft[name]}
            onChange={(text) => set(name, text)}
            hint={hint}
            error={faultOf(save.error, name)}
          />
        ))}
      </div>
      <CheckField
        label="A rule of level critical opens an investigation at once"
        hint="Whatever the score of its entity"
        checked={draft.critical_opens}
        onChange={(opens) => set("critical_opens", opens)}
      />
      <FormError>
        {faultOfForm(
          save.error,
          FIELDS.map(({ name }) => name),
        )}
      </FormError>
      <div>
        <Button type="submit" look="primary" disabled={!changed} busy={save.busy}>
          Save
        </Button>
      </div>
    </form>
  );
}
