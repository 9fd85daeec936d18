import { useNavigate } from "@tanstack/react-router";
import { RefreshCw, ZoomOut } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import type { Dashboard, TimeRange, VolumeTier } from "../../api/dashboard-types";
import { VOLUME_TIERS } from "../../api/dashboard-types";
import { MultiFilter } from "../../components/multi-filter";
import { cn } from "../../lib/cn";
import {
  type DashboardState,
  DEFAULT_RATES,
  parseRate,
  RANGES,
  RATE_INPUTS,
  RATE_NAMES,
  type RateInput,
  REFRESHES,
  spanWords,
  TIMESLICES,
  withRange,
} from "../../lib/dashboards/state";
import { TIER } from "../../lib/dashboards/words";
import { useHotkeys } from "../../lib/hotkeys";
import { fromLocalInput, toLocalInput } from "../../lib/time-range";
import { Button, IconButton, Spinner } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Select } from "../../ui/select";
import { Switch } from "../../ui/switch";
import { OrgFilter } from "./org-filter";

interface Props {
  dashboard: Dashboard;
  state: DashboardState;
  /** The range in instants. */
  range: TimeRange;
  customers: readonly { id: string; name: string; region: string }[];
  busy: boolean;
  onRefresh: () => void;
}

export function useSetState(): (state: DashboardState) => void {
  const navigate = useNavigate({ from: "/dashboards/$name" });
  return (search) => void navigate({ search });
}

const FIXED = "fixed";

/** What is asked: whose numbers, of when, in which buckets; and how often again. */
export function Toolbar({ dashboard, state, range, customers, busy, onRefresh }: Props) {
  const set = useSetState();
  const has = (filter: Dashboard["filters"][number]) => dashboard.filters.includes(filter);
  useHotkeys({ r: onRefresh });
  return (
    <div role="group" aria-label="Filters" className="flex flex-wrap items-center gap-2">
      <OrgFilter
        customers={customers}
        chosen={state.org_name ?? []}
        onChange={(chosen) => set({ ...state, org_name: chosen.length > 0 ? chosen : undefined })}
      />
      <RangePicker dashboard={dashboard} state={state} range={range} />
      {has("timeslice") ? (
        <Select
          aria-label="timeslice"
          title="Width of a bucket"
          className="w-40"
          value={state.timeslice ?? ""}
          onChange={(event) => set({ ...state, timeslice: event.target.value || undefined })}
        >
          <option value="">timeslice {spanWords(dashboard.timeslice)}</option>
          {slices(state.timeslice, dashboard.timeslice).map((slice) => (
            <option key={slice} value={slice}>
              timeslice {spanWords(slice)}
            </option>
          ))}
        </Select>
      ) : null}
      {has("tier") ? (
        <MultiFilter<VolumeTier>
          label="tier"
          all="tier *"
          options={VOLUME_TIERS.map((tier) => ({ value: tier, label: TIER[tier] }))}
          chosen={state.tier ?? []}
          onChange={(chosen) => set({ ...state, tier: chosen.length > 0 ? chosen : undefined })}
        />
      ) : null}
      {has("open_now") ? (
        <span className="flex items-center gap-1 text-muted">
          Open now
          <Switch
            label="Open now: only what is broken at this moment"
            on={state.open_now === "yes"}
            onChange={(on) => set({ ...state, open_now: on ? "yes" : undefined })}
          />
        </span>
      ) : null}
      <span className="ml-auto flex items-center gap-2">
        <Select
          aria-label="Refresh"
          className="w-36"
          value={state.every ?? ""}
          onChange={(event) => set({ ...state, every: REFRESHES.find((every) => every === event.target.value) })}
        >
          <option value="">No refresh</option>
          <option value="30s">Every 30 s</option>
          <option value="1m">Every minute</option>
          <option value="5m">Every 5 minutes</option>
        </Select>
        <Button
          icon={busy ? <Spinner /> : <RefreshCw size={14} aria-hidden="true" />}
          title="Ask again (r)"
          onClick={onRefresh}
        >
          Refresh
        </Button>
      </span>
    </div>
  );
}

/** Those offered, and the one from the address where that is none of them. */
function slices(chosen: string | undefined, own: string): string[] {
  const offered: string[] = TIMESLICES.filter((slice) => slice !== own);
  return chosen && chosen !== own && !offered.includes(chosen) ? [...offered, chosen] : offered;
}

