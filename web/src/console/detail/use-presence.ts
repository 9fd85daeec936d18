import { useEffect, useState } from "react";
import type { CaseSource } from "../../api/case";
import type { Assignee } from "../../api/types";

const BEAT_MS = 10_000;

/** Says that this person looks, every few seconds while the page is in sight, and hears who else does. */
export function usePresence(source: CaseSource, me: string, known: readonly Assignee[]): Assignee[] {
  const [heard, setHeard] = useState<{ base: string; looking: Assignee[] } | null>(null);
  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const beat = async () => {
      clearTimeout(timer);
      if (document.visibilityState !== "visible") return;
      try {
        const { looking } = await source.look();
        if (!stopped) setHeard({ base: source.base, looking });
      } catch {
        // Who looks is a courtesy: what matters on this page has failed or not failed by itself.
      }
      if (!stopped) timer = setTimeout(beat, BEAT_MS);
    };
    const watch = () => {
      if (document.visibilityState === "visible") void beat();
      else void source.lookAway().catch(() => undefined);
    };
    void beat();
    document.addEventListener("visibilitychange", watch);
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", watch);
      void source.lookAway().catch(() => undefined);
    };
  }, [source]);
  const all = heard?.base === source.base ? heard.looking : known;
  return all.filter(({ email }) => email.toLowerCase() !== me.toLowerCase());
}
