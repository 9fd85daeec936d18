import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import * as api from "../../api/me";
import type { Preferences, PreferencesPatch } from "../../api/me-types";
import { followLook, takeLook } from "../../lib/theme";

const KEY = ["preferences"];

/** What the signed-in person prefers. */
export function usePreferences() {
  return useQuery({ queryKey: KEY, queryFn: api.preferences, staleTime: 30_000 });
}

/**
 * Whether this person works on many customers at once; undefined until that is known. A console that cannot say so hides
 * nothing: it refuses what must be refused.
 */
export function useMultiCustomer(): boolean | undefined {
  const { data, error } = usePreferences();
  if (data) return data.multi_customer;
  return error ? true : undefined;
}

/** Puts an answer where every page reads it. What the merged views show depends on it. */
export async function tookEffect(queries: QueryClient, preferences: Preferences): Promise<void> {
  queries.setQueryData(KEY, preferences);
  await Promise.all(["access", "queue", "customers"].map((list) => queries.invalidateQueries({ queryKey: [list] })));
}

/** Row height and single-letter keys follow the person to every browser; the theme stays with the browser. */
export function useLookThatFollows(): void {
  const queries = useQueryClient();
  const { data } = usePreferences();
  const density = data?.density;
  const singleKeys = data?.single_keys;
  useEffect(() => {
    if (density) takeLook({ density: density === "COMPACT" ? "compact" : "comfortable" });
    if (singleKeys !== undefined) takeLook({ singleKeys });
  }, [density, singleKeys]);
  useEffect(() => {
    followLook(({ density, singleKeys }) => {
      const patch: PreferencesPatch = {};
      if (density !== undefined) patch.density = density === "compact" ? "COMPACT" : "COMFORTABLE";
      if (singleKeys !== undefined) patch.single_keys = singleKeys;
      if (Object.keys(patch).length === 0) return;
      // Where it cannot be kept it holds in this browser all the same.
      api.patchPreferences(patch).then(
        (next) => queries.setQueryData(KEY, next),
        () => undefined,
      );
    });
    return () => followLook(null);
  }, [queries]);
}
