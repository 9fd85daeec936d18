import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { FileCheck, RotateCcw, TextSearch } from "lucide-react";
import { useState } from "react";
import { failedSummary } from "../../api/parsers";
import type { FailedSummary, ReplayFilter } from "../../api/types";
import { count } from "../../lib/format";
import { failedQuery } from "../../lib/replay";
import { writeFragment } from "../../lib/search";
import { RANGE_WORDS, RANGES, type Range, windowOf } from "../../lib/time-range";
import { Button, buttonClass } from "../../ui/button";
import { Select } from "../../ui/select";
import { Empty, Failure, PageHead, SkeletonRows } from "../../ui/states";
import { CountList } from "./count-list";
import { ReplayDialog } from "./replay-form";
import { Replays } from "./replays";

const CHOICES = RANGES.filter((range) => range !== "custom");

/** What could not become a record, why, and the way to try again after a fix. */
export function FailedRecordsPage() {
  const { range } = useSearch({ from: "/frame/failed-records" });
  const navigate = useNavigate({ from: "/failed-records" });
  const [asked, setAsked] = useState<ReplayFilter | null>(null);
  const query = useQuery({
    queryKey: ["failed-summary", range],
    queryFn: () => failedSummary(windowOf({ range }, Date.now())),
    refetchInterval: 15_000,
  });
  const summary = query.data;
  return (
    <div className="flex min-h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Failed records" note={summary ? count(summary.total) : null}>
        <Select
          aria-label="Window"
          className="w-40"
          value={range}
          onChange={(event) =>
            void navigate({ search: { range: event.target.value as Exclude<Range, "custom"> }, replace: true })
          }
        >
          {CHOICES.map((each) => (
            <option key={each} value={each}>
              {RANGE_WORDS[each]}
            </option>
          ))}
        </Select>
        <Link
          to="/logs"
          search={{ range }}
          hash={writeFragment(failedQuery("reason_code", null))}
          className={buttonClass()}
        >
          <TextSearch size={14} aria-hidden="true" />
          List them
        </Link>
        <Button look="primary" icon={<RotateCcw size={14} aria-hidden="true" />} onClick={() => setAsked({})}>
          Replay…
        </Button>
      </PageHead>
      {query.error ? (
        <Failure error={query.error} title="Failed records could not be counted" onRetry={() => void query.refetch()} />
      ) : null}
      {summary ? (
        summary.total === 0 ? (
          <div className="rounded-md border border-line bg-surface">
            <Empty icon={<FileCheck size={18} />} title="Every event became a record">
              No failed record in this window. What no parser can take is kept, explained here, and can be replayed
              after a fix.
            </Empty>
          </div>
        ) : (
          <Summary summary={summary} range={range} onReplay={setAsked} />
        )
      ) : query.error ? null : (
        <div className="rounded-md border border-line bg-surface">
          <SkeletonRows rows={8} label="Counting failed records" />
        </div>
      )}
      <Replays />
      <ReplayDialog filter={asked} onClose={() => setAsked(null)} />
    </div>
  );
}

const LISTS = [
  { field: "reason_code", title: "By reason", replay: true },
  { field: "parser", title: "By parser", replay: true },
  { field: "source_category", title: "By source category", replay: false },
  { field: "vendor", title: "By vendor", replay: false },
  { field: "product", title: "By product", replay: false },
  { field: "event_code", title: "By event code", replay: false },
] as const;

interface SummaryProps {
  summary: FailedSummary;
  range: Range;
  onReplay: (filter: ReplayFilter) => void;
}

function Summary({ summary, range, onReplay }: SummaryProps) {
  return (
    <div className="grid grid-cols-2 gap-2.5 xl:grid-cols-3">
      {LISTS.map(({ field, title, replay }) => (
        <CountList
          key={field}
          title={title}
          field={field}
          total={summary.total}
          counts={summary[field]}
          beyond={summary.beyond[field]}
          range={range}
          onReplay={replay ? (value) => onReplay({ [field]: value }) : undefined}
        />
      ))}
    </div>
  );
}
