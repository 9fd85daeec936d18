import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import type { LogSource } from "../api/logs";
import type { EventRow } from "../api/types";
import { cn } from "../lib/cn";
import { fullTime } from "../lib/format";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Moment } from "../ui/marks";
import { Failure, SkeletonRows } from "../ui/states";
import { EventDetail } from "./event-detail";

const STEP = 20;
const MOST = 200;

interface Props {
  /** Null while none is asked about. */
  event: EventRow | null;
  /** Part of the cache key: whose logs these are. */
  of: string;
  source: LogSource;
  onClose: () => void;
}

/** What the same source said before and after an event. */
export function AroundDialog({ event, of, source, onClose }: Props) {
  return (
    <Dialog
      place="side"
      open={event !== null}
      onClose={onClose}
      title="Around this event"
      description={event ? `What the same source said before and after ${fullTime(event.event_time)}` : ""}
      className="w-[860px]"
    >
      {event ? <Around key={event.id} event={event} of={of} source={source} /> : null}
    </Dialog>
  );
}

function Around({ event, of, source }: { event: EventRow; of: string; source: LogSource }) {
  const [before, setBefore] = useState(STEP);
  const [after, setAfter] = useState(STEP);
  const query = useQuery({
    queryKey: ["around", of, event.id, before, after],
    queryFn: () => {
      if (!source.context) throw new Error("It is not offered here");
      return source.context(event.id, before, after);
    },
    placeholderData: (old) => old,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
    refetchOnWindowFocus: false,
  });
  if (query.error) {
    return <Failure error={query.error} title="They could not be read" onRetry={() => void query.refetch()} />;
  }
  if (!query.data) return <SkeletonRows rows={10} label="Asking the node" />;
  const { before: earlier, after: later, more_before, more_after } = query.data;
  return (
    <div className="flex flex-col gap-2">
      <More
        more={more_before && before < MOST}
        busy={query.isPlaceholderData}
        end={more_before ? `The ${MOST} before it.` : "Nothing before: the source begins here."}
        onMore={() => setBefore(Math.min(MOST, before * 2))}
        up
      />
      <ol aria-label="Events around" className="rounded-sm border border-line">
        {earlier.map((row) => (
          <Line key={row.id} row={row} />
        ))}
        <Line row={event} here />
        {later.map((row) => (
          <Line key={row.id} row={row} />
        ))}
      </ol>
      <More
        more={more_after && after < MOST}
        busy={query.isPlaceholderData}
        end={more_after ? `The ${MOST} after it.` : "Nothing after: the source ends here, for now."}
        onMore={() => setAfter(Math.min(MOST, after * 2))}
      />
    </div>
  );
}

interface MoreProps {
  more: boolean;
  busy: boolean;
  end: string;
  onMore: () => void;
  up?: boolean;
}

function More({ more, busy, end, onMore, up = false }: MoreProps) {
  if (!more) return <p className="text-center text-sm text-muted">{end}</p>;
  const Icon = up ? ArrowUp : ArrowDown;
  return (
    <Button
      look="quiet"
      className="self-center"
      busy={busy}
      icon={<Icon size={14} aria-hidden="true" />}
      onClick={onMore}
    >
      {up ? "Earlier ones" : "Later ones"}
    </Button>
  );
}

function Line({ row, here = false }: { row: EventRow; here?: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <li
      className={cn("border-b border-line last:border-b-0", here ? "bg-selected" : "")}
      aria-current={here ? "true" : undefined}
    >
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="grid min-h-7 w-full grid-cols-[150px_130px_minmax(0,1fr)] items-center gap-2 px-2 text-left hover:bg-hover"
      >
        <span className="text-muted">
          <Moment time={row.event_time} long />
        </span>
        <span className="truncate">{row.record_type}</span>
        <span className={cn("mono truncate", here ? "font-semibold" : "")}>{row.message || row.raw.slice(0, 300)}</span>
      </button>
      {open ? (
        <div className="border-t border-line bg-bg px-3 py-2">
          <EventDetail event={row} />
        </div>
      ) : null}
    </li>
  );
}
