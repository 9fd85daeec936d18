import { useState } from "react";
import type { AuditModule } from "../../api/types";
import {
  type AuditSearch,
  betweenTimes,
  isNarrow,
  MODULE,
  MODULES,
  OUTCOME,
  OUTCOMES,
  PROVIDER,
} from "../../lib/audit";
import { cn } from "../../lib/cn";
import { RANGE_WORDS, RANGES, toLocalInput } from "../../lib/time-range";
import { Button } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Select } from "../../ui/select";

interface Choice {
  value: string;
  label: string;
}

interface Props {
  search: AuditSearch;
  onChange: (change: Partial<AuditSearch>) => void;
  /** Whom there is to choose from; without it the name is typed. */
  people?: readonly Choice[];
  /** Null where every line is about the one workspace. */
  customers: readonly Choice[] | null;
  /** Whether lines of no customer can be asked for. */
  provider: boolean;
  modules?: readonly AuditModule[];
}

/** Who, on whom, in which part of the product, how it ended, and when. */
export function AuditFilters({ search, onChange, people, customers, provider, modules = MODULES }: Props) {
  return (
    <div role="group" aria-label="Which lines" className="flex flex-wrap items-end gap-2">
      {people ? (
        <Pick
          label="Person"
          all="Everybody"
          value={search.actor}
          options={people}
          onChange={(actor) => onChange({ actor })}
          className="w-56"
        />
      ) : (
        <Typed label="Person" value={search.actor ?? ""} onChange={(actor) => onChange({ actor })} />
      )}
      {customers ? (
        <Pick
          label="Customer"
          all={provider ? "Every customer and the provider" : "Every customer of yours"}
          value={search.customer}
          options={provider ? [{ value: PROVIDER, label: "The provider itself" }, ...customers] : customers}
          onChange={(customer) => onChange({ customer })}
          className="w-64"
        />
      ) : null}
      <Pick
        label="Module"
        all="Every module"
        value={search.module}
        options={modules.map((value) => ({ value, label: MODULE[value] }))}
        onChange={(module) => onChange({ module: MODULES.find((one) => one === module) })}
        className="w-44"
      />
      <Pick
        label="Outcome"
        all="Any outcome"
        value={search.outcome}
        options={OUTCOMES.map((value) => ({ value, label: OUTCOME[value] }))}
        onChange={(outcome) => onChange({ outcome: OUTCOMES.find((one) => one === outcome) })}
        className="w-32"
      />
      <When search={search} onChange={onChange} />
      {isNarrow(search) ? (
        <Button
          look="quiet"
          onClick={() =>
            onChange({
              range: "all",
              from: undefined,
              to: undefined,
              actor: undefined,
              customer: undefined,
              module: undefined,
              outcome: undefined,
            })
          }
        >
          Clear
        </Button>
      ) : null}
    </div>
  );
}

interface PickProps {
  label: string;
  all: string;
  value: string | undefined;
  options: readonly Choice[];
  onChange: (value: string | undefined) => void;
  className: string;
}

function Pick({ label, all, value, options, onChange, className }: PickProps) {
  const known = value === undefined || options.some((option) => option.value === value);
  return (
    <Select
      aria-label={label}
      className={cn(className, value ? "border-accent" : "")}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{all}</option>
      {/* Somebody gone since, or read a moment later. */}
      {known ? null : <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </Select>
  );
}

/** A whole name, taken when it is finished. */
function Typed({ label, value, onChange }: { label: string; value: string; onChange: (value?: string) => void }) {
  const [text, setText] = useState<{ over: string; now: string } | null>(null);
  const shown = text && text.over === value ? text.now : value;
  const take = () => {
    if (shown.trim() !== value) onChange(shown.trim() || undefined);
  };
  return (
    <input
      aria-label={label}
      placeholder="Everybody: a whole name or mail address"
      spellCheck={false}
      className={cn(controlClass, "w-72")}
      value={shown}
      onChange={(event) => setText({ over: value, now: event.target.value })}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
      }}
    />
  );
}

function When({ search, onChange }: Pick<Props, "search" | "onChange">) {
  const [open, setOpen] = useState(search.range === "custom");
  const custom = open || search.range === "custom";
  return (
    <>
      <Select
        aria-label="Time"
        className={cn("w-40", search.range === "all" ? "" : "border-accent")}
        value={custom ? "custom" : search.range}
        onChange={(event) => {
          const range = RANGES.find((one) => one === event.target.value) ?? "all";
          setOpen(range === "custom");
          if (range !== "custom") onChange({ range, from: undefined, to: undefined });
        }}
      >
        {RANGES.map((range) => (
          <option key={range} value={range}>
            {RANGE_WORDS[range]}
          </option>
        ))}
      </Select>
      {custom ? (
        <>
          <Instant label="From" value={search.from} onChange={(from) => onChange(between(from, search.to))} />
          <Instant label="To" value={search.to} onChange={(to) => onChange(between(search.from, to))} />
        </>
      ) : null}
    </>
  );
}

function between(from: string | undefined, to: string | undefined): Partial<AuditSearch> {
  return { from: undefined, to: undefined, ...betweenTimes(toLocalInput(from), toLocalInput(to)) };
}

interface InstantProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function Instant({ label, value, onChange }: InstantProps) {
  return (
    <label className="flex items-center gap-1.5 text-sm text-muted">
      {label}
      <input
        type="datetime-local"
        step={1}
        className={cn(controlClass, "w-48")}
        value={toLocalInput(value)}
        onChange={(event) => {
          const { value: typed } = event.target;
          onChange(typed && !Number.isNaN(Date.parse(typed)) ? new Date(typed).toISOString() : undefined);
        }}
      />
    </label>
  );
}
