import { replaceEqualDeep } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import * as api from "./console";
import { ApiError, isProblem } from "./http";
import type { Investigation, Page } from "./types";

export interface Live {
  page: Page<Investigation> | undefined;
  error: unknown;
  /** Whether changes arrive by themselves at this moment. */
  connected: boolean;
  retry: () => void;
}

type Snapshot = { query: string; page: Page<Investigation> };
/** The page shown last, so that coming back from a detail shows the list at once. */
let last: Snapshot | null = null;

const RETRY_MS = 3000;

/** The newest state of the queue's first page, pushed by the console. A hidden tab lets its connection go. */
export function useLivePage(query: string): Live {
  const [snapshot, setSnapshot] = useState<Snapshot | null>(() => (last?.query === query ? last : null));
  const [error, setError] = useState<unknown>(null);
  const [connected, setConnected] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const retry = useRef<ReturnType<typeof setTimeout>>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt is a new connection
  useEffect(() => {
    let stream: EventSource | null = null;
    let gone = false;
    const take = (page: Page<Investigation>) => {
      const before = last?.query === query ? last.page : undefined;
      last = { query, page: before ? replaceEqualDeep(before, page) : page };
      setSnapshot(last);
      setError(null);
    };
    const connect = () => {
      stream = new EventSource(`/api/v1/investigations/live?${query}`);
      stream.addEventListener("open", () => setConnected(true));
      stream.addEventListener("page", (event) => take(JSON.parse(event.data) as Page<Investigation>));
      stream.addEventListener("problem", (event) => {
        const problem: unknown = JSON.parse(event.data);
        setError(isProblem(problem) ? new ApiError(problem) : new Error("The queue could not be read"));
      });
      stream.addEventListener("error", () => {
        setConnected(false);
        if (stream?.readyState === EventSource.CLOSED) void askOnce();
      });
    };
    /** A refused stream says nothing about why: the plain call does, and shows rows meanwhile. */
    const askOnce = async () => {
      try {
        const page = await api.investigations(query);
        if (!gone) take(page);
      } catch (cause) {
        if (!gone) setError(cause);
        if (cause instanceof ApiError && cause.status >= 400 && cause.status < 500) return;
      }
      if (!gone) retry.current = setTimeout(connect, RETRY_MS);
    };
    const watch = () => {
      stream?.close();
      clearTimeout(retry.current);
      setConnected(false);
      if (document.visibilityState === "visible") connect();
    };
    watch();
    document.addEventListener("visibilitychange", watch);
    return () => {
      gone = true;
      stream?.close();
      clearTimeout(retry.current);
      document.removeEventListener("visibilitychange", watch);
    };
  }, [query, attempt]);

  return {
    page: snapshot?.query === query ? snapshot.page : undefined,
    error,
    connected,
    retry: () => setAttempt((n) => n + 1),
  };
}

/** Rows of one person are never shown to the next one on the same machine. */
export function forgetLivePage(): void {
  last = null;
}
