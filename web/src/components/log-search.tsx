import { useInfiniteQuery } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import type { ReactNode } from "react";
import type { EventPage, LogSearch, Scope } from "../api/types";
import { count, plural } from "../lib/format";
import { missing } from "../lib/scope";
import { windowOf } from "../lib/time-range";
import { Button } from "../ui/button";
import { Empty, Failure, SkeletonRows } from "../ui/states";
import { LogBar, type LogState } from "./log-bar";
import { LogTable } from "./log-table";

interface Props {
  /** Part of the cache key: whose logs these are. */
  of: string;
  search: (body: LogSearch) => Promise<EventPage & { scope?: Scope }>;
  state: LogState;
  onState: (state: LogState) => void;
  /** What is said while the node is asked. */
  asking: string;
  scope?: (scope: Scope | undefined) => ReactNode;
}

const PAGE = 100;

/** Query bar, window, newest-first rows, more on demand. */
export function LogSearchView({ of, search, state, onState, asking, scope }: Props) {
  const query = useInfiniteQuery({
    queryKey: ["logs", of, state],
    queryFn: ({ pageParam }) =>
      search({ query: state.q, ...pageParam.window, limit: PAGE, cursor: pageParam.cursor ?? undefined }),
    // The window is fixed when a search starts: pages of one search must not slide.
    initialPageParam: { cursor: null as string | null, window: windowOf(state, Date.now()) },
    getNextPageParam: (last, _all, param) => (last.next ? { ...param, cursor: last.next } : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  });
  const rows = query.data?.pages.flatMap((page) => page.data);
  const answered = query.data?.pages.at(-1)?.scope;
  const absent = answered ? missing(answered)[0] : undefined;
  return (
    <>
      <LogBar
        state={state}
        busy={query.isFetching}
        onSearch={(next) => {
          onState(next);
          if (JSON.stringify(next) === JSON.stringify(state)) void query.refetch();
        }}
      />
      <div className="flex min-h-7 items-center gap-3 text-muted">
        <span role="status">
          {query.isPending
            ? asking
            : rows
              ? `${count(rows.length)}${query.hasNextPage ? " newest" : ""} ${rows.length === 1 ? "event" : "events"}`
              : ""}
        </span>
        {scope?.(answered)}
      </div>
      {query.error ? (
        <Failure error={query.error} title="The search was not answered" onRetry={() => void query.refetch()} />
      ) : null}
      {rows === undefined ? (
        query.error ? null : (
          <div className="rounded-md border border-line bg-surface">
            <SkeletonRows label={asking} />
          </div>
        )
      ) : rows.length === 0 ? (
        <div className="rounded-md border border-line bg-surface">
          <Empty icon={<SearchX size={18} />} title={absent ? "The logs were not searched" : "No event matches"}>
            {absent ? (
              (absent.detail ?? absent.reason)
            ) : (
              <>
                Try fewer words or a wider window. <code className="mono">field:value</code>,{" "}
                <code className="mono">"a phrase"</code>, <code className="mono">AND OR NOT</code> and{" "}
                <code className="mono">field:[a TO b]</code> are understood;{" "}
                <code className="mono">record_type:FailedRecord</code> lists what no parser could take.
              </>
            )}
          </Empty>
        </div>
      ) : (
        <LogTable
          rows={rows}
          footer={
            query.hasNextPage ? (
              <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Load {PAGE} more
              </Button>
            ) : (
              <span className="text-sm text-muted">{plural(rows.length, "event")}, oldest last. That is all.</span>
            )
          }
        />
      )}
    </>
  );
}
