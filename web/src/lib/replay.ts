import type { Replay } from "../api/pending";
import { shortTime } from "./format";

/** How far a replay came, 0 to 1. */
export function progress(replay: Replay): number {
  if (replay.state === "done") return 1;
  return replay.files_total > 0 ? Math.min(1, replay.files_done / replay.files_total) : 0;
}

/** What was asked for, in words. */
export function replayWords(replay: Replay, nameOf: (source: string) => string): string {
  const { reason_code, parser, source, from, to } = replay.filter;
  const parts = [
    reason_code ? `reason ${reason_code}` : "",
    parser ? `parser ${parser}` : "",
    source ? `source ${nameOf(source)}` : "",
    from ? `received from ${shortTime(from)}` : "",
    to ? `received until ${shortTime(to)}` : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(", ") : "every failed record";
}

/** A query of log search for failed records with one value. */
export function failedQuery(field: string, value: string | null): string {
  const failed = "record_type:FailedRecord";
  if (value === null) return failed;
  return /^[\w.-]+$/.test(value)
    ? `${failed} AND ${field}:${value}`
    : `${failed} AND ${field}:"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
