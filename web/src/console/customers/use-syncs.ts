import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import * as api from "../../api/console";
import type { Customer, Page, SyncStatus } from "../../api/types";
import { isSyncing, syncTold, WATCH_MS } from "../../lib/sync";
import { words } from "../../ui/states";
import { complain, notify } from "../../ui/toast";

/** At most so many syncs are looked at one by one; the list itself, read anew every few seconds, tells of the others. */
const WATCHED = 8;

/** Where a customer's sync is shown: in the list, and on its own page. */
function show(queries: QueryClient, id: string, sync: SyncStatus): void {
  const told = (customer: Customer) => (customer.id === id ? { ...customer, sync } : customer);
  queries.setQueryData<Page<Customer>>(["customers"], (page) => (page ? { ...page, data: page.data.map(told) } : page));
  queries.setQueryData<Customer>(["customers", id], (customer) => (customer ? told(customer) : customer));
  queries.setQueryData(["customers", id, "sync"], sync);
}

/**
 * Begins syncs, and follows those at work among the rows: as long as one is, and this page is looked at. Who asked for one is
 * told how it ended.
 */
export function useSyncs(rows: readonly Customer[] | undefined): (customer: Customer) => void {
  const queries = useQueryClient();
  /** Syncs asked for here, with the end of the one before. */
  const asked = useRef(new Map<string, string | null>());
  const asking = useRef(new Set<string>());
  const mine = ({ id }: Customer) => asked.current.has(id);
  const active = (rows ?? []).filter((row) => isSyncing(row.sync));
  const watched = [...active.filter(mine), ...active.filter((row) => !mine(row))].slice(0, WATCHED).map(({ id }) => id);
  useQuery({
    queryKey: ["sync-watch", ...watched],
    queryFn: async () => {
      // One that is gone meanwhile is no reason to lose sight of the others.
      await Promise.allSettled(watched.map(async (id) => show(queries, id, await api.syncStatus(id))));
      return null;
    },
    enabled: watched.length > 0,
    refetchInterval: WATCH_MS,
    gcTime: 0,
  });
  useEffect(() => {
    for (const { id, name, sync } of rows ?? []) {
      const before = asked.current.get(id);
      if (before === undefined || !sync || isSyncing(sync) || (sync.finished ?? null) === before) continue;
      asked.current.delete(id);
      const { good, title, detail } = syncTold(name, sync);
      if (good) notify(title);
      else complain(title, detail);
    }
  }, [rows]);
  const begin = async ({ id, name, sync }: Customer) => {
    if (asking.current.has(id)) return;
    asking.current.add(id);
    if (!asked.current.has(id)) asked.current.set(id, sync?.finished ?? null);
    try {
      show(queries, id, await api.syncNow(id));
      if (isSyncing(sync)) notify(`${name}: a sync was under way already, and is the one`);
    } catch (error) {
      asked.current.delete(id);
      complain(`${name}: no sync was begun`, words(error));
    } finally {
      asking.current.delete(id);
    }
  };
  return (customer) => void begin(customer);
}
