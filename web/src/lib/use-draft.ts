import { useState } from "react";

/**
 * What a person types over what is stored. An edit holds as long as what it was typed over: once it is saved, or somebody
 * else was first, the form shows what is stored, without being built anew under the person's hands.
 */
export function useDraft<T extends Record<string, string | boolean>>(stored: T) {
  const [edits, setEdits] = useState<{ [K in keyof T]?: { over: T[K]; now: T[K] } }>({});
  const draft = { ...stored };
  for (const name of Object.keys(stored) as (keyof T)[]) {
    const edit = edits[name];
    if (edit && edit.over === stored[name]) draft[name] = edit.now;
  }
  return {
    draft,
    changed: Object.keys(stored).some((name) => draft[name] !== stored[name]),
    set: <K extends keyof T>(name: K, now: T[K]) =>
      setEdits((before) => ({ ...before, [name]: { over: stored[name], now } })),
  };
}
