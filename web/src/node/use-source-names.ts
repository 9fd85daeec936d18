import { useQuery } from "@tanstack/react-query";
import * as api from "../api/node";
import { readAll } from "../lib/pages";

/** Sources as people call them, by id; the id where there is no such source any more. */
export function useSourceNames(): (source: string) => string {
  const query = useQuery({ queryKey: ["sources"], queryFn: () => readAll(api.sources), staleTime: 60_000 });
  return (source) => query.data?.find((each) => each.id === source)?.name ?? source;
}
