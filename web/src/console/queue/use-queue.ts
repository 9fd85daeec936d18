import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import * as api from "../../api/console";
import { useLivePage } from "../../api/live";
import type { Investigation, Scope } from "../../api/types";
import { edits, useEdits } from "../../lib/edits";
import { joinPages, type QueueSearch, queueFilter } from "../../lib/queue-search";

export interface Queue {
  rows: Investigation[] | undefined;
  scope: Scope | undefined;
  error: unknown;
  connected: boolean;
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
  above: Investigation[];
}

const REFRESH_BELOW_MS = 20_000;

/** The queue as one list: the live first page, older pages on demand, and this browser's own changes over both. */
export function useQueue(search: QueueSearch, q: string): Queue {
  const filter = queueFilter(search, q);
  const query = JSON.stringify(filter);
  const sort = search.sort ?? "-priority";
  const live = useLivePage(filter);
  const [started, setStarted] = useState<Below | null>(null);
  const below = started?.query === query ? started : null;
  const older = useInfiniteQuery({
    queryKey: ["queue", query, below?.cursor],
    enabled: below !== null,
    queryFn: ({ pageParam }) => api.investigations({ ...filter, cursor: pageParam }),
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
  const loadMore = () => {
    if (below) void older.fetchNextPage();
    else if (page?.next) setStarted({ query, cursor: page.next, above: page.data });
  };
  return {
    rows,
    scope: page?.scope,
    error: live.error,
    connected: live.connected,
    retry: live.retry,
    more: below ? older.hasNextPage || older.isPending : Boolean(page?.next),
    loadingMore: below !== null && older.isFetching && !older.isRefetching,
    moreError: below ? older.error : null,
    loadMore,
  };
}
