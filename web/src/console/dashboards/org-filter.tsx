import { ChevronDown, Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Tick } from "../../components/multi-filter";
import { answersTo, asGlob } from "../../lib/dashboards/state";
import { count, plural } from "../../lib/format";
import { Button, buttonClass } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Popover } from "../../ui/popover";

interface Props {
  customers: readonly { id: string; name: string; region: string }[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

const SHOWN = 100;

/** Customers by name: ticked one by one, or all that answer to a pattern such as `acme*`. */
export function OrgFilter({ customers, chosen, onChange }: Props) {
  const [find, setFind] = useState("");
  const typed = find.trim();
  const pattern = /[*?]/.test(typed);
  const found = customers.filter(({ name }) =>
    typed === "" ? true : pattern ? answersTo(name, typed) : name.toLowerCase().includes(typed.toLowerCase()),
  );
  const patterns = chosen.filter((glob) => !customers.some(({ name }) => asGlob(name) === glob));
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (typed === "" || typed === "*") onChange([]);
    else onChange([...new Set([...chosen, asGlob(typed)])]);
    setFind("");
  };
  const toggle = (glob: string) =>
    onChange(chosen.includes(glob) ? chosen.filter((one) => one !== glob) : [...chosen, glob]);
  return (
    <Popover
      label="org_name"
      className="w-80"
      onOpenChange={() => setFind("")}
      trigger={
        <button
          type="button"
          aria-label={`org_name: ${summary(chosen, customers.length)}`}
          className={buttonClass("plain", "max-w-72", chosen.length > 0 ? "border-accent bg-selected" : "")}
        >
          <span className="text-muted">org_name</span>
          <span className="truncate">{summary(chosen, customers.length)}</span>
          <ChevronDown size={14} className="shrink-0 text-muted" aria-hidden="true" />
        </button>
      }
    >
      <form onSubmit={add} className="flex gap-1.5 border-b border-line p-2">
        <input
          aria-label="Name or pattern"
          placeholder="acme*, or part of a name"
          className={controlClass}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
        <Button type="submit" icon={<Plus size={14} aria-hidden="true" />} title="Take what is typed as a pattern">
          Add
        </Button>
      </form>
      {pattern ? (
        <p className="border-b border-line px-3 py-1.5 text-sm text-muted">
          {plural(found.length, "customer")} answer to it.
        </p>
      ) : null}
      <div className="max-h-72 overflow-auto p-1" role="group" aria-label="Customers">
        {patterns.map((glob) => (
          <Choice key={glob} label={glob} hint="pattern" on onClick={() => toggle(glob)} />
        ))}
        {found.slice(0, SHOWN).map(({ id, name, region }) => {
          const glob = asGlob(name);
          return <Choice key={id} label={name} hint={region} on={chosen.includes(glob)} onClick={() => toggle(glob)} />;
        })}
        {found.length === 0 ? <p className="px-2 py-3 text-muted">No customer has that name.</p> : null}
        {found.length > SHOWN ? (
          <p className="px-2 py-1.5 text-sm text-muted">{count(found.length - SHOWN)} more: type to find one.</p>
        ) : null}
      </div>
      {chosen.length > 0 ? (
        <div className="border-t border-line p-1">
          <button type="button" className={buttonClass("quiet", "w-full")} onClick={() => onChange([])}>
            All customers (*)
          </button>
        </div>
      ) : null}
    </Popover>
  );
}

function Choice({ label, hint, on, onClick }: { label: string; hint: string; on: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={on}
      onClick={onClick}
      className="flex min-h-7 w-full items-center gap-2 rounded-sm px-2 py-1 text-left hover:bg-selected"
    >
      <Tick on={on} />
      <span className="min-w-0 flex-1 truncate">{label}</span>
      <span className="text-sm text-muted">{hint}</span>
    </button>
  );
}

function summary(chosen: readonly string[], all: number): string {
  if (chosen.length === 0) return all > 0 ? `* (${count(all)})` : "*";
  return chosen.length <= 2 ? chosen.join(", ") : `${chosen[0]} and ${chosen.length - 1} more`;
}
