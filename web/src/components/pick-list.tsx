import { type ReactNode, useId, useState } from "react";
import { plural } from "../lib/format";
import { controlClass } from "../ui/field";

interface Choice {
  value: string;
  label: string;
  hint?: ReactNode;
}

interface Props {
  label: string;
  options: readonly Choice[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  error?: string | null;
  /** What is said when there is nothing to choose from. */
  none: string;
  rows?: number;
}

/** At most so many boxes are on the page; the others are found by typing. */
const SHOWN = 200;

/** Any of a list, in a form: found by typing, those found ticked all at once. */
export function PickList({ label, options, chosen, onChange, error, none, rows = 7 }: Props) {
  const [find, setFind] = useState("");
  const id = useId();
  const word = find.trim().toLowerCase();
  const found = options.filter((option) => option.label.toLowerCase().includes(word));
  const set = new Set(chosen);
  const every = found.length > 0 && found.every(({ value }) => set.has(value));
  const toggle = (value: string) =>
    onChange(set.has(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  const toggleFound = () => {
    const here = new Set(found.map(({ value }) => value));
    onChange(every ? chosen.filter((one) => !here.has(one)) : [...new Set([...chosen, ...here])]);
  };
  return (
    <fieldset className="min-w-0" aria-describedby={error ? `${id}-fault` : undefined}>
      <legend className="mb-1 text-sm font-medium">
        {label}{" "}
        <span className="font-normal text-muted">{chosen.length > 0 ? `${chosen.length} chosen` : "none chosen"}</span>
      </legend>
      {options.length === 0 ? (
        <p className="text-muted">{none}</p>
      ) : (
        <div className="rounded-sm border border-control bg-surface">
          <div className="flex items-center gap-2 border-b border-line p-1.5">
            <input
              type="search"
              aria-label={`Find: ${label.toLowerCase()}`}
              placeholder="Find…"
              className={controlClass}
              value={find}
              onChange={(event) => setFind(event.target.value)}
              onKeyDown={(event) => {
                // Enter finds, it does not send the form.
                if (event.key === "Enter") event.preventDefault();
              }}
            />
            <button
              type="button"
              className="h-7 shrink-0 rounded-sm px-2 text-sm text-accent hover:bg-hover aria-disabled:text-muted"
              aria-disabled={found.length === 0}
              onClick={toggleFound}
            >
              {every ? "None of these" : word ? `All ${found.length} found` : "All of these"}
            </button>
          </div>
          <div className="overflow-auto p-1" style={{ maxHeight: rows * 28 + 18 }}>
            {found.slice(0, SHOWN).map(({ value, label: name, hint }) => (
              <label key={value} className="flex min-h-7 items-center gap-2 rounded-sm px-1.5 hover:bg-hover">
                <input
                  type="checkbox"
                  className="size-4 shrink-0 accent-accent"
                  checked={set.has(value)}
                  onChange={() => toggle(value)}
                />
                <span className="min-w-0 flex-1 truncate">{name}</span>
                {hint ? <span className="shrink-0 text-sm text-muted">{hint}</span> : null}
              </label>
            ))}
            {found.length === 0 ? <p className="px-1.5 py-1.5 text-muted">Nothing has that name.</p> : null}
            {found.length > SHOWN ? (
              <p className="px-1.5 py-1.5 text-sm text-muted">
                {plural(found.length - SHOWN, "more name")}: type to find one.
              </p>
            ) : null}
          </div>
        </div>
      )}
      {error ? (
        <p id={`${id}-fault`} role="alert" className="mt-1 text-sm text-danger">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
