import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useLivePage } from "../../api/live";
import * as api from "../../api/queue";
import type { Count, QueueFilter, QueueRow } from "../../api/queue-types";
import type { Scope } from "../../api/types";
import { edits, useEdits } from "../../lib/edits";
import { DEFAULT_SORT, joinPages } from "../../lib/queue-search";
import { useStable } from "../../lib/use-stable";
import { type Mark, useMarks } from "./marks";

export interface Queue {
  rows: QueueRow[] | undefined;
  scope: Scope | undefined;
  /** How many match, whatever is loaded; absent while it is not known. */
  count: Count | null;
  error: unknown;
  connected: boolean;
  /** Rows that came or changed a moment ago. */
  marks: Map<string, Mark>;
  retry: () => void;
  more: boolean;
  loadingMore: boolean;
  moreError: unknown;
  loadMore: () => void;
}

interface Below {
  query: string;
  cursor: string;
  /** Rows of the live page when loading began: those pushed out of it since still belong in between. */
  above: QueueRow[];
}

const REFRESH_BELOW_MS = 20_000;

/** The queue as one list: the live first page, older pages on demand, and this browser's own changes over both. */
export function useQueue(filter: QueueFilter): Queue {
  const query = JSON.stringify(filter);
  const sort = filter.sort ?? DEFAULT_SORT;
  const live = useLivePage(filter);
  const [started, setStarted] = useState<Below | null>(null);
  const below = started?.query === query ? started : null;
  const older = useInfiniteQuery({
    queryKey: ["queue", query, below?.cursor],
    enabled: below !== null,
    queryFn: ({ pageParam }) => api.rows({ ...filter, cursor: pageParam }),
    initialPageParam: below?.cursor ?? "",
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: REFRESH_BELOW_MS,
    gcTime: 60_000,
  });
  const revision = useEdits();
  const page = live.page;
  const pages = older.data?.pages;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the revision stands for the edits laid over the rows
  const rows = useMemo(() => {
    if (!page) return undefined;
    const rest = below ? [...(pages?.flatMap((p) => p.data) ?? []), ...below.above] : [];
    return joinPages(sort, page.data, rest).map((row) => edits.over(row));
  }, [page, pages, below, sort, revision]);
  useChangesBelow(filter, below !== null && older.isSuccess, rows);
  const loadMore = useStable(() => {
    if (below) void older.fetchNextPage();
    else if (page?.next) setStarted({ query, cursor: page.next, above: page.data });
  });
  return {
    rows,
    scope: page?.scope,
    count: page?.count ?? null,
    error: live.error,
    connected: live.connected,
    marks: useMarks(query, rows, pages?.length ?? 0),
    retry: live.retry,
    more: below ? older.hasNextPage || older.isPending : Boolean(page?.next),
    loadingMore: below !== null && older.isFetching && !older.isRefetching,
    moreError: below ? older.error : null,
    loadMore,
  };
}

const CHANGES_MS = 4000;
const CHANGES_LIMIT = 200;

/**
 * What changes among the rows below the live page is asked of the change feed: the pages are read again when it names one of
 * them, or more changes than one answer holds. Without a feed they are read again as often as ever.
 */
function useChangesBelow(filter: QueueFilter, on: boolean, rows: readonly QueueRow[] | undefined) {
  const queries = useQueryClient();
  const query = JSON.stringify(filter);
  const shown = useStable((changed: readonly QueueRow[]) => {
    const byRrn = new Map(rows?.map((row) => [row.rrn, row]));
    return changed.some((row) => {
      const here = byRrn.get(row.rrn);
      return here !== undefined && (here.version !== row.version || here.updated_time !== row.updated_time);
    });
  });
  // The servers' clock counts, not this one's.
  const newest = useStable(() =>
    (rows ?? []).reduce((last, { updated_time }) => (updated_time > last ? updated_time : last), ""),
  );
  useEffect(() => {
    if (!on) return;
    const { customers } = JSON.parse(query) as QueueFilter;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let cursor: string | undefined;
    const since = newest();
    const turn = async () => {
      try {
        const page = await api.changes({
          ...(cursor ? { cursor } : { updated_since: since }),
          customers: customers ?? undefined,
          limit: CHANGES_LIMIT,
        });
        if (stopped) return;
        cursor = page.next;
        if (page.more || shown(page.data)) await queries.invalidateQueries({ queryKey: ["queue", query] });
      } catch {
        // The pages are read again in their own time.
        if (stopped) return;
      }
      timer = setTimeout(turn, CHANGES_MS);
    };
    timer = setTimeout(turn, CHANGES_MS);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [on, query, queries, shown, newest]);
}
