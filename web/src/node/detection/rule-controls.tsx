import type { RulePatch, RuleRow, RuleState } from "../../api/types";
import { cn } from "../../lib/cn";
import { useDraft } from "../../lib/use-draft";
import { RULE_STATE } from "../../lib/words";
import { Button } from "../../ui/button";
import { TextField } from "../../ui/field";

const CHOICES: { state: Exclude<RuleState, "failed">; hint: string }[] = [
  { state: "active", hint: "Its signals score and open investigations." },
  { state: "prototype", hint: "Its signals are kept, and score nothing." },
  { state: "disabled", hint: "It does not look at records." },
];

interface Props {
  rule: RuleRow;
  busy: boolean;
  onChange: (patch: RulePatch) => void;
}

/** What a rule may do here, and what its signals weigh. */
export function RuleControls({ rule, busy, onChange }: Props) {
  const hint = CHOICES.find(({ state }) => state === rule.state)?.hint;
  return (
    <div className="flex flex-col gap-3 rounded-md border border-line p-3">
      <div className="flex items-center gap-3">
        <fieldset className="flex">
          <legend className="sr-only">What the rule may do</legend>
          {CHOICES.map(({ state }, at) => (
            <button
              key={state}
              type="button"
              aria-pressed={rule.state === state}
              aria-disabled={busy}
              onClick={() => onChange({ state })}
              className={cn(
                "h-7 border border-control px-3 text-base hover:bg-hover aria-disabled:opacity-50",
                at === 0 ? "rounded-l-sm" : "-ml-px",
                at === CHOICES.length - 1 ? "rounded-r-sm" : "",
                rule.state === state ? "relative border-accent bg-selected font-medium hover:bg-selected" : "",
              )}
            >
              {RULE_STATE[state]}
            </button>
          ))}
        </fieldset>
        <span className="text-sm text-muted">{hint}</span>
      </div>
      <Weights rule={rule} busy={busy} onChange={onChange} />
    </div>
  );
}

function Weights({ rule, busy, onChange }: Props) {
  const was = {
    severity: rule.severity === rule.own_severity ? "" : String(rule.severity),
    quiet: rule.quiet_minutes == null ? "" : String(rule.quiet_minutes),
  };
  const { draft, changed, set } = useDraft(was);
  const { severity, quiet } = draft;
  const number = (text: string) => (text === "" ? null : Number(text));
  return (
    <form
      className="grid grid-cols-[1fr_1fr_auto] items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({
          ...(severity === was.severity ? {} : { severity: number(severity) }),
          ...(quiet === was.quiet ? {} : { quiet_minutes: number(quiet) }),
        });
      }}
    >
      <TextField
        label="Weight of its signals"
        type="number"
        min={0}
        max={10}
        placeholder={`${rule.own_severity}, as the rule says`}
        value={severity}
        onChange={(text) => set("severity", text)}
        hint="0 to 10"
      />
      <TextField
        label="Minutes it silences its repetition"
        type="number"
        min={1}
        max={4320}
        placeholder="As the settings say"
        value={quiet}
        onChange={(text) => set("quiet", text)}
        hint="1 to 4320, on the same entity"
      />
      <Button type="submit" className="mt-5" disabled={!changed} busy={busy}>
        Save
      </Button>
    </form>
  );
}
