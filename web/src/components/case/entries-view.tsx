import type { ReactNode } from "react";
import {
  countKinds,
  type DetailSearch,
  ENTRY_KINDS,
  ENTRY_WORD,
  type Entry,
  type EntryKind,
} from "../../lib/case-entries";
import { cn } from "../../lib/cn";
import { EntriesTable } from "./entries-table";
import { Timeline } from "./timeline";

interface Props {
  entries: readonly Entry[];
  search: DetailSearch;
  /** Those of the kinds shown. */
  shown: readonly Entry[];
  selected: string | null;
  onChange: (change: Partial<DetailSearch>) => void;
  note?: ReactNode;
}

/** The kinds shown, the two ways to show them, and everything in order. */
export function EntriesView({ entries, search, shown, selected, onChange, note }: Props) {
  const counts = countKinds(entries);
  const kinds = search.kinds ?? ENTRY_KINDS;
  const toggle = (kind: EntryKind) => {
    const next = ENTRY_KINDS.filter((each) => (each === kind ? !kinds.includes(each) : kinds.includes(each)));
    onChange({ kinds: next.length === ENTRY_KINDS.length || next.length === 0 ? undefined : next });
  };
  const props = { entries: shown, selected, narrowed: search.kinds !== undefined };
  const onSelect = (entry: string) => onChange({ entry });
  return (
    <div className="flex min-h-0 min-w-0 flex-col gap-1.5">
      <div className="flex items-start gap-1.5">
        <fieldset className="flex min-w-0 flex-wrap gap-1">
          <legend className="sr-only">Kinds shown</legend>
          {ENTRY_KINDS.filter((kind) => counts[kind] > 0 || search.kinds?.includes(kind)).map((kind) => (
            <button
              key={kind}
              type="button"
              aria-pressed={kinds.includes(kind)}
              onClick={() => toggle(kind)}
              className="h-6 rounded-sm border border-line px-2 text-sm text-muted hover:bg-hover aria-pressed:border-accent aria-pressed:bg-selected aria-pressed:text-text"
            >
              {ENTRY_WORD[kind]} {counts[kind]}
            </button>
          ))}
        </fieldset>
        <ViewSwitch
          table={search.view === "table"}
          onChange={(table) => onChange({ view: table ? "table" : undefined })}
        />
      </div>
      {note}
      {search.view === "table" ? (
        <EntriesTable {...props} onSelect={onSelect} />
      ) : (
        <Timeline {...props} onSelect={onSelect} />
      )}
    </div>
  );
}

function ViewSwitch({ table, onChange }: { table: boolean; onChange: (table: boolean) => void }) {
  return (
    <fieldset className="ml-auto flex shrink-0">
      <legend className="sr-only">Shown as</legend>
      {[false, true].map((each) => (
        <button
          key={String(each)}
          type="button"
          aria-pressed={table === each}
          onClick={() => onChange(each)}
          className={cn(
            "h-6 border border-control px-2 text-sm hover:bg-hover",
            each ? "-ml-px rounded-r-sm" : "rounded-l-sm",
            table === each ? "relative border-accent bg-selected font-medium hover:bg-selected" : "",
          )}
        >
          {each ? "Table" : "Timeline"}
        </button>
      ))}
    </fieldset>
  );
}
