import { FileText, Lock, MessageSquare, Paperclip, Pencil, Radar } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import type { Signal } from "../../api/types";
import { type Entry, entryAbout, entryText, entryWho } from "../../lib/case-entries";
import { cn } from "../../lib/cn";
import { age, utcTime } from "../../lib/format";
import { levelSeverity, levelWord } from "../../lib/words";
import { Badge, SeverityMark } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Empty } from "../../ui/states";

interface Props {
  entries: readonly Entry[];
  selected: string | null;
  onSelect: (key: string) => void;
  /** Whether kinds are left out. */
  narrowed?: boolean;
}

const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "long", year: "numeric" });
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

export function NoEntries({ narrowed }: { narrowed: boolean }) {
  return (
    <div className="rounded-md border border-line bg-surface">
      <Empty icon={<Radar size={18} />} title={narrowed ? "Nothing of these kinds" : "Nothing has happened yet"}>
        {narrowed ? "Other kinds are left out above." : "Signals, evidence, comments and changes will stand here."}
      </Empty>
    </div>
  );
}

/** Everything along the axis of time, oldest first; pauses are named. */
export function Timeline({ entries, selected, onSelect, narrowed = false }: Props) {
  if (entries.length === 0) return <NoEntries narrowed={narrowed} />;
  return (
    <ScrollBox label="Timeline" className="flex-1">
      <ol>
        {entries.map((entry, index) => (
          <Item
            key={entry.key}
            entry={entry}
            before={entries[index - 1]?.time}
            last={index === entries.length - 1}
            selected={entry.key === selected}
            onSelect={onSelect}
          />
        ))}
      </ol>
    </ScrollBox>
  );
}

interface ItemProps {
  entry: Entry;
  before: string | undefined;
  last: boolean;
  selected: boolean;
  onSelect: (key: string) => void;
}

function Item({ entry, before, last, selected, onSelect }: ItemProps) {
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) ref.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const today = day.format(Date.parse(entry.time));
  const newDay = !before || day.format(Date.parse(before)) !== today;
  const pause = before ? Date.parse(entry.time) - Date.parse(before) : 0;
  return (
    <li ref={ref} data-entry={entry.key} className="[contain-intrinsic-size:auto_48px] [content-visibility:auto]">
      {newDay ? <div className="bg-hover px-3 py-1 text-sm font-medium text-muted">{today}</div> : null}
      <button
        type="button"
        aria-pressed={selected}
        onClick={() => onSelect(entry.key)}
        className={cn(
          "grid w-full grid-cols-[62px_16px_minmax(0,1fr)] gap-x-2 px-3 text-left",
          selected ? "bg-selected shadow-[inset_2px_0_0_var(--color-accent)]" : "hover:bg-hover",
        )}
      >
        <span className="pt-2 text-right text-sm text-muted">
          <time dateTime={entry.time} title={utcTime(entry.time)}>
            {clock.format(Date.parse(entry.time))}
          </time>
          {!newDay && pause >= 1000 && before ? (
            <span className="block text-xs">+{age(before, Date.parse(entry.time))}</span>
          ) : null}
        </span>
        <span className="relative flex justify-center" aria-hidden="true">
          <span className={cn("absolute w-px bg-line", newDay ? "top-3" : "top-0", last ? "h-3" : "bottom-0")} />
          <span
            className={cn(
              "relative mt-2 flex size-4 items-center justify-center rounded-full",
              selected ? "bg-selected" : "bg-surface",
            )}
          >
            <EntryMark entry={entry} />
          </span>
        </span>
        <span className="min-w-0 py-1.5">{body(entry)}</span>
      </button>
    </li>
  );
}

/** What kind of entry it is, as a shape. */
export function EntryMark({ entry }: { entry: Entry }): ReactNode {
  const look = "text-muted";
  switch (entry.kind) {
    case "signal":
      return <SeverityMark severity={levelSeverity(entry.signal.level)} />;
    case "evidence":
      return <FileText size={13} className="text-accent" aria-hidden="true" />;
    case "comment":
      return entry.comment.visibility === "INTERNAL" ? (
        <Lock size={12} className={look} aria-hidden="true" />
      ) : (
        <MessageSquare size={13} className="text-warn-text" aria-hidden="true" />
      );
    case "file":
      return <Paperclip size={13} className={look} aria-hidden="true" />;
    case "change":
      return <Pencil size={12} className={look} aria-hidden="true" />;
  }
}

function body(entry: Entry): ReactNode {
  if (entry.kind === "signal") return <SignalBody signal={entry.signal} />;
  if (entry.kind === "change" || entry.kind === "file") {
    return (
      <span className="block truncate text-muted">
        <span className="text-text">{entryWho(entry)}</span> {entry.kind === "file" ? "attached" : ""}{" "}
        {entryText(entry)}
      </span>
    );
  }
  if (entry.kind === "comment") {
    return (
      <>
        <span className="flex items-baseline gap-2">
          <span className="font-medium">{entryWho(entry)}</span>
          <span className="text-sm text-muted">
            {entry.comment.visibility === "INTERNAL" ? "internal comment" : "public comment"}
          </span>
        </span>
        <span className="line-clamp-3 break-words whitespace-pre-wrap">{entryText(entry)}</span>
      </>
    );
  }
  return (
    <>
      <span className="flex items-baseline gap-2">
        <span className="font-medium">Evidence</span>
        <span className="min-w-0 truncate text-sm text-muted">added by {entryWho(entry)}</span>
      </span>
      <span className="mono block truncate text-muted">{entryText(entry)}</span>
      {entry.evidence.note ? <span className="block break-words">{entry.evidence.note}</span> : null}
      <About entry={entry} />
    </>
  );
}

/** The users and hosts an entry is about. */
function About({ entry }: { entry: Entry }) {
  return (
    <span className="mt-0.5 flex flex-wrap gap-x-3 text-sm text-muted">
      {entryAbout(entry).map(({ type, value }) => (
        <span key={`${type} ${value}`}>
          {type} <span className="mono text-text">{value}</span>
        </span>
      ))}
    </span>
  );
}

function SignalBody({ signal }: { signal: Signal }) {
  return (
    <>
      <span className="flex items-baseline gap-2">
        <span className={cn("min-w-0 truncate font-medium", signal.suppressed ? "text-muted" : "")}>{signal.name}</span>
        <span className="ml-auto shrink-0 text-sm text-muted">
          {levelWord(signal.level)} +{signal.suppressed ? 0 : signal.severity}
        </span>
      </span>
      <span className="mono block truncate text-muted">{signal.message}</span>
      <span className="mt-0.5 flex flex-wrap gap-x-3 text-sm text-muted">
        <span>
          {signal.entity.type} <span className="mono text-text">{signal.entity.value}</span>
        </span>
        {signal.matched.slice(0, 2).map((m) => (
          <span key={m.field} className="max-w-full truncate">
            {m.field} <span className="mono text-text">{m.value}</span>
          </span>
        ))}
      </span>
      {signal.suppressed ? (
        <span className="mt-1 block">
          <Badge title="It does not add to the entity's score">Does not score: {signal.suppressed}</Badge>
        </span>
      ) : null}
    </>
  );
}
