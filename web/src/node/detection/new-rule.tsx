import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowLeft, FlaskConical } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/detection";
import type { RuleState } from "../../api/types";
import { useAction } from "../../components/use-action";
import { faultOf, faultOfForm } from "../../lib/problems";
import { sampleEvents } from "../../lib/samples";
import { Button, buttonClass } from "../../ui/button";
import { AreaField, FormError } from "../../ui/field";
import { Panel } from "../../ui/panel";
import { Select } from "../../ui/select";
import { PageHead } from "../../ui/states";
import { TrialResult } from "./trial-result";

const STATES: { value: RuleState; label: string }[] = [
  { value: "prototype", label: "On trial: signals score nothing" },
  { value: "active", label: "Active: signals score" },
  { value: "disabled", label: "Off" },
];

const EXAMPLE = `title: Shell started by a web server
id: 00000000-0000-4000-8000-000000000000
status: experimental
level: high
logsource:
  category: process_creation
  product: linux
detection:
  selection:
    ParentImage|endswith: /nginx
    Image|endswith: [/sh, /bash]
  condition: selection
`;

/** Uploads a Sigma rule of the workspace's own, tried on sample events first. */
export function NewRulePage() {
  const [yaml, setYaml] = useState(() => EXAMPLE.replace(/id: .*/, `id: ${newId()}`));
  const [events, setEvents] = useState("");
  const [state, setState] = useState<RuleState>("prototype");
  const navigate = useNavigate();
  const trial = useAction({
    run: () => api.testRule({ yaml, events: sampleEvents(events) as Record<string, never>[] }),
  });
  const add = useAction({
    run: () => api.addRule({ yaml, state }),
    done: (made) => `${made.rule.title} is added`,
    refresh: ["rules"],
  });
  const fault = add.error ?? trial.error;
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <Link to="/detection" className={buttonClass("quiet", "-ml-2 self-start")}>
        <ArrowLeft size={15} aria-hidden="true" />
        Rules
      </Link>
      <PageHead title="Add a rule" note="one Sigma rule, detection or correlation">
        <Select
          aria-label="State"
          className="w-64"
          value={state}
          onChange={(event) => setState(event.target.value as RuleState)}
        >
          {STATES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        <Button
          look="primary"
          busy={add.busy}
          onClick={() => add.start(undefined, (made) => navigate({ to: "/detection", search: { rule: made.rule.id } }))}
        >
          Add rule
        </Button>
      </PageHead>
      <FormError>{faultOfForm(fault, ["yaml", "events"])}</FormError>
      <div className="grid min-h-0 flex-1 grid-cols-2 gap-2.5">
        <Panel title="The rule" className="min-h-0 shrink">
          <AreaField
            label="Sigma, in YAML"
            code
            className="min-h-0 flex-1"
            value={yaml}
            onChange={(text) => {
              setYaml(text);
              add.reset();
              if (trial.error) trial.reset();
            }}
            error={faultOf(fault, "yaml")}
            hint="With an id of its own, at most 64 KiB. Fields are named as the events name them, in their case."
          />
        </Panel>
        <Panel title="Try it" className="min-h-0 shrink">
          <AreaField
            label="Sample events"
            code
            rows={8}
            className="shrink-0"
            value={events}
            onChange={setEvents}
            error={faultOf(trial.error, "events")}
            hint="As they were received, one a line, or JSON; at most 50. Nothing is stored."
          />
          <div>
            <Button
              icon={<FlaskConical size={14} aria-hidden="true" />}
              busy={trial.busy}
              disabled={events.trim() === ""}
              onClick={() => trial.start()}
            >
              Try on these events
            </Button>
          </div>
          <div className="min-h-0 flex-1 overflow-auto">
            {trial.answer ? <TrialResult result={trial.answer} /> : null}
          </div>
        </Panel>
      </div>
    </div>
  );
}

/** A random UUID; `crypto.randomUUID` exists on secure origins only. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
