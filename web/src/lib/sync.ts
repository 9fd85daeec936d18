/** How a customer's sync reads: its state in few words and in all words, its modules, and the parts of a node. */
import type * as T from "../api/types";
import { age, bytes, count, fullTime, plural } from "./format";

/** How often a sync at work is looked at. */
export const WATCH_MS = 1500;

export const SYNC_STATE: Record<T.SyncState, string> = {
  NEVER: "Never synced",
  QUEUED: "Queued",
  RUNNING: "Running",
  OK: "Data Collection Successful",
  PARTIAL: "Partial",
  FAILED: "Failed",
  STALE: "Stale",
};

export const SYNC_MODULE: Record<T.SyncModuleName, string> = {
  components: "Components and health",
  proxy: "Reverse proxy",
  technicians: "Technicians",
  licence: "Licence",
  content: "Rules and parsers",
  settings: "Customer settings",
};

/** Short enough for a list of those that failed. */
const MODULE: Record<T.SyncModuleName, string> = {
  components: "components",
  proxy: "proxy",
  technicians: "technicians",
  licence: "licence",
  content: "content",
  settings: "settings",
};

export const COMPONENT_STATE: Record<T.ComponentState, string> = {
  OK: "OK",
  DEGRADED: "Degraded",
  DOWN: "Down",
  UNKNOWN: "Not in use",
};

export const COMPONENT: Record<string, string> = {
  ingest: "Ingest",
  listeners: "Syslog listeners",
  pipeline: "Queue to the lake",
  lake: "Lake",
  disk: "Disk",
  rules: "Rules",
  parsers: "Parsers",
  collectors: "Collectors and sources",
  clock: "Clock skew",
  certificate: "Certificate",
  licence: "Licence",
};

export const ORIGIN: Record<T.SettingOrigin, string> = {
  standard: "The product’s standard",
  console: "This console, for every customer",
  own: "The customer’s administrator",
};

/** Whether it is waiting or at work, so that looking again soon tells something new. */
export function isSyncing(sync: T.SyncSummary | null | undefined): boolean {
  return sync?.state === "QUEUED" || sync?.state === "RUNNING";
}

/** `components, licence`. */
export function moduleList(names: readonly T.SyncModuleName[]): string {
  return names.map((name) => MODULE[name]).join(", ");
}

/** How long until a moment: `in 42s`; `now` when it is over. */
export function until(time: string, now: number): string {
  const left = Date.parse(time) - now;
  if (Number.isNaN(left)) return "–";
  return left < 1000 ? "now" : `in ${age(new Date(now).toISOString(), now + left)}`;
}

/** What is left of a life, to the second: `59:04`, `1:00:00`. */
export function countdown(time: string, now: number): string {
  const left = Math.max(0, Math.ceil((Date.parse(time) - now) / 1000));
  if (Number.isNaN(left)) return "–";
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** What follows the state in a narrow cell. */
export function syncNote(sync: T.SyncSummary, now: number): string {
  const next = sync.next_time ? `, next try ${until(sync.next_time, now)}` : "";
  const ago = (time: string | null | undefined) => (time ? `${age(time, now)} ago` : "");
  switch (sync.state) {
    case "RUNNING":
      return sync.started ? `for ${age(sync.started, now)}` : "";
    case "OK":
      return ago(sync.finished);
    case "PARTIAL":
      return `without ${moduleList(sync.failed)}`;
    case "FAILED":
      return `${sync.code ?? ""}${next}`;
    case "STALE":
      return sync.last_success ? `last good ${ago(sync.last_success)}` : "";
    default:
      return "";
  }
}

/** Everything there is to say, for tooltips and those who do not see the cell. */
export function syncWords(sync: T.SyncSummary): string {
  const parts = [SYNC_STATE[sync.state]];
  const at = (word: string, time: string | null | undefined) => (time ? [`${word} ${fullTime(time)}`] : []);
  if (sync.state === "RUNNING") parts.push(...at("since", sync.started));
  else parts.push(...at("at", sync.finished));
  if (sync.state === "PARTIAL") parts.push(`not taken: ${moduleList(sync.failed)}`);
  if (sync.code && sync.state !== "OK" && sync.state !== "RUNNING") {
    parts.push(sync.detail ? `${sync.code}: ${sync.detail}` : sync.code);
  }
  if (sync.consecutive > 1) parts.push(`${plural(sync.consecutive, "failure")} in a row, ${at("since", sync.since)}`);
  if (sync.state !== "OK" && sync.state !== "PARTIAL") parts.push(...at("last success", sync.last_success));
  if (sync.state !== "QUEUED") parts.push(...at("next", sync.next_time));
  return parts.join("; ");
}

/** `43 rules`, `12 ms ahead`, `61 days left`; null when there is no number. */
export function componentValue({ name, value, unit }: T.Component): string | null {
  if (value === null || value === undefined) return null;
  if (unit === "bytes") return name === "pipeline" ? `${bytes(value)} waiting` : bytes(value);
  if (name === "clock") return value === 0 ? "0 ms" : `${skew(Math.abs(value))} ${value > 0 ? "ahead" : "behind"}`;
  if (name === "certificate") return value < 0 ? `ended ${plural(-value, "day")} ago` : `${plural(value, "day")} left`;
  if (!unit) return count(value);
  return value === 1 ? `1 ${unit.replace(/s$/, "")}` : `${count(value)} ${unit}`;
}

function skew(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** What became of a sync somebody asked for. */
export function syncTold(name: string, sync: T.SyncSummary): { good: boolean; title: string; detail?: string } {
  if (sync.state === "OK") return { good: true, title: `${name}: Data Collection Successful` };
  const detail = [sync.code, sync.detail].filter(Boolean).join(": ");
  return sync.state === "PARTIAL"
    ? { good: false, title: `${name}: synced without ${moduleList(sync.failed)}`, detail }
    : { good: false, title: `${name}: the sync failed`, detail };
}

/** Whether what is set for every customer has come to one that was told last at `last_success`. */
export function settingsReached(sync: T.SyncSummary | null | undefined, setTime: string | null): boolean {
  if (!sync?.last_success) return false;
  // One that took nothing says nothing of what came before it.
  const refused = sync.failed.includes("settings") && sync.failed.length < Object.keys(SYNC_MODULE).length;
  if (refused) return false;
  return setTime === null || Date.parse(sync.last_success) >= Date.parse(setTime);
}
