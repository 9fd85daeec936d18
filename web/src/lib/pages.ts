import { type QueryKey, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";

interface OnePage<T> {
  data: T[];
  next?: string | null;
}

/** As `Rows` takes it. */
export interface Pages<T> {
  /** All rows read so far; undefined before the first answer. */
  rows: T[] | undefined;
  error: unknown;
  more: boolean;
  reading: boolean;
  onMore: () => void;
  onRetry: () => void;
}

/** A list that comes in pages: those read so far, and the way to the next. */
export function usePages<T>(
  key: QueryKey,
  read: (cursor: string | undefined) => Promise<OnePage<T>>,
  every?: number,
): Pages<T> {
  const query: UseInfiniteQueryResult<{ pages: OnePage<T>[] }> = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam ?? undefined),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: every,
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.data),
    error: query.error,
    more: query.hasNextPage,
    reading: query.isFetchingNextPage,
    onMore: () => void query.fetchNextPage(),
    onRetry: () => void query.refetch(),
  };
}

/** The most pages `readAll` asks for. */
const PAGES = 20;

/** Every row of a list that is known to be bounded. */
export async function readAll<T>(read: (cursor: string | undefined) => Promise<OnePage<T>>): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const { data, next } = await read(cursor);
    rows.push(...data);
    if (!next) return rows;
    cursor = next;
  }
  throw new Error(`The list has more than ${rows.length} rows`);
}
