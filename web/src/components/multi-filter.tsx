import { Check, ChevronDown } from "lucide-react";
import { type ReactNode, useState } from "react";
import { cn } from "../lib/cn";
import { plural } from "../lib/format";
import { buttonClass } from "../ui/button";
import { controlClass } from "../ui/field";
import { Popover } from "../ui/popover";

interface Option<V extends string> {
  value: V;
  label: string;
  mark?: ReactNode;
  hint?: string;
}

interface Props<V extends string> {
  label: string;
  /** What the button says when nothing is chosen. */
  all: string;
  /** What the button says for the choice that everybody begins with: it is not marked as narrowing. */
  short?: string;
  options: readonly Option<V>[];
  chosen: readonly V[];
  onChange: (chosen: V[]) => void;
}

const SEARCH_FROM = 8;
const SHOWN = 100;

/** Chooses any of a list; a long list can be searched. */
export function MultiFilter<V extends string>({ label, all, short, options, chosen, onChange }: Props<V>) {
  const [find, setFind] = useState("");
  const found = options.filter((o) => o.label.toLowerCase().includes(find.trim().toLowerCase()));
  const toggle = (value: V) =>
    onChange(chosen.includes(value) ? chosen.filter((c) => c !== value) : [...chosen, value]);
  const says = short ?? summary(options, chosen, all);
  return (
    <Popover
      label={label}
      className="w-64"
      onOpenChange={() => setFind("")}
      trigger={
        <button
          type="button"
          aria-label={`${label}: ${says}`}
          className={buttonClass(
            "plain",
            "max-w-60",
            chosen.length > 0 && short === undefined ? "border-accent bg-selected" : "",
          )}
        >
          <span className="truncate">{says}</span>
          <ChevronDown size={14} className="shrink-0 text-muted" aria-hidden="true" />
        </button>
      }
    >
      {options.length >= SEARCH_FROM ? (
        <div className="border-b border-line p-2">
          <input
            aria-label={`Find in ${label.toLowerCase()}`}
            placeholder="Find…"
            className={controlClass}
            value={find}
            onChange={(event) => setFind(event.target.value)}
          />
        </div>
      ) : null}
      <div className="max-h-72 overflow-auto p-1" role="group" aria-label={label}>
        {found.slice(0, SHOWN).map((option) => (
          <button
            key={option.value}
            type="button"
            role="checkbox"
            aria-checked={chosen.includes(option.value)}
            onClick={() => toggle(option.value)}
            className="flex min-h-7 w-full items-center gap-2 rounded-sm px-2 py-1 text-left hover:bg-selected"
          >
            <Tick on={chosen.includes(option.value)} />
            {option.mark ?? <span className="min-w-0 flex-1 truncate">{option.label}</span>}
            {option.hint ? <span className="ml-auto text-sm text-muted">{option.hint}</span> : null}
          </button>
        ))}
        {found.length === 0 ? <div className="px-2 py-3 text-muted">Nothing has that name.</div> : null}
        {found.length > SHOWN ? (
          <div className="px-2 py-1.5 text-sm text-muted">
            {plural(found.length - SHOWN, "more name")}: type to find one.
          </div>
        ) : null}
      </div>
      {chosen.length > 0 ? (
        <div className="border-t border-line p-1">
          <button type="button" className={buttonClass("quiet", "w-full")} onClick={() => onChange([])}>
            Clear
          </button>
        </div>
      ) : null}
    </Popover>
  );
}

function summary<V extends string>(options: readonly Option<V>[], chosen: readonly V[], all: string): string {
  if (chosen.length === 0) return all;
  const names = chosen
    .map((value) => options.find((o) => o.value === value)?.label)
    .filter((name) => name !== undefined);
  // Before the names are read, a count says more than ids.
  if (names.length < chosen.length) return `${chosen.length} chosen`;
  return names.length <= 2 ? names.join(", ") : `${names[0]} and ${names.length - 1} more`;
}

export function Tick({ on }: { on: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={cn(
        "flex size-3.5 shrink-0 items-center justify-center rounded-[3px] border",
        on ? "border-accent bg-accent text-on-accent" : "border-control bg-surface",
      )}
    >
      {on ? <Check size={11} strokeWidth={3} /> : null}
    </span>
  );
}
