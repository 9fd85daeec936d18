import { replaceEqualDeep } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { filterQuery } from "../lib/queue-search";
import { ApiError, isProblem } from "./http";
import * as api from "./queue";
import type { QueueFilter, QueuePage } from "./queue-types";

export interface Live {
  page: QueuePage | undefined;
  error: unknown;
  /** Whether changes arrive by themselves at this moment. */
  connected: boolean;
  retry: () => void;
}

type Snapshot = { key: string; page: QueuePage };
/** The page shown last, so that coming back from a detail shows the list at once. */
let last: Snapshot | null = null;

const AGAIN_MS = 3000;

/**
 * The newest state of the queue's first page. The console pushes it; with search words or a tree, which must not stand
 * in an address, it is asked again every few seconds instead. A hidden tab lets its connection go.
 */
export function useLivePage(filter: QueueFilter): Live {
  const key = JSON.stringify(filter);
  const [snapshot, setSnapshot] = useState<Snapshot | null>(() => (last?.key === key ? last : null));
  const [error, setError] = useState<unknown>(null);
  const [connected, setConnected] = useState(false);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt is a new connection
  useEffect(() => {
    const wanted = JSON.parse(key) as QueueFilter;
    const report: Report = {
      page: (page) => {
        const before = last?.key === key ? last.page : undefined;
        last = { key, page: before ? replaceEqualDeep(before, page) : page };
        setSnapshot(last);
        setError(null);
      },
      error: setError,
      connected: setConnected,
    };
    const start = isSought(wanted) ? poll : stream;
    let stop = () => {};
    const watch = () => {
      stop();
      setConnected(false);
      if (document.visibilityState === "visible") stop = start(wanted, report);
    };
    watch();
    document.addEventListener("visibilitychange", watch);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", watch);
    };
  }, [key, attempt]);

  return {
    page: snapshot?.key === key ? snapshot.page : undefined,
    error,
    connected,
    retry: () => setAttempt((n) => n + 1),
  };
}

const isSought = ({ q, where }: QueueFilter) => q !== undefined || where !== undefined;

interface Report {
  page: (page: QueuePage) => void;
  error: (error: unknown) => void;
  connected: (connected: boolean) => void;
}

/** Listens until stopped. A refused stream says nothing about why: the plain call does, and shows rows meanwhile. */
function stream(filter: QueueFilter, report: Report): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const connect = () => {
    source = new EventSource(`/api/v1/investigations/live?${filterQuery(filter)}`);
    source.addEventListener("open", () => report.connected(true));
    source.addEventListener("page", (event) => report.page(JSON.parse(event.data) as QueuePage));
    source.addEventListener("problem", (event) => {
      const problem: unknown = JSON.parse(event.data);
      report.error(isProblem(problem) ? new ApiError(problem) : new Error("The queue could not be read"));
    });
    source.addEventListener("error", () => {
      report.connected(false);
      if (source?.readyState === EventSource.CLOSED) void askOnce();
    });
  };
  const askOnce = async () => {
    const again = await ask(filter, report, () => stopped);
    if (again && !stopped) timer = setTimeout(connect, AGAIN_MS);
  };
  connect();
  return () => {
    stopped = true;
    source?.close();
    clearTimeout(timer);
  };
}

/** Asks every few seconds until stopped. */
function poll(filter: QueueFilter, report: Report): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const turn = async () => {
    const again = await ask(filter, report, () => stopped);
    if (again && !stopped) timer = setTimeout(turn, AGAIN_MS);
  };
  void turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** One plain call; whether asking again makes sense. */
async function ask(filter: QueueFilter, report: Report, stopped: () => boolean): Promise<boolean> {
  try {
    const page = await api.rows(filter);
    if (stopped()) return false;
    report.page(page);
    report.connected(isSought(filter));
    return true;
  } catch (cause) {
    if (stopped()) return false;
    report.connected(false);
    report.error(cause);
    return !(cause instanceof ApiError) || cause.status < 400 || cause.status >= 500 || cause.status === 429;
  }
}

/** Drops the page shown last. */
export function forgetLivePage(): void {
  last = null;
}
