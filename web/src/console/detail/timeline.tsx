import { Radar } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Signal } from "../../api/types";
import { cn } from "../../lib/cn";
import { age, utcTime } from "../../lib/format";
import { levelSeverity, levelWord } from "../../lib/words";
import { Badge, SeverityMark } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Empty } from "../../ui/states";

interface Props {
  signals: Signal[];
  selected: string | null;
  onSelect: (id: string) => void;
}

const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "long", year: "numeric" });
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** Signals along the axis of event time, oldest first; pauses between them are named. */
export function Timeline({ signals, selected, onSelect }: Props) {
  if (signals.length === 0) {
    return (
      <div className="rounded-md border border-line bg-surface">
        <Empty icon={<Radar size={18} />} title="No signals">
          This investigation was opened without any, or they were unlinked.
        </Empty>
      </div>
    );
  }
  return (
    <ScrollBox label="Timeline of signals" className="flex-1">
      <ol>
        {signals.map((signal, index) => (
          <Item
            key={signal.id}
            signal={signal}
            before={signals[index - 1]}
            last={index === signals.length - 1}
            selected={signal.id === selected}
            onSelect={onSelect}
          />
        ))}
      </ol>
    </ScrollBox>
  );
}

interface ItemProps {
  signal: Signal;
  before: Signal | undefined;
  last: boolean;
  selected: boolean;
  onSelect: (id: string) => void;
}

function Item({ signal, before, last, selected, onSelect }: ItemProps) {
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) ref.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const today = day.format(Date.parse(signal.event_time));
  const newDay = !before || day.format(Date.parse(before.event_time)) !== today;
  const pause = before ? Date.parse(signal.event_time) - Date.parse(before.event_time) : 0;
  return (
    <li ref={ref}>
      {newDay ? <div className="bg-hover px-3 py-1 text-sm font-medium text-muted">{today}</div> : null}
      <button
        type="button"
        aria-pressed={selected}
        onClick={() => onSelect(signal.id)}
        className={cn(
          "grid w-full grid-cols-[62px_16px_minmax(0,1fr)] gap-x-2 px-3 text-left",
          selected ? "bg-selected shadow-[inset_2px_0_0_var(--color-accent)]" : "hover:bg-hover",
        )}
      >
        <span className="pt-2 text-right text-sm text-muted">
          <time dateTime={signal.event_time} title={utcTime(signal.event_time)}>
            {clock.format(Date.parse(signal.event_time))}
          </time>
          {!newDay && pause >= 1000 && before ? (
            <span className="block text-xs">+{age(before.event_time, Date.parse(signal.event_time))}</span>
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
            <SeverityMark severity={levelSeverity(signal.level)} />
          </span>
        </span>
        <span className="min-w-0 py-1.5">
          <span className="flex items-baseline gap-2">
            <span className={cn("min-w-0 truncate font-medium", signal.suppressed ? "text-muted" : "")}>
              {signal.name}
            </span>
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
        </span>
      </button>
    </li>
  );
}
