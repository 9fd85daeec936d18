import { ENTRY_WORD, type Entry, entryAbout, entryText, entryWho } from "../../lib/case-entries";
import { cn } from "../../lib/cn";
import { zoneName } from "../../lib/format";
import { levelWord } from "../../lib/words";
import { Moment } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Table, Td, Th, trClass, wideClass } from "../../ui/table";
import { EntryMark, NoEntries } from "./timeline";

const ONE: Record<Entry["kind"], string> = {
  signal: "Signal",
  evidence: "Evidence",
  comment: "Comment",
  file: "File",
  change: "Change",
};

interface Props {
  entries: readonly Entry[];
  selected: string | null;
  onSelect: (key: string) => void;
  narrowed: boolean;
}

/** The same as the timeline, a line each. */
export function EntriesTable({ entries, selected, onSelect, narrowed }: Props) {
  if (entries.length === 0) return <NoEntries narrowed={narrowed} />;
  return (
    <ScrollBox label={`Table of ${Object.values(ENTRY_WORD).join(", ").toLowerCase()}`} className="flex-1">
      <Table label="Everything in order">
        <thead>
          <tr>
            <Th className="w-40">Time ({zoneName()})</Th>
            <Th className="w-24">Kind</Th>
            <Th>What</Th>
            <Th className={wideClass}>User or host</Th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr
              key={entry.key}
              data-entry={entry.key}
              className={cn(trClass, entry.key === selected ? "bg-selected hover:bg-selected" : "")}
            >
              <Td className="text-muted">
                <Moment time={entry.time} long />
              </Td>
              <Td className="whitespace-nowrap">
                <span className="flex items-center gap-1.5">
                  <EntryMark entry={entry} />
                  {entry.kind === "signal" ? levelWord(entry.signal.level) : ONE[entry.kind]}
                </span>
              </Td>
              <Td className="max-w-0 min-w-40 w-full">
                <button
                  type="button"
                  aria-pressed={entry.key === selected}
                  className="block max-w-full truncate text-left hover:underline"
                  title={entryText(entry).slice(0, 400)}
                  onClick={() => onSelect(entry.key)}
                >
                  {entry.kind === "signal" ? null : <span className="text-muted">{entryWho(entry)} </span>}
                  {entryText(entry)}
                </button>
              </Td>
              <Td className={cn("mono max-w-56 truncate text-muted", wideClass)}>
                {entryAbout(entry)
                  .map(({ value }) => value)
                  .join(", ") || "–"}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </ScrollBox>
  );
}
