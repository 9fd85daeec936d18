import { Link } from "@tanstack/react-router";
import { Server } from "lucide-react";
import type { Collector, CollectorState } from "../../api/types";
import { RowMenuButton, type RowMenuState } from "../../components/row-menu";
import { plural } from "../../lib/format";
import { Age, Badge } from "../../ui/marks";
import { Td } from "../../ui/table";

const STATE: Record<CollectorState, { tone: "ok" | "neutral" | "warn" | "bad"; word: string; hint: string }> = {
  Collecting: { tone: "ok", word: "Collecting", hint: "One of its sources brought something lately" },
  Idle: { tone: "neutral", word: "Idle", hint: "Nothing came lately, and nothing is wrong" },
  Offline: { tone: "bad", word: "Offline", hint: "It should send and does not" },
  Disabled: { tone: "neutral", word: "Off", hint: "Switched off: none of its sources takes events" },
  Error: { tone: "bad", word: "Error", hint: "It, or one of its sources, has an open error" },
};

/** A collector, as the heading of its sources. */
export function CollectorLine({ collector, menu }: { collector: Collector; menu: RowMenuState<Collector> }) {
  const state = STATE[collector.state];
  return (
    <tr data-collector={collector.name}>
      <Td colSpan={9} className="bg-bg">
        <span className="inline-flex items-center gap-2.5">
          <Server size={14} className="text-muted" aria-hidden="true" />
          <span className="font-semibold">{collector.name}</span>
          <Badge tone={state.tone} title={state.hint}>
            {state.word}
          </Badge>
          <span className="text-muted">
            {collector.type}
            {collector.version ? ` ${collector.version}` : ""}, {plural(collector.sources, "source")}
          </span>
          {collector.open_issues > 0 ? (
            <Link to="/health" search={{ view: "open" }} className="text-danger hover:underline">
              {plural(collector.open_issues, "open issue")}
            </Link>
          ) : null}
        </span>
      </Td>
      <Td className="bg-bg text-right text-muted">
        {collector.last_seen ? <Age time={collector.last_seen} /> : "Never"}
      </Td>
      <Td className="w-10 bg-bg pl-0 text-right">
        <RowMenuButton name={`the collector ${collector.name}`} row={collector} menu={menu} />
      </Td>
    </tr>
  );
}
