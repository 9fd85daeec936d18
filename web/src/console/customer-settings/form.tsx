import * as api from "../../api/console";
import type { CustomerSettings, DetectionSettings, Retention } from "../../api/types";
import { useAction } from "../../components/use-action";
import { faultOf, faultOfForm } from "../../lib/problems";
import { useDraft } from "../../lib/use-draft";
import { Button } from "../../ui/button";
import { CheckField, FormError, TextField } from "../../ui/field";

interface Field<Name extends string> {
  name: Name;
  label: string;
  hint: string;
  min: number;
  max: number;
  /** The product's own. */
  standard: number;
}

const RETENTION: readonly Field<keyof Retention>[] = [
  { name: "continuous_days", label: "Tier continuous", hint: "Days; standard 90", min: 1, max: 3650, standard: 90 },
  { name: "frequent_days", label: "Tier frequent", hint: "Days; standard 30", min: 1, max: 3650, standard: 30 },
  { name: "infrequent_days", label: "Tier infrequent", hint: "Days; standard 30", min: 1, max: 3650, standard: 30 },
];

type Numbers = Exclude<keyof DetectionSettings, "critical_opens">;
const DETECTION: readonly Field<Numbers>[] = [
  {
    name: "threshold",
    label: "Score above which an investigation opens",
    hint: "1 to 1000; standard 12",
    min: 1,
    max: 1000,
    standard: 12,
  },
  { name: "window_days", label: "Days a signal counts", hint: "1 to 90; standard 14", min: 1, max: 90, standard: 14 },
  {
    name: "quiet_hours",
    label: "Hours a signal silences its repetition",
    hint: "1 to 72; standard 12",
    min: 1,
    max: 72,
    standard: 12,
  },
  {
    name: "quiet_cap_hours",
    label: "Hours after the first when it counts again",
    hint: "24 to 72; standard 72",
    min: 24,
    max: 72,
    standard: 72,
  },
];

const FIELDS = [
  ...RETENTION.map(({ name }) => `retention.${name}`),
  ...DETECTION.map(({ name }) => `detection.${name}`),
];

type Draft = Record<keyof Retention | Numbers, string> & {
  retention: boolean;
  detection: boolean;
  critical_opens: boolean;
};

function draftOf({ retention, detection }: CustomerSettings): Draft {
  const texts = [
    ...RETENTION.map(({ name, standard }) => [name, String(retention?.[name] ?? standard)]),
    ...DETECTION.map(({ name, standard }) => [name, String(detection?.[name] ?? standard)]),
  ];
  return {
    ...(Object.fromEntries(texts) as Record<keyof Retention | Numbers, string>),
    retention: Boolean(retention),
    detection: Boolean(detection),
    critical_opens: detection?.critical_opens ?? true,
  };
}

function settingsOf(draft: Draft): CustomerSettings {
  const numbers = (fields: readonly Field<keyof Retention | Numbers>[]) =>
    Object.fromEntries(fields.map(({ name }) => [name, Number(draft[name])]));
  return {
    retention: draft.retention ? (numbers(RETENTION) as unknown as Retention) : null,
    detection: draft.detection ? { ...numbers(DETECTION), critical_opens: draft.critical_opens } : null,
  };
}

/** Each half is decided here, or left to the product's own standard. */
export function SettingsForm({ settings }: { settings: CustomerSettings }) {
  const { draft, changed, set } = useDraft<Draft>(draftOf(settings));
  const save = useAction({
    run: () => api.putCustomerSettings(settingsOf(draft)),
    done: () => "The settings of every customer are changed; each sync carries them on",
    refresh: ["customer-settings", "customers"],
  });
  const field = (
    part: "retention" | "detection",
    { name, label, hint, min, max }: Field<keyof Retention | Numbers>,
  ) => (
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
      error={faultOf(save.error, `${part}.${name}`)}
    />
  );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.start();
      }}
    >
      <CheckField
        label="Retention is decided here"
        hint="Otherwise it is the product’s standard. Shorter than now: what is older is deleted for good at every customer that did not decide itself."
        checked={draft.retention}
        onChange={(on) => set("retention", on)}
      />
      {draft.retention ? (
        <div className="ml-6 grid grid-cols-3 items-end gap-4">{RETENTION.map((f) => field("retention", f))}</div>
      ) : null}
      <CheckField
        label="How signals add up is decided here"
        hint="Otherwise it is the product’s standard."
        checked={draft.detection}
        onChange={(on) => set("detection", on)}
      />
      {draft.detection ? (
        <div className="ml-6 flex flex-col gap-4">
          <div className="grid grid-cols-2 items-end gap-4">{DETECTION.map((f) => field("detection", f))}</div>
          <CheckField
            label="A rule of level critical opens an investigation at once"
            checked={draft.critical_opens}
            onChange={(on) => set("critical_opens", on)}
          />
        </div>
      ) : null}
      <FormError>{faultOfForm(save.error, FIELDS)}</FormError>
      <div>
        <Button
          type="submit"
          look="primary"
          disabled={!changed}
          title={changed ? undefined : "Nothing was changed yet"}
          busy={save.busy}
        >
          Save for every customer
        </Button>
      </div>
    </form>
  );
}
