import { useMemo, useState } from "react";
import type { CaseDetail } from "../../api/case-types";
import { useAttachments, useComments, useEvidence } from "../../components/case/case-context";
import { EntriesView } from "../../components/case/entries-view";
import { EntryPanel } from "../../components/case/entry-panel";
import { type DetailSearch, entriesOf } from "../../lib/case-entries";
import { cn } from "../../lib/cn";
import { plural } from "../../lib/format";
import { useHotkeys } from "../../lib/hotkeys";
import { type PanelTab, SignalPanel } from "./signal-panel";

interface TimelineProps {
  detail: CaseDetail;
  search: DetailSearch;
  onChange: (change: Partial<DetailSearch>) => void;
}

/** Everything in order, and beside it what is known of the entry that is open. */
export function TimelinePart({ detail, search, onChange }: TimelineProps) {
  const { investigation: row, signals, history } = detail;
  const [panel, setPanel] = useState<PanelTab>("signal");
  const parts = [useComments(), useAttachments(), useEvidence()] as const;
  const [comments, attachments, evidence] = [parts[0].data?.data, parts[1].data?.data, parts[2].data?.data];
  const unread = ["comments", "files", "evidence"].filter((_, at) => parts[at]?.error);
  const entries = useMemo(
    () => entriesOf({ signals, history, comments, attachments, evidence }),
    [signals, history, comments, attachments, evidence],
  );
  const shown = search.kinds ? entries.filter(({ kind }) => search.kinds?.includes(kind)) : entries;
  const first = shown.find(({ kind }) => kind === "signal") ?? shown[0];
  const selected = shown.find(({ key }) => key === search.entry) ?? first;
  const at = selected ? shown.indexOf(selected) : -1;
  const step = (by: number) => {
    const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
    if (next) onChange({ entry: next.key });
  };
  useHotkeys({ j: () => step(1), k: () => step(-1), t: () => onChange({ view: search.view ? undefined : "table" }) });
  return (
    <div
      className={cn(
        "grid min-h-80 flex-1 gap-2.5",
        search.view === "table"
          ? "grid-cols-[minmax(460px,7fr)_minmax(0,5fr)]"
          : "grid-cols-[minmax(360px,5fr)_minmax(0,6fr)]",
      )}
    >
      <EntriesView
        entries={entries}
        shown={shown}
        search={search}
        selected={selected?.key ?? null}
        onChange={onChange}
        note={
          <>
            {row.signal_count > signals.length ? (
              <p className="text-sm text-muted">
                The oldest {plural(signals.length, "signal")} of {row.signal_count} are shown; the tab Alerts has all.
              </p>
            ) : null}
            {unread.length > 0 ? (
              <p role="alert" className="text-sm text-warn-text">
                Not read, so not shown here: {unread.join(", ")}.
              </p>
            ) : null}
          </>
        }
      />
      {selected ? (
        <EntryPanel
          key={selected.key}
          entry={selected}
          signal={(signal) => <SignalPanel row={row} signal={signal} tab={panel} onTab={setPanel} />}
        />
      ) : null}
    </div>
  );
}
