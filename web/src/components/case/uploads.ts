import { useCallback, useEffect, useRef, useState } from "react";
import type { Attachment } from "../../api/case-types";
import { bytes } from "../../lib/format";
import { words } from "../../ui/states";
import { useCase } from "./case-context";

export const MAX_FILE_BYTES = 25 * 1024 * 1024;

export interface Upload {
  key: number;
  name: string;
  /** Which part has left, 0 to 1. */
  part: number;
  error: string | null;
}

/** Files on their way to the node. Leaving the page stops them. */
export function useUploads(done: (file: Attachment) => void) {
  const { source } = useCase();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const aborts = useRef(new Map<number, AbortController>());
  const next = useRef(0);
  const finished = useRef(done);
  finished.current = done;
  useEffect(() => {
    const running = aborts.current;
    return () => {
      for (const abort of running.values()) abort.abort();
    };
  }, []);
  const change = useCallback(
    (key: number, to: Partial<Upload>) =>
      setUploads((now) => now.map((each) => (each.key === key ? { ...each, ...to } : each))),
    [],
  );
  const dismiss = useCallback((key: number) => {
    aborts.current.get(key)?.abort();
    aborts.current.delete(key);
    setUploads((now) => now.filter((each) => each.key !== key));
  }, []);
  const begin = async (file: File) => {
    const key = next.current++;
    const tooLarge = file.size > MAX_FILE_BYTES;
    const error = tooLarge ? `It has ${bytes(file.size)}; at most ${bytes(MAX_FILE_BYTES)} are taken.` : null;
    setUploads((now) => [...now, { key, name: file.name, part: 0, error }]);
    if (tooLarge) return;
    const abort = new AbortController();
    aborts.current.set(key, abort);
    try {
      const attachment = await source.attach(file, abort.signal, (part) => change(key, { part }));
      finished.current(attachment);
      dismiss(key);
    } catch (cause) {
      if (!abort.signal.aborted) change(key, { error: words(cause) });
    }
  };
  return { uploads, dismiss, start: (files: Iterable<File>) => [...files].forEach((file) => void begin(file)) };
}
