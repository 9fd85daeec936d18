import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { LogSource } from "../api/logs";
import { windowOf } from "../lib/time-range";
import type { LogState } from "./log-bar";

export const PAGE = 100;
const BUCKETS = 100;

/**
 * Rows, histogram and facets of one search. The window is fixed when a search starts: pages of one search must not slide, and
 * all three must speak of the same time.
 */
export function useLogSearch(of: string, source: LogSource, state: LogState, fields?: string[]) {
  const [attempt, setAttempt] = useState(0);
  const { q, range, from, to } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query or attempt is another search, with a window of its own
  const window = useMemo(() => windowOf({ range, from, to }, Date.now()), [q, range, from, to, attempt]);
  const key = [of, q, window, attempt];
  const rows = useInfiniteQuery({
    queryKey: ["logs", ...key],
    queryFn: ({ pageParam }) => source.search({ query: q, ...window, limit: PAGE, cursor: pageParam ?? undefined }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? undefined,
    ...once,
  });
  const histogram = useQuery({
    queryKey: ["histogram", ...key],
    queryFn: () => source.histogram({ query: q, ...window, buckets: BUCKETS }),
    placeholderData: keepPreviousData,
    ...once,
  });
  const facets = useQuery({
    queryKey: ["facets", ...key],
    queryFn: () => source.facets({ query: q, ...window, fields }),
    placeholderData: keepPreviousData,
    ...once,
  });
  return { rows, histogram, facets, again: () => setAttempt((n) => n + 1) };
}

/** Asked once: a search is repeated when the person says so. Nothing of it outlives the page for long. */
const once = {
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 60_000,
  retry: false,
  refetchOnWindowFocus: false,
} as const;
