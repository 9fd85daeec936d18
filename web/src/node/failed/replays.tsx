import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { cancelReplay, replays } from "../../api/parsers";
import type { Replay } from "../../api/types";
import { useAction } from "../../components/use-action";
import { count } from "../../lib/format";
import { progress, replayWords } from "../../lib/replay";
import { Button } from "../../ui/button";
import { Age, Badge } from "../../ui/marks";
import { Panel } from "../../ui/panel";
import { Failure, SkeletonRows } from "../../ui/states";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";
import { useSourceNames } from "../use-source-names";

const STATES: Record<Replay["state"], { tone: "ok" | "neutral" | "accent" | "bad"; word: string }> = {
  running: { tone: "accent", word: "Running" },
  done: { tone: "ok", word: "Done" },
  cancelled: { tone: "neutral", word: "Cancelled" },
  failed: { tone: "bad", word: "Failed" },
};

/** What is being tried again, and what came of it before. */
export function Replays() {
  const query = useQuery({
    queryKey: ["replays"],
    queryFn: replays,
    refetchInterval: (q) => (q.state.data?.data.some((r) => r.state === "running") ? 1000 : 15_000),
  });
  const cancel = useAction({
    run: (replay: Replay) => cancelReplay(replay.id),
    refused: "The replay goes on",
    refresh: ["replays", "failed-summary"],
  });
  const rows = query.data?.data;
  const nameOf = useSourceNames();
  return (
    <Panel title="Replays" note="newest first">
      {query.error ? (
        <Failure error={query.error} title="The replays could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {rows === undefined ? (
        query.error ? null : (
          <SkeletonRows rows={2} label="Reading the replays" />
        )
      ) : rows.length === 0 ? (
        <p className="text-muted">
          Nothing was replayed yet. After a parser is fixed, a replay sends failed records through it again.
        </p>
      ) : (
        <Table label="Replays" fixed>
          <thead>
            <tr>
              <Th className="w-24">State</Th>
              <Th>Of</Th>
              <Th className="w-[170px]">Progress</Th>
              <Th className="w-24 text-right">Looked at</Th>
              <Th className="w-[126px] text-right">Became records</Th>
              <Th className="w-24 text-right">Still failed</Th>
              <Th className="w-20 text-right">Started</Th>
              <ThActions className="w-24" />
            </tr>
          </thead>
          <tbody>
            {rows.map((replay) => (
              <ReplayRow
                key={replay.id}
                replay={replay}
                of={replayWords(replay, nameOf)}
                busy={cancel.busy}
                onCancel={() => cancel.start(replay)}
              />
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  );
}

interface RowProps {
  replay: Replay;
  /** Which failed records, in words. */
  of: string;
  busy: boolean;
  onCancel: () => void;
}

function ReplayRow({ replay, of, busy, onCancel }: RowProps) {
  const part = progress(replay);
  return (
    <tr className={trClass} data-replay={replay.id}>
      <Td>
        <Badge tone={STATES[replay.state].tone} title={replay.reason ?? undefined}>
          {STATES[replay.state].word}
        </Badge>
      </Td>
      <Td className="truncate" title={of}>
        {of}
        {replay.reason ? <span className="text-danger">: {replay.reason}</span> : null}
      </Td>
      <Td>
        <div className="flex items-center gap-2">
          <div
            role="progressbar"
            aria-label="Files done"
            aria-valuenow={Math.round(part * 100)}
            className="h-1.5 flex-1 overflow-hidden rounded-full bg-line"
          >
            <div className="h-full bg-accent" style={{ width: `${part * 100}%` }} />
          </div>
          <span className="text-sm text-muted">
            {count(replay.files_done)} of {count(replay.files_total)}
          </span>
        </div>
      </Td>
      <Td className="text-right">{count(replay.rows_seen)}</Td>
      <Td className="text-right">{count(replay.became_records)}</Td>
      <Td className="text-right text-muted">{count(replay.still_failed)}</Td>
      <Td className="text-right text-muted" title={`by ${replay.started_by}`}>
        <Age time={replay.started} />
      </Td>
      <Td className="text-right">
        {replay.state === "running" ? (
          <Button className="h-6" icon={<X size={14} aria-hidden="true" />} disabled={busy} onClick={onCancel}>
            Cancel
          </Button>
        ) : null}
      </Td>
    </tr>
  );
}
