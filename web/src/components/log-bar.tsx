import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "../lib/cn";
import { useHotkeys } from "../lib/hotkeys";
import { fromLocalInput, RANGE_WORDS, RANGES, type RangeState, toLocalInput } from "../lib/time-range";
import { Button, Spinner } from "../ui/button";
import { controlClass } from "../ui/field";
import { Select } from "../ui/select";

export interface LogState extends RangeState {
  q: string;
}

/** The query and its window. Nothing is asked before the person says so, except by changing the window. */
export function LogBar({
  state,
  busy,
  onSearch,
}: {
  state: LogState;
  busy: boolean;
  onSearch: (state: LogState) => void;
}) {
  const [q, setQ] = useState(state.q);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setQ(state.q), [state.q]);
  useHotkeys({ "/": () => input.current?.focus() });
  return (
    <form
      role="search"
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch({ ...state, q: q.trim() });
      }}
    >
      <div className="relative min-w-64 flex-1">
        <Search size={14} className="pointer-events-none absolute top-2 left-2.5 text-muted" aria-hidden="true" />
        <input
          ref={input}
          aria-label="Query"
          spellCheck={false}
          autoComplete="off"
          className={cn(controlClass, "mono h-7 pl-8")}
          placeholder={'user_name:jdoe AND NOT "logon type 5"'}
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
      </div>
      <Select
        aria-label="Window"
        className="w-44"
        value={state.range}
        onChange={(event) => {
          const range = RANGES.find((r) => r === event.target.value) ?? "all";
          const to = new Date();
          const from = new Date(to.getTime() - 86_400_000);
          onSearch(
            range === "custom"
              ? { q: q.trim(), range, from: state.from ?? from.toISOString(), to: state.to ?? to.toISOString() }
              : { q: q.trim(), range },
          );
        }}
      >
        {RANGES.map((range) => (
          <option key={range} value={range}>
            {RANGE_WORDS[range]}
          </option>
        ))}
      </Select>
      {state.range === "custom" ? (
        <>
          <TimeInput label="From" value={state.from} onChange={(from) => onSearch({ ...state, q: q.trim(), from })} />
          <TimeInput label="To" value={state.to} onChange={(to) => onSearch({ ...state, q: q.trim(), to })} />
        </>
      ) : null}
      {/* A search that takes long never keeps the next, better one from being asked. */}
      <Button type="submit" look="primary" icon={busy ? <Spinner /> : <Search size={14} aria-hidden="true" />}>
        Search
      </Button>
    </form>
  );
}

function TimeInput({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (time: string | undefined) => void;
}) {
  return (
    <input
      type="datetime-local"
      step={1}
      aria-label={label}
      className={cn(controlClass, "w-52")}
      value={toLocalInput(value)}
      onChange={(event) => onChange(fromLocalInput(event.target.value))}
    />
  );
}
