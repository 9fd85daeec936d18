import type { After, Chart, Dimension, Measure, Outlier, PanelDef, Unit, VolumeTier } from "../../api/dashboard-types";
import { MEASURES, VOLUME_TIERS } from "../../api/dashboard-types";
import { chartsOf, groups, isOverTime, needsGroup } from "../../lib/dashboards/draft";
import { RANGES, spanWords } from "../../lib/dashboards/state";
import { CHART, DIMENSION, MEASURE, TIER, UNIT } from "../../lib/dashboards/words";
import { CheckField, ChoiceField, TextField } from "../../ui/field";

interface Props {
  panel: PanelDef;
  onChange: (panel: PanelDef) => void;
}

const NONE = "none";

/** One panel, chosen from the words there are: what does not fit together cannot be chosen. */
export function PanelForm({ panel, onChange }: Props) {
  const set = (change: Partial<PanelDef>) => onChange({ ...panel, ...change });
  const measure = MEASURE[panel.measure];
  const over = isOverTime(panel.chart);
  const units = measure.units.filter((unit) => !over || unit !== "gb_per_day");
  return (
    <div className="flex flex-col gap-3">
      <TextField label="Title of the panel" value={panel.title} onChange={(title) => set({ title })} />
      <div className="grid grid-cols-3 gap-3">
        <ChoiceField<Measure>
          label="Measure"
          value={panel.measure}
          options={MEASURES.map((value) => ({ value, label: `${MEASURE[value].dataset}: ${MEASURE[value].label}` }))}
          onChange={(value) => set({ measure: value })}
        />
        <ChoiceField<Chart>
          label="Chart"
          value={panel.chart}
          options={chartsOf(panel.measure).map((value) => ({ value, label: CHART[value] }))}
          onChange={(chart) => set({ chart })}
        />
        <ChoiceField<Unit>
          label="In"
          value={panel.unit}
          options={units.map((value) => ({ value, label: UNIT[value] }))}
          onChange={(unit) => set({ unit })}
        />
        {groups(panel.chart) && !measure.rows ? <Grouping panel={panel} onChange={onChange} /> : null}
        {panel.chart === "columns" || panel.chart === "lines" ? (
          <ChoiceField<"timeslice" | "sixths">
            label="Buckets"
            value={panel.bucket === "sixths" ? "sixths" : "timeslice"}
            options={[
              { value: "timeslice", label: "The timeslice" },
              { value: "sixths", label: "Six equal parts" },
            ]}
            onChange={(bucket) => set({ bucket })}
          />
        ) : null}
        <ChoiceField<string>
          label="Its own time range"
          value={panel.range ?? NONE}
          options={[
            { value: NONE, label: "The dashboard’s" },
            ...RANGES.map((value) => ({ value: value as string, label: `Last ${spanWords(value)}` })),
          ]}
          onChange={(range) => set({ range: range === NONE ? null : range })}
        />
        {panel.chart === "bar" || panel.chart === "table" ? (
          <TextField
            label="At most"
            inputMode="numeric"
            placeholder="all"
            value={panel.limit ? String(panel.limit) : ""}
            onChange={(text) => set({ limit: limitOf(text) })}
          />
        ) : null}
      </div>
      {measure.dataset === "Volume" && !measure.rows ? <Tiers panel={panel} onChange={onChange} /> : null}
      {panel.chart === "outlier" ? <OutlierFields panel={panel} onChange={onChange} /> : null}
      <TextField
        label="Description"
        value={panel.description ?? ""}
        placeholder={measure.says}
        onChange={(description) => set({ description })}
      />
    </div>
  );
}

const MOST_ROWS = 5000;

function limitOf(text: string): number | null {
  const n = Number.parseInt(text, 10);
  return Number.isInteger(n) && n > 0 ? Math.min(n, MOST_ROWS) : null;
}

/** By what numbers are told apart; over time by one thing, in a table by several. */
function Grouping({ panel, onChange }: Props) {
  const by = MEASURE[panel.measure].by;
  const chosen = panel.group_by ?? [];
  if (panel.chart === "table") {
    const toggle = (dim: Dimension, on: boolean) =>
      onChange({ ...panel, group_by: on ? [...chosen, dim] : chosen.filter((one) => one !== dim) });
    return (
      <fieldset className="col-span-3">
        <legend className="mb-1 text-sm font-medium">Told apart by</legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1">
          {by.map((dim) => (
            <CheckField
              key={dim}
              label={DIMENSION[dim]}
              checked={chosen.includes(dim)}
              onChange={(on) => toggle(dim, on)}
            />
          ))}
        </div>
      </fieldset>
    );
  }
  return (
    <ChoiceField<Dimension | "none">
      label="Told apart by"
      value={chosen[0] ?? NONE}
      options={[
        ...(needsGroup(panel.chart) ? [] : [{ value: NONE as Dimension | "none", label: "Nothing" }]),
        ...by.map((value) => ({ value, label: DIMENSION[value] })),
      ]}
      onChange={(dim) => onChange({ ...panel, group_by: dim === NONE ? [] : [dim] })}
    />
  );
}

function Tiers({ panel, onChange }: Props) {
  const chosen = panel.tiers ?? [];
  const toggle = (tier: VolumeTier, on: boolean) =>
    onChange({ ...panel, tiers: on ? [...chosen, tier] : chosen.filter((one) => one !== tier) });
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">
        Only these tiers{" "}
        <span className="font-normal text-muted">none: continuous, frequent and infrequent; CSE is part of them</span>
      </legend>
      <div className="flex gap-4">
        {VOLUME_TIERS.map((tier) => (
          <CheckField
            key={tier}
            label={TIER[tier]}
            checked={chosen.includes(tier)}
            onChange={(on) => toggle(tier, on)}
          />
        ))}
      </div>
    </fieldset>
  );
}

const BOUNDS = { window: [2, 1000], threshold: [0.1, 100], consecutive: [1, 100] } as const;

function OutlierFields({ panel, onChange }: Props) {
  const outlier: Outlier = panel.after && "outlier" in panel.after ? panel.after.outlier : {};
  const set = (change: Outlier) =>
    onChange({ ...panel, after: { outlier: { ...outlier, ...change } } satisfies After });
  const number = (name: keyof typeof BOUNDS, label: string, usual: number) => (
    <TextField
      label={label}
      type="number"
      step={name === "threshold" ? 0.1 : 1}
      min={BOUNDS[name][0]}
      max={BOUNDS[name][1]}
      value={String(outlier[name] ?? usual)}
      onChange={(text) => {
        const value = Number(text);
        if (value >= BOUNDS[name][0] && value <= BOUNDS[name][1]) set({ [name]: value });
      }}
    />
  );
  return (
    <div className="grid grid-cols-4 gap-3">
      {number("window", "Window, points", 10)}
      {number("threshold", "Threshold, deviations", 3)}
      {number("consecutive", "Points in a row", 1)}
      <ChoiceField<"+-" | "+" | "-">
        label="Direction"
        value={outlier.direction ?? "+-"}
        options={[
          { value: "+-", label: "Both" },
          { value: "+", label: "Above" },
          { value: "-", label: "Below" },
        ]}
        onChange={(direction) => set({ direction })}
      />
    </div>
  );
}