function RangePicker({ dashboard, state, range }: Pick<Props, "dashboard" | "state" | "range">) {
  const set = useSetState();
  const fixed = state.from !== undefined;
  const value = fixed ? FIXED : (state.range ?? dashboard.range);
  const offered: string[] = RANGES.some((one) => one === value) || fixed ? [...RANGES] : [...RANGES, value];
  const wider = () => {
    const [from, to] = [Date.parse(range.from), Date.parse(range.to)];
    const half = (to - from) / 2;
    set(withRange(state, { from: new Date(from - half).toISOString(), to: new Date(to + half).toISOString() }));
  };
  const at = (part: Partial<TimeRange>) => {
    const next = { ...range, ...part };
    if (next.from < next.to) set(withRange(state, next));
  };
  return (
    <>
      <Select
        aria-label="Time range"
        className="w-44"
        value={value}
        onChange={(event) => {
          const chosen = event.target.value;
          if (chosen === FIXED) set(withRange(state, range));
          else set(withRange(state, chosen === dashboard.range ? null : chosen));
        }}
      >
        {offered.map((one) => (
          <option key={one} value={one}>
            Last {spanWords(one)}
          </option>
        ))}
        <option value={FIXED}>Between two times</option>
      </Select>
      {fixed ? (
        <>
          <TimeInput label="From" value={range.from} onChange={(from) => at({ from })} />
          <TimeInput label="To" value={range.to} onChange={(to) => at({ to })} />
          <IconButton label="A wider range" onClick={wider}>
            <ZoomOut size={14} aria-hidden="true" />
          </IconButton>
        </>
      ) : null}
    </>
  );
}

function TimeInput({ label, value, onChange }: { label: string; value: string; onChange: (time: string) => void }) {
  return (
    <input
      type="datetime-local"
      step={1}
      aria-label={label}
      className={cn(controlClass, "w-52")}
      value={toLocalInput(value)}
      onChange={(event) => {
        const time = fromLocalInput(event.target.value);
        if (time) onChange(time);
      }}
    />
  );
}

/** The four rates for this view, over those of the rate cards. */
export function RateInputs({ state }: { state: DashboardState }) {
  const set = useSetState();
  const [draft, setDraft] = useState(() => textsOf(state));
  useEffect(() => setDraft(textsOf(state)), [state]);
  const apply = (event?: FormEvent) => {
    event?.preventDefault();
    const next = { ...state };
    for (const name of RATE_NAMES) next[name] = parseRate(draft[name]);
    if (RATE_NAMES.some((name) => next[name] !== state[name])) set(next);
  };
  const some = RATE_NAMES.some((name) => state[name] !== undefined);
  const clear = () => set({ ...state, ...Object.fromEntries(RATE_NAMES.map((name) => [name, undefined])) });
  return (
    <form
      aria-label="Burndown rates"
      onSubmit={apply}
      className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-md border border-line bg-surface px-3 py-1.5"
    >
      {RATE_NAMES.map((name) => (
        <label key={name} className="flex items-center gap-2">
          <span className="text-sm text-muted">{name}</span>
          <input
            name={name}
            inputMode="decimal"
            aria-label={name}
            aria-invalid={draft[name] !== "" && parseRate(draft[name]) === undefined}
            placeholder={String(DEFAULT_RATES[RATE_INPUTS[name]])}
            className={cn(controlClass, "w-18")}
            value={draft[name]}
            onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
            onBlur={() => apply()}
          />
        </label>
      ))}
      <button type="submit" className="sr-only">
        Apply the rates
      </button>
      <span className="basis-full text-sm text-muted">
        Credits per GB, 1 GB = 2^30 bytes.{" "}
        {some ? "These rates hold for this view, for every customer." : "Empty: the rates of each customer’s card."}
        {some ? (
          <button type="button" onClick={clear} className="ml-2 rounded-sm text-accent underline underline-offset-2">
            Use the rate cards
          </button>
        ) : null}
      </span>
    </form>
  );
}

function textsOf(state: DashboardState): Record<RateInput, string> {
  const text = (name: RateInput) => (state[name] === undefined ? "" : String(state[name]));
  return Object.fromEntries(RATE_NAMES.map((name) => [name, text(name)])) as Record<RateInput, string>;
}
