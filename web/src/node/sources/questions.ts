import * as api from "../../api/node";
import type { Collector, CreatedSource, Source } from "../../api/types";
import type { Question } from "../../components/confirm";
import { plural } from "../../lib/format";

const refresh = ["sources", "collectors", "health"] as const;

export function rotatingKey(source: Source, onCreated: (created: CreatedSource) => void): Question {
  return {
    title: `A new key for ${source.name}?`,
    meaning: "The present key stops working at once: whoever sends with it is refused until it has the new one.",
    action: "Make a new key",
    danger: false,
    done: `${source.name} has a new key`,
    refresh,
    run: async () => onCreated(await api.rotateKey(source.id)),
  };
}

export function removingSource(source: Source): Question {
  return {
    title: `Remove ${source.name}?`,
    meaning:
      "Its key stops working and its syslog ports close at once. The events it brought and their counters stay, as long as retention says.",
    action: "Remove the source",
    danger: true,
    done: `${source.name} is removed`,
    refresh,
    run: () => api.removeSource(source.id),
  };
}

export function removingCollector(collector: Collector): Question {
  return {
    title: `Remove the collector ${collector.name}?`,
    meaning:
      collector.sources === 0
        ? "It has no sources. Nothing else changes."
        : `It has ${plural(collector.sources, "source")}. The node says so if these have to go, or to another collector, first.`,
    action: "Remove the collector",
    danger: true,
    done: `${collector.name} is removed`,
    refresh,
    run: () => api.removeCollector(collector.id),
  };
}
